//! Counts against a message that a stage broke off in the middle of it; too often, and it goes to the poison queue.
//!
//! May touch: the batch, directory snapshot, queues; spool (one commit per group of messages).

use std::sync::Arc;

use spool::Batch;

use super::set::QueueId;
use super::settled::broken_off;
use crate::envelope::{Entry, Stage};
use crate::item::Item;
use crate::{Shared, SubmitError, format};

/// What becomes of a message a stage broke off at.
pub(crate) enum Broken {
    /// It is tried again.
    Again(Item),
    /// It was at it too often (PoisonThreshold).
    Poison(Item),
}

impl Shared {
    /// Counts, and decides whether it was once too often.
    pub(crate) fn count_break(&self, batch: &mut Batch, item: Item) -> Result<Broken, SubmitError> {
        let mut envelope = (*item.envelope).clone();
        envelope.poison_count = envelope.poison_count.saturating_add(1);
        tracing::error!(
            message = item.no.0,
            count = envelope.poison_count,
            "a stage broke off at this message"
        );
        batch.set_envelope(item.no, format::encode_envelope(&envelope)?);
        let snapshot = self.directory.snapshot();
        let service = snapshot.transport_service();
        let mut item = Item { envelope: Arc::new(envelope), ..item };
        let harmless = item.envelope.poison_count < service.poison_threshold;
        if harmless || !service.poison_message_detection_enabled {
            return Ok(Broken::Again(item));
        }
        for (no, entry) in &mut item.entries {
            *entry = Entry { stage: Stage::Poison, ..entry.clone() };
            batch.put_entry(item.no, *no, format::encode_entry(entry)?);
        }
        self.recorder.poison(
            batch,
            &self.about(&item),
            crate::event_recipients(&item.entries, ""),
            "moved to the poison queue",
        );
        Ok(Broken::Poison(item))
    }

    /// A worker of a delivery queue panicked at these messages, which it had taken: each goes back after a pause, or to
    /// the poison queue.
    pub(crate) async fn broke_off_in(
        self: &Arc<Self>,
        queue: QueueId,
        items: Vec<Arc<Item>>,
    ) -> Result<(), SubmitError> {
        let now = self.world.clock.now();
        let mut parts = Vec::new();
        let mut back = Vec::new();
        let mut poison = Vec::new();
        for item in items {
            let mut batch = Batch::new();
            match self.count_break(&mut batch, Arc::unwrap_or_clone(item))? {
                Broken::Again(item) => back.push(broken_off(&item, now)),
                Broken::Poison(item) => {
                    back.push(Item { entries: Vec::new(), ..item.clone() });
                    poison.push(item);
                }
            }
            parts.push(batch);
        }
        self.commit_parts(parts).await?;
        {
            let mut queues = self.queues.lock();
            for item in poison {
                queues.add_poison(item);
            }
        }
        self.put_back(queue, back.into_iter());
        Ok(())
    }
}
