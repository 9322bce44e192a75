//! Puts deliveries into a mailbox file: duplicate check, quota, then item, membership, body and `delivered` row.
//!
//! May touch: disk (through the connection).
//!
//! Several deliveries to one mailbox share a transaction, in the order they were handed in.

use std::time::Duration;

use jiff::Timestamp;
use mail::NetworkMessageId;
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::body::StoredBody;
use crate::error::MailboxError;
use crate::file::MailboxFile;
use crate::folder::FolderRole;
use crate::outcome::{
    Delivered, Delivery, DeliveryFolder, Duplicate, DuplicateKind, Outcome, Pass, Recorded, SpoolEntry,
};

/// Characters of a subject, sender or Message-ID kept for lists; the body holds the whole.
const TEXT_CHARS_MAX: usize = 1024;
/// Prefixes of replies and forwards that [`normalized`] takes off; a subject has at most so many.
const PREFIXES_MAX: usize = 16;

/// A delivery whose body is ready to be stored.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) delivery: Delivery,
    pub(crate) body: StoredBody,
}

/// A row of `delivered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Earlier {
    network_message_id: NetworkMessageId,
    item_id: i64,
    uid: u32,
    folder: DeliveryFolder,
    at: Timestamp,
    entry: SpoolEntry,
}

/// What to do with a delivery.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Store,
    /// This very entry is in the mailbox already.
    AlreadyThere(Earlier),
    Suppress(DuplicateKind, Earlier),
    OverQuota(u64),
}

/// The facts the decision hangs on.
struct Facts {
    same_message: Option<Earlier>,
    resend: Option<Earlier>,
    used: u64,
    size: u64,
}

/// Duplicates come before quota: a message that is there already must not bounce because it filled the mailbox.
fn decide(delivery: &Delivery, facts: &Facts) -> Decision {
    if let Some(earlier) = facts.same_message {
        return if earlier.entry == delivery.entry {
            Decision::AlreadyThere(earlier)
        } else {
            Decision::Suppress(DuplicateKind::SameMessage, earlier)
        };
    }
    if matches!(delivery.pass, Pass::Redo(_)) {
        return Decision::Store;
    }
    if let Some(earlier) = facts.resend {
        return Decision::Suppress(DuplicateKind::Resend, earlier);
    }
    match delivery.quota {
        Some(limit) if facts.used.saturating_add(facts.size) > limit => Decision::OverQuota(limit),
        _ => Decision::Store,
    }
}

/// Delivers a group to one mailbox in one transaction. On an error nothing of the group is stored.
pub(crate) fn deliver_group(
    file: &mut MailboxFile,
    group: &[Prepared],
    resend_window: Duration,
) -> Result<Vec<Outcome>, MailboxError> {
    file.transaction(|file| {
        let mut outcomes = Vec::with_capacity(group.len());
        let mut touched = Vec::new();
        for prepared in group {
            let outcome = deliver_one(file, prepared, resend_window)?;
            if let Outcome::Delivered(_) = outcome {
                let fid = prepared.delivery.folder.role().folder_id().0;
                if !touched.contains(&fid) {
                    touched.push(fid);
                }
            }
            outcomes.push(outcome);
        }
        for fid in &touched {
            file.write_folder(*fid)?;
        }
        if !touched.is_empty() {
            file.write_store()?;
        }
        Ok(outcomes)
    })
}

fn deliver_one(
    file: &mut MailboxFile,
    prepared: &Prepared,
    resend_window: Duration,
) -> Result<Outcome, MailboxError> {
    let delivery = &prepared.delivery;
    let same_message = find_same_message(&file.connection, delivery.network_message_id)?;
    let resend = match (&same_message, delivery.pass) {
        (None, Pass::First) => find_resend(&file.connection, delivery, resend_window)?,
        _ => None,
    };
    let used = u64::try_from(file.store.size).unwrap_or(0);
    let size = u64::try_from(delivery.body.len()).unwrap_or(u64::MAX);
    Ok(match decide(delivery, &Facts { same_message, resend, used, size }) {
        Decision::Store => Outcome::Delivered(store(file, prepared)?),
        Decision::AlreadyThere(earlier) => Outcome::Delivered(Delivered {
            item_id: earlier.item_id,
            uid: earlier.uid,
            folder: earlier.folder,
            at: earlier.at,
            used,
        }),
        Decision::Suppress(kind, earlier) => Outcome::Duplicate(Duplicate {
            kind,
            item_id: earlier.item_id,
            folder: earlier.folder,
            at: earlier.at,
            network_message_id: earlier.network_message_id,
        }),
        Decision::OverQuota(limit) => Outcome::OverQuota { used, limit },
    })
}

const EARLIER_COLUMNS: &str = "network_message_id, item_id, fid, uid, at, message_no, entry_no, resend_key";

fn earlier(row: &Row<'_>) -> rusqlite::Result<Earlier> {
    let fid: i64 = row.get(2)?;
    let junk = FolderRole::JunkEmail.folder_id().0;
    Ok(Earlier {
        network_message_id: NetworkMessageId(Uuid::from_bytes(row.get(0)?)),
        item_id: row.get(1)?,
        folder: if fid == junk { DeliveryFolder::JunkEmail } else { DeliveryFolder::Inbox },
        uid: row.get(3)?,
        at: Timestamp::from_microsecond(row.get(4)?).unwrap_or(Timestamp::UNIX_EPOCH),
        // Spool numbers are stored as the signed number with the same bits.
        entry: SpoolEntry { message: row.get::<_, i64>(5)?.cast_unsigned(), entry: row.get(6)? },
    })
}

fn find_same_message(connection: &Connection, id: NetworkMessageId) -> Result<Option<Earlier>, MailboxError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {EARLIER_COLUMNS} FROM delivered WHERE network_message_id = ?1"))?;
    Ok(statement.query_row([id.0.as_bytes()], earlier).optional()?)
}

fn find_resend(
    connection: &Connection,
    delivery: &Delivery,
    window: Duration,
) -> Result<Option<Earlier>, MailboxError> {
    let Some(key) = delivery.resend_key else { return Ok(None) };
    let mut statement = connection
        .prepare_cached(&format!("SELECT {EARLIER_COLUMNS} FROM delivered WHERE resend_number = ?1"))?;
    let mut rows = statement.query([key.index_number()])?;
    while let Some(row) = rows.next()? {
        let stored: Option<[u8; 32]> = row.get(7)?;
        let found = earlier(row)?;
        let apart = delivery.at.duration_since(found.at).unsigned_abs();
        if stored.as_ref() == Some(key.as_bytes()) && apart <= window {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn store(file: &mut MailboxFile, prepared: &Prepared) -> Result<Delivered, MailboxError> {
    let delivery = &prepared.delivery;
    let fid = delivery.folder.role().folder_id().0;
    let recorded = match delivery.pass {
        Pass::First => Recorded::default(),
        Pass::Redo(recorded) => recorded,
    };
    let item_id = take_item_id(file, recorded.item_id)?;
    let uid = take_uid(file, fid, recorded.uid)?;
    let cn = file.next_cn();
    let size = i64::try_from(delivery.body.len()).unwrap_or(i64::MAX);
    let at = delivery.at.as_microsecond();

    insert_item(&file.connection, prepared, item_id, fid, uid, size)?;
    file.connection
        .prepare_cached(
            "INSERT INTO member (fid, uid, item_id, mid, cn, read_cn, modseq, created_cn, flags, imap_savedate) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?4, ?4, ?4, 0, ?5)",
        )?
        .execute((fid, uid, item_id, cn, at))?;
    insert_delivered(&file.connection, delivery, item_id, fid, uid)?;

    file.store.size = file.store.size.saturating_add(size);
    let received = delivery.received.as_microsecond();
    let folder = file.folder_mut(fid)?;
    folder.content_cn = cn;
    folder.item_count += 1;
    folder.unread_count += 1;
    folder.size = folder.size.saturating_add(size);
    folder.newest = Some(folder.newest.map_or(received, |newest| newest.max(received)));
    Ok(Delivered {
        item_id,
        uid,
        folder: delivery.folder,
        at: delivery.at,
        used: u64::try_from(file.store.size).unwrap_or(0),
    })
}

/// The recorded id if nothing else has it, else the next one.
fn take_item_id(file: &mut MailboxFile, recorded: Option<i64>) -> Result<i64, MailboxError> {
    let next = file.store.next_eid;
    let item_id = match recorded {
        Some(id) if id >= next => id,
        Some(id) if id > 0 && is_free(&file.connection, id)? => id,
        _ => next,
    };
    file.store.next_eid = next.max(item_id + 1);
    Ok(item_id)
}

fn is_free(connection: &Connection, id: i64) -> Result<bool, MailboxError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM item WHERE item_id = ?1) OR EXISTS (SELECT 1 FROM member WHERE mid = ?1) \
         OR EXISTS (SELECT 1 FROM folder WHERE fid = ?1) OR EXISTS (SELECT 1 FROM gone WHERE item_id = ?1 OR mid = ?1)",
    )?;
    Ok(!statement.query_row([id], |row| row.get::<_, bool>(0))?)
}

/// The recorded UID if it was never used, else the next one (RFC 9051 §2.3.1.1: never reused).
fn take_uid(file: &mut MailboxFile, fid: i64, recorded: Option<u32>) -> Result<u32, MailboxError> {
    let next = file.folder_mut(fid)?.uidnext;
    let uid = match recorded.map(i64::from) {
        Some(uid) if uid >= next => uid,
        Some(uid) if uid > 0 && is_unused(&file.connection, fid, uid)? => uid,
        _ => next,
    };
    let folder = file.folder_mut(fid)?;
    folder.uidnext = next.max(uid + 1);
    u32::try_from(uid).map_err(|_| MailboxError::Unavailable("the folder has used up its UIDs".to_owned()))
}

fn is_unused(connection: &Connection, fid: i64, uid: i64) -> Result<bool, MailboxError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM member WHERE fid = ?1 AND uid = ?2) \
         OR EXISTS (SELECT 1 FROM gone WHERE fid = ?1 AND uid = ?2)",
    )?;
    Ok(!statement.query_row([fid, uid], |row| row.get::<_, bool>(0))?)
}

fn insert_item(
    connection: &Connection,
    prepared: &Prepared,
    item_id: i64,
    fid: i64,
    uid: u32,
    size: i64,
) -> Result<(), MailboxError> {
    let delivery = &prepared.delivery;
    let (body_id, blob) = match &prepared.body {
        StoredBody::Plain(content) | StoredBody::Zstd(content) => {
            connection
                .prepare_cached("INSERT INTO body (body_id, uses, content) VALUES (?1, 1, ?2)")?
                .execute(rusqlite::params![item_id, content.as_ref()])?;
            (Some(item_id), None)
        }
        StoredBody::Blob(hash) => (None, Some(hash.as_bytes())),
    };
    let summary = &delivery.summary;
    let subject = bounded(&summary.subject);
    let normal = normalized(subject);
    connection
        .prepare_cached(
            "INSERT INTO item (item_id, fid, uid, body_id, blob_hash, encoding, size, received, sent, msg_class, \
             message_id_hdr, subject, subject_norm, sender, is_fai, is_draft, network_message_id) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'IPM.Note', ?10, ?11, ?12, ?13, 0, 0, ?14)",
        )?
        .execute(rusqlite::params![
            item_id,
            fid,
            uid,
            body_id,
            blob,
            prepared.body.encoding(),
            size,
            delivery.received.as_microsecond(),
            summary.date.map(Timestamp::as_microsecond),
            summary.message_id.as_ref().map(|id| bounded(id.as_str())),
            subject,
            // NULL where it says nothing the subject does not.
            (normal.len() != subject.len()).then_some(normal),
            summary.from.as_deref().map(bounded),
            delivery.network_message_id.0.as_bytes(),
        ])?;
    Ok(())
}

fn insert_delivered(
    connection: &Connection,
    delivery: &Delivery,
    item_id: i64,
    fid: i64,
    uid: u32,
) -> Result<(), MailboxError> {
    connection
        .prepare_cached(
            "INSERT INTO delivered (network_message_id, item_id, fid, uid, at, message_no, entry_no, resend_number, \
             resend_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            delivery.network_message_id.0.as_bytes(),
            item_id,
            fid,
            uid,
            delivery.at.as_microsecond(),
            delivery.entry.message.cast_signed(),
            delivery.entry.entry,
            delivery.resend_key.map(|key| key.index_number()),
            delivery.resend_key.as_ref().map(|key| key.as_bytes().as_slice()),
        ))?;
    Ok(())
}

/// At most [`TEXT_CHARS_MAX`] characters.
fn bounded(text: &str) -> &str {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The subject without the prefixes of replies and forwards.
fn normalized(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    for _ in 0..PREFIXES_MAX {
        let Some((prefix, after)) = rest.split_once(':') else { break };
        let known =
            ["re", "fw", "fwd", "aw", "wg"].iter().any(|known| prefix.trim().eq_ignore_ascii_case(known));
        if !known {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::dirty::SpoolPosition;
    use crate::outcome::ItemSummary;

    fn delivery(message: u64, pass: Pass, quota: Option<u64>) -> Delivery {
        Delivery {
            mailbox: Uuid::from_u128(1),
            network_message_id: NetworkMessageId(Uuid::from_u128(7)),
            entry: SpoolEntry { message, entry: 0 },
            folder: DeliveryFolder::Inbox,
            body: Bytes::from_static(b"0123456789"),
            received: Timestamp::UNIX_EPOCH,
            at: Timestamp::UNIX_EPOCH,
            summary: ItemSummary::default(),
            resend_key: None,
            quota,
            pass,
            position: SpoolPosition(0),
        }
    }

    #[test]
    fn the_table_of_decisions() {
        let there = |message| {
            Some(Earlier {
                network_message_id: NetworkMessageId(Uuid::from_u128(7)),
                item_id: 256,
                uid: 1,
                folder: DeliveryFolder::Inbox,
                at: Timestamp::UNIX_EPOCH,
                entry: SpoolEntry { message, entry: 0 },
            })
        };
        let own = there(1).unwrap();
        let other = there(2).unwrap();
        let redo = Pass::Redo(Recorded::default());
        let same = |earlier| Decision::Suppress(DuplicateKind::SameMessage, earlier);
        let resend = |earlier| Decision::Suppress(DuplicateKind::Resend, earlier);
        // pass, same message, resend, used, quota => decision
        let table = [
            (Pass::First, None, None, 0, None, Decision::Store),
            (Pass::First, None, None, 90, Some(100), Decision::Store),
            (Pass::First, None, None, 91, Some(100), Decision::OverQuota(100)),
            (Pass::First, None, None, 0, Some(0), Decision::OverQuota(0)),
            (redo, None, None, 100, Some(100), Decision::Store),
            (Pass::First, Some(own), None, 100, Some(100), Decision::AlreadyThere(own)),
            (redo, Some(own), None, 100, Some(100), Decision::AlreadyThere(own)),
            (Pass::First, Some(other), None, 100, Some(100), same(other)),
            (redo, Some(other), None, 0, None, same(other)),
            (Pass::First, None, Some(other), 100, Some(100), resend(other)),
            (Pass::First, Some(other), Some(other), 0, None, same(other)),
            (redo, None, Some(other), 0, None, Decision::Store),
        ];
        for (row, (pass, same_message, resend, used, quota, expected)) in table.into_iter().enumerate() {
            let facts = Facts { same_message, resend, used, size: 10 };
            assert_eq!(decide(&delivery(1, pass, quota), &facts), expected, "row {row}");
        }
    }

    #[test]
    fn subjects_are_normalized_and_bounded() {
        for (subject, normal) in [
            ("Hello", "Hello"),
            ("Re: Hello", "Hello"),
            ("RE: fwd:  Aw: Hello: there", "Hello: there"),
            ("Resume: mine", "Resume: mine"),
            ("", ""),
        ] {
            assert_eq!(normalized(subject), normal);
        }
        assert_eq!(bounded(&"ä".repeat(2000)).chars().count(), TEXT_CHARS_MAX);
    }
}
