//! Makes mailbox files durable in the background and says how far the spool may forget.
//!
//! May touch: clock, disk, executor.
//!
//! The checkpoint is SQLite's PASSIVE one over a connection of its own: it syncs the `-wal`, copies its pages to the
//! file and syncs that, while the writer goes on. The next commit then starts the `-wal` anew, so it does not grow.

use std::path::Path;
use std::sync::Arc;

use rusqlite::ffi::ErrorCode;
use uuid::Uuid;
use world::{Disk, SqliteMode};

use crate::dirty::SpoolPosition;
use crate::error::MailboxError;
use crate::schema;
use crate::store::{Core, MailboxStore};

/// A writer checkpoints a file itself after this many times the commits that make a checkpoint urgent.
const OVERDUE_FACTOR: u32 = 4;

/// What a round of checkpoints did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckpointReport {
    /// Files made durable.
    pub files: usize,
    /// Files that were busy and wait for the next round.
    pub postponed: usize,
    /// Files that could not be written or synced: final until the next start. Deliveries to them fail, and the spool
    /// is kept for them.
    pub failed: Vec<(Uuid, MailboxError)>,
}

enum End {
    Done,
    Later,
    Broken(MailboxError),
}

impl MailboxStore {
    /// Whether a checkpoint is due by age, number of dirty files or length of a `-wal`.
    #[must_use]
    pub fn checkpoint_due(&self) -> bool {
        self.core.dirty.lock().is_due(self.core.clock.now(), self.core.due_bounds())
    }

    /// Checkpoints every dirty file.
    pub async fn checkpoint(&self) -> CheckpointReport {
        let _one_at_a_time = self.checkpointing.lock().await;
        let core = Arc::clone(&self.core);
        self.core.exec.blocking(move || round(&core)).await
    }

    /// The background task: checkpoints within the interval after a file became dirty, at once when too many are or
    /// one grew long, and calls `after` each time. Waits without a timer while nothing is dirty. Never returns.
    pub async fn keep_checkpointed(&self, mut after: impl FnMut(&CheckpointReport) + Send) {
        loop {
            if self.core.dirty.lock().is_clean() {
                self.core.dirtied.notified().await;
                continue;
            }
            // Either way it is time.
            let _ = self
                .core
                .clock
                .timeout(self.core.config.checkpoint_interval, self.core.urgent.notified())
                .await;
            let report = self.checkpoint().await;
            after(&report);
        }
    }

    /// The position for the spool's mailbox mark: every delivery whose DELIVER stands at or before it is durable.
    /// `now` is the spool's synced position, read before this call.
    #[must_use]
    pub fn durable_position(&self, now: SpoolPosition) -> SpoolPosition {
        self.core.dirty.lock().low_water(now)
    }

    /// Dirty files, and the highest spool position applied to any of them.
    #[must_use]
    pub fn dirty_files(&self) -> (usize, Option<SpoolPosition>) {
        self.core.dirty.lock().extent()
    }
}

fn round(core: &Core) -> CheckpointReport {
    let taken = core.dirty.lock().take();
    let mut report = CheckpointReport::default();
    for mailbox in taken {
        finish(core, mailbox, &mut report);
    }
    report
}

/// Checkpoints one file in the writer, if the background has not come to it for long: what bounds the `-wal`.
/// SQLite's own automatic checkpoint is off, because it keeps a failed sync to itself.
pub(crate) fn checkpoint_overdue(core: &Core, mailbox: Uuid) {
    let overdue = core.config.checkpoint_commits.saturating_mul(OVERDUE_FACTOR);
    let mut dirty = core.dirty.lock();
    if dirty.commits(mailbox) < overdue || !dirty.take_one(mailbox) {
        return;
    }
    drop(dirty);
    // A failure shows at the next delivery, and holds the spool.
    finish(core, mailbox, &mut CheckpointReport::default());
}

/// Checkpoints a file that was taken.
fn finish(core: &Core, mailbox: Uuid, report: &mut CheckpointReport) {
    let end = match core.files.exists(mailbox) {
        Ok(true) => checkpoint(&core.disk, &core.files.path(mailbox)),
        Ok(false) => End::Done,
        Err(_) => End::Later,
    };
    let mut dirty = core.dirty.lock();
    match end {
        End::Done => {
            dirty.checkpointed(mailbox);
            report.files += 1;
        }
        End::Later => {
            dirty.failed(mailbox);
            report.postponed += 1;
        }
        End::Broken(error) => {
            dirty.broke(mailbox);
            report.failed.push((mailbox, error));
        }
    }
}

fn checkpoint(disk: &Disk, path: &Path) -> End {
    let Ok(connection) = disk.sqlite(path, SqliteMode::ReadWriteCreate) else { return End::Later };
    if schema::keep_wal_on_close(&connection).is_err() {
        return End::Later;
    }
    let state = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    match state {
        // Every page of the log is in the file, and the file is synced.
        Ok((0, log, copied)) if log >= 0 && log == copied => End::Done,
        // A reader holds an older state, or another checkpoint runs.
        Ok(_) => End::Later,
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                End::Broken(error.into())
            }
            _ => End::Later,
        },
    }
}
