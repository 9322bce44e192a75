//! Follows the directory: what waits in the Unreachable queue is categorized again once a change makes a way for it.
//!
//! May touch: directory, queues; spool through the resubmission.

use std::collections::HashSet;
use std::sync::Arc;

use directory::Snapshot;
use mail::Address;
use spool::MessageNo;

use crate::categorize::plan::Step;
use crate::categorize::resolve;
use crate::envelope::Hold;
use crate::item::Item;
use crate::queue::key::QueueKey;
use crate::queue::resubmit::Why;
use crate::queue::set::{QueueId, Slot};
use crate::send::hosts::connector_of;
use crate::{Shared, SubmitError};

/// Follows the directory and resubmits what waits in the Unreachable queue after each change that makes a way for it.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.directory.changes();
    let mut stop = shared.stop.subscribe();
    let mut before = shared.directory.snapshot();
    // A way may have been made just before a crash.
    let mut look = true;
    loop {
        if look && let Err(error) = shared.resubmit_unreachable(&before).await {
            shared.fail(&error.to_string());
            return;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = shared.outdated.notified() => {
                before = shared.directory.snapshot();
                look = true;
                continue;
            }
            _ = stop.changed() => {}
        }
        if stop.borrow().is_stopping() {
            return;
        }
        shared.wake.notify_one();
        let now = shared.directory.snapshot();
        let ways_changed = ways_changed(&before, &now);
        if ways_changed && let Err(error) = shared.leave_dead_ends(&now).await {
            shared.fail(&error.to_string());
            return;
        }
        look = ways_changed || shared.recipients_changed(&before, &now);
        before = now;
    }
}

/// Whether a Send connector or an accepted domain is another one now.
fn ways_changed(before: &Snapshot, now: &Snapshot) -> bool {
    let same_connectors =
        before.send_connectors().map(Arc::as_ptr).eq(now.send_connectors().map(Arc::as_ptr));
    let same_domains = before.accepted_domains().map(Arc::as_ptr).eq(now.accepted_domains().map(Arc::as_ptr));
    !(same_connectors && same_domains)
}

impl Shared {
    /// The messages of the Unreachable queue, where there is one and it is not suspended.
    fn unreachable(&self) -> Option<(QueueId, Vec<Slot>)> {
        let key = QueueKey::unreachable();
        let queues = self.queues.lock();
        let found = queues.iter().find(|queue| queue.key == key && queue.hold == Hold::Free)?;
        Some((found.id, found.slots()))
    }

    /// Resubmits what waits in queues whose Send connector is gone, disabled, or leads elsewhere.
    async fn leave_dead_ends(&self, snapshot: &Snapshot) -> Result<(), SubmitError> {
        let dead: Vec<QueueId> = {
            let queues = self.queues.lock();
            let free = queues.iter().filter(|queue| queue.hold == Hold::Free && !queue.is_empty());
            free.filter(|queue| !queue.key.connector.is_nil() && connector_of(snapshot, &queue.key).is_none())
                .map(|queue| queue.id)
                .collect()
        };
        for id in dead {
            self.resubmit(id, Why::NoConnector).await?;
        }
        Ok(())
    }

    /// Whether one of the addresses that wait leads to somebody else now. A new mailbox is no reason to think all that
    /// waits through again.
    fn recipients_changed(&self, before: &Snapshot, now: &Snapshot) -> bool {
        let moved = |address: &Address| {
            let [was, is] =
                [before, now].map(|snapshot| snapshot.recipient_by_address(address).map(Arc::as_ptr));
            was != is
        };
        let slots = self.unreachable().map(|(_, slots)| slots).unwrap_or_default();
        slots.iter().filter_map(Slot::item).any(|item| {
            let mut entries = item.entries.iter();
            entries.any(|(_, entry)| moved(&entry.recipient))
        })
    }

    /// Resubmits the messages of the Unreachable queue with which the categorizer would do anything else than to put
    /// them back.
    async fn resubmit_unreachable(&self, snapshot: &Snapshot) -> Result<(), SubmitError> {
        let Some((id, slots)) = self.unreachable() else { return Ok(()) };
        let key = QueueKey::unreachable();
        let leads_elsewhere = |item: &Arc<Item>| {
            let plan = resolve::plan(snapshot, &item.envelope, &item.entries);
            plan.steps.iter().any(|step| !matches!(step, Step::Queue { key: to, .. } if *to == key))
        };
        let wanted: HashSet<MessageNo> =
            slots.iter().filter_map(Slot::item).filter(leads_elsewhere).map(|item| item.no).collect();
        if !wanted.is_empty() {
            let now = self.world.clock.now();
            let items = self.queues.lock().drain(id, now, |no| wanted.contains(&no));
            self.resubmit_all(&items, Why::Changed).await?;
        }
        Ok(())
    }

    /// After messages were queued by what the directory was at `snapshot`: one that came into the Unreachable queue
    /// when a change since then had already been followed would stay there until the next.
    pub(crate) fn follow_missed_change(&self, snapshot: &Snapshot) {
        if self.directory.snapshot().change_number() != snapshot.change_number() {
            self.outdated.notify_one();
        }
    }
}
