//! What is left of a message after an attempt, and its way back into its queue or out of it.
//!
//! May touch: queues, clock; the spool through what an administrator asked for meanwhile.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::set::{Pending, QueueId};
use crate::envelope::Hold;
use crate::item::{Item, later};
use crate::{Shared, SubmitError};

/// How long a message rests in whose middle a worker broke off, so that it does not break one worker after another.
pub(crate) const BROKEN_OFF_PAUSE: Duration = Duration::from_secs(60);

/// What is left of a message after an attempt, and the reports it caused.
pub(crate) struct Settled {
    /// The message with the recipients that stay in the queue.
    pub(crate) left: Item,
    /// Messages that were made.
    pub(crate) reports: Vec<Item>,
}

/// A message as a worker that broke off gives it back.
pub(crate) fn broken_off(item: &Item, now: Timestamp) -> Item {
    let mut item = item.clone();
    for (_, entry) in &mut item.entries {
        entry.next_retry = Some(later(now, BROKEN_OFF_PAUSE));
    }
    item
}

impl Shared {
    /// Gives back messages nothing was done with.
    pub(crate) fn put_back(self: &Arc<Self>, queue: QueueId, items: impl Iterator<Item = Item>) {
        let now = self.world.clock.now();
        let mut wishes = Vec::new();
        let mut queues = self.queues.lock();
        for item in items {
            wishes.extend(queues.give_back(queue, item, now));
        }
        drop(queues);
        for (wish, item) in wishes {
            let shared = Arc::clone(self);
            self.spawn_vital("wish", async move {
                if let Err(error) = shared.carry_out(queue, wish, item).await {
                    shared.fail(&error.to_string());
                }
            });
        }
    }

    /// After the commit: takes the message out of the queue, or gives it back.
    pub(crate) async fn close(&self, queue: QueueId, settled: Settled) -> Result<(), SubmitError> {
        for report in settled.reports {
            self.submission.push(report);
        }
        let now = self.world.clock.now();
        let wish = self.queues.lock().give_back(queue, settled.left, now);
        match wish {
            Some((wish, item)) => self.carry_out(queue, wish, item).await,
            None => Ok(()),
        }
    }

    /// What an administrator asked for while the message was in other hands. It is in ours until nothing more is asked.
    pub(crate) async fn carry_out(
        &self,
        queue: QueueId,
        wish: Pending,
        item: Arc<Item>,
    ) -> Result<(), SubmitError> {
        let mut next = Some((wish, item));
        while let Some((wish, item)) = next {
            let left = match wish {
                Pending::Remove(report, actor) => {
                    self.remove(&item, report, &actor).await?;
                    Item { entries: Vec::new(), ..(*item).clone() }
                }
                Pending::Suspend => self.hold(&item, Hold::Suspended).await?,
            };
            let now = self.world.clock.now();
            next = self.queues.lock().give_back(queue, left, now);
        }
        self.wake.notify_one();
        Ok(())
    }
}
