//! Removes blobs that no mailbox uses, by mark and sweep, and `delivered` rows whose time is over.
//!
//! May touch: clock, disk, executor.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::Connection;

use crate::blob::BlobHash;
use crate::error::MailboxError;
use crate::expunge;
use crate::read;
use crate::store::{Core, MailboxStore};

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Mailboxes read for the mark.
    pub mailboxes: usize,
    /// Blobs in use.
    pub used: usize,
    /// Unused files kept because they are younger than the grace.
    pub young: usize,
    /// Files removed.
    pub removed: usize,
    /// Bytes that freed.
    pub freed: u64,
    /// `delivered` rows forgotten.
    pub delivered_pruned: usize,
}

impl MailboxStore {
    /// Removes blobs no item of any mailbox names and that were not touched for the grace, and prunes `delivered`.
    /// To be run once a day. A mailbox that cannot be read ends it before anything is removed.
    pub async fn sweep(&self) -> Result<SweepReport, MailboxError> {
        let core = Arc::clone(&self.core);
        self.core.exec.blocking(move || sweep(&core)).await
    }
}

fn sweep(core: &Core) -> Result<SweepReport, MailboxError> {
    let started = core.clock.now();
    let mut report = SweepReport::default();
    let mut used: HashSet<BlobHash> = HashSet::new();
    for mailbox in core.files.mailboxes()? {
        let connection = match read::open(core, mailbox) {
            Ok(connection) => connection,
            // Removed meanwhile, or just being made: it names no blob older than the grace.
            Err(MailboxError::NoMailbox(_)) => continue,
            Err(error) => return Err(error),
        };
        mark(&connection, &mut used)?;
        let keep = i64::try_from(core.config.delivered_retention.as_micros()).unwrap_or(i64::MAX);
        let before = started.as_microsecond().saturating_sub(keep);
        let sql = format!("SELECT 1 FROM delivered WHERE gone_at < {before} LIMIT 1");
        let overdue = read::number(&connection, &sql)?;
        drop(connection);
        if overdue.is_some() {
            let retention = core.config.delivered_retention;
            report.delivered_pruned +=
                core.files.with(mailbox, |file| expunge::prune_delivered(file, started, retention))?;
        }
        report.mailboxes += 1;
    }
    report.used = used.len();
    let grace = i64::try_from(core.config.blob_grace.as_secs()).unwrap_or(i64::MAX);
    let before = started.as_second().saturating_sub(grace);
    core.blobs.each_file(|file| {
        if file.hash.is_some_and(|hash| used.contains(&hash)) {
            return Ok(());
        }
        match core.blobs.remove_if_old(&file, before)? {
            Some(bytes) => {
                report.removed += 1;
                report.freed += bytes;
            }
            None => report.young += 1,
        }
        Ok(())
    })?;
    Ok(report)
}

fn mark(connection: &Connection, used: &mut HashSet<BlobHash>) -> Result<(), MailboxError> {
    let mut statement = connection.prepare("SELECT blob_hash FROM item WHERE blob_hash IS NOT NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        let hash = BlobHash::from_stored(&bytes)
            .ok_or_else(|| MailboxError::Corrupt("a blob hash of the wrong length".to_owned()))?;
        used.insert(hash);
    }
    Ok(())
}
