//! The memory of joining: hops by key, and the numbers they are found by.
//!
//! May touch: a SQLite connection (SqliteIndex).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};
use world::{Disk, SqliteMode};

use super::joins::Hop;
use crate::store::StoreError;

/// Hops of one number that are compared: a Message-ID that a program repeats for ever has more.
pub(crate) const CANDIDATES_MAX: usize = 64;
/// Version of the tables.
const SCHEMA_VERSION: i32 = 2;
/// Page cache of the connection, in KiB: random keys would else be read from the file again and again.
const CACHE_KIB: i32 = 24 * 1_024;
/// Frames in the write-ahead log before they are copied into the file: 32 MiB of 8 KiB pages.
const CHECKPOINT_PAGES: i32 = 4_096;
/// Statements kept prepared.
const STATEMENTS: usize = 32;

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

/// Hops stand one behind the other as they come; what is spread over the file, keys and numbers, is small.
const TABLES: &str = "
CREATE TABLE hop(id INTEGER PRIMARY KEY, key BLOB NOT NULL, last INTEGER NOT NULL, facts BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX hop_key ON hop(key);
CREATE INDEX hop_last ON hop(last);
CREATE TABLE number(number INTEGER NOT NULL, first INTEGER NOT NULL, hop INTEGER NOT NULL,
  PRIMARY KEY(number, first, hop)) STRICT, WITHOUT ROWID;
";

/// From version 1, which kept hops in the order of their keys, and whole keys with every number.
const FROM_VERSION_1: &str = "
ALTER TABLE hop RENAME TO old_hop;
ALTER TABLE number RENAME TO old_number;
DROP INDEX hop_last;
";
const FROM_VERSION_1_FILL: &str = "
INSERT INTO hop(key, last, facts) SELECT key, last, facts FROM old_hop ORDER BY last;
INSERT INTO number SELECT number, first, hop.id FROM old_number JOIN hop ON hop.key = old_number.hop;
DROP TABLE old_hop;
DROP TABLE old_number;
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
        connection.pragma_update(None, "page_size", 8_192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Else SQLite plans a statement with a bound range anew each time it is used: 19 microseconds in place of 0.6 for
        // a look-up by number.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let steps: &[&str] = match version {
            0 => &[TABLES],
            1 => &[FROM_VERSION_1, TABLES, FROM_VERSION_1_FILL],
            SCHEMA_VERSION => &[],
            found => return Err(StoreError::Newer { found }),
        };
        if !steps.is_empty() {
            // One transaction: after a crash the file is as it was, or complete.
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for step in steps {
                connection.execute_batch(step)?;
            }
            connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            connection.execute_batch("COMMIT")?;
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
        let found =
            find.query_row([key.to_be_bytes().as_slice()], |row| Ok(read(row.get_ref(0)?.as_blob()?)));
        found.optional()?.transpose()
    }

    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError> {
        const { assert!(CANDIDATES_MAX == 64) };
        let mut find = self.connection.prepare_cached(
            "SELECT (SELECT key FROM hop WHERE id = number.hop) FROM number
             WHERE number = ?1 AND first BETWEEN ?2 AND ?3 ORDER BY first, hop LIMIT 64",
        )?;
        let mut found = find.query([number.cast_signed(), from, to])?;
        let mut keys = Vec::new();
        while let Some(row) = found.next()? {
            let key = row.get_ref(0)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
            keys.extend(key.and_then(|key| key.first_chunk::<16>()).map(|key| u128::from_be_bytes(*key)));
        }
        Ok(keys)
    }

    fn save(&mut self, hops: &[&Hop]) -> Result<(), StoreError> {
        self.dirty = true;
        let transaction = self.connection.transaction()?;
        {
            let mut put = transaction
                .prepare_cached("INSERT OR IGNORE INTO hop(key, last, facts) VALUES (?1, ?2, ?3)")?;
            let mut add = transaction.prepare_cached("INSERT OR IGNORE INTO number VALUES (?1, ?2, ?3)")?;
            let mut numbers: Vec<(i64, i64, i64)> = Vec::with_capacity(hops.len().saturating_mul(3));
            for hop in hops {
                let facts =
                    postcard::to_allocvec(hop).map_err(|error| StoreError::Events(error.to_string()))?;
                let is_new = put.execute(params![hop.key().to_be_bytes().as_slice(), hop.last, facts])? > 0;
                let (id, fresh) = if is_new {
                    (transaction.last_insert_rowid(), hop.keys())
                } else {
                    change(&transaction, hop, &facts)?
                };
                numbers.extend(fresh.into_iter().map(|number| (number.cast_signed(), hop.first, id)));
            }
            // In the order of the table: neighbours go to the same page while it is at hand.
            numbers.sort_unstable();
            for (number, first, id) in numbers {
                add.execute([number, first, id])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn forget_before(&mut self, at: i64) -> Result<(), StoreError> {
        self.dirty = true;
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "DELETE FROM number WHERE first < ?1 AND hop IN (SELECT id FROM hop WHERE last < ?1)",
            [at],
        )?;
        transaction.execute("DELETE FROM hop WHERE last < ?1", [at])?;
        transaction.commit()?;
        Ok(())
    }
}

/// Writes a hop that is there already; gives its row and the numbers it does not have yet.
fn change(connection: &Connection, hop: &Hop, facts: &[u8]) -> Result<(i64, Vec<u64>), StoreError> {
    let key = hop.key().to_be_bytes();
    let mut find = connection.prepare_cached("SELECT id, facts FROM hop WHERE key = ?1")?;
    let (id, known): (i64, Vec<u8>) =
        find.query_row([key.as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if known == facts {
        return Ok((id, Vec::new()));
    }
    let (known, mut fresh) = (read(&known)?, hop.keys());
    if known.last == hop.last {
        connection.prepare_cached("UPDATE hop SET facts = ?2 WHERE id = ?1")?.execute(params![id, facts])?;
    } else {
        let mut update = connection.prepare_cached("UPDATE hop SET facts = ?2, last = ?3 WHERE id = ?1")?;
        update.execute(params![id, facts, hop.last])?;
    }
    let numbers = known.keys();
    if known.first == hop.first {
        fresh.retain(|number| numbers.binary_search(number).is_err());
    } else {
        let mut forget =
            connection.prepare_cached("DELETE FROM number WHERE number = ?1 AND first = ?2 AND hop = ?3")?;
        for number in numbers {
            forget.execute([number.cast_signed(), known.first, id])?;
        }
    }
    Ok((id, fresh))
}

#[cfg(test)]
mod tests {
    use mail::NetworkMessageId;
    use uuid::Uuid;

    use super::*;

    /// The tables of version 1.
    const OLD_TABLES: &str = "
CREATE TABLE hop(key BLOB PRIMARY KEY, last INTEGER NOT NULL, facts BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE number(number INTEGER NOT NULL, first INTEGER NOT NULL, hop BLOB NOT NULL,
  PRIMARY KEY(number, first, hop)) STRICT, WITHOUT ROWID;
CREATE INDEX hop_last ON hop(last);
PRAGMA user_version = 1;
";

    fn hop(number: u128, at: i64) -> Hop {
        let mut hop = Hop::new(NetworkMessageId(Uuid::from_u128(number)), "gateway", false, at);
        hop.queue_ids.push(format!("Q{number}").into());
        hop
    }

    #[test]
    fn hops_of_an_older_version_are_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hops.sqlite");
        let hops: Vec<Hop> =
            (1..50).map(|number| hop(number, i64::try_from(number).unwrap() * 1_000)).collect();
        let old = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        old.execute_batch(OLD_TABLES).unwrap();
        for hop in &hops {
            let key = hop.key().to_be_bytes();
            let facts = postcard::to_allocvec(hop).unwrap();
            old.execute("INSERT INTO hop VALUES (?1, ?2, ?3)", params![key.as_slice(), hop.last, facts])
                .unwrap();
            for number in hop.keys() {
                let row = params![number.cast_signed(), hop.first, key.as_slice()];
                old.execute("INSERT INTO number VALUES (?1, ?2, ?3)", row).unwrap();
            }
        }
        drop(old);
        // The second time it is of the new version.
        for _ in 0..2 {
            let mut index = SqliteIndex::open(&Disk::real(), &path).unwrap();
            for hop in &hops {
                assert_eq!(index.hop(hop.key()).unwrap().as_ref(), Some(hop));
                for number in hop.keys() {
                    assert_eq!(index.with_number(number, 0, 100_000).unwrap(), [hop.key()]);
                    assert!(index.with_number(number, hop.first + 1, 100_000).unwrap().is_empty());
                }
            }
        }
    }

    #[test]
    fn a_hop_that_changes_is_found_by_what_it_has_now_and_forgotten_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut index = SqliteIndex::open(&Disk::real(), &dir.path().join("hops.sqlite")).unwrap();
        let mut one = hop(1, 5_000);
        index.save(&[&one, &hop(2, 6_000)]).unwrap();
        let before = one.keys();
        one.queue_ids.push("LATER".into());
        one.first = 4_000;
        index.save(&[&one]).unwrap();
        assert_eq!(index.hop(one.key()).unwrap().as_ref(), Some(&one));
        for number in one.keys() {
            assert_eq!(index.with_number(number, 4_000, 4_000).unwrap(), [one.key()]);
        }
        for number in before {
            assert!(index.with_number(number, 4_001, 9_000).unwrap().is_empty(), "the old time is gone");
        }
        index.forget_before(5_500).unwrap();
        assert_eq!(index.hop(one.key()).unwrap(), None);
        assert!(one.keys().iter().all(|number| index.with_number(*number, 0, 9_000).unwrap().is_empty()));
        assert!(index.hop(hop(2, 6_000).key()).unwrap().is_some());
    }
}
