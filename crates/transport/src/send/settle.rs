//! Records what an attempt meant for each recipient of a message: events, entries and reports in one batch.
//!
//! May touch: the batch, clock, directory snapshot; spool (the original of a report).
//! Standards: RFC 3461 §5.2.2 (the report that a message was relayed).

use std::sync::Arc;

use directory::Snapshot;
use events::{NextHop, Source};
use spool::{Batch, EntryNo};
use trace::{Cause, HandOn};

use super::outcome::{self, End, HandedOn, Hop, Later, Notices, grouped};
use crate::domain::class_of;
use crate::envelope::Entry;
use crate::failure::Failure;
use crate::item::{Item, later};
use crate::queue::settled::Settled;
use crate::report::{ReportKind, Reported};
use crate::{Shared, SubmitError, format};

/// What became of one recipient.
pub(super) struct Ended {
    pub(super) no: EntryNo,
    pub(super) entry: Entry,
    pub(super) end: End,
    /// The attempt it came from.
    pub(super) hop: Arc<Hop>,
}

/// Where the message was on its way.
pub(super) struct Way<'a> {
    /// The queue it came from.
    pub(super) queue: &'a str,
    /// What the connector's hosts are.
    pub(super) next_hop: NextHop,
}

/// Adds what became of a message to the batch.
pub(super) async fn settle(
    shared: &Shared,
    snapshot: &Snapshot,
    batch: &mut Batch,
    item: &Item,
    way: &Way<'_>,
    ended: Vec<Ended>,
) -> Result<Settled, SubmitError> {
    let now = shared.world.clock.now();
    let mut sorted = Sorted::default();
    for Ended { no, mut entry, end, hop } in ended {
        entry.attempts = entry.attempts.saturating_add(1);
        entry.last_attempt = Some(now);
        match end {
            End::HandedOn(receipt) => {
                if receipt.notices == Notices::Ours && entry.notify.success() {
                    sorted.relayed.push((entry.clone(), crate::report::relayed()));
                }
                let hand_on = hand_on(snapshot, item, way, receipt, &hop, &entry);
                grouped(&mut sorted.handed_on, hand_on, (no, entry));
            }
            End::Failed(failure) => {
                let attempts = entry.attempts;
                grouped(&mut sorted.failed, (failure, hop, attempts), (no, entry));
            }
            End::Later(why) => {
                entry.last_error = Some(why.error.clone());
                entry.next_retry = Some(later(now, snapshot.transport_service().message_retry_interval));
                grouped(&mut sorted.waiting, (why, hop), (no, entry));
            }
        }
    }
    sorted.record(shared, snapshot, batch, item, way).await
}

/// The recipients by what became of them; those with the same fate share an event.
#[derive(Default)]
struct Sorted {
    handed_on: Groups<HandOn>,
    /// With the attempts made.
    failed: Groups<(Failure, Arc<Hop>, u32)>,
    waiting: Groups<(Later, Arc<Hop>)>,
    relayed: Vec<(Entry, Failure)>,
}

type Groups<K> = Vec<(K, Vec<(EntryNo, Entry)>)>;

impl Sorted {
    async fn record(
        self,
        shared: &Shared,
        snapshot: &Snapshot,
        batch: &mut Batch,
        item: &Item,
        way: &Way<'_>,
    ) -> Result<Settled, SubmitError> {
        let about = shared.about(item);
        let mut left = Vec::new();
        for (hand_on, recipients) in self.handed_on {
            outcome::handed_on(shared, batch, &about, &recipients, hand_on);
        }
        for ((why, hop), recipients) in self.waiting {
            for (no, entry) in &recipients {
                batch.put_entry(item.no, *no, format::encode_entry(entry)?);
            }
            let next_retry = recipients.first().and_then(|(_, entry)| entry.next_retry);
            let cause = put_off(&why, &hop, way.queue);
            outcome::deferred(shared, batch, item, &recipients, cause, next_retry);
            left.extend(recipients);
        }
        let failed: Vec<(Entry, Failure)> = self
            .failed
            .iter()
            .flat_map(|((failure, ..), recipients)| {
                recipients.iter().map(|(_, entry)| (entry.clone(), failure.clone()))
            })
            .collect();
        let reported = Reported { item, recipients: &failed };
        let ndr = shared.plan_report(snapshot, &reported, ReportKind::Failed);
        for ((failure, hop, attempts), recipients) in &self.failed {
            let mut cause = at_hop(crate::cause(failure), hop, way.queue);
            cause.attempts = Some(*attempts);
            outcome::failed(shared, batch, &about, recipients, failure, cause, &ndr);
        }
        let mut reports = Vec::new();
        reports.extend(shared.add_report(batch, snapshot, ndr).await?);
        let relayed = Reported { item, recipients: &self.relayed };
        reports.extend(shared.notify(batch, snapshot, relayed, ReportKind::Relayed).await?);
        let left = Item { no: item.no, envelope: Arc::clone(&item.envelope), entries: left };
        Ok(Settled { left, reports })
    }
}

fn hand_on(
    snapshot: &Snapshot,
    item: &Item,
    way: &Way<'_>,
    receipt: HandedOn,
    hop: &Hop,
    entry: &Entry,
) -> HandOn {
    let session = hop.session.clone().unwrap_or_default();
    let submitted = item.envelope.facts.date.map(|date| date.to_string()).unwrap_or_default();
    HandOn {
        next_hop: Some(way.next_hop.clone()),
        domain: Some(class_of(snapshot, entry.recipient.domain_key()).into()),
        source_context: Some(format!("{session};{};ClientSubmitTime:{submitted}", receipt.reply)),
        remote_reply: Some(receipt.reply),
        remote_host: hop.host.as_ref().map(|host| host.name.clone()),
        remote_ip: hop.host.as_ref().map(|host| host.address.ip()),
        remote_queue_id: receipt.remote_id,
        connector_id: hop.connector.clone(),
        tls: hop.tls.clone(),
        queue: Some(way.queue.to_owned()),
        attempts: Some(entry.attempts),
    }
}

/// The cause of a DEFER.
pub(super) fn put_off(why: &Later, hop: &Hop, queue: &str) -> Cause {
    let mut cause = Cause::new(why.source, Some(why.reason));
    cause.remote_reply.clone_from(&why.remote_reply);
    let hop = Hop { host: why.host.clone().or_else(|| hop.host.clone()), ..hop.clone() };
    at_hop(cause, &hop, queue)
}

fn at_hop(mut cause: Cause, hop: &Hop, queue: &str) -> Cause {
    if cause.source != Source::Dns {
        cause.remote_host = hop.host.as_ref().map(|host| host.name.clone()).or(cause.remote_host);
        cause.remote_ip = hop.host.as_ref().map(|host| host.address.ip());
    }
    cause.connector_id.clone_from(&hop.connector);
    cause.source_context.clone_from(&hop.session);
    cause.queue = Some(queue.to_owned());
    cause
}
