//! Refusals: attempts that never became a message, kept beside the trace so that they cannot drown it.
//!
//! May touch: the disk, a writer of its own, the clock.
//! They bypass the spool: a bounded channel, an own sequence, files of their own with a short retention and a size
//! cap. Nothing is synced on the reply path; what has to be dropped is counted and shown as a gap.

mod fold;
mod store;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use events::{Event, EventId, MessageFacts, Reason, RefusedStep, Source};
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};
use parking_lot::Mutex;
use world::{Clock, Disk, Executor, Writer};

use crate::feeder::Bulletin;
use crate::store::StoreError;
pub(crate) use store::{RefusalRow, RefusalStore};

/// Refusals waiting to be written; more are dropped and counted.
const WAITING_MAX: usize = 10_000;
/// Refusals in one transaction.
const BATCH_MAX: usize = 2_000;

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The transaction's id, given at MAIL FROM and shared with accepted recipients; a fresh one for a connection.
    pub network_message_id: NetworkMessageId,
    /// Where in the session.
    pub step: RefusedStep,
    /// The cause as data.
    pub reason: Option<Reason>,
    /// The reply given.
    pub reply: String,
    /// RCPT: the one refused. DATA: every one accepted before. Otherwise empty.
    pub recipients: Vec<String>,
    /// MAIL FROM, where it was given; `<>` if null.
    pub return_path: Option<String>,
    /// What DATA told of the message.
    pub message: Option<MessageFacts>,
    /// Message-ID, where DATA told it.
    pub message_id: Option<MessageId>,
    /// The client.
    pub client_ip: Option<IpAddr>,
    /// The name it gave.
    pub client_hostname: Option<String>,
    /// Our address of the connection.
    pub server_ip: Option<IpAddr>,
    /// Receive connector.
    pub connector_id: Option<String>,
    /// Session id.
    pub source_context: Option<String>,
}

/// The channel refusals go through. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Refusals(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: Writer<Event>,
    clock: Clock,
    store: RefusalStore,
    dropped: Arc<Dropped>,
    paused: AtomicBool,
    seen: AtomicU64,
}

/// Refusals dropped and not yet written down as a gap.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    since: Mutex<Option<Timestamp>>,
    count: AtomicU64,
    ever: AtomicU64,
}

impl Dropped {
    fn add(&self, at: Timestamp) {
        self.since.lock().get_or_insert(at);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.ever.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes what was dropped: since when, and how many.
    pub(crate) fn take(&self) -> Option<(Timestamp, u64)> {
        let since = self.since.lock().take()?;
        Some((since, self.count.swap(0, Ordering::Relaxed)))
    }

    /// The same without taking it.
    pub(crate) fn peek(&self) -> Option<(Timestamp, u64)> {
        Some(((*self.since.lock())?, self.count.load(Ordering::Relaxed)))
    }
}

impl Refusals {
    pub(crate) fn open(
        disk: &Disk,
        clock: &Clock,
        exec: &Executor,
        dir: &Path,
        limits: RefusalLimits,
        news: Bulletin,
    ) -> Result<Refusals, StoreError> {
        let dropped = Arc::new(Dropped::default());
        let store = RefusalStore::open(disk, dir, limits, Arc::clone(&dropped))?;
        let (own, own_clock) = (store.clone(), clock.clone());
        let mut folding = fold::Folding::default();
        let handle = move |batch: Vec<Event>| {
            let refusals = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            match own.add(&mut folding, batch, own_clock.now()) {
                // What is only counted in a row of before is not told: a flood is no news.
                Ok(rows) => news.tell(Bulletin::of(rows.iter())),
                Err(error) => tracing::warn!(%error, refusals, "refusals could not be recorded"),
            }
        };
        let writer = exec.writer("refusals", handle, BATCH_MAX);
        Ok(Refusals(Arc::new(Inner {
            writer,
            clock: clock.clone(),
            store,
            dropped,
            paused: AtomicBool::new(false),
            seen: AtomicU64::new(0),
        })))
    }

    /// Records a refusal, without waiting: one row per recipient, one for a connection.
    pub fn record(&self, refusal: Refusal) {
        let at = self.0.clock.now();
        let recipients = if refusal.recipients.is_empty() {
            Vec::from([String::new()])
        } else {
            refusal.recipients.clone()
        };
        for recipient in recipients {
            self.0.seen.fetch_add(1, Ordering::Relaxed);
            let full = self.0.writer.queued() >= WAITING_MAX;
            if full
                || self.0.paused.load(Ordering::Relaxed)
                || self.0.writer.send(event(&refusal, recipient, at)).is_err()
            {
                self.0.dropped.add(at);
            }
        }
    }

    /// Stops or resumes recording, for when the volume is full or the log lags; what comes meanwhile is counted as a gap.
    pub fn set_paused(&self, paused: bool) {
        self.0.paused.store(paused, Ordering::Relaxed);
    }

    /// Attempts refused since the start, recorded or dropped.
    pub fn seen(&self) -> u64 {
        self.0.seen.load(Ordering::Relaxed)
    }

    /// Refusals dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.ever.load(Ordering::Relaxed)
    }

    /// Waits until everything recorded is written, and takes no more.
    pub async fn close(&self) {
        self.0.writer.close().await;
    }

    pub(crate) fn store(&self) -> &RefusalStore {
        &self.0.store
    }
}

/// Bounds of the refusals' files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefusalLimits {
    pub(crate) retention_days: u32,
    pub(crate) bytes_max: u64,
}

fn event(refusal: &Refusal, recipient: String, at: Timestamp) -> Event {
    let mut event = Event::new(at, EventId::Refused, Source::Smtp, refusal.network_message_id);
    event.message = Some(refusal.message.clone().unwrap_or_else(|| {
        let path = refusal.return_path.clone().unwrap_or_default();
        MessageFacts { sender_address: path.clone(), return_path: path, ..MessageFacts::default() }
    }));
    event.message_id.clone_from(&refusal.message_id);
    event.client_ip = refusal.client_ip;
    event.client_hostname.clone_from(&refusal.client_hostname);
    event.server_ip = refusal.server_ip;
    event.connector_id.clone_from(&refusal.connector_id);
    event.source_context.clone_from(&refusal.source_context);
    event.detail.step = Some(refusal.step);
    event.detail.reason = refusal.reason;
    event.detail.count = 1;
    event.recipient(recipient, refusal.reply.clone())
}
