//! Puts a whole queue off when its next hop cannot be reached: DEFER for the message that was to go, and the first time
//! for all others that have had no attempt yet.
//!
//! May touch: queues, spool (one commit per group of messages), clock, directory snapshot.
//! Standards: RFC 5321 §4.5.4.1 (retries).

use std::sync::Arc;

use directory::{Snapshot, TransportService};
use events::Source;
use jiff::Timestamp;
use spool::Batch;
use trace::Cause;

use super::outcome::{self, Hop, Later};
use super::settle;
use super::unreached::Unreached;
use super::worker::Worker;
use crate::item::Item;
use crate::queue::schedule::{Repeat, RetrySchedule};
use crate::queue::set::Unconnected;
use crate::queue::settled::Settled;
use crate::{SubmitError, format};

/// Messages put off between two commits.
const MESSAGES_PER_COMMIT_MAX: usize = 256;

/// The retry schedule an administrator has set.
pub(super) fn schedule(service: &TransportService) -> RetrySchedule {
    RetrySchedule {
        glitch: Repeat {
            count: service.queue_glitch_retry_count,
            interval: service.queue_glitch_retry_interval,
        },
        transient: Repeat {
            count: service.transient_failure_retry_count,
            interval: service.transient_failure_retry_interval,
        },
        failure_interval: service.outbound_connection_failure_retry_interval,
    }
}

impl Worker {
    /// Puts the queue into Retry, unless other connections work; `item` is the message that was to go.
    pub(super) async fn postpone(
        &mut self,
        snapshot: &Snapshot,
        connector: Option<&str>,
        item: &Arc<Item>,
        why: Unreached,
    ) -> Result<(), SubmitError> {
        let now = self.shared.world.clock.now();
        let (Unconnected::Retry(next_retry), first_of_series) = self.start_retry(snapshot, &why, now) else {
            // The other connections carry it on: it has missed nothing.
            tracing::info!(
                queue = self.queue.0,
                error = why.error,
                "the next hop takes no further connection"
            );
            self.give_back_all();
            return Ok(());
        };
        let later = Later {
            source: if why.host.is_some() { Source::Smtp } else { Source::Dns },
            reason: why.reason,
            error: why.error,
            remote_reply: why.reply,
            host: why.host,
        };
        let hop = Hop { connector: connector.map(str::to_owned), ..Hop::default() };
        let cause = settle::put_off(&later, &hop, &self.queue_name());
        if let Some(queue) = self.shared.queues.lock().get_mut(self.queue) {
            queue.last_cause = Some(cause.clone());
        }
        let mut due = vec![Arc::clone(item)];
        while !due.is_empty() {
            self.defer_all(&due, &later.error, &cause, next_retry, now).await?;
            due = self.next_undeferred(first_of_series);
        }
        self.give_back_all();
        Ok(())
    }

    /// The next messages that have had no attempt yet, when this is the first failure of its series. A message that has
    /// had its first DEFER gets the next one when it is its turn: so each costs the same however long the queue is.
    fn next_undeferred(&mut self, first_of_series: Option<u64>) -> Vec<Arc<Item>> {
        let Some(last) = first_of_series else { return Vec::new() };
        loop {
            let taken = self.shared.queues.lock().take_through(self.queue, last, MESSAGES_PER_COMMIT_MAX);
            if taken.is_empty() {
                return taken;
            }
            let fresh = |item: &Arc<Item>| item.entries.iter().any(|(_, entry)| entry.attempts == 0);
            let (due, others): (Vec<_>, Vec<_>) = taken.into_iter().partition(fresh);
            self.shared.put_back(self.queue, others.into_iter().map(Arc::unwrap_or_clone));
            if !due.is_empty() {
                self.hold(due.clone());
                return due;
            }
        }
    }

    async fn defer_all(
        &mut self,
        items: &[Arc<Item>],
        error: &str,
        cause: &Cause,
        next_retry: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), SubmitError> {
        let mut parts = Vec::with_capacity(items.len());
        let mut left = Vec::with_capacity(items.len());
        for item in items {
            let mut batch = Batch::new();
            let mut item = (**item).clone();
            for (no, entry) in &mut item.entries {
                entry.attempts = entry.attempts.saturating_add(1);
                entry.last_attempt = Some(now);
                entry.last_error = Some(error.to_owned());
                // The queue's own time governs.
                entry.next_retry = None;
                batch.put_entry(item.no, *no, format::encode_entry(entry)?);
            }
            self.defer(&mut batch, &item, cause.clone(), next_retry);
            parts.push(batch);
            left.push(item);
        }
        self.shared.commit_parts(parts).await?;
        for left in left {
            self.close(Settled { left, reports: Vec::new() }).await?;
        }
        Ok(())
    }

    fn defer(&self, batch: &mut Batch, item: &Item, cause: Cause, next_retry: Option<Timestamp>) {
        outcome::deferred(&self.shared, batch, item, &item.entries, cause, next_retry);
    }

    /// Marks the queue: from then on nothing goes out. At the first failure of a series, the ticket of the last message
    /// that has to be told of it comes back too.
    fn start_retry(
        &mut self,
        snapshot: &Snapshot,
        why: &Unreached,
        now: Timestamp,
    ) -> (Unconnected, Option<u64>) {
        let mut queues = self.shared.queues.lock();
        let first = queues.get(self.queue).is_some_and(|queue| queue.failures == 0 && queue.connected == 0);
        let last = first.then(|| queues.last_ticket(self.queue));
        let schedule = schedule(snapshot.transport_service());
        (queues.connection_failed(self.queue, &why.error, &schedule, now), last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_default_schedule_is_that_of_a_hub() {
        let schedule = schedule(&TransportService::default());
        let minutes: Vec<u64> =
            (1..=12).map(|failures| schedule.wait_after(failures).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 10, 10]);
        assert_eq!(schedule.failure_interval, Duration::from_secs(600));
    }
}
