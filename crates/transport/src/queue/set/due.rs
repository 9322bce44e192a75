//! What in the queues is due, and when the next thing will be.
//!
//! May touch: nothing (pure; the present time is an argument).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::MessageNo;

use super::{Queue, QueueId, QueueSet};
use crate::envelope::Hold;
use crate::item::{Item, later};

/// A message in other hands when its deadline comes is looked at again after this time.
const DEADLINE_AGAIN: Duration = Duration::from_secs(60);

impl QueueSet {
    /// Queues that have something to send now.
    pub fn due(&mut self, now: Timestamp) -> Vec<QueueId> {
        let mut due = Vec::new();
        for queue in self.queues.values_mut() {
            queue.wake_due(now);
            if queue.may_send(now) && !queue.ready.is_empty() {
                due.push(queue.id);
            }
        }
        due
    }

    /// The next time after `now` at which [`Self::due`] or [`Self::past_deadline`] can have more to say than they have
    /// now. What is due already and has no worker yet waits for the end of one, which wakes the dispatcher.
    #[must_use]
    pub fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let queues = self.queues.values().filter(|queue| queue.hold == Hold::Free).filter_map(|queue| {
            let item = queue.retry.first().map(|(at, _)| *at);
            let hop = queue.next_retry.filter(|at| *at > now && !queue.ready.is_empty());
            earliest(item, hop)
        });
        earliest(queues.min(), self.deadlines.first().map(|(at, _, _)| *at))
    }

    /// Claims messages whose deadline has come; the caller sets the next one and gives them back. One in other hands
    /// is looked at again after [`DEADLINE_AGAIN`].
    pub fn past_deadline(&mut self, now: Timestamp, max: usize) -> Vec<(QueueId, Arc<Item>)> {
        let mut due = Vec::new();
        while due.len() < max {
            let Some(&(at, id, no)) = self.deadlines.first() else { break };
            if at > now {
                break;
            }
            self.deadlines.pop_first();
            match self.claim(id, no) {
                Some(item) => due.push((id, item)),
                None => self.set_deadline(id, no, later(now, DEADLINE_AGAIN)),
            }
        }
        due
    }

    /// Sets the next deadline of a message, where it is still in the queue.
    pub fn set_deadline(&mut self, id: QueueId, no: MessageNo, at: Timestamp) {
        let slot = self.queues.get_mut(&id).and_then(|queue| queue.slots.get_mut(&no));
        if let Some(slot) = slot {
            self.deadlines.remove(&(slot.deadline, id, no));
            slot.deadline = at;
            self.deadlines.insert((at, id, no));
        }
    }

    /// Queues that have been in Retry for `idle_max` with nothing delivered (MaxIdleTimeBeforeResubmit); each is named
    /// once per such time.
    pub fn stuck(&mut self, idle_max: Duration, now: Timestamp) -> Vec<QueueId> {
        let mut stuck = Vec::new();
        for queue in self.queues.values_mut().filter(|queue| queue.hold == Hold::Free) {
            if queue.first_retry.is_some_and(|first| later(first, idle_max) <= now) {
                queue.first_retry = Some(now);
                stuck.push(queue.id);
            }
        }
        stuck
    }

    /// Drops queues that have been empty for longer than `idle_max` and have no worker.
    pub fn drop_idle(&mut self, idle_max: Duration, now: Timestamp) {
        let old = |queue: &Queue| {
            queue.workers == 0
                && queue.hold == Hold::Free
                && queue.empty_since.is_some_and(|since| later(since, idle_max) <= now)
        };
        let gone: Vec<QueueId> =
            self.queues.values().filter(|queue| old(queue)).map(|queue| queue.id).collect();
        for id in gone {
            if let Some(queue) = self.queues.remove(&id) {
                self.by_key.remove(&queue.key);
            }
        }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
