//! What an administrator does to queues and messages: suspend, resume, retry, resubmit, remove, export.
//!
//! May touch: queues, spool (one commit per action), directory snapshot, clock.

use std::sync::Arc;

use bytes::Bytes;
use spool::{Batch, MessageNo};

use super::key::DeliveryType;
use super::resubmit::Why;
use super::set::{ItemState, Pending, QueueId, RemoveReport};
use super::settled::Settled;
use super::suspended::Holdable;
use super::view::{self, QueueView};
use crate::envelope::{Entry, Hold};
use crate::failure::Failure;
use crate::item::Item;
use crate::report::{Planned, ReportKind, Reported};
use crate::{Shared, SubmitError, Transport, format};

/// Why an action was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// No such queue.
    #[error("there is no queue \"{0}\"; Get-Queue lists the queues")]
    NoQueue(String),
    /// No such message.
    #[error("there is no message \"{0}\" in a queue; Get-Message lists the messages")]
    NoMessage(String),
    /// Several queues lead to the next hop that was named.
    #[error("several queues lead to \"{named}\": {queues}; name one of them")]
    Ambiguous {
        /// What was named.
        named: String,
        /// The identities of the queues.
        queues: String,
    },
    /// The action does not fit the queue or its state.
    #[error("{0}")]
    NotNow(String),
    /// The change could not be stored.
    #[error("the change could not be stored: {0}")]
    Store(#[from] SubmitError),
}

/// A queue named by an administrator.
enum Named {
    Submission,
    Poison,
    Delivery(QueueId),
}

/// Whether Retry-Queue sends messages to the categorizer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resubmit {
    /// Only a new attempt.
    No,
    /// `-Resubmit $true`.
    Yes,
}

/// Suspend or resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Suspend-Queue, Suspend-Message.
    Suspend,
    /// Resume-Queue, Resume-Message.
    Resume,
}

impl Transport {
    fn named(&self, identity: &str) -> Result<Named, ActionError> {
        let server = self.server();
        let short = identity
            .split_once('\\')
            .filter(|(name, _)| name.eq_ignore_ascii_case(&server))
            .map_or(identity, |(_, rest)| rest);
        if short.eq_ignore_ascii_case("Submission") {
            return Ok(Named::Submission);
        }
        if short.eq_ignore_ascii_case("Poison") {
            return Ok(Named::Poison);
        }
        let queues = self.shared.queues.lock();
        let wanted = format!("{server}\\{short}");
        let named = queues.iter().find(|queue| view::identity(queue, &server).eq_ignore_ascii_case(&wanted));
        let mut hops =
            queues.iter().filter(|queue| queue.key.next_hop_domain.eq_ignore_ascii_case(short)).peekable();
        let Some(found) = named.or_else(|| hops.next()) else {
            return Err(ActionError::NoQueue(identity.to_owned()));
        };
        if named.is_none() && hops.peek().is_some() {
            let all = std::iter::once(found).chain(hops).map(|queue| view::identity(queue, &server));
            let all = all.collect::<Vec<_>>().join(", ");
            return Err(ActionError::Ambiguous { named: identity.to_owned(), queues: all });
        }
        Ok(Named::Delivery(found.id))
    }

    /// The queue with this identity: `Server\\3`, `3`, `Submission`, or its next hop domain.
    ///
    /// # Errors
    /// [`ActionError::NoQueue`].
    pub fn queue(&self, identity: &str) -> Result<QueueView, ActionError> {
        let server = self.server();
        let wanted = match self.named(identity)? {
            Named::Submission => format!("{server}\\Submission"),
            Named::Poison => format!("{server}\\Poison"),
            Named::Delivery(id) => {
                let queues = self.shared.queues.lock();
                queues.get(id).map(|queue| view::identity(queue, &server)).unwrap_or_default()
            }
        };
        let found = self.queues().into_iter().find(|queue| queue.identity == wanted);
        found.ok_or_else(|| ActionError::NoQueue(identity.to_owned()))
    }

    /// Suspend-Queue and Resume-Queue, also for the next start. Messages in transmission finish.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub async fn hold_queue(&self, identity: &str, hold: Holding) -> Result<(), ActionError> {
        let hold = match hold {
            Holding::Suspend => Hold::Suspended,
            Holding::Resume => Hold::Free,
        };
        let queue = match self.named(identity)? {
            Named::Submission => Holdable::Submission,
            Named::Delivery(id) => Holdable::Delivery(id),
            Named::Poison => {
                let why = "the poison queue is always suspended; use Resume-Message on its messages";
                return Err(ActionError::NotNow(why.to_owned()));
            }
        };
        self.shared.hold_queue(queue, hold).await
    }

    /// Retry-Queue: an attempt at once, or with `Resubmit::Yes` the categorizer again. Returns the messages resubmitted.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub async fn retry_queue(
        &self,
        identity: &str,
        resubmit: Resubmit,
        actor: &str,
    ) -> Result<usize, ActionError> {
        let Named::Delivery(id) = self.named(identity)? else {
            let why = "only delivery queues and the Unreachable queue can be retried";
            return Err(ActionError::NotNow(why.to_owned()));
        };
        if resubmit == Resubmit::Yes {
            return Ok(self.shared.or_fail(self.shared.resubmit(id, Why::Asked(actor)).await)?);
        }
        let now = self.shared.world.clock.now();
        let unreachable = self
            .shared
            .queues
            .lock()
            .get(id)
            .is_some_and(|queue| queue.key.delivery_type == DeliveryType::Unreachable);
        if unreachable {
            let why =
                "the Unreachable queue has no next hop to try; use -Resubmit $true, or add a Send connector";
            return Err(ActionError::NotNow(why.to_owned()));
        }
        if !self.shared.queues.lock().retry_now(id, now) {
            let why = format!("the queue {identity} is not in Retry");
            return Err(ActionError::NotNow(why));
        }
        self.shared.wake.notify_one();
        Ok(0)
    }

    /// Suspend-Message and Resume-Message, in one queue or, with `queue` empty, in all. Returns the copies changed.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub async fn hold_message(
        &self,
        queue: Option<&str>,
        message: u64,
        hold: Holding,
    ) -> Result<usize, ActionError> {
        let no = MessageNo(message);
        let mut changed: usize = 0;
        if hold == Holding::Resume
            && let Some(item) = self.poisoned(queue, no)?
        {
            self.shared.or_fail(self.resume_poison(&item).await)?;
            changed = 1;
        }
        for (id, _, _) in self.copies_beside(changed, queue, no)? {
            let claimed = self.shared.queues.lock().claim(id, no);
            let done = match (claimed, hold) {
                (Some(item), hold) => {
                    let hold = match hold {
                        Holding::Suspend => Hold::Suspended,
                        Holding::Resume => Hold::Free,
                    };
                    self.shared.or_fail(self.hold_claimed(id, &item, hold).await)?;
                    true
                }
                (None, Holding::Suspend) => self.shared.queues.lock().set_pending(id, no, Pending::Suspend),
                (None, Holding::Resume) => self.shared.queues.lock().withdraw_suspension(id, no),
            };
            changed = changed.saturating_add(usize::from(done));
        }
        self.shared.wake.notify_one();
        Ok(changed)
    }

    /// Takes a message out of the poison queue, where that is the queue named, or none is.
    fn poisoned(&self, queue: Option<&str>, no: MessageNo) -> Result<Option<Arc<Item>>, ActionError> {
        let meant = match queue {
            None => true,
            Some(queue) => matches!(self.named(queue)?, Named::Poison),
        };
        Ok(if meant { self.shared.queues.lock().take_poison(no) } else { None })
    }

    /// The copies in delivery queues; none is an error only where nothing was `done` elsewhere.
    fn copies_beside(
        &self,
        done: usize,
        queue: Option<&str>,
        no: MessageNo,
    ) -> Result<Vec<(QueueId, Arc<Item>, ItemState)>, ActionError> {
        match self.copies(queue, no) {
            Err(ActionError::NoMessage(_)) if done > 0 => Ok(Vec::new()),
            copies => copies,
        }
    }

    async fn resume_poison(&self, item: &Arc<Item>) -> Result<(), SubmitError> {
        let mut batch = Batch::new();
        let mut envelope = (*item.envelope).clone();
        envelope.poison_count = 0;
        batch.set_envelope(item.no, format::encode_envelope(&envelope)?);
        let item = Item { envelope: Arc::new(envelope), ..(**item).clone() };
        let again = super::resubmit::resubmitted(&mut batch, &item)?;
        self.shared.recorder.poison(
            &mut batch,
            &self.shared.about(&item),
            crate::event_recipients(&item.entries, ""),
            "resumed from the poison queue",
        );
        self.shared.spool.commit(batch).await?;
        self.shared.submission.push(again);
        Ok(())
    }

    /// Remove-Message: ends all recipients it has in the queue (or in all), with a report unless `Silent`.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub async fn remove_message(
        &self,
        queue: Option<&str>,
        message: u64,
        report: RemoveReport,
        actor: &str,
    ) -> Result<usize, ActionError> {
        let no = MessageNo(message);
        let mut removed: usize = 0;
        if let Some(item) = self.poisoned(queue, no)? {
            self.shared.or_fail(self.shared.remove(&item, report, actor).await)?;
            removed = 1;
        }
        for (id, _, _) in self.copies_beside(removed, queue, no)? {
            let claimed = self.shared.queues.lock().claim(id, no);
            let done = match claimed {
                Some(item) => {
                    self.shared.or_fail(self.remove_claimed(id, &item, report, actor).await)?;
                    true
                }
                None => {
                    let wish = Pending::Remove(report, actor.into());
                    self.shared.queues.lock().set_pending(id, no, wish)
                }
            };
            removed = removed.saturating_add(usize::from(done));
        }
        Ok(removed)
    }

    async fn hold_claimed(&self, id: QueueId, item: &Item, hold: Hold) -> Result<(), SubmitError> {
        let left = self.shared.hold(item, hold).await?;
        self.shared.close(id, Settled { left, reports: Vec::new() }).await
    }

    async fn remove_claimed(
        &self,
        id: QueueId,
        item: &Item,
        report: RemoveReport,
        actor: &str,
    ) -> Result<(), SubmitError> {
        self.shared.remove(item, report, actor).await?;
        let left = Item { entries: Vec::new(), ..item.clone() };
        self.shared.close(id, Settled { left, reports: Vec::new() }).await
    }

    /// Export-Message: the octets of a suspended message.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub async fn export_message(&self, queue: Option<&str>, message: u64) -> Result<Bytes, ActionError> {
        let no = MessageNo(message);
        let poison = self.shared.queues.lock().poison().any(|item| item.no == no);
        let suspended =
            poison || self.copies(queue, no)?.iter().any(|(_, _, state)| *state == ItemState::Suspended);
        if !suspended {
            let why = "only a suspended message can be exported; use Suspend-Message first";
            return Err(ActionError::NotNow(why.to_owned()));
        }
        Ok(self.shared.spool.body(no).await.map_err(SubmitError::from)?)
    }

    fn copies(
        &self,
        queue: Option<&str>,
        no: MessageNo,
    ) -> Result<Vec<(QueueId, Arc<Item>, ItemState)>, ActionError> {
        let only = match queue {
            None => None,
            Some(queue) => match self.named(queue)? {
                Named::Delivery(id) => Some(id),
                Named::Submission => {
                    let why = "messages in the Submission queue cannot be changed; suspend the queue, or wait until they are queued for delivery";
                    return Err(ActionError::NotNow(why.to_owned()));
                }
                Named::Poison => return Err(ActionError::NoMessage(no.to_string())),
            },
        };
        let queues = self.shared.queues.lock();
        let copies: Vec<_> = queues
            .iter()
            .filter(|queue| only.is_none_or(|only| only == queue.id))
            .filter_map(|queue| queue.slot(no).and_then(|slot| Some((queue.id, slot.item()?, slot.state))))
            .collect();
        if copies.is_empty() { Err(ActionError::NoMessage(no.to_string())) } else { Ok(copies) }
    }
}

impl Shared {
    /// Ends every recipient of a claimed message.
    pub(crate) async fn remove(
        &self,
        item: &Item,
        report: RemoveReport,
        actor: &str,
    ) -> Result<(), SubmitError> {
        let snapshot = self.directory.snapshot();
        let failure = Failure::removed_by_administrator();
        let failed: Vec<(Entry, Failure)> =
            item.entries.iter().map(|(_, entry)| (entry.clone(), failure.clone())).collect();
        let ndr = match report {
            RemoveReport::Silent => Planned::NotWanted,
            RemoveReport::WithNdr => {
                let reported = Reported { item, recipients: &failed };
                self.plan_report(&snapshot, &reported, ReportKind::Failed)
            }
        };
        let mut batch = Batch::new();
        super::outcome::removed(self, &mut batch, item, &failure, &ndr, actor);
        let report = self.add_report(&mut batch, &snapshot, ndr).await?;
        self.spool.commit(batch).await?;
        if let Some(report) = report {
            self.submission.push(report);
        }
        Ok(())
    }

    /// Sets or lifts the hold on every recipient of a claimed message. Gives back the message as it is then.
    pub(crate) async fn hold(&self, item: &Item, hold: Hold) -> Result<Item, SubmitError> {
        let mut batch = Batch::new();
        let mut item = item.clone();
        for (no, entry) in &mut item.entries {
            entry.hold = hold;
            batch.put_entry(item.no, *no, format::encode_entry(entry)?);
        }
        self.spool.commit(batch).await?;
        Ok(item)
    }
}
