//! Suspend-Queue and Resume-Queue: which queues an administrator holds, kept in the spool so that a restart does not let
//! their mail out.
//!
//! May touch: queues, spool (one commit per change).

use serde::{Deserialize, Serialize};
use spool::Batch;

use super::actions::ActionError;
use super::key::QueueKey;
use super::set::QueueId;
use crate::envelope::Hold;
use crate::{Shared, SubmitError, format};

/// Where the spool keeps them.
const KEPT_AS: &str = "suspended-queues";
/// Octets the list of suspended queues may take: some thousand queues.
const OCTETS_MAX: usize = 128 * 1024;

/// The queues that are held, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct SuspendedQueues {
    submission: bool,
    queues: Vec<QueueKey>,
}

/// A queue that can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holdable {
    Submission,
    Delivery(QueueId),
}

impl Shared {
    /// Holds a queue, or lets it go; returns when a restart will find it so.
    pub(super) async fn hold_queue(&self, queue: Holdable, hold: Hold) -> Result<(), ActionError> {
        // One at a time, so that the list stored last is the newest.
        let _turn = self.hold_turn.lock().await;
        let before = self.set_hold(queue, hold);
        let octets = format::encode_suspended(&self.suspended()).map_err(SubmitError::from)?;
        if octets.len() > OCTETS_MAX && hold == Hold::Suspended {
            self.set_hold(queue, before);
            let why = "so many queues are suspended that no more can be remembered; use Resume-Queue on others first";
            return Err(ActionError::NotNow(why.to_owned()));
        }
        let mut batch = Batch::new();
        batch.meta(KEPT_AS, octets);
        self.or_fail(self.spool.commit(batch).await.map_err(SubmitError::from))?;
        self.wake.notify_one();
        Ok(())
    }

    /// Sets the hold in memory. Returns what it was.
    fn set_hold(&self, queue: Holdable, hold: Hold) -> Hold {
        match queue {
            Holdable::Submission => {
                let before = self.submission.hold();
                self.submission.set_hold(hold);
                before
            }
            Holdable::Delivery(id) => {
                let mut queues = self.queues.lock();
                queues.get_mut(id).map_or(hold, |queue| std::mem::replace(&mut queue.hold, hold))
            }
        }
    }

    fn suspended(&self) -> SuspendedQueues {
        let queues = self.queues.lock();
        let held = queues.iter().filter(|queue| queue.hold == Hold::Suspended);
        SuspendedQueues {
            submission: self.submission.hold() == Hold::Suspended,
            queues: held.map(|queue| queue.key.clone()).collect(),
        }
    }

    /// At start: holds what was held.
    pub(crate) fn restore_holds(&self) {
        let Some(kept) = self.spool.meta(KEPT_AS) else { return };
        let kept = match format::decode_suspended(&kept) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(%error, "which queues were suspended cannot be read; look at Get-Queue");
                return;
            }
        };
        if kept.submission {
            self.submission.set_hold(Hold::Suspended);
        }
        let now = self.world.clock.now();
        let mut queues = self.queues.lock();
        for key in kept.queues {
            let id = queues.open(&key, now);
            if let Some(queue) = queues.get_mut(id) {
                queue.hold = Hold::Suspended;
            }
        }
    }
}
