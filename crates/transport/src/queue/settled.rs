//! What is left of a message after an attempt, and its way back into its queue or out of it.
//!
//! May touch: queues, clock; the spool through what an administrator asked for meanwhile.

use super::set::QueueId;
use crate::item::Item;
use crate::{Shared, SubmitError};

/// What is left of a message after an attempt, and the reports it caused.
pub(crate) struct Settled {
    /// The message with the recipients that stay in the queue.
    pub(crate) left: Item,
    /// Messages that were made.
    pub(crate) reports: Vec<Item>,
}

impl Shared {
    /// After the commit: takes the message out of the queue, or gives it back.
    pub(crate) async fn close(&self, queue: QueueId, settled: Settled) -> Result<(), SubmitError> {
        let now = self.world.clock.now();
        let no = settled.left.no;
        let pending = {
            let mut queues = self.queues.lock();
            if settled.left.entries.is_empty() {
                queues.done(queue, no, now);
                None
            } else {
                queues.give_back(queue, settled.left, now)
            }
        };
        for report in settled.reports {
            self.submission.push(report);
        }
        match pending {
            Some(pending) => self.carry_out(queue, no, pending).await,
            None => Ok(()),
        }
    }
}
