//! Checks mailboxes: SQLite's own check, counters against rows, every body against its length and hash.
//!
//! May touch: disk, executor.

use std::sync::Arc;

use rusqlite::Connection;
use uuid::Uuid;

use crate::body;
use crate::error::MailboxError;
use crate::read;
use crate::store::{Core, MailboxStore};

/// Problems listed per mailbox; a damaged file can have any number.
const PROBLEMS_MAX: usize = 100;
/// Items whose bodies are read between two looks at the list.
const ITEMS_AT_A_TIME: usize = 500;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Mailboxes checked.
    pub mailboxes: usize,
    /// Bodies read.
    pub items: usize,
    /// What is wrong, with the mailbox it is in; at most 100 each.
    pub problems: Vec<(Uuid, String)>,
}

/// Queries that give 0 in a sound file, with what it means if they do not.
const SOUND: &[(&str, &str)] = &[
    (
        "SELECT count(*) FROM item LEFT JOIN member ON member.fid = item.fid AND member.uid = item.uid \
         AND member.item_id = item.item_id WHERE member.item_id IS NULL",
        "items without a membership",
    ),
    (
        "SELECT count(*) FROM member LEFT JOIN item ON item.item_id = member.item_id WHERE item.item_id IS NULL",
        "memberships without an item",
    ),
    (
        "SELECT count(*) FROM folder WHERE item_count != (SELECT count(*) FROM member WHERE member.fid = folder.fid) \
         OR unread_count != (SELECT count(*) FROM member WHERE member.fid = folder.fid AND flags & 1 = 0) \
         OR size != (SELECT coalesce(sum(item.size), 0) FROM item WHERE item.fid = folder.fid)",
        "folders whose counters are wrong",
    ),
    (
        "SELECT count(*) FROM member JOIN folder USING (fid) WHERE member.uid >= folder.uidnext \
         OR member.modseq > folder.content_cn",
        "memberships ahead of their folder's counters",
    ),
    (
        "SELECT count(*) FROM store WHERE size + recoverable_size != (SELECT coalesce(sum(size), 0) FROM item) \
         OR next_eid <= (SELECT coalesce(max(item_id), 0) FROM item) \
         OR next_cn <= (SELECT max(content_cn) FROM folder)",
        "store counters that are wrong",
    ),
];

impl MailboxStore {
    /// Checks one mailbox, or every one there is. `Err` only if the list of mailboxes cannot be read.
    pub async fn verify(&self, mailbox: Option<Uuid>) -> Result<VerifyReport, MailboxError> {
        let core = Arc::clone(&self.core);
        let check = move || {
            let mailboxes = match mailbox {
                Some(mailbox) => vec![mailbox],
                None => core.files.mailboxes()?,
            };
            let mut report = VerifyReport::default();
            for mailbox in mailboxes {
                let mut problems = Vec::new();
                if let Err(error) = verify(&core, mailbox, &mut report.items, &mut problems) {
                    problems.push(error.to_string());
                }
                report.mailboxes += 1;
                report.problems.extend(problems.into_iter().map(|problem| (mailbox, problem)));
            }
            Ok(report)
        };
        self.core.exec.blocking(check).await
    }
}

fn verify(
    core: &Core,
    mailbox: Uuid,
    items: &mut usize,
    problems: &mut Vec<String>,
) -> Result<(), MailboxError> {
    let connection = read::open(core, mailbox)?;
    connection.execute_batch("BEGIN")?;
    integrity(&connection, problems)?;
    for (sql, meaning) in SOUND {
        match read::number(&connection, sql)? {
            Some(0) | None => {}
            Some(count) => problems.push(format!("{count} {meaning}")),
        }
    }
    let mut after = 0;
    loop {
        let ids = read::item_ids(&connection, after, ITEMS_AT_A_TIME)?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        for item_id in ids {
            *items += 1;
            if let Err(error) = body::read(&connection, &core.blobs, item_id)
                && problems.len() < PROBLEMS_MAX
            {
                problems.push(error.to_string());
            }
        }
    }
}

fn integrity(connection: &Connection, problems: &mut Vec<String>) -> Result<(), MailboxError> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    for row in rows {
        let line = row?;
        if line != "ok" {
            problems.push(line);
        }
    }
    Ok(())
}
