//! One source while it is read: its stop, its state, and where it was left.
//!
//! May touch: the disk (what is remembered of the source), the clock, the executor.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::super::follow::Polled;
use super::super::format::Format;
use super::super::identity::Place;
use super::super::read::{Options, Reader};
use super::intake::Intake;
use super::spec::{Kept, SourceKind, SourceSpec, SourceState, zone};
use super::{SHOWN_MAX, Sources};

/// One source while it is read.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) own: Sources,
    pub(super) spec: SourceSpec,
    pub(super) state: Arc<Mutex<SourceState>>,
    pub(super) stopped: watch::Receiver<bool>,
    /// Which part of the source it reads, where there are several: each has an error of its own.
    part: &'static str,
}

impl Task {
    pub(super) fn new(
        own: &Sources,
        spec: &SourceSpec,
        state: &Arc<Mutex<SourceState>>,
        stopped: watch::Receiver<bool>,
    ) -> Task {
        Task { own: own.clone(), spec: spec.clone(), state: Arc::clone(state), stopped, part: "" }
    }

    /// The same for a part of the source.
    pub(super) fn of_part(&self, part: &'static str) -> Task {
        Task { part, ..self.clone() }
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits so long, or until it is stopped; whether it goes on.
    pub(super) async fn pause(&self, time: Duration) -> bool {
        let mut stopped = self.stopped.clone();
        if self.is_stopped() {
            return false;
        }
        tokio::select! {
            () = self.own.0.world.clock.sleep(time) => !self.is_stopped(),
            _ = stopped.changed() => false,
        }
    }

    pub(super) fn fail(&self, cause: &dyn std::fmt::Display) {
        let text = cause.to_string();
        let mut state = self.state.lock();
        if state.errors.get(self.part) != Some(&text) {
            tracing::warn!(source = %self.spec.name, cause = %text, "a trace source is not read");
        }
        state.errors.insert(self.part, text);
        state.error = state.errors.values().next().cloned();
    }

    /// Shows what is wrong with what comes; whoever calls logs it.
    pub(super) fn show(&self, what: String) {
        let mut state = self.state.lock();
        state.errors.insert(self.part, what);
        state.error = state.errors.values().next().cloned();
    }

    /// It is read (again).
    pub(super) fn well(&self) {
        let mut state = self.state.lock();
        state.errors.remove(self.part);
        state.error = state.errors.values().next().cloned();
    }

    /// The place, format and zone; they were checked when the source was made.
    pub(super) fn parts(&self) -> Option<(Place, Option<Format>, TimeZone)> {
        let format = self.spec.format.as_deref().and_then(|word| word.parse().ok());
        Some((self.spec.place.parse().ok()?, format, zone(&self.spec.zone)?))
    }

    /// An intake for this source. `known` is the format where an administrator named none; with `trust` nothing is
    /// looked at to tell it.
    pub(super) fn intake(&self, known: Option<Format>, trust: bool) -> Option<Intake> {
        let (place, format, zone) = self.parts()?;
        let now = self.own.0.world.clock.now();
        // These services are asked for the same again and again.
        let repeats =
            matches!(self.spec.kind, SourceKind::ExchangeOnline(_) | SourceKind::ProofpointPoD { .. });
        let options = Options { format: format.or(known), trust, zone, repeats, ..Options::new(now) };
        let reader = Reader::new(place, Arc::new((self.own.0.around)()), options);
        Some(Intake::new(&self.spec.place, reader))
    }

    /// Notes what was read, and keeps it over a restart.
    pub(super) async fn told(&self, polled: &Polled) {
        self.well();
        if let Some(task) = self.counted(polled) {
            task.keep().await;
        }
    }

    /// Adds what was read to the state, or to the one that took its place meanwhile; gives a task for that, where it has
    /// to be kept and nobody is about to.
    fn counted(&self, polled: &Polled) -> Option<Task> {
        let mut state = Arc::clone(&self.state);
        loop {
            let heir = {
                let mut current = state.lock();
                match current.heir.0.clone() {
                    Some(heir) => heir,
                    None => {
                        let is_due = self.add(&mut current, polled);
                        drop(current);
                        return is_due.then(|| Task { state, ..self.clone() });
                    }
                }
            };
            state = heir;
        }
    }

    /// Adds it; whether it has to be kept.
    fn add(&self, state: &mut SourceState, polled: &Polled) -> bool {
        if polled.lines > 0 {
            state.last_read = Some(self.own.0.world.clock.now());
        }
        let before = Kept::of(state);
        state.last_record = state.last_record.max(polled.last_record);
        state.records = state.records.saturating_add(polled.lines);
        state.new = state.new.saturating_add(polled.imported.new);
        state.too_old = state.too_old.saturating_add(polled.imported.too_old);
        let unknown = polled.unknown.saturating_add(polled.imported.alone);
        state.unknown = state.unknown.saturating_add(unknown);
        let room = SHOWN_MAX.saturating_sub(state.unknown_lines.len());
        let lines = polled.unknown_lines.iter().cloned().chain(polled.imported.alone_in_words());
        state.unknown_lines.extend(lines.take(room));
        let room = SHOWN_MAX.saturating_sub(state.refused.len());
        let fresh: Vec<String> =
            polled.refused.iter().filter(|one| !state.refused.contains(one)).take(room).cloned().collect();
        state.refused.extend(fresh);
        let is_due = Kept::of(state) != before && !state.is_keeping;
        state.is_keeping |= is_due;
        is_due
    }

    /// Keeps what was counted: now, or where that was just done, with all that comes until it is time again.
    async fn keep(&self) {
        let now = self.own.0.world.clock.elapsed();
        let due = self.state.lock().kept.and_then(|kept| kept.checked_add(KEEP_EVERY));
        match due.and_then(|due| due.checked_sub(now)).filter(|left| !left.is_zero()) {
            None => self.keep_now().await,
            Some(left) => {
                let task = self.clone();
                self.own.0.world.exec.spawn("trace source counts", async move {
                    // Where it is stopped, at once.
                    task.pause(left).await;
                    task.keep_now().await;
                });
            }
        }
    }

    async fn keep_now(&self) {
        let (own, name, state) = (self.own.clone(), self.spec.name.clone(), Arc::clone(&self.state));
        self.own.0.world.exec.blocking(move || own.keep_counts(&name, &state)).await;
    }

    /// Keeps a value with the trace; that it cannot is logged: the source is then read again from where it was.
    pub(super) async fn remember<T: Serialize + Send + 'static>(&self, what: &'static str, value: T) {
        let own = self.own.clone();
        let name = self.spec.name.clone();
        self.own.0.world.exec.blocking(move || own.write(&name, what, &value)).await;
    }

    /// What was kept.
    pub(super) async fn recall<T: DeserializeOwned + Send + 'static>(&self, what: &str) -> Option<T> {
        let path = self.own.remembered(&self.spec.name, what);
        let disk = self.own.0.world.disk.clone();
        self.own.0.world.exec.blocking(move || serde_json::from_slice(&disk.read(&path).ok()?).ok()).await
    }
}

/// Least time between two writes of what was counted.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// The end of the file that remembers the time of the newest record and what was counted.
pub(super) const NEWEST: &str = "newest";
/// The end of the file that remembers where reading stopped.
pub(super) const POSITION: &str = "position";

impl Sources {
    /// Writes what a source has counted. Blocks. One at a time, so that a newer file is never replaced by an older one.
    pub(super) fn keep_counts(&self, name: &str, state: &Arc<Mutex<SourceState>>) {
        let _writing = self.0.writing.lock();
        let mut state = Arc::clone(state);
        let kept = loop {
            let heir = {
                let mut current = state.lock();
                match current.heir.0.clone() {
                    Some(heir) => heir,
                    None if current.is_removed => return,
                    None => {
                        current.is_keeping = false;
                        current.kept = Some(self.0.world.clock.elapsed());
                        break Kept::of(&current);
                    }
                }
            };
            state = heir;
        };
        self.write(name, NEWEST, &kept);
    }

    /// Keeps a value of a source; that it cannot is logged: the source is then read again from where it was. Blocks.
    fn write<T: Serialize>(&self, name: &str, what: &str, value: &T) {
        let (path, disk) = (self.remembered(name, what), &self.0.world.disk);
        let Ok(bytes) = serde_json::to_vec(value) else { return };
        let written = path.parent().map_or(Ok(()), |folder| disk.create_dir_all(folder));
        if let Err(error) = written.and_then(|()| disk.write_atomic(&path, &bytes)) {
            tracing::warn!(source = %name, %error, "how far a trace source was read cannot be kept");
        }
    }

    /// The file in which something is remembered of a source.
    pub(super) fn remembered(&self, name: &str, what: &str) -> PathBuf {
        self.0.places.dir().join(super::FOLDER).join(format!("{}.{what}.json", name.to_lowercase()))
    }
}
