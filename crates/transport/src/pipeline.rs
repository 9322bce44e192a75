//! The pipeline on one screen: what runs, in which order a message meets it, and how it starts and stops.
//!
//! May touch: everything the stages touch; this is where they are wired.
//!
//! ```text
//! receive::listener ─► receive::session ─► submit ─► [spool: RECEIVE] ─► 250
//!                                            │
//!                                       Submission ─► categorize::worker ─► [spool: RESOLVE … QUEUED]
//!                                                        │ resolve ► expand ► limits ► route
//!                                                        ▼
//!                              queue::set ◄─ dispatch (retry, delay notice, expiry)
//!                                │      │
//!                 deliver::worker       send::worker
//!                       │ outcome             │ outcome
//!                 [spool: DELIVER]      [spool: SENDEXTERNAL, DEFER, FAIL + report]
//! ```

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use spool::{Mark, MessageNo};
use tokio::sync::{Notify, watch};
use uuid::Uuid;
use world::Disk;

use crate::categorize::in_progress::InProgress;
use crate::categorize::worker::{CATEGORIZERS, Lane};
use crate::deliver::redo::RedoReport;
use crate::envelope::Stage;
use crate::item::Item;
use crate::protocol_log::{ProtocolLog, Side};
use crate::queue::back_pressure::{BackPressure, Measurement, POLL_SECS, Pressure, Resource, used_percent};
use crate::queue::set::QueueSet;
use crate::receive::listener::Listeners;
pub use crate::receive::listener::{Listen, ListenError, Prepared};
use crate::send::trial::is_trial;
use crate::submission::Submission;
use crate::{Shared, categorize, format};

/// How often the spool is told how far the mailbox files are durable.
const MARK_INTERVAL: Duration = Duration::from_secs(5);

/// What the transport is made of.
pub struct Parts {
    /// Clock, chance, network, names, disk, executor.
    pub world: world::World,
    /// Recipients, domains, connectors, limits.
    pub directory: directory::Directory,
    /// Sign-in of mailbox users.
    pub credentials: directory::Credentials,
    /// The durable log.
    pub spool: spool::Spool,
    /// Mailboxes.
    pub mailboxes: mailbox::MailboxStore,
    /// Refusals of the trace.
    pub refusals: trace::Refusals,
    /// TLS certificates.
    pub certificates: world::CertStore,
    /// Where the protocol logs go.
    pub log_dir: PathBuf,
    /// The volume whose use is a back-pressure resource.
    pub data_dir: PathBuf,
    /// Events of the spool that are not yet in the tracking log.
    pub feed_lag: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// Whether the server goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stopping {
    /// It runs.
    #[default]
    No,
    /// It was asked to stop.
    Asked,
    /// It cannot go on, for this reason.
    Failed(String),
}

impl Stopping {
    /// Whether new work is still taken.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self != Self::No
    }
}

/// What was found at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartReport {
    /// Messages that wait in queues.
    pub queued: usize,
    /// Messages that go to the categorizer.
    pub submitted: usize,
    /// Records of the spool that could not be read.
    pub unreadable: usize,
    /// Deliveries applied again.
    pub redo: RedoReport,
}

/// The running transport. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
    listeners: Arc<Mutex<Option<Arc<Listeners>>>>,
    feed_lag: Arc<dyn Fn() -> u64 + Send + Sync>,
    data_dir: Arc<PathBuf>,
}

impl Transport {
    /// Builds the transport from what the spool holds and applies deliveries again that a crash took back. Nothing
    /// runs yet.
    ///
    /// # Errors
    /// When the protocol logs cannot be opened or the spool cannot be read.
    pub async fn open(parts: Parts) -> Result<(Self, StartReport), crate::StartError> {
        let world = &parts.world;
        let log = |side, name: &str| {
            ProtocolLog::open(&world.disk, &world.clock, &world.exec, &parts.log_dir.join(name), side)
        };
        let receive_log = log(Side::Receive, "smtp-receive")?;
        let send_log = log(Side::Send, "smtp-send")?;
        let noted = parts.data_dir.join("spool").join("in-progress");
        let (in_progress, suspects) = InProgress::open(&world.disk, &noted)?;
        let server = parts.directory.snapshot().organization().server_name.clone();
        let shared = Arc::new(Shared {
            recorder: trace::Recorder::new(world.clock.clone(), &server),
            world: parts.world,
            directory: parts.directory,
            credentials: parts.credentials,
            spool: parts.spool,
            mailboxes: parts.mailboxes,
            refusals: parts.refusals,
            certificates: parts.certificates,
            receive_log,
            send_log,
            submission: Submission::default(),
            in_progress,
            queues: Mutex::new(QueueSet::default()),
            hold_turn: tokio::sync::Mutex::new(()),
            wake: Notify::new(),
            outdated: Notify::new(),
            pressure: Mutex::new(BackPressure::default()),
            report_rate: crate::report::rate::ReportRate::default(),
            agents: agents::Registry::built_in(),
            trials: tokio::sync::Semaphore::new(crate::send::trial::TRIALS_MAX),
            stop: watch::Sender::new(Stopping::No),
            incoming_octets: std::sync::atomic::AtomicU64::new(0),
        });
        shared.restore_holds();
        let (mut report, found) = shared.load(&suspects);
        // Forgotten first: a death in between must rather count them once too few than twice.
        shared.in_progress.forget();
        shared.settle_suspects(found.suspects).await?;
        shared.end_trials(found.trials).await?;
        report.redo = shared.redo_deliveries().await?;
        let transport = Self {
            shared,
            listeners: Arc::default(),
            feed_lag: parts.feed_lag,
            data_dir: Arc::new(parts.data_dir),
        };
        Ok((transport, report))
    }

    /// Starts categorizer, dispatcher and the background tasks; not the listeners.
    pub fn start(&self) {
        let shared = &self.shared;
        let lanes = (0..CATEGORIZERS).map(Lane::Ordinary).chain([Lane::Suspects]);
        for lane in lanes {
            shared.spawn_vital("categorize", categorize::worker::run(Arc::clone(shared), lane));
        }
        shared.spawn_vital("dispatch", crate::dispatch::run(Arc::clone(shared)));
        shared.spawn_vital("resubmit", crate::reroute::run(Arc::clone(shared)));
        shared.spawn_vital("marks", keep_marks(Arc::clone(shared)));
        shared.spawn_vital("checkpoints", keep_checkpointed(Arc::clone(shared)));
        let poll = poll_pressure(Arc::clone(shared), Arc::clone(&self.feed_lag), Arc::clone(&self.data_dir));
        shared.spawn_vital("back pressure", poll);
    }

    /// Opens the listeners of all Receive connectors and follows their changes.
    ///
    /// # Errors
    /// The first address that cannot be listened on.
    pub async fn listen(&self, listen: Listen) -> Result<(), ListenError> {
        let listeners = Arc::new(Listeners::new(Arc::clone(&self.shared), listen));
        listeners.apply(&self.shared.directory.snapshot()).await?;
        *self.listeners.lock() = Some(listeners);
        Ok(())
    }

    /// Opens and closes listeners after a change of Receive connectors.
    ///
    /// # Errors
    /// An address that cannot be listened on; what was open stays open.
    pub async fn apply_connectors(&self) -> Result<(), ListenError> {
        let listeners = self.listeners.lock().clone();
        match listeners {
            Some(listeners) => listeners.apply(&self.shared.directory.snapshot()).await,
            None => Ok(()),
        }
    }

    /// Opens the sockets that a change of a Receive connector will need, so that the change can be refused while the
    /// present ones stay. Hand the result to [`Self::keep_prepared`] once the directory has the change.
    ///
    /// # Errors
    /// The first address that cannot be listened on.
    pub async fn prepare_bindings(&self, bindings: &[SocketAddr]) -> Result<Option<Prepared>, ListenError> {
        let listeners = self.listeners.lock().clone();
        match listeners {
            Some(listeners) => listeners.prepare(bindings).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keeps prepared sockets for [`Self::apply_connectors`].
    pub fn keep_prepared(&self, prepared: Option<Prepared>) {
        if let (Some(prepared), Some(listeners)) = (prepared, self.listeners.lock().as_ref()) {
            listeners.keep(prepared);
        }
    }

    /// The addresses of `[listen]` as they really are: `smtp`, `submission`, `submissions`.
    #[must_use]
    pub fn ports(&self) -> BTreeMap<&'static str, SocketAddr> {
        self.listeners.lock().as_ref().map(|listeners| listeners.ports()).unwrap_or_default()
    }

    /// The addresses of every connector.
    #[must_use]
    pub fn bound(&self) -> HashMap<Uuid, Vec<SocketAddr>> {
        self.listeners.lock().as_ref().map(|listeners| listeners.bound()).unwrap_or_default()
    }

    /// Asks everything to stop: idle sessions get `421 4.3.2`, running DATA is finished.
    pub fn stop(&self) {
        self.shared.stop.send_modify(|stopping| {
            if *stopping == Stopping::No {
                *stopping = Stopping::Asked;
            }
        });
        self.shared.wake.notify_one();
    }

    /// Follows whether the server goes on.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<Stopping> {
        self.shared.stop.subscribe()
    }

    /// How pressed each resource is, as of the last poll.
    #[must_use]
    pub fn pressure(&self) -> [(Resource, Pressure); 3] {
        self.shared.pressure.lock().levels()
    }

    /// What is being worked on now: workers of all delivery queues, and messages in the categorizer.
    #[must_use]
    pub fn in_work(&self) -> usize {
        let workers: usize = self.shared.queues.lock().iter().map(|queue| queue.workers as usize).sum();
        workers.saturating_add(self.shared.submission.in_work())
    }

    /// SMTP sessions that are open.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.listeners.lock().as_ref().map_or(0, |listeners| listeners.sessions())
    }
}

/// What the spool holds that does not just go on.
#[derive(Default)]
struct Found {
    /// What the categorizer had in hand when the process died.
    suspects: Vec<Item>,
    /// What a trial of a Send connector had.
    trials: Vec<Item>,
}

impl Shared {
    /// Puts what the spool holds back into the queues.
    fn load(&self, suspects: &[MessageNo]) -> (StartReport, Found) {
        let mut found = Found::default();
        let mut report = StartReport::default();
        let now = self.world.clock.now();
        let mut queues = self.queues.lock();
        for stored in self.spool.messages() {
            let Ok(envelope) = format::decode_envelope(&stored.envelope) else {
                report.unreadable = report.unreadable.saturating_add(1);
                tracing::error!(message = stored.no.0, "the envelope of a queued message cannot be read");
                continue;
            };
            let envelope = Arc::new(envelope);
            let mut places: Vec<(Stage, Item)> = Vec::new();
            for (no, bytes) in stored.entries {
                let Ok(entry) = format::decode_entry(&bytes) else {
                    report.unreadable = report.unreadable.saturating_add(1);
                    tracing::error!(message = stored.no.0, "an entry of a queued message cannot be read");
                    continue;
                };
                match places.iter_mut().find(|(stage, _)| *stage == entry.stage) {
                    Some((_, item)) => item.entries.push((no, entry)),
                    None => places.push((
                        entry.stage.clone(),
                        Item { no: stored.no, envelope: Arc::clone(&envelope), entries: vec![(no, entry)] },
                    )),
                }
            }
            for (stage, item) in places {
                match stage {
                    Stage::Submission => {
                        if is_trial(&item.envelope) {
                            found.trials.push(item);
                            continue;
                        }
                        report.submitted = report.submitted.saturating_add(1);
                        if suspects.contains(&item.no) {
                            found.suspects.push(item);
                        } else {
                            self.submission.push(item);
                        }
                    }
                    Stage::Poison => queues.add_poison(item),
                    Stage::Queued(key) => {
                        report.queued = report.queued.saturating_add(1);
                        let deadline = self.deadline(&item);
                        queues.enqueue(&key, item, deadline, now);
                    }
                }
            }
        }
        (report, found)
    }
}

async fn poll_pressure(
    shared: Arc<Shared>,
    feed_lag: Arc<dyn Fn() -> u64 + Send + Sync>,
    data_dir: Arc<PathBuf>,
) {
    let mut stop = shared.stop.subscribe();
    let mut used: u64 = 0;
    while !stop.borrow().is_stopping() {
        let disk = shared.world.disk.clone();
        let dir = Arc::clone(&data_dir);
        match shared.world.exec.blocking(move || fullest(&disk, &dir)).await {
            Ok(percent) => used = percent,
            // The last known value stands: a volume that cannot be asked is no empty one.
            Err(error) => {
                tracing::warn!(%error, volume = %data_dir.display(), "free space cannot be measured")
            }
        }
        let seen = Measurement {
            submission_len: shared.submission.len() as u64,
            disk_used_percent: used,
            feed_lag: feed_lag(),
        };
        let before = shared.pressure.lock().levels();
        shared.pressure.lock().poll(seen);
        let (after, refusal_rows) = {
            let pressure = shared.pressure.lock();
            (pressure.levels(), pressure.takes_refusal_rows())
        };
        shared.refusals.set_paused(!refusal_rows);
        for ((resource, was), (_, is)) in before.into_iter().zip(after) {
            if was != is {
                tracing::warn!(resource = resource.name(), ?was, ?is, volume = %data_dir.display(), "back pressure");
            }
        }
        tokio::select! {
            () = shared.world.clock.sleep(Duration::from_secs(POLL_SECS)) => {}
            _ = stop.changed() => {}
        }
    }
}

/// The use of the fullest volume that the data lie on, percent: queue and trace may have volumes of their own.
fn fullest(disk: &Disk, data_dir: &Path) -> io::Result<u64> {
    let mut used: u64 = 0;
    for folder in [data_dir.to_owned(), data_dir.join("spool"), data_dir.join("trace")] {
        match disk.space(&folder) {
            Ok(space) => used = used.max(used_percent(space.total, space.free)),
            // Not made yet: it will lie on its parent's volume.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(used)
}

async fn keep_marks(shared: Arc<Shared>) {
    let mut stop = shared.stop.subscribe();
    while !stop.borrow().is_stopping() {
        shared.mark_mailboxes();
        tokio::select! {
            () = shared.world.clock.sleep(MARK_INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn keep_checkpointed(shared: Arc<Shared>) {
    let mut stop = shared.stop.subscribe();
    let checkpoints = shared.mailboxes.keep_checkpointed(|report| match report.failed.first() {
        None => shared.mark_mailboxes(),
        Some((mailbox, error)) => {
            shared.fail(&format!("the file of mailbox {mailbox} could not be made durable: {error}"));
        }
    });
    tokio::select! {
        () = checkpoints => {}
        _ = stop.wait_for(Stopping::is_stopping) => {}
    }
}

impl Shared {
    /// Tells the spool up to where deliveries cannot be lost any more.
    fn mark_mailboxes(&self) {
        let now = mailbox::SpoolPosition(self.spool.end().0);
        let durable = self.mailboxes.durable_position(now);
        self.spool.set_mark(Mark::Mailbox, spool::Position(durable.0));
    }
}
