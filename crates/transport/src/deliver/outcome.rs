//! Where Delivered is decided: the end of a recipient whose mailbox is here.
//!
//! May touch: the batch.

use mailbox::{Delivered, Duplicate, DuplicateKind, MailboxError, Outcome};
use spool::{Batch, EntryNo};
use trace::{About, Cause, Deferral, Delivery};
use uuid::Uuid;

use events::{Reason, Source};

use crate::Shared;
use crate::envelope::Entry;
use crate::failure::Failure;
use crate::item::Item;
use crate::report::Planned;

/// What an attempt means for the recipient.
pub(crate) enum End {
    /// It is in the mailbox.
    Delivered(Delivery),
    /// It was there before.
    Duplicate(Delivery),
    /// Never.
    Failed(Failure),
    /// Not now, with the error.
    Later(String),
}

/// Key in custom-data of the mailbox an item is in, its GUID: the address may be somebody else's by the time it is asked.
pub(crate) const MAILBOXES: &str = "Mailboxes";
/// Key in custom-data of the item's UID in its folder.
pub(crate) const UID: &str = "Uid";

/// Reads the mailbox store's answer about a delivery to this mailbox.
pub(crate) fn decide(outcome: &Outcome, mailbox: Uuid) -> End {
    match outcome {
        Outcome::Delivered(delivered) => End::Delivered(Delivery {
            folder: Some(delivered.folder.role().default_name().to_owned()),
            item_id: Some(delivered.item_id),
            at: Some(delivered.at),
            custom_data: stored_at(delivered, mailbox),
        }),
        Outcome::Duplicate(duplicate) => End::Duplicate(Delivery {
            folder: Some(duplicate.folder.role().default_name().to_owned()),
            item_id: Some(duplicate.item_id),
            at: None,
            custom_data: suppressed_by(duplicate),
        }),
        Outcome::OverQuota { .. } => End::Failed(Failure::mailbox_full()),
        Outcome::Failed(MailboxError::NoMailbox(_)) => End::Failed(Failure::recipient_not_found()),
        Outcome::Failed(error) => End::Later(format!("432 4.3.2 STOREDRV.Deliver; {error}")),
    }
}

/// What a redo after a crash needs to make the same item again.
fn stored_at(delivered: &Delivered, mailbox: Uuid) -> Vec<(String, String)> {
    vec![(MAILBOXES.to_owned(), mailbox.to_string()), (UID.to_owned(), delivered.uid.to_string())]
}

/// Names the copy because of which this one was suppressed.
fn suppressed_by(duplicate: &Duplicate) -> Vec<(String, String)> {
    let why = match duplicate.kind {
        DuplicateKind::SameMessage => "SameMessage",
        DuplicateKind::Resend => "Resend",
    };
    vec![
        ("Duplicate".to_owned(), why.to_owned()),
        ("FirstCopy".to_owned(), duplicate.network_message_id.to_string()),
        ("FirstCopyDelivered".to_owned(), duplicate.at.to_string()),
    ]
}

/// DELIVER.
pub(crate) fn delivered(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    no: EntryNo,
    entry: &Entry,
    delivery: Delivery,
) {
    let ended = crate::ended(no, entry, "250 2.1.5 Recipient OK");
    shared.recorder.delivered(batch, about, &[ended], delivery);
}

/// DUPLICATEDELIVER.
pub(crate) fn duplicate(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    no: EntryNo,
    entry: &Entry,
    delivery: Delivery,
) {
    let ended = crate::ended(no, entry, "250 2.1.5 Recipient OK");
    shared.recorder.duplicate_delivered(batch, about, &[ended], delivery);
}

/// FAIL.
pub(crate) fn failed(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    no: EntryNo,
    entry: &Entry,
    failure: &Failure,
    report: &Planned,
) {
    let mut cause = crate::cause(failure);
    report.link(&mut cause);
    let ended = crate::ended(no, entry, &failure.reply);
    shared.recorder.failed(batch, about, &[ended], cause);
}

/// DEFER.
pub(crate) fn deferred(shared: &Shared, batch: &mut Batch, item: &Item, no: EntryNo, entry: &Entry) {
    let status = entry.last_error.clone().unwrap_or_default();
    let recipients = crate::event_recipients(&[(no, entry.clone())], &status);
    let mut cause = Cause::new(Source::StoreDriver, Some(Reason::MailboxUnavailable));
    cause.attempts = Some(entry.attempts);
    let deferral =
        Deferral { cause, next_retry: entry.next_retry, expires: Some(shared.expires(&item.envelope)) };
    shared.recorder.deferred(batch, &shared.about(item), recipients, deferral);
}
