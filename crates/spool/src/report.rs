//! What opening a spool found.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::batch::{EventSeq, MessageNo};

/// The write that a crash cut off: it was never acknowledged, and is overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The segment file.
    pub file: String,
    /// Where the batch began, in bytes.
    pub offset: u64,
    /// Bytes it would have taken, as far as known.
    pub length: u64,
}

/// Bytes that were durable once and are not valid any more. All around them is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// Where, in bytes.
    pub offset: u64,
    /// How many bytes; 0 if that is not known.
    pub length: u64,
    /// What was there.
    pub what: String,
}

impl Damage {
    pub(crate) fn new(path: &Path, offset: u64, what: impl Into<String>) -> Self {
        Self { file: path.display().to_string(), offset, length: 0, what: what.into() }
    }
}

impl fmt::Display for TornTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: a write of {} bytes at byte {} was cut off by a crash; it had not been acknowledged and is dropped",
            self.file, self.length, self.offset
        )
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: damaged at byte {}", self.file, self.offset)?;
        if self.length > 0 {
            write!(f, " ({} bytes)", self.length)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What opening a spool found. [`RecoveryReport::is_clean`] tells whether an administrator must read it.
#[derive(Debug, Clone, Default)]
pub struct RecoveryReport {
    /// Segments in use.
    pub segments: usize,
    /// Of these, read batch by batch instead of by their footer. One is usual.
    pub scanned: usize,
    /// Bytes of batches and footers read.
    pub bytes_read: u64,
    /// Messages that live.
    pub messages: usize,
    /// Their entries.
    pub entries: usize,
    /// Dead messages that are still readable for local delivery.
    pub dead_kept: usize,
    /// The number of the next event.
    pub next_event: EventSeq,
    /// Body files that no commit named; removed. After damage they are set aside instead.
    pub body_files_removed: usize,
    /// The write that a crash cut off.
    pub torn: Option<TornTail>,
    /// Bytes lost to damage.
    pub damage: Vec<Damage>,
    /// Messages that are there but whose body is not. Their entries can only be failed.
    pub lost_bodies: Vec<MessageNo>,
    /// Damaged segments, and bodies that damage has left without a message, set aside by this or an earlier run, for
    /// an administrator to look at and delete.
    pub set_aside: Vec<String>,
    /// Time taken.
    pub took: Duration,
}

impl RecoveryReport {
    /// Nothing was lost; a torn tail may still have been cut.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.lost_bodies.is_empty()
    }

    pub(crate) fn missing_segments(&mut self, before: &Path, expected: u32, found: u32) {
        if found > expected {
            let what = format!("segments {expected} to {} before this one are missing", found - 1);
            self.damage.push(Damage::new(before, 0, what));
        }
    }
}

impl fmt::Display for RecoveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "spool: {} messages with {} entries in {} segments, {} dead kept, next event {}, opened in {} ms",
            self.messages,
            self.entries,
            self.segments,
            self.dead_kept,
            self.next_event,
            self.took.as_millis()
        )?;
        if let Some(torn) = &self.torn {
            write!(f, "\n{torn}")?;
        }
        for damage in &self.damage {
            write!(f, "\n{damage}")?;
        }
        for no in &self.lost_bodies {
            write!(f, "\nthe body of message {no} is lost")?;
        }
        Ok(())
    }
}
