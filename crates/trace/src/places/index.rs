//! The memory of joining: hops by key, and the numbers they are found by.
//!
//! May touch: a SQLite connection (SqliteIndex).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use world::{Disk, SqliteMode};

use super::joins::Hop;
use crate::store::StoreError;

/// Hops of one number that are compared: a Message-ID that a program repeats for ever has more.
pub(crate) const CANDIDATES_MAX: usize = 64;
/// Version of the tables.
const SCHEMA_VERSION: i32 = 1;

/// Where hops are kept between imports.
pub(crate) trait JoinIndex: Send {
    /// The hop with this key.
    ///
    /// # Errors
    /// If it cannot be read.
    fn hop(&mut self, key: u128) -> Result<Option<Hop>, StoreError>;

    /// Keys of hops that have this number and began between these times, the oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError>;

    /// Keeps these hops, all or none.
    ///
    /// # Errors
    /// If they cannot be written.
    fn save(&mut self, hops: &[&Hop]) -> Result<(), StoreError>;

    /// Forgets hops that ended before this time, in microseconds since 1970.
    ///
    /// # Errors
    /// If they cannot be removed.
    fn forget_before(&mut self, at: i64) -> Result<(), StoreError>;
}

/// Hops in memory, the oldest forgotten first.
#[derive(Debug)]
pub struct MemoryIndex {
    hops: HashMap<u128, Hop>,
    numbers: HashMap<u64, BTreeMap<(i64, u128), ()>>,
    order: VecDeque<u128>,
    max: usize,
}

impl MemoryIndex {
    /// With room for so many hops.
    pub fn new(max: usize) -> MemoryIndex {
        MemoryIndex { hops: HashMap::new(), numbers: HashMap::new(), order: VecDeque::new(), max: max.max(1) }
    }

    fn remove(&mut self, key: u128) {
        let Some(hop) = self.hops.remove(&key) else { return };
        for number in hop.keys() {
            if let Some(known) = self.numbers.get_mut(&number) {
                known.retain(|(_, other), ()| *other != key);
                if known.is_empty() {
                    self.numbers.remove(&number);
                }
            }
        }
    }
}

impl JoinIndex for MemoryIndex {
    fn hop(&mut self, key: u128) -> Result<Option<Hop>, StoreError> {
        Ok(self.hops.get(&key).cloned())
    }

    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError> {
        let Some(known) = self.numbers.get(&number) else { return Ok(Vec::new()) };
        Ok(known.range((from, 0)..=(to, u128::MAX)).map(|((_, key), ())| *key).take(CANDIDATES_MAX).collect())
    }

    fn save(&mut self, hops: &[&Hop]) -> Result<(), StoreError> {
        for hop in hops {
            let key = hop.key();
            if self.hops.contains_key(&key) {
                self.remove(key);
            } else {
                self.order.push_back(key);
            }
            for number in hop.keys() {
                self.numbers.entry(number).or_default().insert((hop.first, key), ());
            }
            self.hops.insert(key, (*hop).clone());
        }
        while self.hops.len() > self.max {
            let Some(oldest) = self.order.pop_front() else { break };
            self.remove(oldest);
        }
        Ok(())
    }

    fn forget_before(&mut self, at: i64) -> Result<(), StoreError> {
        let old: Vec<u128> = self.hops.iter().filter(|(_, hop)| hop.last < at).map(|(key, _)| *key).collect();
        old.into_iter().for_each(|key| self.remove(key));
        self.order.retain(|key| self.hops.contains_key(key));
        Ok(())
    }
}

const TABLES: &str = "
CREATE TABLE hop(key BLOB PRIMARY KEY, last INTEGER NOT NULL, facts BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE number(number INTEGER NOT NULL, first INTEGER NOT NULL, hop BLOB NOT NULL,
  PRIMARY KEY(number, first, hop)) STRICT, WITHOUT ROWID;
CREATE INDEX hop_last ON hop(last);
";

/// Hops in a SQLite file.
#[derive(Debug)]
pub(crate) struct SqliteIndex {
    connection: Connection,
    /// Whether something was committed that the disk may not hold yet.
    dirty: bool,
    /// Whether the file's name may be new to the disk.
    new_name: bool,
}

impl SqliteIndex {
    /// Opens the file, making it if it is missing. Blocks.
    ///
    /// # Errors
    /// If it cannot be opened, or was written by a newer version.
    pub(crate) fn open(disk: &Disk, path: &Path) -> Result<SqliteIndex, StoreError> {
        let connection = disk.sqlite(path, SqliteMode::ReadWriteCreate)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => {
                connection.execute_batch("BEGIN IMMEDIATE")?;
                connection.execute_batch(TABLES)?;
                connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                connection.execute_batch("COMMIT")?;
            }
            SCHEMA_VERSION => {}
            found => return Err(StoreError::Newer { found }),
        }
        Ok(SqliteIndex { connection, dirty: true, new_name: true })
    }

    /// Makes everything saved so far durable: one commit with `FULL` syncs the log with all that stands before it.
    /// Says whether the folder is to be synced too.
    ///
    /// # Errors
    /// If it cannot be; the file has to be opened anew.
    pub(crate) fn make_durable(&mut self) -> Result<bool, StoreError> {
        if !self.dirty {
            return Ok(false);
        }
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        self.dirty = false;
        Ok(std::mem::replace(&mut self.new_name, false))
    }

    #[cfg(test)]
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty
    }
}

fn read(bytes: &[u8]) -> Result<Hop, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Events(error.to_string()))
}

impl JoinIndex for SqliteIndex {
    fn hop(&mut self, key: u128) -> Result<Option<Hop>, StoreError> {
        let mut find = self.connection.prepare_cached("SELECT facts FROM hop WHERE key = ?1")?;
        let found: Option<Vec<u8>> =
            find.query_row([key.to_be_bytes().as_slice()], |row| row.get(0)).optional()?;
        found.map(|bytes| read(&bytes)).transpose()
    }

    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError> {
        let mut find = self.connection.prepare_cached(
            "SELECT hop FROM number WHERE number = ?1 AND first BETWEEN ?2 AND ?3 ORDER BY first, hop LIMIT ?4",
        )?;
        let most = i64::try_from(CANDIDATES_MAX).unwrap_or(i64::MAX);
        let found =
            find.query_map(params![number.cast_signed(), from, to, most], |row| row.get::<_, Vec<u8>>(0))?;
        let mut keys = Vec::new();
        for bytes in found {
            keys.extend(bytes?.first_chunk::<16>().map(|bytes| u128::from_be_bytes(*bytes)));
        }
        Ok(keys)
    }

    fn save(&mut self, hops: &[&Hop]) -> Result<(), StoreError> {
        self.dirty = true;
        let transaction = self.connection.transaction()?;
        {
            let mut old = transaction.prepare_cached("SELECT facts FROM hop WHERE key = ?1")?;
            let mut drop_number = transaction
                .prepare_cached("DELETE FROM number WHERE number = ?1 AND first = ?2 AND hop = ?3")?;
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO hop VALUES (?1, ?2, ?3)")?;
            let mut add = transaction.prepare_cached("INSERT OR IGNORE INTO number VALUES (?1, ?2, ?3)")?;
            for hop in hops {
                let key = hop.key().to_be_bytes();
                let known: Option<Vec<u8>> = old.query_row([key.as_slice()], |row| row.get(0)).optional()?;
                if let Some(known) = known.map(|bytes| read(&bytes)).transpose()?
                    && known.first != hop.first
                {
                    for number in known.keys() {
                        drop_number.execute(params![number.cast_signed(), known.first, key.as_slice()])?;
                    }
                }
                let facts =
                    postcard::to_allocvec(hop).map_err(|error| StoreError::Events(error.to_string()))?;
                put.execute(params![key.as_slice(), hop.last, facts])?;
                for number in hop.keys() {
                    add.execute(params![number.cast_signed(), hop.first, key.as_slice()])?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn forget_before(&mut self, at: i64) -> Result<(), StoreError> {
        self.dirty = true;
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "DELETE FROM number WHERE first < ?1 AND hop IN (SELECT key FROM hop WHERE last < ?1)",
            [at],
        )?;
        transaction.execute("DELETE FROM hop WHERE last < ?1", [at])?;
        transaction.commit()?;
        Ok(())
    }
}
