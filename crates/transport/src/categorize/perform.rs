//! Does what the plan says: events, new entries and ended ones, and the reports they cause, all into one batch.
//!
//! May touch: the batch; clock and chance for the reports.
//! Standards: RFC 3461 §5.2.7.3 (a report for an expanded list).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use directory::Snapshot;
use events::EventRecipient;
use spool::{Batch, EntryNo, MessageNo};
use trace::{About, Deferral};

use super::plan::{Candidate, DuplicateBy, Fork, Plan, Step};
use crate::envelope::{Entry, Envelope};
use crate::failure::Failure;
use crate::item::Item;
use crate::queue::key::QueueKey;
use crate::queue::set::InRetry;
use crate::report::{Planned, ReportKind, Reported};
use crate::{Shared, SubmitError, format};

/// Recipients of one copy of an expanded message (Exchange's ExpansionSizeLimit): more become further copies, so that
/// no commit about one of them grows with the size of a group.
pub const EXPANSION_SIZE_MAX: usize = 1_000;

/// What is to be handed on once the batch is committed.
#[derive(Default)]
pub(crate) struct Performed {
    /// Recipients with their queue.
    pub(crate) queued: Vec<(QueueKey, Item)>,
    /// Reports that are to be made in the same commit.
    pub(crate) planned: Vec<Planned>,
    /// Reports that were made.
    pub(crate) reports: Vec<Item>,
    /// To be categorized again.
    pub(crate) again: Vec<Item>,
    /// For the poison queue.
    pub(crate) poison: Vec<Item>,
}

/// Recipients that end here, each with why.
type Failures = Vec<(EntryNo, Entry, Failure)>;

/// The message on this server that carries a fork.
struct Copy {
    no: MessageNo,
    envelope: Arc<Envelope>,
    /// Recipients it got by expansion.
    expanded: usize,
}

struct Work<'a> {
    shared: &'a Shared,
    item: &'a Item,
    about: About,
    batch: Batch,
    /// The number of the next entry that is made; looked up when the first is.
    next_entry: Option<u32>,
    forks: HashMap<Fork, Copy>,
    /// Recipients that moved to a copy, by the copy.
    transferred: BTreeMap<MessageNo, Vec<(EntryNo, Entry)>>,
    queued: Vec<(QueueKey, Item)>,
    /// Queues that wait for their next hop, and why.
    in_retry: HashMap<QueueKey, Option<InRetry>>,
    /// By whom their report goes to.
    failed: Vec<(Fork, Failures)>,
    expanded: Vec<(Entry, Failure)>,
}

impl Shared {
    /// A number above those of all entries the message has, here and in other queues.
    pub(super) fn next_entry(&self, item: &Item) -> u32 {
        let stored = self.spool.message(item.no).map(|message| message.entries).unwrap_or_default();
        let stored = stored.iter().map(|(no, _)| *no);
        let numbers = item.entries.iter().map(|(no, _)| *no).chain(stored);
        numbers.map(|no| no.0.saturating_add(1)).max().unwrap_or(0)
    }

    /// Turns a plan into a batch.
    pub(crate) fn perform(
        &self,
        snapshot: &Snapshot,
        item: &Item,
        plan: Plan,
    ) -> Result<(Batch, Performed), SubmitError> {
        let mut work = Work {
            shared: self,
            item,
            about: self.about(item),
            batch: Batch::new(),
            next_entry: None,
            forks: HashMap::new(),
            transferred: BTreeMap::new(),
            queued: Vec::new(),
            in_retry: HashMap::new(),
            failed: Vec::new(),
            expanded: Vec::new(),
        };
        for step in plan.steps {
            work.step(step)?;
        }
        for no in plan.replaced {
            work.batch.remove_entry(item.no, no);
        }
        work.finish(snapshot)
    }
}

impl Work<'_> {
    fn step(&mut self, step: Step) -> Result<(), SubmitError> {
        let recorder = &self.shared.recorder;
        match step {
            Step::Resolve { from, to } => {
                recorder.resolved(&mut self.batch, &self.about, from.as_str(), to.as_str());
            }
            Step::Redirect { from, to } => {
                recorder.redirected(&mut self.batch, &self.about, from.as_str(), &[to.as_str()]);
            }
            Step::Expand { group, members, ends, report } => {
                let snapshot: Vec<EventRecipient> = members
                    .into_iter()
                    .map(|address| EventRecipient { address, status: String::new() })
                    .collect();
                recorder.expanded(&mut self.batch, &self.about, group.as_str(), snapshot);
                if let Some(no) = ends {
                    self.batch.remove_entry(self.item.no, no);
                }
                self.expanded.extend(report.map(|entry| (*entry, crate::report::expanded())));
            }
            Step::Duplicate { recipient, from, by: DuplicateBy::Expansion } => {
                let again = [recipient.as_str()];
                recorder.duplicate_expanded(&mut self.batch, &self.about, from.as_str(), &again);
            }
            Step::Duplicate { recipient, from, by: DuplicateBy::Redirection } => {
                recorder.duplicate_redirected(
                    &mut self.batch,
                    &self.about,
                    from.as_str(),
                    recipient.as_str(),
                );
            }
            Step::Fail { candidate, failure, fork } => {
                let number = self.stored(&candidate)?;
                let failed = (number, candidate.entry, failure);
                match self.failed.iter_mut().find(|(other, _)| *other == fork) {
                    Some((_, group)) => group.push(failed),
                    None => self.failed.push((fork, vec![failed])),
                }
            }
            Step::Drop { candidate, reason } => {
                let number = self.stored(&candidate)?;
                super::outcome::dropped(
                    self.shared,
                    &mut self.batch,
                    &self.about,
                    number,
                    &candidate.entry,
                    reason,
                );
            }
            Step::Queue { candidate, key, fork } => self.queue(*candidate, key, fork)?,
        }
        Ok(())
    }

    fn number(&mut self, candidate: &Candidate) -> EntryNo {
        candidate.stored.unwrap_or_else(|| {
            let number = self.next_entry.unwrap_or_else(|| self.shared.next_entry(self.item));
            self.next_entry = Some(number.saturating_add(1));
            EntryNo(number)
        })
    }

    /// A candidate that ends here has an entry to end with, if only within this batch: the spool lets nobody end what
    /// never began.
    fn stored(&mut self, candidate: &Candidate) -> Result<EntryNo, SubmitError> {
        let number = self.number(candidate);
        if candidate.stored.is_none() {
            self.batch.put_entry(self.item.no, number, format::encode_entry(&candidate.entry)?);
        }
        Ok(number)
    }

    fn queue(&mut self, mut candidate: Candidate, key: QueueKey, fork: Fork) -> Result<(), SubmitError> {
        if let Some(retry) = self.in_retry(&key) {
            candidate.entry.last_error = Some(retry.error.clone());
        }
        let number = self.number(&candidate);
        let (no, envelope) = self.message_for(&fork, candidate.stored.is_none())?;
        if no != self.item.no {
            if let Some(stored) = candidate.stored {
                self.batch.remove_entry(self.item.no, stored);
            }
            self.transferred.entry(no).or_default().push((number, candidate.entry.clone()));
        }
        self.batch.put_entry(no, number, format::encode_entry(&candidate.entry)?);
        let known =
            self.queued.iter_mut().find(|(other, item)| *other == key && item.no == no).map(|(_, item)| item);
        match known {
            Some(item) => item.entries.push((number, candidate.entry)),
            None => self.queued.push((key, Item { no, envelope, entries: vec![(number, candidate.entry)] })),
        }
        Ok(())
    }

    fn in_retry(&mut self, key: &QueueKey) -> Option<&InRetry> {
        if !self.in_retry.contains_key(key) {
            let now = self.shared.world.clock.now();
            let found = self.shared.queues.lock().in_retry(key, now);
            self.in_retry.insert(key.clone(), found);
        }
        self.in_retry.get(key)?.as_ref()
    }

    /// QUEUE, and DEFER where the queue waits: nobody will try this message for itself before its turn.
    fn record_queued(&mut self) {
        let expires = Some(self.shared.expires(&self.item.envelope));
        for (key, item) in &self.queued {
            let about = About { no: item.no, ..self.about };
            let recipients = crate::event_recipients(&item.entries, "");
            self.shared.recorder.queued(&mut self.batch, &about, recipients, &key.to_string(), expires);
            let Some(Some(retry)) = self.in_retry.get(key) else { continue };
            let (cause, next_retry) = (retry.cause.clone(), Some(retry.next_retry));
            let recipients = crate::event_recipients(&item.entries, &retry.error);
            let deferral = Deferral { cause, next_retry, expires };
            self.shared.recorder.deferred(&mut self.batch, &about, recipients, deferral);
        }
    }

    /// The message on this server that carries a fork, made when it is first needed and again when it is full.
    fn message_for(
        &mut self,
        fork: &Fork,
        expanded: bool,
    ) -> Result<(MessageNo, Arc<Envelope>), SubmitError> {
        let known = self.forks.get_mut(fork).filter(|copy| !expanded || copy.expanded < EXPANSION_SIZE_MAX);
        if let Some(copy) = known {
            copy.expanded = copy.expanded.saturating_add(usize::from(expanded));
            return Ok((copy.no, Arc::clone(&copy.envelope)));
        }
        let (no, envelope) = match fork {
            Fork::Original if !self.forks.contains_key(fork) => {
                (self.item.no, Arc::clone(&self.item.envelope))
            }
            Fork::Original => self.copy((*self.item.envelope).clone())?,
            Fork::ReportTo(owner) => {
                let return_path = mail::ReversePath::Address(owner.clone());
                self.copy(Envelope { return_path, ..(*self.item.envelope).clone() })?
            }
        };
        let copy = Copy { no, envelope: Arc::clone(&envelope), expanded: usize::from(expanded) };
        self.forks.insert(fork.clone(), copy);
        Ok((no, envelope))
    }

    fn copy(&mut self, envelope: Envelope) -> Result<(MessageNo, Arc<Envelope>), SubmitError> {
        let no = self.shared.spool.next_message_no();
        self.batch.message_sharing(no, format::encode_envelope(&envelope)?, self.item.no);
        Ok((no, Arc::new(envelope)))
    }

    /// The message as the report about failed recipients sees it. They end here, so that nobody needs a copy of the
    /// message with another MAIL FROM: only the report goes elsewhere.
    fn reported(&self, fork: &Fork) -> Item {
        let mut item = self.item.clone();
        if let Fork::ReportTo(owner) = fork {
            Arc::make_mut(&mut item.envelope).return_path = mail::ReversePath::Address(owner.clone());
        }
        item
    }

    fn finish(mut self, snapshot: &Snapshot) -> Result<(Batch, Performed), SubmitError> {
        for (no, entries) in &self.transferred {
            let about = About { no: *no, ..self.about };
            let recipients = crate::event_recipients(entries, "");
            self.shared.recorder.transferred(&mut self.batch, &about, recipients, self.item.no);
        }
        self.record_queued();
        let mut planned = Vec::new();
        for (fork, failed) in &self.failed {
            let recipients: Vec<(Entry, Failure)> =
                failed.iter().map(|(_, entry, failure)| (entry.clone(), failure.clone())).collect();
            let item = self.reported(fork);
            let reported = Reported { item: &item, recipients: &recipients };
            let ndr = self.shared.plan_report(snapshot, &reported, ReportKind::Failed);
            for (no, entry, failure) in failed {
                super::outcome::failed(self.shared, &mut self.batch, &self.about, *no, entry, failure, &ndr);
            }
            planned.push(ndr);
        }
        let expanded = Reported { item: self.item, recipients: &self.expanded };
        let notice = self.shared.plan_report(snapshot, &expanded, ReportKind::Expanded);
        planned.push(notice);
        let performed = Performed { queued: self.queued, planned, ..Performed::default() };
        Ok((self.batch, performed))
    }
}
