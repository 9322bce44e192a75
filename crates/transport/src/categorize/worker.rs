//! The categorizer's tasks: take messages off Submission, plan, perform, hand to the queues. A panic in the middle of
//! a message is counted against it, and a message that did it too often goes to the poison queue.
//!
//! May touch: spool (one commit per group of messages), directory snapshot, queues, clock.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use directory::Snapshot;
use spool::{Batch, EntryNo, MessageNo};

use super::in_progress::SUSPECTS_PART;
use super::perform::Performed;
use super::plan::{Candidate, Fork, Plan};
use super::{consult, resolve};
use crate::Shared;
use crate::envelope::{Entry, Notify};
use crate::format;
use crate::item::Item;
use crate::queue::key::DeliveryType;
use crate::queue::poison::Broken;
use crate::report::{REPORT_OCTETS_PER_COMMIT_MAX, octets_of};

/// Messages one task categorizes between two commits.
pub const MESSAGES_PER_COMMIT_MAX: usize = 64;
/// Tasks that categorize at once: while one waits for the disk, another plans.
pub const CATEGORIZERS: usize = 2;
/// After a group, messages gather for this long unless enough wait already: a commit for each message costs a steady
/// stream more than the messages do. One that comes after a pause is taken at once.
const GATHER: Duration = Duration::from_millis(2);
/// Messages that are enough.
const GATHERED: usize = 16;

/// The lane a task takes its messages from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Messages nothing is held against; the task's number.
    Ordinary(usize),
    /// Messages that were in progress when something broke, one at a time.
    Suspects,
}

/// Runs until the server stops.
pub(crate) async fn run(shared: Arc<Shared>, lane: Lane) {
    loop {
        let (part, items) = match lane {
            Lane::Ordinary(part) => (part, shared.submission.take(MESSAGES_PER_COMMIT_MAX).await),
            Lane::Suspects => (SUSPECTS_PART, shared.submission.take_suspect().await),
        };
        // What is not begun is in the spool and comes back at the next start.
        let taken: Vec<MessageNo> = items.iter().map(|item| item.no).collect();
        if shared.stop.borrow().is_stopping() {
            shared.submission.done(&taken);
            return;
        }
        shared.in_progress.begin(part, taken.iter().copied());
        if let Err(error) = categorize(&shared, items).await {
            // The spool is final about errors; what it does not hold is still with the sender or in the log.
            tracing::error!(%error, "the categorizer cannot commit");
            shared.fail(&error.to_string());
            return;
        }
        shared.in_progress.end(part);
        shared.submission.done(&taken);
        if shared.submission.len() < GATHERED {
            shared.world.clock.sleep(GATHER).await;
        }
    }
}

/// Categorizes a group of messages with one commit, or more where their reports are large.
pub(crate) async fn categorize(shared: &Arc<Shared>, items: Vec<Item>) -> Result<(), crate::SubmitError> {
    let snapshot = shared.directory.snapshot();
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let mut parts: Vec<Batch> = Vec::new();
        let mut performed: Vec<(Item, Performed)> = Vec::new();
        let mut octets: u64 = 0;
        while octets < REPORT_OCTETS_PER_COMMIT_MAX
            && let Some(item) = items.next()
        {
            let work = AssertUnwindSafe(|| shared.categorize_one(&snapshot, &item));
            let (mut batch, mut done) = match std::panic::catch_unwind(work) {
                Ok(done) => done?,
                Err(_) => shared.broke_off(item.clone())?,
            };
            for planned in std::mem::take(&mut done.planned) {
                done.reports.extend(shared.add_report(&mut batch, &snapshot, planned).await?);
            }
            octets = octets.saturating_add(octets_of(&done.reports));
            parts.push(batch);
            performed.push((item, done));
        }
        let refused = shared.commit_each(parts).await?;
        for (place, (item, done)) in performed.into_iter().enumerate() {
            let done = if refused.contains(&place) { shared.unrecordable(item).await? } else { done };
            shared.hand_over(&snapshot, done);
        }
    }
    Ok(())
}

impl Shared {
    /// Plans one message, with the agents asked at their points, and turns the plan into a batch.
    fn categorize_one(
        &self,
        snapshot: &Snapshot,
        item: &Item,
    ) -> Result<(Batch, Performed), crate::SubmitError> {
        let submitted = self.consult_submitted(snapshot, item);
        let mut batch = Batch::new();
        let mut item = Cow::Borrowed(item);
        if !submitted.added.is_empty() {
            for (number, address) in (self.next_entry(&item)..).zip(submitted.added) {
                let entry = Entry::submitted(address, None, Notify::DEFAULT);
                // An entry of its own from now on, so that it has one to end with.
                batch.put_entry(item.no, EntryNo(number), format::encode_entry(&entry)?);
                item.to_mut().entries.push((EntryNo(number), entry));
            }
        }
        let mut plan = match submitted.ended {
            None => resolve::plan(snapshot, &item.envelope, &item.entries),
            Some(ending) => Plan {
                steps: item
                    .entries
                    .iter()
                    .cloned()
                    .map(|(no, entry)| {
                        consult::ended(Candidate { stored: Some(no), entry }, Fork::Original, &ending)
                    })
                    .collect(),
                replaced: Vec::new(),
            },
        };
        let mut notes = submitted.notes;
        notes.extend(self.consult_planned(snapshot, &item, &mut plan));
        let (part, performed) = self.perform(snapshot, &item, plan)?;
        batch.append(part);
        for (agent, pairs) in notes {
            let recipients = crate::event_recipients(&item.entries, "");
            self.recorder.agent_info(&mut batch, &self.about(&item), recipients, agent, pairs);
        }
        Ok((batch, performed))
    }

    /// Messages that were in progress when the process died: counted, then tried again or put into the poison queue.
    pub(crate) async fn settle_suspects(&self, suspects: Vec<Item>) -> Result<(), crate::SubmitError> {
        let mut parts = Vec::new();
        let mut performed = Vec::new();
        for item in suspects {
            let (part, done) = self.broke_off(item)?;
            parts.push(part);
            performed.push(done);
        }
        self.commit_parts(parts).await?;
        let snapshot = self.directory.snapshot();
        for done in performed {
            self.hand_over(&snapshot, done);
        }
        Ok(())
    }

    /// A message during which the categorizer panicked, or the process died: try again, or the poison queue.
    fn broke_off(&self, item: Item) -> Result<(Batch, Performed), crate::SubmitError> {
        let mut batch = Batch::new();
        let mut done = Performed::default();
        match self.count_break(&mut batch, item)? {
            Broken::Again(item) => done.again.push(item),
            Broken::Poison(item) => done.poison.push(item),
        }
        Ok((batch, done))
    }

    /// A message whose plan the spool refuses counts as one the categorizer broke off at.
    async fn unrecordable(&self, item: Item) -> Result<Performed, crate::SubmitError> {
        let (batch, done) = self.broke_off(item)?;
        self.spool.commit(batch).await?;
        Ok(done)
    }

    /// After the commit: what was decided by `snapshot` goes where it belongs.
    pub(crate) fn hand_over(&self, snapshot: &Snapshot, done: Performed) {
        let stuck = done.queued.iter().any(|(key, _)| key.delivery_type == DeliveryType::Unreachable);
        let now = self.world.clock.now();
        for item in done.again.into_iter().chain(done.reports) {
            self.submission.push(item);
        }
        let mut queues = self.queues.lock();
        for item in done.poison {
            queues.add_poison(item);
        }
        for (key, item) in done.queued {
            let deadline = self.deadline(&item);
            queues.enqueue(&key, item, deadline, now);
        }
        drop(queues);
        if stuck {
            self.follow_missed_change(snapshot);
        }
        self.wake.notify_one();
    }
}
