//! What the callers, the committer and the housekeeping task of one spool share.
//!
//! May touch: Disk.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;
use tokio::sync::{Notify, watch};
use world::Disk;

use crate::batch::{EventSeq, Mark, Position};
use crate::config::Config;
use crate::error::SpoolError;
use crate::format::Key;
use crate::state::State;

/// How far the spool is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) last_event: EventSeq,
    pub(crate) failed: bool,
}

pub(crate) struct Shared {
    pub(crate) disk: Disk,
    pub(crate) dir: PathBuf,
    pub(crate) config: Config,
    pub(crate) key: Key,
    pub(crate) state: RwLock<State>,
    pub(crate) failed: OnceLock<Arc<str>>,
    pub(crate) synced: watch::Sender<Synced>,
    /// Something may be due: compaction, a spare segment, files to delete.
    pub(crate) chores: Notify,
    pub(crate) next_no: AtomicU64,
    pub(crate) next_slot: AtomicU64,
    /// Marks set but not yet durable, by [`Mark`].
    marks_wanted: [AtomicU64; 2],
    pub(crate) batches_written: AtomicU64,
    /// No step of compaction before this many of them: what it has to move could not be read.
    pub(crate) compact_from_batch: AtomicU64,
    pub(crate) last_batch_bytes: AtomicU64,
    pub(crate) last_batch_groups: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        disk: Disk,
        dir: PathBuf,
        config: Config,
        key: Key,
        state: State,
        next_slot: u64,
    ) -> Self {
        let last_event = EventSeq(state.next_event.saturating_sub(1));
        let next_no = state.reserved_no;
        Self {
            disk,
            dir,
            config,
            key,
            state: RwLock::new(state),
            failed: OnceLock::new(),
            synced: watch::Sender::new(Synced { last_event, failed: false }),
            chores: Notify::new(),
            next_no: AtomicU64::new(next_no),
            next_slot: AtomicU64::new(next_slot),
            marks_wanted: [AtomicU64::new(0), AtomicU64::new(0)],
            batches_written: AtomicU64::new(0),
            compact_from_batch: AtomicU64::new(0),
            last_batch_bytes: AtomicU64::new(0),
            last_batch_groups: AtomicU64::new(0),
        }
    }

    pub(crate) fn check(&self) -> Result<(), SpoolError> {
        match self.failed.get() {
            Some(cause) => Err(SpoolError::Failed(Arc::clone(cause))),
            None => Ok(()),
        }
    }

    /// Ends the spool: a write or sync has failed. The first cause is kept.
    pub(crate) fn fail(&self, cause: &str) -> SpoolError {
        let kept = self.failed.get_or_init(|| Arc::from(cause));
        self.synced.send_modify(|synced| synced.failed = true);
        SpoolError::Failed(Arc::clone(kept))
    }

    fn wanted(&self, mark: Mark) -> &AtomicU64 {
        let [trace, mailbox] = &self.marks_wanted;
        match mark {
            Mark::Trace => trace,
            Mark::Mailbox => mailbox,
        }
    }

    pub(crate) fn want_mark(&self, mark: Mark, position: Position) {
        self.wanted(mark).fetch_max(position.0, Ordering::AcqRel);
    }

    pub(crate) fn mark_wanted(&self, mark: Mark) -> Position {
        Position(self.wanted(mark).load(Ordering::Acquire))
    }

    pub(crate) fn log_dir(&self) -> PathBuf {
        log_dir(&self.dir)
    }
}

/// The folder of the segments.
pub(crate) fn log_dir(dir: &Path) -> PathBuf {
    dir.join("log")
}
