//! When this server did not run: what was sent meanwhile to a source that waits for others to send came to nobody.
//!
//! May touch: the disk (one small file), the clock, the executor.
//! While there is such a source, a file says each minute and at the orderly end that the server runs. What is between
//! that and the next start is when it did not; after a crash that may be up to a minute too much.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Sources;
use super::spec::{SourceKind, SourceSpec};

/// Name of the file.
const FILE: &str = "running.json";
/// The version that is written.
const VERSION: u16 = 1;
/// How often it is written.
const BEAT_EVERY: Duration = Duration::from_secs(60);
/// Less is none: senders try again.
const SHORTEST: SignedDuration = SignedDuration::from_secs(10);
/// Outages that are remembered; the oldest are forgotten first.
const OUTAGES_MAX: usize = 200;

/// A time in which the server did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outage {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// The sources that others may have sent to.
    pub(crate) sources: Vec<String>,
}

/// What the file holds. A value it lacks is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Uptime {
    version: u16,
    /// When the server ran last; none while nobody sends.
    alive: Option<Timestamp>,
    /// The oldest first.
    outages: Vec<Outage>,
}

/// Whether others send, instead of being read.
fn is_sent_to(spec: &SourceSpec) -> bool {
    spec.enabled && matches!(spec.kind, SourceKind::Syslog { .. } | SourceKind::Http { .. })
}

impl Sources {
    /// Notes since when the server did not run, and from now on that it does. Blocks.
    pub(super) fn run_begins(&self) {
        let (disk, path) = (&self.0.world.disk, self.0.places.dir().join(FILE));
        let kept = match disk.exists(&path) {
            Ok(false) => None,
            _ => disk.read(&path).ok().map(|bytes| serde_json::from_slice(&bytes)),
        };
        let mut running: Uptime = match kept.transpose() {
            Ok(kept) => kept.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "when this server ran last cannot be read");
                Uptime::default()
            }
        };
        let (now, sources) = (self.0.world.clock.now(), self.sent_to());
        if let Some(from) = running.alive.filter(|from| now.duration_since(*from) >= SHORTEST)
            && !sources.is_empty()
        {
            running.outages.push(Outage { from, to: now, sources });
            let over = running.outages.len().saturating_sub(OUTAGES_MAX);
            running.outages.drain(..over);
        }
        *self.0.running.lock() = running;
        self.beat();
        let (inner, clock, exec) =
            (Arc::downgrade(&self.0), self.0.world.clock.clone(), self.0.world.exec.clone());
        self.0.world.exec.spawn("trace source outages", async move {
            loop {
                clock.sleep(BEAT_EVERY).await;
                let Some(own) = inner.upgrade().map(Sources) else { return };
                exec.blocking(move || own.beat()).await;
            }
        });
    }

    /// Notes that the server runs, where somebody may send. Blocks.
    pub(super) fn beat(&self) {
        let is_awaited = !self.sent_to().is_empty();
        let mut running = self.0.running.lock();
        let before = running.clone();
        running.version = VERSION;
        running.alive = is_awaited.then(|| self.0.world.clock.now());
        let oldest = self.0.world.clock.now().checked_sub(self.0.places.kept_for()).ok();
        running.outages.retain(|outage| oldest.is_none_or(|oldest| outage.to >= oldest));
        // Where nobody ever sent nothing is written.
        if running.alive == before.alive && running.outages == before.outages {
            return;
        }
        let written = serde_json::to_vec(&*running)
            .map_err(std::io::Error::other)
            .and_then(|bytes| self.0.world.disk.write_atomic(&self.0.places.dir().join(FILE), &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "that this server runs cannot be kept");
        }
    }

    /// The times in which the server did not run, each with the names and places of sources that are still sent to.
    pub(crate) fn outages(&self) -> Vec<(Outage, Vec<String>)> {
        let outages = self.0.running.lock().outages.clone();
        let sources = self.0.sources.lock();
        let of = |mut outage: Outage| {
            let mut places = Vec::new();
            outage.sources.retain(|name| {
                let spec = sources.get(&name.to_lowercase()).map(|one| &one.spec);
                let place = spec.filter(|spec| is_sent_to(spec)).map(|spec| spec.place.clone());
                places.extend(place.clone());
                place.is_some()
            });
            (!places.is_empty()).then_some((outage, places))
        };
        outages.into_iter().filter_map(of).collect()
    }

    /// The sources that others send to.
    fn sent_to(&self) -> Vec<String> {
        let sources = self.0.sources.lock();
        let specs = sources.values().map(|one| &one.spec);
        specs.filter(|spec| is_sent_to(spec)).map(|spec| spec.name.clone()).collect()
    }
}
