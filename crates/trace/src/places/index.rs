//! The memory of joining: hops by key, and the numbers they are found by.
//!
//! May touch: a SQLite connection (SqliteIndex).

mod of_place;

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
/// Page cache of the connection that writes, in KiB: random keys would else be read from the file again and again.
const CACHE_KIB: i32 = 32 * 1_024;
/// Page cache of the connection that only reads, in KiB.
const READER_CACHE_KIB: i32 = 2 * 1_024;
/// Frames in the write-ahead log before they are copied into the file: 32 MiB of 8 KiB pages.
const CHECKPOINT_PAGES: i32 = 4_096;
/// Statements kept prepared.
const STATEMENTS: usize = 32;
/// Cache lines of what is known to be absent: 8 MiB, for millions of numbers.
const ABSENT_BLOCKS: usize = 1 << 17;
/// Hops read in the time of one look-up: reading all of them pays from so many look-ups on.
const LOOK_UPS_A_READING: u64 = 4;

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
    /// What the file has none of, once so much was asked that it pays.
    absent: Option<Absent>,
    /// Look-ups until then.
    asked: u64,
    /// Hops in the file, about.
    hops: u64,
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
        let hops: Option<i64> = connection.query_row("SELECT max(id) FROM hop", [], |row| row.get(0))?;
        Ok(SqliteIndex {
            connection,
            dirty: true,
            new_name: true,
            absent: None,
            asked: 0,
            hops: hops.and_then(|hops| u64::try_from(hops).ok()).unwrap_or(0),
        })
    }

    /// Opens the file for reading beside the connection that writes; `None` if there are no tables of this version yet.
    /// Blocks.
    ///
    /// # Errors
    /// If it cannot be opened, or was written by a newer version.
    pub(crate) fn open_to_read(disk: &Disk, path: &Path) -> Result<Option<SqliteIndex>, StoreError> {
        let connection = disk.sqlite(path, SqliteMode::ReadOnly)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 | 1 => Ok(None),
            // Another connection writes, so this one never learns what is absent.
            SCHEMA_VERSION => Ok(Some(SqliteIndex {
                connection,
                dirty: false,
                new_name: false,
                absent: None,
                asked: 0,
                hops: u64::MAX,
            })),
            found => Err(StoreError::Newer { found }),
        }
    }

    /// Whether the file surely has no such number or key. Most of what a log brings is new, and looking for it would
    /// take longer than anything else.
    fn is_absent(&mut self, number: u64) -> Result<bool, StoreError> {
        if let Some(absent) = &self.absent {
            return Ok(absent.has_not(number));
        }
        self.asked = self.asked.saturating_add(1);
        if self.asked < self.hops / LOOK_UPS_A_READING {
            return Ok(false);
        }
        let mut absent = Absent::new();
        let mut numbers = self.connection.prepare("SELECT number FROM number")?;
        let mut rows = numbers.query([])?;
        while let Some(row) = rows.next()? {
            absent.add(row.get::<_, i64>(0)?.cast_unsigned());
        }
        let mut keys = self.connection.prepare("SELECT key FROM hop INDEXED BY hop_key")?;
        let mut rows = keys.query([])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            key.first_chunk::<16>().into_iter().for_each(|key| absent.add(folded(u128::from_be_bytes(*key))));
        }
        let has_not = absent.has_not(number);
        self.absent = Some(absent);
        Ok(has_not)
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

    #[cfg(test)]
    pub(crate) fn without_patience(&self) {
        self.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    }
}

/// Numbers that were never added, told without looking for them: a Bloom filter whose bits of one number stand in one
/// cache line.
#[derive(Debug)]
struct Absent(Vec<[u64; 8]>);

impl Absent {
    fn new() -> Absent {
        Absent(vec![[0; 8]; ABSENT_BLOCKS])
    }

    /// Where the bits of a number are: the block, then words and their bits. Numbers are digests, so that any bits of
    /// theirs are as good as others.
    fn bits(number: u64) -> (usize, [(usize, u64); 4]) {
        let block = usize::try_from(number).unwrap_or(usize::MAX) & (ABSENT_BLOCKS - 1);
        let bit = |shift: u32| {
            let nine = number >> shift;
            (usize::try_from((nine >> 6) & 7).unwrap_or(0), 1 << (nine & 63))
        };
        (block, [bit(28), bit(37), bit(46), bit(55)])
    }

    fn add(&mut self, number: u64) {
        let (block, bits) = Absent::bits(number);
        let Some(block) = self.0.get_mut(block) else { return };
        for (word, bit) in bits {
            if let Some(word) = block.get_mut(word) {
                *word |= bit;
            }
        }
    }

    fn has_not(&self, number: u64) -> bool {
        let (block, bits) = Absent::bits(number);
        let is_clear = |block: &[u64; 8]| {
            bits.iter().any(|(word, bit)| block.get(*word).is_some_and(|word| word & bit == 0))
        };
        self.0.get(block).is_some_and(is_clear)
    }
}

/// A key of a hop among the numbers.
fn folded(key: u128) -> u64 {
    let [low, high] = [key, key >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or(0));
    low ^ high.rotate_left(32)
}

fn read(bytes: &[u8]) -> Result<Hop, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Events(error.to_string()))
}

impl JoinIndex for SqliteIndex {
    fn hop(&mut self, key: u128) -> Result<Option<Hop>, StoreError> {
        if self.is_absent(folded(key))? {
            return Ok(None);
        }
        let mut find = self.connection.prepare_cached("SELECT facts FROM hop WHERE key = ?1")?;
        let found =
            find.query_row([key.to_be_bytes().as_slice()], |row| Ok(read(row.get_ref(0)?.as_blob()?)));
        found.optional()?.transpose()
    }

    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError> {
        const { assert!(CANDIDATES_MAX == 64) };
        if self.is_absent(number)? {
            return Ok(Vec::new());
        }
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
        if let Some(absent) = &mut self.absent {
            hops.iter().for_each(|hop| absent.add(folded(hop.key())));
        }
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
                if let Some(absent) = &mut self.absent {
                    absent.add(number.cast_unsigned());
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
