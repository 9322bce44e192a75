//! A delivery worker: takes messages from the mailbox queue, stores them, commits what became of them.
//!
//! May touch: spool (bodies, one commit per group), mailbox store, queues, directory snapshot, clock.
//! Standards: RFC 5321 §4.4 (Return-Path at final delivery).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use directory::Snapshot;
use futures::FutureExt;
use mailbox::{Delivery, DeliveryFolder, ItemSummary, Outcome, Pass, ResendKey, SpoolEntry, SpoolPosition};
use spool::{Batch, EntryNo};
use uuid::Uuid;

use super::outcome::End;
use crate::envelope::{Entry, Envelope};
use crate::failure::Failure;
use crate::item::{Item, later};
use crate::queue::set::QueueId;
use crate::queue::settled::{Settled, broken_off};
use crate::report::{ReportKind, Reported};
use crate::{Shared, SubmitError, format};

/// Messages delivered between two commits.
pub(crate) const MESSAGES_PER_COMMIT_MAX: usize = 128;

/// Octets of messages that are in memory for one commit; a larger message goes alone.
const OCTETS_PER_COMMIT_MAX: u64 = 32 * 1024 * 1024;

/// Recipients for one commit; a message with more goes alone.
const RECIPIENTS_PER_COMMIT_MAX: usize = 4_000;

/// What became of one recipient.
struct Ended {
    no: EntryNo,
    entry: Entry,
    end: End,
}

/// Works until the queue has nothing more.
pub(crate) async fn run(shared: Arc<Shared>, queue: QueueId) {
    let mut worker = Worker { shared: Arc::clone(&shared), queue, held: Vec::new() };
    loop {
        if shared.stop.borrow().is_stopping() {
            return;
        }
        let now = shared.world.clock.now();
        worker.held = shared.queues.lock().take(queue, MESSAGES_PER_COMMIT_MAX, now);
        if worker.held.is_empty() {
            return;
        }
        while !worker.held.is_empty() {
            let group = worker.held.get(..group_len(&worker.held)).unwrap_or_default().to_vec();
            match AssertUnwindSafe(deliver(&shared, queue, &group)).catch_unwind().await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, "a delivery cannot be recorded");
                    shared.fail(&error.to_string());
                    return;
                }
                Err(panic) => {
                    worker.broke_off(group.len()).await;
                    std::panic::resume_unwind(panic);
                }
            }
            worker.held.drain(..group.len());
        }
    }
}

/// How many messages are delivered together: at least one, and no more than the octets in memory allow. A message that
/// a stage broke off at before goes alone: should it happen again, it is known whose fault it is.
fn group_len(items: &[Arc<Item>]) -> usize {
    if items.first().is_some_and(|first| first.envelope.poison_count > 0) {
        return 1;
    }
    let (mut octets, mut recipients): (u64, usize) = (0, 0);
    let fits = |item: &&Arc<Item>| {
        octets = octets.saturating_add(item.envelope.size);
        recipients = recipients.saturating_add(item.entries.len());
        octets <= OCTETS_PER_COMMIT_MAX
            && recipients <= RECIPIENTS_PER_COMMIT_MAX
            && item.envelope.poison_count == 0
    };
    items.iter().take_while(fits).count().max(1).min(items.len())
}

/// A worker's hold on its queue: dropped, it gives back its messages and its place, whatever happened.
struct Worker {
    shared: Arc<Shared>,
    queue: QueueId,
    held: Vec<Arc<Item>>,
}

impl Worker {
    /// After a panic: counts it against the messages it came at, and gives back the others.
    async fn broke_off(&mut self, count: usize) {
        let count = count.min(self.held.len());
        let guilty: Vec<Arc<Item>> = self.held.drain(..count).collect();
        if let Err(error) = self.shared.broke_off_in(self.queue, guilty).await {
            self.shared.fail(&error.to_string());
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let now = self.shared.world.clock.now();
        let held = std::mem::take(&mut self.held);
        self.shared.put_back(self.queue, held.iter().map(|item| broken_off(item, now)));
        if let Some(queue) = self.shared.queues.lock().get_mut(self.queue) {
            queue.workers = queue.workers.saturating_sub(1);
        }
        self.shared.wake.notify_one();
    }
}

/// The message as it goes into mailboxes; nothing where its octets cannot be read now.
async fn stored(shared: &Shared, item: &Item) -> Result<Bytes, String> {
    match shared.spool.body(item.no).await {
        Ok(body) => Ok(with_return_path(&item.envelope, &body)),
        Err(error) => {
            tracing::error!(message = item.no.0, %error, "a message cannot be read from the spool");
            Err("432 4.3.0 STOREDRV.Deliver; the message cannot be read from this server's spool".to_owned())
        }
    }
}

async fn deliver(shared: &Arc<Shared>, queue: QueueId, items: &[Arc<Item>]) -> Result<(), SubmitError> {
    let snapshot = shared.directory.snapshot();
    let mut deliveries = Vec::new();
    // Per message and recipient: the mailbox, or the end where it is known without the mailbox store.
    let mut known: Vec<Vec<Result<Uuid, End>>> = Vec::with_capacity(items.len());
    for item in items {
        let stored = stored(shared, item).await;
        let mut ends = Vec::with_capacity(item.entries.len());
        for (no, entry) in &item.entries {
            let delivery = match &stored {
                Ok(stored) => delivery(shared, &snapshot, item, *no, entry, stored).ok_or_else(gone),
                Err(error) => Err(End::Later(error.clone())),
            };
            ends.push(delivery.map(|delivery| {
                let mailbox = delivery.mailbox;
                deliveries.push(delivery);
                mailbox
            }));
        }
        known.push(ends);
    }
    let outcomes = shared.mailboxes.deliver(deliveries).await;
    // No attempt: put off, mail would come back to its senders though nothing is wrong with it or its mailbox.
    if outcomes.contains(&Outcome::Failed(mailbox::MailboxError::Closed)) {
        return Err(SubmitError::MailboxesClosed);
    }
    let mut outcomes = outcomes.into_iter();
    let mut parts = Vec::with_capacity(items.len());
    let mut settled = Vec::with_capacity(items.len());
    for (item, ends) in items.iter().zip(known) {
        let mut ended = Vec::with_capacity(item.entries.len());
        for ((no, entry), end) in item.entries.iter().zip(ends) {
            let end = match end {
                Ok(mailbox) => {
                    let outcome = outcomes.next().unwrap_or(Outcome::Failed(mailbox::MailboxError::Closed));
                    super::outcome::decide(&outcome, mailbox)
                }
                Err(end) => end,
            };
            ended.push(Ended { no: *no, entry: entry.clone(), end });
        }
        let mut batch = Batch::new();
        settled.push(settle(shared, &snapshot, &mut batch, item, ended).await?);
        parts.push(batch);
    }
    let refused = shared.commit_each(parts).await?;
    for (place, (item, settled)) in items.iter().zip(settled).enumerate() {
        if refused.contains(&place) {
            shared.broke_off_in(queue, vec![Arc::clone(item)]).await?;
        } else {
            shared.close(queue, settled).await?;
        }
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
    for Ended { no, entry, end } in ended {
        match end {
            End::Delivered(delivery) => {
                super::outcome::delivered(shared, batch, &about, no, &entry, delivery);
                succeeded.push((entry, crate::report::delivered()));
            }
            End::Duplicate(delivery) => {
                super::outcome::duplicate(shared, batch, &about, no, &entry, delivery);
            }
            End::Failed(failure) => {
                failed.push((no, entry, failure));
            }
            End::Later(error) => left.push((no, put_off(shared, snapshot, entry, error))),
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
fn gone() -> End {
    End::Failed(Failure::recipient_not_found())
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

/// The message as it goes into a mailbox: with one Return-Path, which is ours.
pub(crate) fn with_return_path(envelope: &Envelope, body: &Bytes) -> Bytes {
    let line = mail::edit::return_path(&envelope.return_path);
    let body = mail::edit::remove(body, |name| name.eq_ignore_ascii_case("Return-Path"));
    let mut stored = BytesMut::with_capacity(line.len().saturating_add(body.len()));
    stored.extend_from_slice(&line);
    stored.extend_from_slice(&body);
    stored.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::set::tests::item;

    #[test]
    fn a_suspect_is_delivered_alone() {
        let counted = |count: &u32| {
            let mut item = item(7, &[0]);
            Arc::make_mut(&mut item.envelope).poison_count = *count;
            Arc::new(item)
        };
        for (counts, first) in [(&[0, 0, 1][..], 2), (&[1, 0], 1), (&[0, 0], 2)] {
            let items: Vec<_> = counts.iter().map(counted).collect();
            assert_eq!(group_len(&items), first, "{counts:?}");
        }
    }

    #[test]
    fn large_messages_are_delivered_in_smaller_groups() {
        let sized = |megabytes: &u64| {
            let mut item = item(7, &[0]);
            Arc::make_mut(&mut item.envelope).size = megabytes << 20;
            Arc::new(item)
        };
        for (sizes, first) in [(&[1, 1, 1][..], 3), (&[20, 12, 1], 2), (&[20, 13], 1), (&[150, 1], 1)] {
            let items: Vec<_> = sizes.iter().map(sized).collect();
            assert_eq!(group_len(&items), first, "{sizes:?}");
        }
    }
}
