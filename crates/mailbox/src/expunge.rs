//! Removes an item for good and leaves the tombstone, so that every client learns of it.
//!
//! May touch: disk (through the connection).
//! Standards: RFC 7162 §3.2.10 (VANISHED needs the UID and the change number).

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::error::MailboxError;
use crate::file::MailboxFile;
use crate::folder::FolderRole;

/// The IMAP `\Seen` bit of `member.flags`.
pub(crate) const FLAG_SEEN: i64 = 1;

struct Found {
    fid: i64,
    uid: i64,
    body_id: Option<i64>,
    size: i64,
    mid: i64,
    flags: i64,
}

/// Removes the item; its `delivered` row stays for `delivered_retention` from `now` on. Returns the folder and its
/// change number.
pub(crate) fn expunge(
    file: &mut MailboxFile,
    item_id: i64,
    now: Timestamp,
) -> Result<(i64, i64), MailboxError> {
    file.transaction(|file| {
        let found = find(file, item_id)?;
        let cn = file.next_cn();
        let connection = &file.connection;
        connection.execute("DELETE FROM member WHERE fid = ?1 AND uid = ?2", [found.fid, found.uid])?;
        connection.execute("DELETE FROM item WHERE item_id = ?1", [item_id])?;
        if let Some(body) = found.body_id {
            connection.execute("UPDATE body SET uses = uses - 1 WHERE body_id = ?1", [body])?;
            connection.execute("DELETE FROM body WHERE body_id = ?1 AND uses <= 0", [body])?;
        }
        connection.execute(
            "INSERT INTO gone (fid, uid, mid, item_id, modseq, why) VALUES (?1, ?2, ?3, ?4, ?5, 'expunge')",
            [found.fid, found.uid, found.mid, item_id, cn],
        )?;
        connection.execute(
            "UPDATE delivered SET gone_at = ?2 WHERE item_id = ?1",
            [item_id, now.as_microsecond()],
        )?;
        let newest: Option<i64> =
            connection
                .query_row("SELECT max(received) FROM item WHERE fid = ?1", [found.fid], |row| row.get(0))?;
        let recoverable =
            FolderRole::ALL.iter().any(|role| role.folder_id().0 == found.fid && role.is_recoverable());
        let counter = if recoverable { &mut file.store.recoverable_size } else { &mut file.store.size };
        *counter -= found.size;
        let folder = file.folder_mut(found.fid)?;
        folder.content_cn = cn;
        folder.item_count -= 1;
        folder.unread_count -= i64::from(found.flags & FLAG_SEEN == 0);
        folder.size -= found.size;
        folder.newest = newest;
        file.write_folder(found.fid)?;
        file.write_store()?;
        Ok((found.fid, cn))
    })
}

fn find(file: &MailboxFile, item_id: i64) -> Result<Found, MailboxError> {
    file.connection
        .query_row(
            "SELECT item.fid, item.uid, item.body_id, item.size, member.mid, member.flags FROM item \
             JOIN member ON member.fid = item.fid AND member.uid = item.uid WHERE item.item_id = ?1",
            [item_id],
            |row| {
                Ok(Found {
                    fid: row.get(0)?,
                    uid: row.get(1)?,
                    body_id: row.get(2)?,
                    size: row.get(3)?,
                    mid: row.get(4)?,
                    flags: row.get(5)?,
                })
            },
        )
        .optional()?
        .ok_or(MailboxError::NoItem(item_id))
}

/// Forgets deliveries whose item has been gone for longer than `retention`. Returns how many.
pub(crate) fn prune_delivered(
    file: &mut MailboxFile,
    now: Timestamp,
    retention: Duration,
) -> Result<usize, MailboxError> {
    let keep = i64::try_from(retention.as_micros()).unwrap_or(i64::MAX);
    let before = now.as_microsecond().saturating_sub(keep);
    file.transaction(|file| {
        Ok(file.connection.execute("DELETE FROM delivered WHERE gone_at < ?1", [before])?)
    })
}
