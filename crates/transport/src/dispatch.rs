//! The dispatcher: gives queues that have something to send their workers, sends delay notices and expires messages.
//!
//! May touch: queues, clock, executor; spool through the notices and expiries it commits.
//! Standards: RFC 5321 §4.5.4.1 (retries and the time after which to give up).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::Batch;

use crate::envelope::{DelayNotice, Entry};
use crate::failure::Failure;
use crate::item::Item;
use crate::queue::key::DeliveryType;
use crate::queue::resubmit::Why;
use crate::queue::settled::Settled;
use crate::report::{REPORT_OCTETS_PER_COMMIT_MAX, ReportKind, Reported, octets_of};
use crate::{Shared, SubmitError, deliver, format, queue, send};

/// Messages whose deadline is looked at between two commits.
const DEADLINES_PER_COMMIT_MAX: usize = 256;
/// Tasks that deliver into mailboxes at once.
const MAILBOX_WORKERS_MAX: u32 = 2;
/// The dispatcher looks again after this time even when nothing wakes it.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Runs until the server stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut stop = shared.stop.subscribe();
    loop {
        let woken = shared.wake.notified();
        if stop.borrow().is_stopping() {
            return;
        }
        if let Err(error) = deadlines(&shared).await {
            shared.fail(&error.to_string());
            return;
        }
        if let Err(error) = resubmit_stuck(&shared).await {
            shared.fail(&error.to_string());
            return;
        }
        let now = shared.world.clock.now();
        start_workers(&shared, now);
        let next = shared.queues.lock().next_wake(now);
        let wait = next.map_or(LOOK_AGAIN, |at| {
            Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO).min(LOOK_AGAIN)
        });
        tokio::select! {
            () = woken => {}
            () = shared.world.clock.sleep(wait.max(Duration::from_millis(1))) => {}
            _ = stop.changed() => {}
        }
    }
}

/// A hop that has been dead for long may have another way by now: its messages are resolved and routed anew.
async fn resubmit_stuck(shared: &Arc<Shared>) -> Result<(), SubmitError> {
    let now = shared.world.clock.now();
    let idle_max = shared.directory.snapshot().transport_service().max_idle_time_before_resubmit;
    let stuck = shared.queues.lock().stuck(idle_max, now);
    for id in stuck {
        let count = shared.resubmit(id, Why::Idle).await?;
        tracing::info!(queue = id.0, count, "messages of a dead next hop are categorized again");
    }
    Ok(())
}

fn start_workers(shared: &Arc<Shared>, now: Timestamp) {
    let snapshot = shared.directory.snapshot();
    let service = snapshot.transport_service();
    let mut queues = shared.queues.lock();
    queues.drop_idle(service.queue_max_idle_time, now);
    let mut outbound: u32 = queues
        .iter()
        .filter(|queue| queue.key.delivery_type != DeliveryType::SmtpDeliveryToMailbox)
        .map(|queue| queue.workers)
        .sum();
    let outbound_max = service.max_outbound_connections.unwrap_or(u32::MAX);
    let per_domain_max = service.max_per_domain_outbound_connections.unwrap_or(u32::MAX);
    for id in queues.due(now) {
        let Some(queue) = queues.get_mut(id) else { continue };
        let local = queue.key.delivery_type == DeliveryType::SmtpDeliveryToMailbox;
        let most = if local { MAILBOX_WORKERS_MAX } else { per_domain_max };
        // A hop that failed is probed by one connection.
        let most = if queue.failures > 0 { 1 } else { most };
        // One that had enough connections gets no more for a while.
        let enough = queue.enough_until.is_some_and(|until| until > now);
        let most = if enough { queue.workers.clamp(1, most) } else { most };
        let ready = u32::try_from(queue.ready_len()).unwrap_or(u32::MAX);
        while queue.workers < most && queue.workers < ready && (local || outbound < outbound_max) {
            queue.workers = queue.workers.saturating_add(1);
            if local {
                shared.world.exec.spawn("deliver", deliver::worker::run(Arc::clone(shared), id));
            } else {
                outbound = outbound.saturating_add(1);
                shared.world.exec.spawn("send", send::worker::run(Arc::clone(shared), id));
            }
        }
    }
}

/// Delay notices and expiries that are due.
async fn deadlines(shared: &Arc<Shared>) -> Result<(), SubmitError> {
    loop {
        let now = shared.world.clock.now();
        let due = shared.queues.lock().past_deadline(now, DEADLINES_PER_COMMIT_MAX);
        if due.is_empty() {
            return Ok(());
        }
        let mut due = due.into_iter().peekable();
        while due.peek().is_some() {
            let mut parts = Vec::new();
            let mut done = Vec::new();
            let mut octets: u64 = 0;
            while octets < REPORT_OCTETS_PER_COMMIT_MAX
                && let Some((id, item)) = due.next()
            {
                let mut batch = Batch::new();
                let settled = shared.deadline_of(&mut batch, &item).await?;
                octets = octets.saturating_add(octets_of(&settled.reports));
                parts.push(batch);
                done.push((id, settled));
            }
            shared.commit_parts(parts).await?;
            for (id, settled) in done {
                let (no, deadline) = (settled.left.no, shared.deadline(&settled.left));
                shared.queues.lock().set_deadline(id, no, deadline);
                shared.close(id, settled).await?;
            }
        }
    }
}

impl Shared {
    /// Ends a claimed message whose time is over, or tells its sender that it waits.
    async fn deadline_of(&self, batch: &mut Batch, item: &Item) -> Result<Settled, SubmitError> {
        let now = self.world.clock.now();
        let mut left = item.clone();
        let snapshot = self.directory.snapshot();
        if self.expires(&item.envelope) <= now {
            let expired = |entry: &Entry| Failure::expired(entry.last_error.as_deref());
            let failed: Vec<(Entry, Failure)> =
                item.entries.iter().map(|(_, entry)| (entry.clone(), expired(entry))).collect();
            let reported = Reported { item, recipients: &failed };
            let ndr = self.plan_report(&snapshot, &reported, ReportKind::Failed);
            queue::outcome::expired(self, batch, item, &ndr);
            let report = self.add_report(batch, &snapshot, ndr).await?;
            left.entries.clear();
            return Ok(Settled { left, reports: report.into_iter().collect() });
        }
        let mut delayed = Vec::new();
        for (no, entry) in &mut left.entries {
            if entry.delay == DelayNotice::Open {
                entry.delay = DelayNotice::Settled;
                batch.put_entry(item.no, *no, format::encode_entry(entry)?);
                delayed.push((entry.clone(), crate::report::delayed(entry)));
            }
        }
        let reported = Reported { item, recipients: &delayed };
        let report = self.notify(batch, &snapshot, reported, ReportKind::Delayed).await?;
        Ok(Settled { left, reports: report.into_iter().collect() })
    }
}
