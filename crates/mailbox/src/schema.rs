//! The tables of one mailbox file and how a new file is made.
//!
//! May touch: disk (through the connection handed in).
//! Known gaps: calendar, device and ActiveSync tables come with their protocols.
//!
//! One file is one store, so the `store_id` of the model is left out. `change_key` and `pcl` are NULL while they
//! follow from the replica GUID and the change number; only changes imported from MAPI clients store them. Times are
//! microseconds since 1970 UTC.

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use crate::error::MailboxError;
use crate::folder::{FIRST_FREE_EID, FolderRole};

/// Number of the schema, kept in `PRAGMA user_version`.
pub(crate) const SCHEMA_VERSION: i64 = 1;

/// Small pages: a delivery touches about ten trees, and each changed page goes to the log whole.
const PAGE_BYTES: u32 = 2048;
/// Page cache of a write connection in KiB; 256 open files keep below 64 MiB.
const CACHE_KIB: u32 = 192;
/// What is left of the `-wal` when it starts anew after a checkpoint, in bytes.
const JOURNAL_BYTES_KEPT: u32 = 1024 * 1024;

const TABLES: &str = "
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  mailbox_guid BLOB NOT NULL, repl_guid BLOB NOT NULL,
  next_cn INTEGER NOT NULL,        -- 48-bit change counter = MODSEQ
  next_eid INTEGER NOT NULL,       -- 48-bit object ids
  min_valid_cn INTEGER NOT NULL,   -- tombstones below are pruned
  size INTEGER NOT NULL,           -- counts against the mailbox quota
  recoverable_size INTEGER NOT NULL,
  created INTEGER NOT NULL);
CREATE TABLE folder (
  fid INTEGER PRIMARY KEY, parent_fid INTEGER NOT NULL,
  name TEXT NOT NULL, class TEXT NOT NULL, role TEXT,
  is_search INTEGER NOT NULL, is_hidden INTEGER NOT NULL,
  uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL,
  cn INTEGER NOT NULL, change_key BLOB, pcl BLOB,
  content_cn INTEGER NOT NULL,     -- = HIGHESTMODSEQ
  item_count INTEGER NOT NULL, unread_count INTEGER NOT NULL, size INTEGER NOT NULL,
  newest INTEGER, deleted_cn INTEGER);
CREATE UNIQUE INDEX folder_name ON folder (parent_fid, name COLLATE NOCASE) WHERE deleted_cn IS NULL;
CREATE TABLE item (
  item_id INTEGER PRIMARY KEY,     -- stable for life
  fid INTEGER NOT NULL, uid INTEGER NOT NULL,  -- its one membership
  body_id INTEGER, blob_hash BLOB, encoding INTEGER NOT NULL,
  size INTEGER NOT NULL, received INTEGER NOT NULL, sent INTEGER,
  msg_class TEXT NOT NULL, thread_id INTEGER,
  message_id_hdr TEXT, subject TEXT NOT NULL, subject_norm TEXT, sender TEXT,
  is_fai INTEGER NOT NULL, is_draft INTEGER NOT NULL,
  network_message_id BLOB);
CREATE TABLE body (body_id INTEGER PRIMARY KEY, uses INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE member (
  fid INTEGER NOT NULL, uid INTEGER NOT NULL, item_id INTEGER NOT NULL, mid INTEGER NOT NULL,
  cn INTEGER NOT NULL, read_cn INTEGER NOT NULL, modseq INTEGER NOT NULL, created_cn INTEGER NOT NULL,
  flags INTEGER NOT NULL, keywords TEXT, change_key BLOB, pcl BLOB, imap_savedate INTEGER,
  PRIMARY KEY (fid, uid)) WITHOUT ROWID;
CREATE UNIQUE INDEX member_mid ON member (mid);
-- modseq is the larger of cn and read_cn, so `cn > x` and `read_cn > x` are found through it as well.
CREATE INDEX member_modseq ON member (fid, modseq);
CREATE TABLE gone (
  fid INTEGER NOT NULL, uid INTEGER NOT NULL, mid INTEGER NOT NULL, item_id INTEGER NOT NULL,
  modseq INTEGER NOT NULL, why TEXT NOT NULL CHECK (why IN ('expunge', 'move', 'soft')), dest_fid INTEGER,
  PRIMARY KEY (fid, uid)) WITHOUT ROWID;
CREATE INDEX gone_modseq ON gone (fid, modseq);
CREATE TABLE prop (
  owner_kind INTEGER NOT NULL, owner_id INTEGER NOT NULL, proptag INTEGER NOT NULL, value BLOB,
  PRIMARY KEY (owner_kind, owner_id, proptag)) WITHOUT ROWID;
CREATE TABLE named (propid INTEGER PRIMARY KEY, guid BLOB NOT NULL, lid INTEGER, name TEXT);
CREATE UNIQUE INDEX named_by ON named (guid, lid, name);
CREATE TABLE acl (
  fid INTEGER NOT NULL, principal TEXT NOT NULL, rights INTEGER NOT NULL,
  PRIMARY KEY (fid, principal)) WITHOUT ROWID;
CREATE TABLE delivered (
  network_message_id BLOB PRIMARY KEY, item_id INTEGER NOT NULL, fid INTEGER NOT NULL, uid INTEGER NOT NULL,
  at INTEGER NOT NULL, message_no INTEGER NOT NULL, entry_no INTEGER NOT NULL,
  resend_number INTEGER, resend_key BLOB,
  gone_at INTEGER                  -- when its item was removed for good
) WITHOUT ROWID;
CREATE INDEX delivered_resend ON delivered (resend_number) WHERE resend_number IS NOT NULL;
CREATE INDEX delivered_gone ON delivered (gone_at) WHERE gone_at IS NOT NULL;
";

/// What a new file says about its mailbox.
#[derive(Debug, Clone)]
pub(crate) struct NewStore {
    pub(crate) mailbox: Uuid,
    pub(crate) now: Timestamp,
}

/// Sets a write connection up and makes the tables and default folders in an empty file. `sync_name` makes the file's
/// name durable.
pub(crate) fn prepare(
    connection: &mut Connection,
    new: &NewStore,
    sync_name: impl FnOnce() -> Result<(), MailboxError>,
) -> Result<(), MailboxError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(MailboxError::Newer(version));
    }
    if version == 0 {
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB))?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_KEPT)?;
    // `checkpoint.rs` does it, and hears of errors.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    keep_wal_on_close(connection)?;
    if version == 0 {
        let made = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'store')";
        if !connection.query_row(made, [], |row| row.get::<_, bool>(0))? {
            create(connection, new)?;
        }
        // UIDVALIDITY must not change after a power cut, so file and name are durable before anything is told about
        // it. The version says that this was done, whenever a crash may have come.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        sync_name()?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    Ok(())
}

/// Closing must not checkpoint: it would wait for the disk in the writer.
pub(crate) fn keep_wal_on_close(connection: &Connection) -> Result<(), MailboxError> {
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

fn create(connection: &mut Connection, new: &NewStore) -> Result<(), MailboxError> {
    // A GUID of our own for MAPI's replica; it only has to be unique, so it follows from the mailbox's.
    let mut repl = [0_u8; 16];
    blake3::Hasher::new_derive_key("postroom mailbox replica guid")
        .update(new.mailbox.as_bytes())
        .finalize_xof()
        .fill(&mut repl);
    let repl = uuid::Builder::from_custom_bytes(repl).into_uuid();
    // RFC 9051 §2.3.1.1: UIDVALIDITY is at best the time the folder was made.
    let uidvalidity = u32::try_from(new.now.as_second()).unwrap_or(1).max(1);
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO store (id, mailbox_guid, repl_guid, next_cn, next_eid, min_valid_cn, size, \
         recoverable_size, created) VALUES (1, ?1, ?2, 2, ?3, 1, 0, 0, ?4)",
        rusqlite::params![new.mailbox.as_bytes(), repl.as_bytes(), FIRST_FREE_EID, new.now.as_microsecond()],
    )?;
    for role in FolderRole::ALL {
        transaction.execute(
            "INSERT INTO folder (fid, parent_fid, name, class, role, is_search, is_hidden, uidvalidity, uidnext, cn, \
             content_cn, item_count, unread_count, size) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, 1, 1, 1, 0, 0, 0)",
            rusqlite::params![
                role.folder_id().0,
                role.parent_id(),
                role.default_name(),
                role.class(),
                role.folder_type(),
                role.is_hidden(),
                uidvalidity
            ],
        )?;
    }
    transaction.commit()?;
    Ok(())
}
