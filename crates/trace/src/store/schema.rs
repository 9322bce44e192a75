//! The tables of a day file, its settings, and its version stamp.
//!
//! May touch: a SQLite connection.
//! A message's row id is its receive time in microseconds since midnight UTC, made unique; a recipient's is the
//! message's shifted left by [`ORDINAL_BITS`] plus the inverted ordinal. So every index on either table is by
//! itself newest first, a message's rows stand together, and a group stands before its members.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::StoreError;
use crate::search::SubjectFold;

/// Version of the tables; a file with a higher one is refused.
pub(crate) const SCHEMA_VERSION: i32 = 3;
/// The version before, which differs in how subjects are folded.
const SIMPLE_FOLD_VERSION: i32 = 2;
/// "PrTr": marks the file as ours.
const APPLICATION_ID: i32 = 0x5072_5472;
/// Bits of a recipient's row id that hold its place in the message: rows a message may have.
pub(crate) const ORDINAL_BITS: u32 = 20;
/// The highest ordinal.
pub(crate) const ORDINAL_MAX: i64 = (1 << ORDINAL_BITS) - 1;
/// Frames in the write-ahead log before they are copied into the file: 32 MiB of 8 KiB pages.
pub(crate) const CHECKPOINT_PAGES: i64 = 4_096;
/// Page cache of the writer of a day file, in KiB: a transaction that needs more writes pages twice.
const WRITER_CACHE_KIB: i32 = 48 * 1_024;
/// Page caches of one reader of each day together, in KiB. Few days are not sealed, and a count in one of half a
/// million rows goes back and forth in 20 MiB of it.
const READERS_CACHE_KIB: usize = 32 * 1_024;
/// The least a reader has.
const READER_CACHE_KIB_MIN: usize = 256;
/// Statements kept prepared per connection.
const STATEMENTS: usize = 64;

/// Rows that took at least so long are in [`SLOW_INDEX`]: few, so that it costs next to nothing.
pub(crate) const SLOW_MILLIS: i64 = 30_000;
/// The index of slow rows.
pub(crate) const SLOW_INDEX: &str = "recipient_slow";
/// Made in files of this version that were written before it came, too.
const SLOW: &str = "CREATE INDEX IF NOT EXISTS recipient_slow ON recipient(latency) WHERE latency >= 30000";

/// Rare statuses only: nearly every row ends as Delivered (2), and those are found by time.
const TABLES: &str = "
CREATE TABLE address(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, domain INTEGER NOT NULL) STRICT;
CREATE TABLE domain(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE message(
  id INTEGER PRIMARY KEY,
  network_id BLOB NOT NULL UNIQUE,
  internal_id INTEGER,
  message_id INTEGER,
  sender INTEGER,
  sender_domain INTEGER,
  author INTEGER,
  author_domain INTEGER,
  from_ip INTEGER,
  direction INTEGER NOT NULL,
  size INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  event_ids INTEGER NOT NULL,
  facets INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  subject TEXT NOT NULL,
  events BLOB NOT NULL
) STRICT;
CREATE INDEX message_internal_id ON message(internal_id) WHERE internal_id IS NOT NULL;
CREATE INDEX message_message_id ON message(message_id);
CREATE INDEX message_sender ON message(sender);
CREATE INDEX message_sender_domain ON message(sender_domain);
CREATE INDEX message_author ON message(author) WHERE author IS NOT NULL;
CREATE INDEX message_author_domain ON message(author_domain) WHERE author_domain IS NOT NULL;
CREATE INDEX message_from_ip ON message(from_ip);
CREATE TABLE recipient(
  id INTEGER PRIMARY KEY,
  address INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  status INTEGER NOT NULL,
  to_ip INTEGER,
  latency INTEGER
) STRICT;
CREATE INDEX recipient_address ON recipient(address);
CREATE INDEX recipient_domain ON recipient(domain);
CREATE INDEX recipient_status ON recipient(status) WHERE status <> 2;
CREATE TABLE facet_set(id INTEGER PRIMARY KEY, facets BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE ip6(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE link(reference INTEGER NOT NULL, message INTEGER NOT NULL,
  PRIMARY KEY(reference, message)) STRICT, WITHOUT ROWID;
CREATE TABLE part(id INTEGER PRIMARY KEY, events BLOB NOT NULL) STRICT;
CREATE TABLE counter(hour INTEGER NOT NULL, status INTEGER NOT NULL, rows INTEGER NOT NULL,
  PRIMARY KEY(hour, status)) STRICT, WITHOUT ROWID;
CREATE TABLE applied(node INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE fact(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE subject USING fts5(text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
";

/// Settings of the connection that writes; makes the tables in a new file.
pub(crate) fn prepare_writer(connection: &Connection) -> Result<SubjectFold, StoreError> {
    connection.pragma_update(None, "page_size", 8_192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // SQLite's own checkpoint keeps a failed sync to itself; the day file copies its log when it is long.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    prepare(connection)?;
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => {
            // One transaction: after a crash the file is either without tables or complete.
            connection.execute_batch("BEGIN IMMEDIATE")?;
            connection.execute_batch(TABLES)?;
            connection.execute_batch(SLOW)?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            connection.execute_batch("COMMIT")?;
            Ok(SubjectFold::Full)
        }
        SCHEMA_VERSION | SIMPLE_FOLD_VERSION => {
            connection.execute_batch(SLOW)?;
            Ok(if version == SCHEMA_VERSION { SubjectFold::Full } else { SubjectFold::Simple })
        }
        found => Err(other_version(found)),
    }
}

/// Settings of every connection.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else SQLite plans a statement that compares with a bound number anew each time it is used, which takes longer than
    // to look one message up. What the plan depends on stands in the statements themselves.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Settings of a connection that reads, one of so many days; `false` if the file has no tables yet.
pub(crate) fn prepare_reader(connection: &Connection, days: usize) -> Result<bool, StoreError> {
    let share = (READERS_CACHE_KIB / days.max(1)).max(READER_CACHE_KIB_MIN);
    connection.pragma_update(None, "cache_size", -i32::try_from(share).unwrap_or(0))?;
    prepare(connection)?;
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => Ok(false),
        SCHEMA_VERSION | SIMPLE_FOLD_VERSION => Ok(true),
        found => Err(other_version(found)),
    }
}

/// How a file that is read folds subjects.
pub(crate) fn subject_fold(connection: &Connection) -> Result<SubjectFold, StoreError> {
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(if version <= SIMPLE_FOLD_VERSION { SubjectFold::Simple } else { SubjectFold::Full })
}

/// Version 1 was never released.
fn other_version(found: i32) -> StoreError {
    if found < SCHEMA_VERSION { StoreError::Older { found } } else { StoreError::Newer { found } }
}
