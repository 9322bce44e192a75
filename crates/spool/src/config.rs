//! The spool's bounds with their defaults.
//!
//! May touch: nothing (pure).

use crate::error::SpoolError;
use crate::format::{BATCH_HEADER, FIRST_BATCH, PAGE};

/// The smallest segment accepted, in bytes.
pub const SEGMENT_BYTES_MIN: u64 = 32 * 1024;
/// The largest segment accepted, in bytes: a [`crate::Position`] has 32 bits for the place in the segment.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// The bounds of a spool. [`Config::default`] is for production, [`Config::small`] for tests.
#[derive(Debug, Clone)]
pub struct Config {
    /// Size of a segment in bytes, written with zeros when it is created. Default 64 MiB.
    pub segment_bytes: u64,
    /// Bodies above this many bytes get a file of their own. Default 256 KiB, never more than a quarter segment.
    pub body_file_bytes: u64,
    /// Bodies kept in memory together, in bytes; the rest is read from the files. Default 16 MiB, at most 256 MiB.
    pub body_memory_bytes: u64,
    /// Event bytes kept in memory for the feed; older ones are read from the segments. Default 8 MiB.
    pub event_memory_bytes: u64,
    /// The log may take 4 × live bytes plus this. Default 256 MiB, at least 8 segments.
    pub slack_bytes: u64,
    /// Free segment files kept for reuse; more are deleted. Default 2.
    pub spare_segments: usize,
    /// Commits waiting at once; further callers wait for their turn. Default 10,000.
    pub commits_waiting: usize,
    /// Random bytes that go into the key of a new spool's checksums, so that nobody can put a forged batch into the
    /// body of a message. Take them from `world::Chance`. Default zeros (tests).
    pub secret: [u8; 32],
}

impl Default for Config {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            body_file_bytes: 256 << 10,
            body_memory_bytes: 16 << 20,
            event_memory_bytes: 8 << 20,
            slack_bytes: 256 << 20,
            spare_segments: 2,
            commits_waiting: 10_000,
            secret: [0; 32],
        }
    }
}

impl Config {
    /// For tests: segments of 64 KiB, body files from 8 KiB on.
    #[must_use]
    pub fn small() -> Self {
        Self {
            segment_bytes: 64 << 10,
            body_file_bytes: 8 << 10,
            body_memory_bytes: 64 << 10,
            event_memory_bytes: 16 << 10,
            slack_bytes: 512 << 10,
            ..Self::default()
        }
    }

    /// The same with every value within its bounds, or what is wrong.
    pub(crate) fn checked(mut self, dir: &str) -> Result<Self, SpoolError> {
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes) {
            return Err(SpoolError::Open {
                dir: dir.to_owned(),
                cause: format!(
                    "segment_bytes is {}; allowed are {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}",
                    self.segment_bytes
                ),
            });
        }
        self.segment_bytes -= self.segment_bytes % PAGE as u64;
        self.body_file_bytes = self.body_file_bytes.min(self.segment_bytes / 4);
        self.body_memory_bytes = self.body_memory_bytes.min(256 << 20);
        self.slack_bytes = self.slack_bytes.max(8 * self.segment_bytes);
        self.commits_waiting = self.commits_waiting.clamp(1, 1 << 20);
        Ok(self)
    }

    /// The most one group of records may take.
    pub(crate) fn group_bytes_max(&self) -> u64 {
        // A quarter is left for what the committer writes first in a new segment (marks, `meta`).
        (self.segment_bytes - FIRST_BATCH as u64) * 3 / 4 - BATCH_HEADER as u64
    }

    /// The most one message's envelope and entries may take, so that compaction can move them in one piece.
    pub(crate) fn message_bytes_max(&self) -> u64 {
        self.segment_bytes / 4
    }

    /// The most all `meta` values may take together.
    pub(crate) fn meta_bytes_max(&self) -> u64 {
        (self.segment_bytes / 16).min(1 << 20)
    }
}
