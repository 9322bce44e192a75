//! Sends waiting messages back to the categorizer: the Unreachable queue after a change of configuration, any queue when
//! an administrator asks or nothing has moved for long.
//!
//! May touch: queues, spool (one commit per group), directory.

use std::sync::Arc;

use directory::Snapshot;
use mail::Address;
use spool::Batch;

use super::key::QueueKey;
use super::set::{Queue, QueueId, Slot};
use crate::envelope::{Entry, Hold, Stage};
use crate::item::Item;
use crate::{Shared, SubmitError, format};

/// Messages sent back between two commits.
const MESSAGES_PER_COMMIT_MAX: usize = 256;

/// Follows the directory and resubmits the Unreachable queue after each change that may have made a way.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.directory.changes();
    let mut stop = shared.stop.subscribe();
    let mut before = shared.directory.snapshot();
    loop {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            _ = stop.changed() => {}
        }
        if stop.borrow().is_stopping() {
            return;
        }
        shared.wake.notify_one();
        let now = shared.directory.snapshot();
        let unreachable = {
            let queues = shared.queues.lock();
            let key = QueueKey::unreachable();
            queues
                .iter()
                .find(|queue| queue.key == key && queue.hold == Hold::Free)
                .filter(|queue| ways_changed(&before, &now) || recipients_changed(queue, &before, &now))
                .map(|queue| queue.id)
        };
        before = now;
        if let Some(id) = unreachable
            && let Err(error) = shared.resubmit(id).await
        {
            shared.fail(&error.to_string());
            return;
        }
    }
}

/// Whether a Send connector or an accepted domain is another one now.
fn ways_changed(before: &Snapshot, now: &Snapshot) -> bool {
    let same_connectors =
        before.send_connectors().map(Arc::as_ptr).eq(now.send_connectors().map(Arc::as_ptr));
    let same_domains = before.accepted_domains().map(Arc::as_ptr).eq(now.accepted_domains().map(Arc::as_ptr));
    !(same_connectors && same_domains)
}

/// Whether one of the addresses that wait leads to somebody else now. A new mailbox is no reason to take all that waits
/// through the categorizer, and to record it.
fn recipients_changed(queue: &Queue, before: &Snapshot, now: &Snapshot) -> bool {
    let moved = |address: &Address| {
        let [was, is] = [before, now].map(|snapshot| snapshot.recipient_by_address(address).map(Arc::as_ptr));
        was != is
    };
    queue.slots().iter().filter_map(Slot::item).any(|item| {
        let mut entries = item.entries.iter();
        entries.any(|(_, entry)| moved(&entry.recipient))
    })
}

impl Shared {
    /// Takes all waiting messages of a queue, but suspended ones, through the categorizer again. Returns how many.
    pub(crate) async fn resubmit(&self, id: QueueId) -> Result<usize, SubmitError> {
        let now = self.world.clock.now();
        let items = self.queues.lock().drain(id, now);
        let count = items.len();
        for group in items.chunks(MESSAGES_PER_COMMIT_MAX) {
            let mut batch = Batch::new();
            let mut again = Vec::with_capacity(group.len());
            for item in group {
                again.push(resubmitted(&mut batch, item)?);
            }
            self.spool.commit(batch).await?;
            for item in again {
                self.submission.push(item);
            }
        }
        Ok(count)
    }
}

/// The item as it stands in the Submission queue, with its entries in the batch.
pub(crate) fn resubmitted(batch: &mut Batch, item: &Item) -> Result<Item, SubmitError> {
    let mut item = item.clone();
    for (no, entry) in &mut item.entries {
        *entry = Entry { stage: Stage::Submission, next_retry: None, ..entry.clone() };
        batch.put_entry(item.no, *no, format::encode_entry(entry)?);
    }
    Ok(item)
}
