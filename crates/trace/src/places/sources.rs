//! Trace sources: what keeps being read of other systems; the list of them, and the tasks that read.
//!
//! May touch: the disk, the clock, the executor, sockets (Syslog), services of others (ExchangeOnline, ProofpointPoD),
//! the store through [`Places`].

mod downtime;
mod exchange_online;
mod folder;
mod graph;
mod intake;
mod posted;
mod proofpoint;
mod shipped;
mod spec;
mod syslog;
mod task;
mod web;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use world::{CertStore, World};

use super::identity::is_same_place;
use super::surroundings::Surroundings;
use super::tally::AHEAD;
use super::work::Places;
use downtime::Uptime;
use graph::Graph;
use intake::Intake;
use spec::{Heir, Kept};
use task::{NEWEST, POSITION, Task};

pub(crate) use downtime::Outage;
pub use posted::{PostError, Posted};
pub use spec::{
    ExchangeOnlineAccess, GRAPH_URL, LOGIN_URL, PROOFPOINT_URL, SourceError, SourceKind, SourceSpec,
    SourceState, SourceWord, TOKEN_CHARS_MIN,
};
pub(crate) use syslog::LOST;

/// Sources of one server.
const SOURCES_MAX: usize = 64;
/// Unknown lines and refused files that are shown of a source.
const SHOWN_MAX: usize = 20;
/// How often a folder is looked at, and what could not be done is tried again.
const POLL: Duration = Duration::from_secs(1);
/// The file that holds the sources, and the folder of their states.
const FILE: &str = "sources.json";
const FOLDER: &str = "sources";

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
    /// Details that were asked for.
    asked: Mutex<exchange_online::Asked>,
    /// When the server ran, and when it did not.
    running: Mutex<Uptime>,
    /// Held while what a source has counted is written, or its files are removed.
    writing: Mutex<()>,
}

struct Running {
    spec: SourceSpec,
    state: Arc<Mutex<SourceState>>,
    /// Dropped, or told, to stop the tasks.
    stop: Option<watch::Sender<bool>>,
    /// What reads it; none while it is disabled.
    task: Option<Task>,
    /// What takes posted texts in, of type Http.
    intake: Option<Arc<Mutex<Intake>>>,
    /// Graph, of type ExchangeOnline.
    graph: Option<Arc<Graph>>,
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
            asked: Mutex::default(),
            running: Mutex::default(),
            writing: Mutex::default(),
        }));
        for spec in specs {
            let kept = own.kept(&spec.name);
            let running = own.start(spec, kept);
            own.0.sources.lock().insert(running.spec.name.to_lowercase(), running);
        }
        own.run_begins();
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
        let running = self.start(spec, Kept::default());
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
        let (name, running) = {
            // Whoever is about to count something counts it before, or in the state that takes this one's place.
            let mut state = old.state.lock();
            let running = self.start(spec, Kept::of(&state));
            state.heir = Heir(Some(Arc::clone(&running.state)));
            (running.spec.name.clone(), running)
        };
        drop(old);
        let state = Arc::clone(&running.state);
        self.0.sources.lock().insert(key, running);
        self.keep_counts(&name, &state);
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
        let name = old.spec.name.clone();
        let last = {
            let mut state = old.state.lock();
            state.is_removed = true;
            state.last_record
        };
        // What it read stays, and so does its place among those that are searched; this server is one of them as it is.
        let is_own = is_own(&(self.0.around)(), &old.spec.place);
        let listed = match last {
            _ if is_own => Ok(()),
            Some(last) => self.0.places.note_removed(&old.spec.place, &name, last),
            None => self.0.places.note_removed_unread(&old.spec.place, &name, self.0.world.clock.now()),
        };
        drop(old);
        let _writing = self.0.writing.lock();
        let kept = [NEWEST, POSITION].into_iter().chain(proofpoint::STREAMS);
        let kept = kept.map(|what| self.remembered(&name, what)).chain([self.state_path(&name)]);
        for path in kept {
            if self.0.world.disk.exists(&path)? {
                self.0.world.disk.remove_file(&path)?;
            }
        }
        self.keep()?;
        Ok(listed?)
    }

    /// Writes what was counted and is not written yet, and when it was, before the server ends. Blocks.
    pub fn keep_all(&self) {
        self.beat();
        let sources = self.0.sources.lock();
        let states = sources.values().map(|one| (one.spec.name.clone(), Arc::clone(&one.state)));
        let states: Vec<_> = states.filter(|(_, state)| state.lock().is_keeping).collect();
        drop(sources);
        states.iter().for_each(|(name, state)| self.keep_counts(name, state));
    }

    /// Looks at the values of a source; nothing is changed.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self, spec: &SourceSpec) -> Result<(), SourceError> {
        spec.check(self.0.places.dir().parent())
    }

    fn keep(&self) -> Result<(), SourceError> {
        let specs: Vec<SourceSpec> = self.0.sources.lock().values().map(|one| one.spec.clone()).collect();
        let bytes = serde_json::to_vec_pretty(&specs).map_err(std::io::Error::other)?;
        self.0.world.disk.write_atomic(&self.0.places.dir().join(FILE), &bytes)?;
        self.beat();
        Ok(())
    }

    fn state_path(&self, name: &str) -> PathBuf {
        self.0.places.dir().join(FOLDER).join(format!("{}.json", name.to_lowercase()))
    }

    /// What is kept of a source; nothing, if that cannot be read.
    fn kept(&self, name: &str) -> Kept {
        let latest = self.0.world.clock.now().checked_add(AHEAD).ok();
        let bytes = self.0.world.disk.read(&self.remembered(name, NEWEST));
        bytes.map(|bytes| Kept::read(&bytes, latest)).unwrap_or_default()
    }

    fn start(&self, spec: SourceSpec, kept: Kept) -> Running {
        let state = Arc::new(Mutex::new(SourceState::from(kept)));
        if !spec.enabled {
            return Running { spec, state, stop: None, task: None, intake: None, graph: None };
        }
        let (stop, stopped) = watch::channel(false);
        let task = Task::new(self, &spec, &state, stopped);
        let (exec, what) = (&self.0.world.exec, "trace source");
        let (mut intake, mut graph) = (None, None);
        match &spec.kind {
            SourceKind::Folder { .. } => exec.spawn(what, task.clone().folder()),
            SourceKind::Syslog { bind, tls, from } => {
                exec.spawn(what, task.clone().syslog(*bind, *tls, from.clone()));
            }
            SourceKind::Http { .. } => {
                intake = task.intake(None, false).map(|intake| Arc::new(Mutex::new(intake)));
            }
            SourceKind::ExchangeOnline(access) => match Graph::new(&self.0.world, access) {
                Ok(new) => {
                    let new = Arc::new(new);
                    graph = Some(Arc::clone(&new));
                    exec.spawn(what, task.clone().exchange_online(new));
                }
                Err(error) => task.fail(&error),
            },
            SourceKind::ProofpointPoD { .. } => exec.spawn(what, task.clone().proofpoint()),
        }
        Running { spec, state, stop: Some(stop), task: Some(task), intake, graph }
    }
}

/// Whether a place is one of our own servers.
fn is_own(around: &Surroundings, place: &str) -> bool {
    around.hosts.keys().any(|host| is_same_place(host, place))
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = &self.stop {
            stop.send_replace(true);
        }
    }
}
