//! The bounds and timers of the mailbox store with their defaults.
//!
//! May touch: nothing (pure).

use std::time::Duration;

/// Mailbox files kept open by default. Each takes up to three file descriptors and about 300 KiB.
pub const OPEN_FILES_MAX_DEFAULT: usize = 256;
/// Writer threads by default. A mailbox always belongs to the same one.
pub const WRITERS_DEFAULT: usize = 2;
/// Longest time a delivery stays in a file that has not been checkpointed.
pub const CHECKPOINT_INTERVAL_DEFAULT: Duration = Duration::from_secs(30);
/// Files that may hold deliveries not yet checkpointed before a checkpoint is due at once.
pub const DIRTY_FILES_MAX_DEFAULT: usize = 128;
/// Commits to one file after which a checkpoint is due at once; bounds the length of its `-wal`.
pub const CHECKPOINT_COMMITS_DEFAULT: u32 = 512;
/// Largest body kept inside the mailbox file, in bytes; larger ones become blobs.
pub const INLINE_BYTES_MAX_DEFAULT: usize = 64 * 1024;
/// Age below which an unused blob is not removed.
pub const BLOB_GRACE_DEFAULT: Duration = Duration::from_secs(24 * 3600);
/// How long a `delivered` row outlives its item.
pub const DELIVERED_RETENTION_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long after a delivery the same bytes from the same sender count as a resend.
pub const RESEND_WINDOW_DEFAULT: Duration = Duration::from_secs(3600);

/// Bounds and timers of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Mailbox files kept open, least recently used closed first; default [`OPEN_FILES_MAX_DEFAULT`].
    pub open_files_max: usize,
    /// Writer threads, at least 1; default [`WRITERS_DEFAULT`].
    pub writers: usize,
    /// Longest time until a delivery is checkpointed; default [`CHECKPOINT_INTERVAL_DEFAULT`].
    pub checkpoint_interval: Duration,
    /// Dirty files that make a checkpoint due at once; default [`DIRTY_FILES_MAX_DEFAULT`].
    pub dirty_files_max: usize,
    /// Commits to one file that make a checkpoint due at once; default [`CHECKPOINT_COMMITS_DEFAULT`].
    pub checkpoint_commits: u32,
    /// Largest body inside the file, in bytes; default [`INLINE_BYTES_MAX_DEFAULT`].
    pub inline_bytes_max: usize,
    /// Age below which an unused blob stays; default [`BLOB_GRACE_DEFAULT`].
    pub blob_grace: Duration,
    /// How long a `delivered` row outlives its item; default [`DELIVERED_RETENTION_DEFAULT`].
    pub delivered_retention: Duration,
    /// How long a resend is recognized; default [`RESEND_WINDOW_DEFAULT`].
    pub resend_window: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            open_files_max: OPEN_FILES_MAX_DEFAULT,
            writers: WRITERS_DEFAULT,
            checkpoint_interval: CHECKPOINT_INTERVAL_DEFAULT,
            dirty_files_max: DIRTY_FILES_MAX_DEFAULT,
            checkpoint_commits: CHECKPOINT_COMMITS_DEFAULT,
            inline_bytes_max: INLINE_BYTES_MAX_DEFAULT,
            blob_grace: BLOB_GRACE_DEFAULT,
            delivered_retention: DELIVERED_RETENTION_DEFAULT,
            resend_window: RESEND_WINDOW_DEFAULT,
        }
    }
}
