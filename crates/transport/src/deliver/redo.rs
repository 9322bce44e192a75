//! After a crash: deliveries that the spool has recorded and a mailbox file may have lost are applied again.
//!
//! May touch: spool (events and bodies), mailbox store.

use std::str::FromStr;

use events::{Event, EventId};
use mailbox::{Delivery, DeliveryFolder, Outcome, Pass, Recorded, ResendKey, SpoolEntry, SpoolPosition};
use spool::{Mark, SpoolError, SpoolEvent};
use uuid::Uuid;

use super::outcome::{MAILBOXES, UID};
use super::worker;
use crate::{Shared, SubmitError, format};

/// Events read from the spool at a time.
const EVENTS_PER_READ: usize = 1_024;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RedoReport {
    /// DELIVER events behind the mailbox mark.
    pub looked_at: u64,
    /// Items that had been lost and are there again, or were there.
    pub applied: u64,
    /// Deliveries whose mailbox or message is gone, or whose mailbox cannot take them; each is in the service log.
    pub skipped: u64,
}

impl Shared {
    /// Applies every recorded delivery behind the mailbox mark again. Runs before listeners and workers start.
    pub(crate) async fn redo_deliveries(&self) -> Result<RedoReport, SubmitError> {
        let mark = self.spool.mark(Mark::Mailbox);
        let mut report = RedoReport::default();
        let mut after = self.spool.event_before(mark);
        loop {
            let events = self.spool.events_after(after, EVENTS_PER_READ).await?;
            let Some(last) = events.last() else { return Ok(report) };
            after = last.seq;
            let recorded =
                |event: &&SpoolEvent| event.kind == EventId::Deliver.code() && event.position > mark;
            for event in events.iter().filter(recorded) {
                report.looked_at = report.looked_at.saturating_add(1);
                match self.redo(event).await? {
                    Some(Outcome::Failed(error)) => {
                        // The copy in the spool stays readable until the mark has passed it; somebody has to know now.
                        let message = event.message.map(|no| no.0);
                        tracing::error!(?message, %error, "a delivery that a crash took back cannot be applied again");
                        report.skipped = report.skipped.saturating_add(1);
                    }
                    Some(_) => report.applied = report.applied.saturating_add(1),
                    None => report.skipped = report.skipped.saturating_add(1),
                }
            }
        }
    }

    async fn redo(&self, stored: &SpoolEvent) -> Result<Option<Outcome>, SubmitError> {
        let (Some(no), Some(entry), Ok(event)) =
            (stored.message, stored.entry, events::decode(&stored.bytes))
        else {
            return Ok(None);
        };
        let event: Event = event;
        let Some(envelope) = self.spool.envelope(no) else { return Ok(None) };
        let Ok(envelope) = format::decode_envelope(&envelope) else {
            tracing::error!(message = no.0, "the envelope of a delivered message cannot be read");
            return Ok(None);
        };
        let Some(mailbox) = self.mailbox_of(&event) else {
            let address = event.recipients.first().map(|to| to.address.as_str()).unwrap_or_default();
            tracing::warn!(
                message = no.0,
                address,
                "a delivery before the crash was to a mailbox that is gone"
            );
            return Ok(None);
        };
        let body = match self.spool.body(no).await {
            Ok(body) => body,
            Err(SpoolError::Failed(cause)) => return Err(SpoolError::Failed(cause).into()),
            // One damaged body must not keep the server from starting.
            Err(error) => {
                tracing::error!(message = no.0, %error, "a delivery that a crash may have taken back cannot be applied again");
                return Ok(None);
            }
        };
        let junk = event.detail.folder.as_deref() == Some(DeliveryFolder::JunkEmail.role().default_name());
        let delivery = Delivery {
            mailbox,
            network_message_id: envelope.network_message_id,
            entry: SpoolEntry { message: no.0, entry: entry.0 },
            folder: if junk { DeliveryFolder::JunkEmail } else { DeliveryFolder::Inbox },
            body: worker::with_return_path(&envelope, &body),
            received: envelope.received,
            at: event.at,
            summary: worker::item_summary(&envelope),
            resend_key: envelope.resend_key.map(ResendKey::from_bytes),
            quota: None,
            pass: Pass::Redo(Recorded { item_id: event.detail.item_id, uid: noted(&event, UID) }),
            position: SpoolPosition(stored.position.0),
        };
        Ok(self.mailboxes.deliver(vec![delivery]).await.pop())
    }

    /// The mailbox a DELIVER names, removed ones that are still kept included. Not by address: that may have moved to
    /// somebody else since.
    fn mailbox_of(&self, event: &Event) -> Option<Uuid> {
        let snapshot = self.directory.snapshot();
        let guid = noted(event, MAILBOXES)?;
        let known = snapshot.recipient(guid).or_else(|| snapshot.soft_deleted_mailbox(guid));
        known.map(|mailbox| mailbox.guid)
    }
}

/// A value of custom-data.
fn noted<T: FromStr>(event: &Event, key: &str) -> Option<T> {
    let (_, value) = event.custom_data.iter().find(|(name, _)| name == key)?;
    value.parse().ok()
}
