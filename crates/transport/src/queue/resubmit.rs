//! Sends waiting messages back to the categorizer, and records why.
//!
//! May touch: queues, spool (one commit per group).

use std::sync::Arc;

use events::Source;
use spool::Batch;

use super::set::QueueId;
use crate::envelope::{Entry, Stage};
use crate::item::Item;
use crate::{Shared, SubmitError, format};

/// Messages sent back between two commits.
const MESSAGES_PER_COMMIT_MAX: usize = 256;

/// Why messages go through the categorizer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why<'a> {
    /// Retry-Queue -Resubmit, by this administrator.
    Asked(&'a str),
    /// MaxIdleTimeBeforeResubmit.
    Idle,
    /// Something changed in the directory that may have made a way.
    Changed,
    /// The queue's Send connector is gone, disabled, or leads elsewhere.
    NoConnector,
}

impl Why<'_> {
    fn source(self) -> Source {
        match self {
            Self::Asked(_) => Source::Admin,
            Self::Idle | Self::Changed | Self::NoConnector => Source::Queue,
        }
    }

    fn context(self) -> String {
        match self {
            Self::Asked(actor) => format!("resubmitted by {actor}"),
            Self::Idle => "nothing delivered for MaxIdleTimeBeforeResubmit".to_owned(),
            Self::Changed => "connectors, domains or recipients changed".to_owned(),
            Self::NoConnector => "the Send connector leads there no longer".to_owned(),
        }
    }
}

impl Shared {
    /// Takes all waiting messages of a queue, but suspended ones, through the categorizer again. Returns how many.
    pub(crate) async fn resubmit(&self, id: QueueId, why: Why<'_>) -> Result<usize, SubmitError> {
        let now = self.world.clock.now();
        let items = self.queues.lock().drain(id, now, |_| true);
        self.resubmit_all(&items, why).await?;
        Ok(items.len())
    }

    /// The same for messages that were taken out of their queue.
    pub(crate) async fn resubmit_all(&self, items: &[Arc<Item>], why: Why<'_>) -> Result<(), SubmitError> {
        for group in items.chunks(MESSAGES_PER_COMMIT_MAX) {
            let mut parts = Vec::with_capacity(group.len());
            let mut again = Vec::with_capacity(group.len());
            for item in group {
                let mut batch = Batch::new();
                let recipients = crate::event_recipients(&item.entries, "");
                let about = self.about(item);
                self.recorder.resubmitted(&mut batch, &about, recipients, why.source(), &why.context());
                again.push(resubmitted(&mut batch, item)?);
                parts.push(batch);
            }
            self.commit_parts(parts).await?;
            for item in again {
                self.submission.push(item);
            }
        }
        Ok(())
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
