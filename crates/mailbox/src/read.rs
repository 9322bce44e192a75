//! Reads mailboxes: folder statistics, lists of items, raw bytes, sizes.
//!
//! May touch: disk, executor.
//!
//! Each read has a connection of its own and ends within one blocking call: no read transaction across an await.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;
use world::SqliteMode;

use crate::body;
use crate::error::MailboxError;
use crate::expunge::FLAG_SEEN;
use crate::folder::{FolderId, FolderRole};
use crate::store::{Core, MailboxStore};

/// Most items one page holds.
pub const PAGE_ITEMS_MAX: usize = 1000;
/// Deepest folder a path is made for; a damaged file could hold a ring.
const FOLDER_DEPTH_MAX: usize = 300;

/// Which folder is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderSelector {
    /// A default folder.
    Role(FolderRole),
    /// Its id.
    Id(FolderId),
    /// Its path as statistics show it, or the name of a folder at the top (any case, `/` or `\` between names).
    Path(String),
}

/// What `Get-MailboxFolderStatistics` shows of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderStatistics {
    /// The folder.
    pub folder: FolderId,
    /// Its own name.
    pub name: String,
    /// Names from the top, each after a `/`.
    pub path: String,
    /// Its role, `None` for a folder a user made.
    pub role: Option<FolderRole>,
    /// Container class, for example `IPF.Note`.
    pub class: String,
    /// Whether clients do not list it.
    pub is_hidden: bool,
    /// Items in it.
    pub items: u64,
    /// Items not read.
    pub unread: u64,
    /// Bytes of its items.
    pub size: u64,
    /// When its newest item was received.
    pub newest: Option<Timestamp>,
    /// Highest change number (HIGHESTMODSEQ).
    pub change_number: u64,
}

/// An item as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub item_id: i64,
    /// Its folder.
    pub folder: FolderId,
    /// The folder's path.
    pub folder_path: String,
    /// Its UID in the folder.
    pub uid: u32,
    /// When it was received here.
    pub received: Timestamp,
    /// Decoded subject.
    pub subject: String,
    /// Address in From.
    pub from: Option<String>,
    /// Bytes of the message.
    pub size: u64,
    /// Message-ID header.
    pub message_id: Option<MessageId>,
    /// The message it was delivered as.
    pub network_message_id: Option<NetworkMessageId>,
    /// Whether it was read.
    pub is_read: bool,
}

/// Some items, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemPage {
    /// The items.
    pub items: Vec<ItemRow>,
    /// Where the next page begins; `None` at the end. Only for the same folder selection.
    pub next: Option<i64>,
}

/// What a mailbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes that count against the mailbox quota.
    pub size: u64,
    /// Bytes in Recoverable Items.
    pub recoverable_size: u64,
    /// Items outside Recoverable Items.
    pub items: u64,
}

impl MailboxStore {
    /// Bytes that count against the mailbox quota, from a counter; 0 for a mailbox nothing was delivered to.
    pub async fn size(&self, mailbox: Uuid) -> Result<u64, MailboxError> {
        if let Some(size) = self.core.files.peek(mailbox).and_then(|slot| slot.size()) {
            return Ok(size);
        }
        Ok(self.usage(mailbox).await?.size)
    }

    /// Sizes and number of items, from counters; zeros for a mailbox nothing was delivered to.
    pub async fn usage(&self, mailbox: Uuid) -> Result<Usage, MailboxError> {
        let usage = self.read(mailbox, |_, connection| usage(connection)).await;
        match usage {
            Err(MailboxError::NoMailbox(_)) => Ok(Usage::default()),
            other => other,
        }
    }

    /// Whether the mailbox has a file.
    pub async fn exists(&self, mailbox: Uuid) -> Result<bool, MailboxError> {
        let core = Arc::clone(&self.core);
        self.core.exec.blocking(move || core.files.exists(mailbox)).await
    }

    /// Every folder, parents before children, hidden ones included.
    pub async fn folder_statistics(&self, mailbox: Uuid) -> Result<Vec<FolderStatistics>, MailboxError> {
        self.read(mailbox, |_, connection| folder_statistics(connection)).await
    }

    /// Items newest first, of one folder or (`None`) of all. `after` is the `next` of the page before; `limit` is at
    /// most [`PAGE_ITEMS_MAX`].
    pub async fn items(
        &self,
        mailbox: Uuid,
        folder: Option<FolderSelector>,
        after: Option<i64>,
        limit: usize,
    ) -> Result<ItemPage, MailboxError> {
        self.read(mailbox, move |_, connection| items(connection, folder.as_ref(), after, limit)).await
    }

    /// An item's raw bytes, exactly as delivered.
    pub async fn item_bytes(&self, mailbox: Uuid, item_id: i64) -> Result<Bytes, MailboxError> {
        self.read(mailbox, move |core, connection| body::read(connection, &core.blobs, item_id)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        mailbox: Uuid,
        work: impl FnOnce(&Core, &Connection) -> Result<T, MailboxError> + Send + 'static,
    ) -> Result<T, MailboxError> {
        let core = Arc::clone(&self.core);
        let read = move || {
            let connection = open(&core, mailbox)?;
            // One state for all statements of the read.
            connection.execute_batch("BEGIN")?;
            work(&core, &connection)
        };
        self.core.exec.blocking(read).await
    }
}

/// Opens a mailbox's file for reading.
pub(crate) fn open(core: &Core, mailbox: Uuid) -> Result<Connection, MailboxError> {
    if !core.files.exists(mailbox)? {
        return Err(MailboxError::NoMailbox(mailbox));
    }
    let connection = core.disk.sqlite(&core.files.path(mailbox), SqliteMode::ReadOnly)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        // Its first delivery is just making it.
        0 => Err(MailboxError::NoMailbox(mailbox)),
        crate::schema::SCHEMA_VERSION => Ok(connection),
        newer => Err(MailboxError::Newer(newer)),
    }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn usage(connection: &Connection) -> Result<Usage, MailboxError> {
    let (size, recoverable): (i64, i64) =
        connection.query_row("SELECT size, recoverable_size FROM store", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut items = 0;
    for folder in folder_statistics(connection)? {
        if !folder.role.is_some_and(FolderRole::is_recoverable) {
            items += folder.items;
        }
    }
    Ok(Usage { size: count(size), recoverable_size: count(recoverable), items })
}

struct FolderRow {
    statistics: FolderStatistics,
    parent: i64,
}

fn folder_row(row: &Row<'_>) -> rusqlite::Result<FolderRow> {
    let role: Option<String> = row.get(3)?;
    Ok(FolderRow {
        statistics: FolderStatistics {
            folder: FolderId(row.get(0)?),
            name: row.get(2)?,
            path: String::new(),
            role: role.as_deref().and_then(FolderRole::from_folder_type),
            class: row.get(4)?,
            is_hidden: row.get(5)?,
            items: count(row.get(6)?),
            unread: count(row.get(7)?),
            size: count(row.get(8)?),
            newest: row.get::<_, Option<i64>>(9)?.and_then(|newest| Timestamp::from_microsecond(newest).ok()),
            change_number: count(row.get(10)?),
        },
        parent: row.get(1)?,
    })
}

fn folder_statistics(connection: &Connection) -> Result<Vec<FolderStatistics>, MailboxError> {
    let mut statement = connection.prepare(
        "SELECT fid, parent_fid, name, role, class, is_hidden, item_count, unread_count, size, newest, content_cn \
         FROM folder WHERE deleted_cn IS NULL ORDER BY fid",
    )?;
    let rows: Vec<FolderRow> = statement.query_map([], folder_row)?.collect::<Result<_, _>>()?;
    let parents: HashMap<i64, (i64, String, Option<FolderRole>)> = rows
        .iter()
        .map(|row| {
            let statistics = &row.statistics;
            (statistics.folder.0, (row.parent, statistics.name.clone(), statistics.role))
        })
        .collect();
    let mut statistics: Vec<FolderStatistics> = rows.into_iter().map(|row| row.statistics).collect();
    for folder in &mut statistics {
        folder.path = path(folder.folder.0, &parents);
    }
    Ok(statistics)
}

/// `/Inbox/Projects`; the two containers at the top are left out unless they are meant themselves.
fn path(fid: i64, parents: &HashMap<i64, (i64, String, Option<FolderRole>)>) -> String {
    let mut names = Vec::new();
    let mut at = fid;
    for _ in 0..FOLDER_DEPTH_MAX {
        let Some((parent, name, role)) = parents.get(&at) else { break };
        let container = matches!(role, Some(FolderRole::Root | FolderRole::IpmSubtree));
        if container && at != fid {
            break;
        }
        names.push(name.as_str());
        if container {
            break;
        }
        at = *parent;
    }
    names.iter().rev().fold(String::new(), |path, name| path + "/" + name)
}

fn select(folders: &[FolderStatistics], selector: &FolderSelector) -> Result<FolderId, MailboxError> {
    match selector {
        FolderSelector::Role(role) => Ok(role.folder_id()),
        FolderSelector::Id(id) if folders.iter().any(|folder| folder.folder == *id) => Ok(*id),
        FolderSelector::Id(id) => Err(MailboxError::NoFolder(id.to_string())),
        FolderSelector::Path(text) => {
            let wanted = text.replace('\\', "/");
            let wanted = wanted.trim_matches('/').to_lowercase();
            let is_it = |folder: &&FolderStatistics| {
                folder.path.trim_start_matches('/').to_lowercase() == wanted
                    || folder.role.is_some_and(|role| role.folder_type().to_lowercase() == wanted)
            };
            let found = folders.iter().find(is_it).map(|folder| folder.folder);
            found.ok_or_else(|| MailboxError::NoFolder(text.clone()))
        }
    }
}

const ITEM_COLUMNS: &str = "item.item_id, member.fid, member.uid, item.received, item.subject, item.sender, item.size, \
     item.message_id_hdr, item.network_message_id, member.flags";

fn item_row(row: &Row<'_>, paths: &HashMap<i64, &str>) -> rusqlite::Result<ItemRow> {
    let fid: i64 = row.get(1)?;
    let message_id: Option<String> = row.get(7)?;
    let network_message_id: Option<[u8; 16]> = row.get(8)?;
    Ok(ItemRow {
        item_id: row.get(0)?,
        folder: FolderId(fid),
        folder_path: paths.get(&fid).map_or_else(String::new, |path| (*path).to_owned()),
        uid: row.get(2)?,
        received: Timestamp::from_microsecond(row.get(3)?).unwrap_or(Timestamp::UNIX_EPOCH),
        subject: row.get(4)?,
        from: row.get(5)?,
        size: count(row.get(6)?),
        message_id: message_id.as_deref().and_then(|id| MessageId::parse(id).ok()),
        network_message_id: network_message_id.map(|id| NetworkMessageId(Uuid::from_bytes(id))),
        is_read: row.get::<_, i64>(9)? & FLAG_SEEN != 0,
    })
}

fn items(
    connection: &Connection,
    folder: Option<&FolderSelector>,
    after: Option<i64>,
    limit: usize,
) -> Result<ItemPage, MailboxError> {
    let folders = folder_statistics(connection)?;
    let paths: HashMap<i64, &str> =
        folders.iter().map(|folder| (folder.folder.0, folder.path.as_str())).collect();
    let limit = limit.clamp(1, PAGE_ITEMS_MAX);
    // One more than asked for tells whether there is a next page.
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let after = after.unwrap_or(i64::MAX);
    let (sql, fid) = match folder {
        Some(selector) => (
            format!(
                "SELECT {ITEM_COLUMNS} FROM member JOIN item ON item.item_id = member.item_id \
                 WHERE member.fid = ?1 AND member.uid < ?2 ORDER BY member.uid DESC LIMIT ?3"
            ),
            Some(select(&folders, selector)?.0),
        ),
        None => (
            format!(
                "SELECT {ITEM_COLUMNS} FROM item JOIN member ON member.fid = item.fid AND member.uid = item.uid \
                 WHERE ?1 IS NULL AND item.item_id < ?2 ORDER BY item.item_id DESC LIMIT ?3"
            ),
            None,
        ),
    };
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map((fid, after, fetch), |row| item_row(row, &paths))?;
    let mut items: Vec<ItemRow> = rows.collect::<Result<_, _>>()?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().map(|item| if fid.is_some() { i64::from(item.uid) } else { item.item_id });
    Ok(ItemPage { items, next: last.filter(|_| more) })
}

/// The ids of the mailbox's items above `after`, in order, at most `limit`.
pub(crate) fn item_ids(connection: &Connection, after: i64, limit: usize) -> Result<Vec<i64>, MailboxError> {
    let mut statement =
        connection.prepare_cached("SELECT item_id FROM item WHERE item_id > ?1 ORDER BY item_id LIMIT ?2")?;
    let rows = statement.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A single number, `None` if the query has no row.
pub(crate) fn number(connection: &Connection, sql: &str) -> Result<Option<i64>, MailboxError> {
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}
