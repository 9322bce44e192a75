//! Trace sources: what keeps being read, its state, and the tasks that read it.
//!
//! May touch: the disk, the clock, the executor, sockets (Syslog), the store through [`Places`].
//! Standards: RFC 5425 §4 (TLS), RFC 6587 §3.4 (TCP).
//! Known gaps: sources that ask Exchange Online and Proofpoint themselves; their exports are imported as files.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use world::{BoxedIo, CertStore, Listener, TlsAcceptor, World};

use super::follow::{Follower, Polled};
use super::format::Format;
use super::identity::Place;
use super::listen::Frames;
use super::read::{Options, Reader};
use super::surroundings::Surroundings;
use super::work::{ImportError, Places};

/// Sources of one server.
const SOURCES_MAX: usize = 64;
/// Connections of one source at once.
const CONNECTIONS_MAX: usize = 64;
/// Unknown lines and refused files that are shown of a source.
const SHOWN_MAX: usize = 20;
/// How often a folder is looked at, and what came by syslog is written.
const POLL: Duration = Duration::from_secs(1);
/// A connection that says nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(3_600);
/// A TLS handshake may take so long.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Lines of a connection that may wait to be read.
const LINES_WAITING_MAX: usize = 10_000;
/// Octets read from a connection at once.
const PIECE_BYTES: usize = 16 * 1_024;
/// The file that holds the sources, and the folder of their states.
const FILE: &str = "sources.json";
const FOLDER: &str = "sources";

/// What is read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceKind {
    /// A folder, or a file, of this machine.
    Folder {
        /// Where it is.
        path: PathBuf,
    },
    /// Syslog over TCP.
    Syslog {
        /// Where it listens.
        bind: SocketAddr,
        /// Whether over TLS.
        tls: bool,
    },
}

impl SourceKind {
    /// The word of the `-Type` parameter.
    pub fn as_str(&self) -> &'static str {
        match self {
            SourceKind::Folder { .. } => "Folder",
            SourceKind::Syslog { .. } => "Syslog",
        }
    }
}

/// A source as an administrator made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Its name, which is unique.
    pub name: String,
    /// The place its records are of.
    pub place: String,
    /// What is read.
    pub kind: SourceKind,
    /// The format; told from the content if it is not given.
    pub format: Option<String>,
    /// The zone of times without one, such as `Europe/Berlin`.
    pub zone: String,
    /// Whether it is read.
    pub enabled: bool,
}

/// What a source has come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceState {
    /// When something was read last.
    pub last_read: Option<Timestamp>,
    /// The time of the newest record.
    pub last_record: Option<Timestamp>,
    /// Records read since the start.
    pub records: u64,
    /// Events that were new.
    pub new: u64,
    /// Records that could not be understood.
    pub unknown: u64,
    /// The first of them.
    pub unknown_lines: Vec<String>,
    /// Files that are in no format that is read.
    pub refused: Vec<String>,
    /// Why it is not read at the moment.
    pub error: Option<String>,
    /// Where it listens.
    pub listening: Option<SocketAddr>,
}

/// Why a source cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The values do not fit.
    #[error("{0}")]
    Invalid(String),
    /// There is one of that name.
    #[error("there is a trace source \"{0}\" already; change it with Set-TraceSource or choose another name")]
    Exists(String),
    /// There is none of that name.
    #[error("there is no trace source \"{0}\"; Get-TraceSource lists them")]
    NotFound(String),
    /// The list could not be kept.
    #[error("the trace sources cannot be kept: {0}")]
    Io(#[from] std::io::Error),
}

/// Gives the domains and hosts as they are now.
pub type Around = Arc<dyn Fn() -> Surroundings + Send + Sync>;

/// The sources of one server. Cheap to clone.
#[derive(Clone)]
pub struct Sources(Arc<Inner>);

struct Inner {
    world: World,
    places: Places,
    around: Around,
    certificates: CertStore,
    sources: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    spec: SourceSpec,
    state: Arc<Mutex<SourceState>>,
    /// Dropped, or told, to stop the tasks.
    stop: Option<watch::Sender<bool>>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

impl Sources {
    /// Reads the list and starts what is enabled. Blocks.
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn open(
        world: &World,
        places: &Places,
        around: Around,
        certificates: &CertStore,
    ) -> Result<Sources, SourceError> {
        let path = places.dir().join(FILE);
        let specs: Vec<SourceSpec> = match world.disk.exists(&path)? {
            true => serde_json::from_slice(&world.disk.read(&path)?).map_err(std::io::Error::other)?,
            false => Vec::new(),
        };
        let own = Sources(Arc::new(Inner {
            world: world.clone(),
            places: places.clone(),
            around,
            certificates: certificates.clone(),
            sources: Mutex::new(BTreeMap::new()),
        }));
        for spec in specs {
            let running = own.start(spec);
            own.0.sources.lock().insert(running.spec.name.to_lowercase(), running);
        }
        Ok(own)
    }

    /// Every source with its state, by name.
    pub fn list(&self) -> Vec<(SourceSpec, SourceState)> {
        let sources = self.0.sources.lock();
        sources.values().map(|one| (one.spec.clone(), one.state.lock().clone())).collect()
    }

    /// Makes a source and starts it. Blocks.
    ///
    /// # Errors
    /// If the values do not fit, or there is one of that name.
    pub fn add(&self, spec: SourceSpec) -> Result<(), SourceError> {
        self.check(&spec)?;
        let key = spec.name.to_lowercase();
        {
            let sources = self.0.sources.lock();
            if sources.contains_key(&key) {
                return Err(SourceError::Exists(spec.name));
            }
            if sources.len() >= SOURCES_MAX {
                return Err(SourceError::Invalid(format!(
                    "there are {SOURCES_MAX} trace sources, and no more are read"
                )));
            }
        }
        let running = self.start(spec);
        self.0.sources.lock().insert(key, running);
        self.keep()
    }

    /// Replaces a source by one of the same name. Blocks.
    ///
    /// # Errors
    /// If the values do not fit, or there is none of that name.
    pub fn set(&self, spec: SourceSpec) -> Result<(), SourceError> {
        self.check(&spec)?;
        let key = spec.name.to_lowercase();
        let Some(old) = self.0.sources.lock().remove(&key) else {
            return Err(SourceError::NotFound(spec.name));
        };
        drop(old);
        let running = self.start(spec);
        self.0.sources.lock().insert(key, running);
        self.keep()
    }

    /// Removes a source; what it read stays. Blocks.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn remove(&self, name: &str) -> Result<(), SourceError> {
        let Some(old) = self.0.sources.lock().remove(&name.to_lowercase()) else {
            return Err(SourceError::NotFound(name.to_owned()));
        };
        let state = self.state_path(&old.spec.name);
        drop(old);
        if self.0.world.disk.exists(&state)? {
            self.0.world.disk.remove_file(&state)?;
        }
        self.keep()
    }

    /// Looks at the values of a source; nothing is changed.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self, spec: &SourceSpec) -> Result<(), SourceError> {
        let invalid = |text: String| SourceError::Invalid(text);
        spec.name.parse::<Place>().map_err(|_| {
            invalid(format!(
                "\"{}\" is no name of a trace source; use letters, digits, dots, dashes and underscores",
                spec.name
            ))
        })?;
        spec.place.parse::<Place>().map_err(|error| invalid(error.to_string()))?;
        if let Some(format) = &spec.format {
            format.parse::<Format>().map_err(|error| invalid(error.to_string()))?;
        }
        zone(&spec.zone).ok_or_else(|| {
            invalid(format!("\"{}\" is not a time zone; use a name such as Europe/Berlin", spec.zone))
        })?;
        if let SourceKind::Folder { path } = &spec.kind {
            let own = self.0.places.dir().parent().is_some_and(|own| path.starts_with(own));
            if own || !path.is_absolute() {
                return Err(invalid(
                    "name the whole path of a folder outside the folder of this server".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn keep(&self) -> Result<(), SourceError> {
        let specs: Vec<SourceSpec> = self.0.sources.lock().values().map(|one| one.spec.clone()).collect();
        let bytes = serde_json::to_vec_pretty(&specs).map_err(std::io::Error::other)?;
        Ok(self.0.world.disk.write_atomic(&self.0.places.dir().join(FILE), &bytes)?)
    }

    fn state_path(&self, name: &str) -> PathBuf {
        self.0.places.dir().join(FOLDER).join(format!("{}.json", name.to_lowercase()))
    }

    fn start(&self, spec: SourceSpec) -> Running {
        let state = Arc::new(Mutex::new(SourceState::default()));
        if !spec.enabled {
            return Running { spec, state, stop: None };
        }
        let (stop, stopped) = watch::channel(false);
        let task = Task { own: self.clone(), spec: spec.clone(), state: Arc::clone(&state), stopped };
        match &spec.kind {
            SourceKind::Folder { .. } => self.0.world.exec.spawn("trace source", task.folder()),
            SourceKind::Syslog { bind, tls } => {
                self.0.world.exec.spawn("trace source", task.syslog(*bind, *tls));
            }
        }
        Running { spec, state, stop: Some(stop) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = &self.stop {
            stop.send_replace(true);
        }
    }
}

fn zone(name: &str) -> Option<TimeZone> {
    if name.is_empty() || name.eq_ignore_ascii_case("UTC") {
        Some(TimeZone::UTC)
    } else {
        TimeZone::get(name).ok()
    }
}

/// One source while it is read.
#[derive(Clone)]
struct Task {
    own: Sources,
    spec: SourceSpec,
    state: Arc<Mutex<SourceState>>,
    stopped: watch::Receiver<bool>,
}

impl Task {
    fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    fn fail(&self, cause: &dyn std::fmt::Display) {
        let text = cause.to_string();
        let mut state = self.state.lock();
        if state.error.as_deref() != Some(&text) {
            tracing::warn!(source = %self.spec.name, cause = %text, "a trace source is not read");
        }
        state.error = Some(text);
    }

    /// The place, format and zone; they were checked when the source was made.
    fn parts(&self) -> Option<(Place, Option<Format>, TimeZone)> {
        let format = self.spec.format.as_deref().and_then(|word| word.parse().ok());
        Some((self.spec.place.parse().ok()?, format, zone(&self.spec.zone)?))
    }

    fn told(&self, polled: &Polled, now: Timestamp) {
        let mut state = self.state.lock();
        state.error = None;
        if polled.lines > 0 {
            state.last_read = Some(now);
        }
        state.last_record = state.last_record.max(polled.last_record);
        state.records = state.records.saturating_add(polled.lines);
        state.new = state.new.saturating_add(polled.imported.new);
        state.unknown = state.unknown.saturating_add(polled.unknown);
        let room = SHOWN_MAX.saturating_sub(state.unknown_lines.len());
        state.unknown_lines.extend(polled.unknown_lines.iter().take(room).cloned());
        let room = SHOWN_MAX.saturating_sub(state.refused.len());
        let fresh: Vec<String> =
            polled.refused.iter().filter(|one| !state.refused.contains(one)).take(room).cloned().collect();
        state.refused.extend(fresh);
    }

    /// Looks at a folder until it is stopped.
    async fn folder(self) {
        let SourceKind::Folder { path } = &self.spec.kind else { return };
        let Some((place, format, zone)) = self.parts() else { return };
        let world = self.own.0.world.clone();
        let state_path = self.own.state_path(&self.spec.name);
        let (places, path) = (self.own.0.places.clone(), path.clone());
        let disk = world.disk.clone();
        let opened = world.exec.blocking(move || -> Result<Follower, ImportError> {
            if let Some(folder) = state_path.parent() {
                disk.create_dir_all(folder)?;
            }
            Follower::new(places, place, path, (format, zone), state_path)
        });
        let mut follower = match opened.await {
            Ok(follower) => follower,
            Err(error) => return self.fail(&error),
        };
        while !self.is_stopped() {
            let (around, now) = (Arc::new((self.own.0.around)()), world.clock.now());
            let work = move || {
                let polled = follower.poll(&around, now);
                (follower, polled)
            };
            let (back, polled) = world.exec.blocking(work).await;
            follower = back;
            match polled {
                Ok(polled) => self.told(&polled, now),
                Err(error) => self.fail(&format!("{}: {error}", follower.path().display())),
            }
            world.clock.sleep(POLL).await;
        }
    }

    /// Listens until it is stopped.
    async fn syslog(self, bind: SocketAddr, tls: bool) {
        let world = self.own.0.world.clone();
        let acceptor = match tls.then(|| TlsAcceptor::new(&self.own.0.certificates, None, &[], &world.clock))
        {
            None => None,
            Some(Ok(acceptor)) => Some(acceptor),
            Some(Err(error)) => return self.fail(&error),
        };
        let listener = loop {
            match world.net.listen(bind).await {
                Ok(listener) => break listener,
                Err(error) => self.fail(&format!("cannot listen on {bind}: {error}")),
            }
            world.clock.sleep(POLL).await;
            if self.is_stopped() {
                return;
            }
        };
        {
            let mut state = self.state.lock();
            state.listening = listener.local_addr().ok();
            state.error = None;
        }
        let (lines, waiting) = tokio::sync::mpsc::channel(LINES_WAITING_MAX);
        world.exec.spawn("trace source lines", self.clone().read_lines(waiting));
        self.accept(listener, acceptor, lines).await;
    }

    async fn accept(
        self,
        listener: Listener,
        acceptor: Option<TlsAcceptor>,
        lines: tokio::sync::mpsc::Sender<Vec<u8>>,
    ) {
        let world = self.own.0.world.clone();
        let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
        let mut stopped = self.stopped.clone();
        while !self.is_stopped() {
            let Ok(seat) = Arc::clone(&room).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => return,
            };
            let conn = match accepted {
                Ok(conn) => conn,
                Err(error) => {
                    self.fail(&error);
                    world.clock.sleep(POLL).await;
                    continue;
                }
            };
            let (task, acceptor, lines) = (self.clone(), acceptor.clone(), lines.clone());
            world.exec.spawn("trace source connection", async move {
                let io = match acceptor {
                    None => Some(conn.io),
                    Some(acceptor) => match task.own.0.world.clock.timeout(HANDSHAKE, acceptor.accept(conn.io)).await {
                        Ok(Ok((io, _))) => Some(io),
                        Ok(Err(error)) => {
                            tracing::info!(peer = %conn.peer, %error, "a syslog sender's TLS handshake failed");
                            None
                        }
                        Err(_) => None,
                    },
                };
                if let Some(io) = io {
                    task.connection(io, conn.peer, lines).await;
                }
                drop(seat);
            });
        }
    }

    async fn connection(self, mut io: BoxedIo, peer: SocketAddr, lines: tokio::sync::mpsc::Sender<Vec<u8>>) {
        let clock = self.own.0.world.clock.clone();
        let (mut frames, mut piece, mut stopped) =
            (Frames::default(), vec![0_u8; PIECE_BYTES], self.stopped.clone());
        loop {
            let read = tokio::select! {
                read = clock.timeout(IDLE, io.read(&mut piece)) => read,
                _ = stopped.changed() => return,
            };
            let Ok(Ok(read)) = read else { return };
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { return };
            let mut found = Vec::new();
            let fed = frames.feed(bytes, &mut |frame| {
                // A line end within a frame would be two lines.
                let mut line: Vec<u8> =
                    frame.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
                line.push(b'\n');
                found.push(line);
            });
            for line in found {
                // A full channel holds the sender back; nothing is dropped.
                if lines.send(line).await.is_err() {
                    return;
                }
            }
            if let Err(error) = fed {
                tracing::warn!(%peer, %error, "a syslog connection was closed");
                return;
            }
        }
    }

    /// Reads the lines of all connections and writes what they tell.
    async fn read_lines(self, mut lines: tokio::sync::mpsc::Receiver<Vec<u8>>) {
        let Some((place, format, zone)) = self.parts() else { return };
        let world = self.own.0.world.clone();
        // Mail logs share one reader, which tells the programs apart.
        let options = Options {
            format: Some(format.unwrap_or(Format::Postfix)),
            trust: true,
            zone,
            ..Options::new(world.clock.now())
        };
        let mut reader = Reader::new(place, Arc::new((self.own.0.around)()), options);
        let (mut records, mut unknown) = (0, 0);
        loop {
            let mut text = Vec::new();
            let Some(first) = lines.recv().await else { return };
            text.extend(first);
            while let Ok(more) = lines.try_recv() {
                text.extend(more);
            }
            let now = world.clock.now();
            reader.next_file("", now);
            let places = self.own.0.places.clone();
            let work = move || {
                let read = reader.feed(&text).map_err(ImportError::from).and_then(|()| Ok(reader.decide()?));
                let events = reader.take();
                let written = read.and_then(|()| Ok(places.import(events, now)?));
                (reader, written)
            };
            let (back, written) = world.exec.blocking(work).await;
            reader = back;
            match written {
                Ok(imported) => {
                    let tally = reader.tally();
                    let named =
                        tally.unknown_lines.iter().skip(usize::try_from(unknown).unwrap_or(usize::MAX));
                    let polled = Polled {
                        imported,
                        lines: tally.lines.saturating_sub(records),
                        unknown: tally.unknown.saturating_sub(unknown),
                        unknown_lines: named.map(ToString::to_string).collect(),
                        last_record: tally.last,
                        refused: Vec::new(),
                    };
                    (records, unknown) = (tally.lines, tally.unknown);
                    self.told(&polled, now);
                }
                Err(error) => self.fail(&error),
            }
        }
    }
}
