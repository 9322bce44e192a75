//! A delivery worker: takes messages from the mailbox queue, stores them, commits what became of them.
//!
//! May touch: spool (bodies, one commit per group), mailbox store, queues, directory snapshot, clock.
//! Standards: RFC 5321 §4.4 (Return-Path at final delivery).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use directory::Snapshot;
use mailbox::{
    Delivery, DeliveryFolder, ItemSummary, Outcome, Pass, Recorded, ResendKey, SpoolEntry, SpoolPosition,
};
use spool::{Batch, EntryNo};

use crate::envelope::{Entry, Envelope};
use crate::failure::Failure;
use crate::item::{Item, later};
use crate::queue::set::QueueId;
use crate::queue::settled::Settled;
use crate::report::{ReportKind, Reported};
use crate::{Shared, SubmitError, format};

/// Messages delivered between two commits.
pub(crate) const MESSAGES_PER_COMMIT_MAX: usize = 128;

/// What became of one recipient.
struct Ended {
    no: EntryNo,
    entry: Entry,
    outcome: Outcome,
}

/// Works until the queue has nothing more.
pub(crate) async fn run(shared: Arc<Shared>, queue: QueueId) {
    loop {
        let now = shared.world.clock.now();
        let items = shared.queues.lock().take(queue, MESSAGES_PER_COMMIT_MAX, now);
        if items.is_empty() {
            break;
        }
        if let Err(error) = deliver(&shared, queue, items).await {
            tracing::error!(%error, "a delivery cannot be recorded");
            shared.fail(&error.to_string());
            break;
        }
    }
    let mut queues = shared.queues.lock();
    if let Some(queue) = queues.get_mut(queue) {
        queue.workers = queue.workers.saturating_sub(1);
    }
    drop(queues);
    shared.wake.notify_one();
}

async fn deliver(shared: &Arc<Shared>, queue: QueueId, items: Vec<Arc<Item>>) -> Result<(), SubmitError> {
    let snapshot = shared.directory.snapshot();
    let mut deliveries = Vec::new();
    let mut lost: Vec<Vec<Ended>> = Vec::new();
    for item in &items {
        let mut without = Vec::new();
        let body = shared.spool.body(item.no).await?;
        let stored = with_return_path(&item.envelope, &body);
        for (no, entry) in &item.entries {
            match delivery(shared, &snapshot, item, *no, entry, &stored) {
                Some(delivery) => deliveries.push(delivery),
                None => without.push(Ended { no: *no, entry: entry.clone(), outcome: gone() }),
            }
        }
        lost.push(without);
    }
    let mut outcomes = shared.mailboxes.deliver(deliveries).await.into_iter();
    let mut batch = Batch::new();
    let mut settled = Vec::new();
    for (item, without) in items.iter().zip(lost) {
        let mut ended = Vec::new();
        for (no, entry) in &item.entries {
            if without.iter().any(|lost| lost.no == *no) {
                continue;
            }
            let outcome = outcomes.next().unwrap_or(Outcome::Failed(mailbox::MailboxError::Closed));
            ended.push(Ended { no: *no, entry: entry.clone(), outcome });
        }
        ended.extend(without);
        settled.push(settle(shared, &snapshot, &mut batch, item, ended).await?);
    }
    shared.spool.commit(batch).await?;
    for settled in settled {
        shared.close(queue, settled).await?;
    }
    Ok(())
}

async fn settle(
    shared: &Arc<Shared>,
    snapshot: &Snapshot,
    batch: &mut Batch,
    item: &Item,
    ended: Vec<Ended>,
) -> Result<Settled, SubmitError> {
    let about = shared.about(item);
    let mut left = Vec::new();
    let mut failed = Vec::new();
    let mut succeeded = Vec::new();
    for Ended { no, entry, outcome } in ended {
        match super::outcome::decide(&outcome) {
            super::outcome::End::Delivered(delivery) => {
                super::outcome::delivered(shared, batch, &about, no, &entry, delivery);
                succeeded.push((entry, crate::report::delivered()));
            }
            super::outcome::End::Duplicate(delivery) => {
                super::outcome::duplicate(shared, batch, &about, no, &entry, delivery);
            }
            super::outcome::End::Failed(failure) => {
                failed.push((no, entry, failure));
            }
            super::outcome::End::Later(error) => left.push((no, put_off(shared, snapshot, entry, error))),
        }
    }
    for (no, entry) in &left {
        batch.put_entry(item.no, *no, format::encode_entry(entry)?);
        super::outcome::deferred(shared, batch, item, *no, entry);
    }
    let recipients: Vec<(Entry, Failure)> =
        failed.iter().map(|(_, entry, failure)| (entry.clone(), failure.clone())).collect();
    let reported = Reported { item, recipients: &recipients };
    let ndr = shared.plan_report(snapshot, &reported, ReportKind::Failed);
    for (no, entry, failure) in &failed {
        super::outcome::failed(shared, batch, &about, *no, entry, failure, &ndr);
    }
    let mut reports = Vec::new();
    reports.extend(shared.add_report(batch, snapshot, ndr).await?);
    let reported = Reported { item, recipients: &succeeded };
    reports.extend(shared.notify(batch, snapshot, reported, ReportKind::Delivered).await?);
    let left = Item { no: item.no, envelope: Arc::clone(&item.envelope), entries: left };
    Ok(Settled { left, reports })
}

fn put_off(shared: &Shared, snapshot: &Snapshot, mut entry: Entry, error: String) -> Entry {
    let now = shared.world.clock.now();
    entry.attempts = entry.attempts.saturating_add(1);
    entry.last_attempt = Some(now);
    entry.last_error = Some(error);
    entry.next_retry = Some(later(now, snapshot.transport_service().mailbox_delivery_queue_retry_interval));
    entry
}

/// The mailbox was removed while its mail waited.
fn gone() -> Outcome {
    Outcome::Failed(mailbox::MailboxError::NoMailbox(uuid::Uuid::nil()))
}

fn delivery(
    shared: &Shared,
    snapshot: &Snapshot,
    item: &Item,
    no: EntryNo,
    entry: &Entry,
    body: &Bytes,
) -> Option<Delivery> {
    let recipient =
        snapshot.recipient_by_address(&entry.recipient).filter(|recipient| recipient.kind.is_mailbox())?;
    let envelope = &item.envelope;
    Some(Delivery {
        mailbox: recipient.guid,
        network_message_id: envelope.network_message_id,
        entry: SpoolEntry { message: item.no.0, entry: no.0 },
        folder: DeliveryFolder::Inbox,
        body: body.clone(),
        received: envelope.received,
        at: shared.world.clock.now(),
        summary: item_summary(envelope),
        resend_key: envelope.resend_key.map(ResendKey::from_bytes),
        quota: if envelope.kind.is_report() {
            None
        } else {
            recipient.quotas.in_force().prohibit_send_receive_quota
        },
        pass: Pass::First,
        position: SpoolPosition(shared.spool.end().0),
    })
}

/// What lists of items show.
pub(crate) fn item_summary(envelope: &Envelope) -> ItemSummary {
    ItemSummary {
        subject: envelope.facts.subject.clone(),
        from: envelope.facts.from.clone(),
        message_id: envelope.facts.message_id.as_deref().and_then(|id| mail::MessageId::parse(id).ok()),
        date: envelope.facts.date,
    }
}

/// The message as it goes into a mailbox.
pub(crate) fn with_return_path(envelope: &Envelope, body: &Bytes) -> Bytes {
    let line = mail::edit::return_path(&envelope.return_path);
    let mut stored = BytesMut::with_capacity(line.len().saturating_add(body.len()));
    stored.extend_from_slice(&line);
    stored.extend_from_slice(body);
    stored.freeze()
}

/// What a delivery that is applied again takes over from its DELIVER.
pub(crate) fn recorded(item_id: Option<i64>) -> Pass {
    Pass::Redo(Recorded { item_id, uid: None })
}
