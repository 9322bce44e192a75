//! One open mailbox file: its write connection and the counters that every change advances.
//!
//! May touch: disk (through the connection).

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;
use world::{Disk, SqliteMode};

use crate::error::MailboxError;
use crate::schema::{self, NewStore};

/// Statements kept prepared per file.
const STATEMENTS_CACHED: usize = 32;

/// The counters of the `store` row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoreCounters {
    pub(crate) next_cn: i64,
    pub(crate) next_eid: i64,
    pub(crate) size: i64,
    pub(crate) recoverable_size: i64,
}

/// The counters of a `folder` row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FolderCounters {
    pub(crate) uidnext: i64,
    pub(crate) content_cn: i64,
    pub(crate) item_count: i64,
    pub(crate) unread_count: i64,
    pub(crate) size: i64,
    pub(crate) newest: Option<i64>,
}

/// A mailbox file opened for writing. There is one per mailbox, behind a lock, so its copy of the counters is right;
/// after a failed transaction [`MailboxFile::reload`] reads them again.
#[derive(Debug)]
pub(crate) struct MailboxFile {
    pub(crate) connection: Connection,
    pub(crate) store: StoreCounters,
    pub(crate) folders: HashMap<i64, FolderCounters>,
}

impl MailboxFile {
    /// Opens the file, making its tables and default folders if it is new. The directory must exist.
    pub(crate) fn open(
        disk: &Disk,
        directory: &Path,
        path: &Path,
        new: &NewStore,
    ) -> Result<Self, MailboxError> {
        let mut connection = disk.sqlite(path, SqliteMode::ReadWriteCreate)?;
        let sync_name = || disk.sync_dir(directory).map_err(|error| MailboxError::io(directory, &error));
        schema::prepare(&mut connection, new, sync_name)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        let store = read_store(&connection)?;
        let folders = read_folders(&connection)?;
        Ok(Self { connection, store, folders })
    }

    /// Reads the counters again after a rollback.
    pub(crate) fn reload(&mut self) -> Result<(), MailboxError> {
        self.store = read_store(&self.connection)?;
        self.folders = read_folders(&self.connection)?;
        Ok(())
    }

    /// Runs `change` in one transaction; on an error nothing of it stays, the counters included.
    pub(crate) fn transaction<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, MailboxError>,
    ) -> Result<T, MailboxError> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let done = change(self).and_then(|value| {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(value)
        });
        if done.is_err() {
            // Some errors end the transaction by themselves; then there is nothing to roll back.
            if !self.connection.is_autocommit() {
                self.connection.execute_batch("ROLLBACK")?;
            }
            self.reload()?;
        }
        done
    }

    /// Writes the counters of the store back.
    pub(crate) fn write_store(&self) -> Result<(), MailboxError> {
        self.connection
            .prepare_cached("UPDATE store SET next_cn = ?1, next_eid = ?2, size = ?3, recoverable_size = ?4")?
            .execute((
                self.store.next_cn,
                self.store.next_eid,
                self.store.size,
                self.store.recoverable_size,
            ))?;
        Ok(())
    }

    /// Writes the counters of a folder back.
    pub(crate) fn write_folder(&self, fid: i64) -> Result<(), MailboxError> {
        let Some(folder) = self.folders.get(&fid) else {
            return Err(MailboxError::NoFolder(fid.to_string()));
        };
        self.connection
            .prepare_cached(
                "UPDATE folder SET uidnext = ?2, content_cn = ?3, item_count = ?4, unread_count = ?5, size = ?6, \
                 newest = ?7 WHERE fid = ?1",
            )?
            .execute((
                fid,
                folder.uidnext,
                folder.content_cn,
                folder.item_count,
                folder.unread_count,
                folder.size,
                folder.newest,
            ))?;
        Ok(())
    }

    /// Takes the next change number.
    pub(crate) fn next_cn(&mut self) -> i64 {
        let cn = self.store.next_cn;
        self.store.next_cn += 1;
        cn
    }

    /// A folder's counters for changing; it must exist.
    pub(crate) fn folder_mut(&mut self, fid: i64) -> Result<&mut FolderCounters, MailboxError> {
        self.folders.get_mut(&fid).ok_or_else(|| MailboxError::NoFolder(fid.to_string()))
    }
}

fn read_store(connection: &Connection) -> Result<StoreCounters, MailboxError> {
    let counters =
        connection.query_row("SELECT next_cn, next_eid, size, recoverable_size FROM store", [], |row| {
            Ok(StoreCounters {
                next_cn: row.get(0)?,
                next_eid: row.get(1)?,
                size: row.get(2)?,
                recoverable_size: row.get(3)?,
            })
        })?;
    Ok(counters)
}

fn read_folders(connection: &Connection) -> Result<HashMap<i64, FolderCounters>, MailboxError> {
    let mut statement = connection.prepare_cached(
        "SELECT fid, uidnext, content_cn, item_count, unread_count, size, newest FROM folder WHERE deleted_cn IS NULL",
    )?;
    let rows = statement.query_map([], |row| {
        let counters = FolderCounters {
            uidnext: row.get(1)?,
            content_cn: row.get(2)?,
            item_count: row.get(3)?,
            unread_count: row.get(4)?,
            size: row.get(5)?,
            newest: row.get(6)?,
        };
        Ok((row.get(0)?, counters))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
