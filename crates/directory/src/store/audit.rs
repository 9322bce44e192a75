//! Who changed what, and when: one row per object and change, beside the cmdlet that did it.
//!
//! May touch: disk (the directory's SQLite file).

use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction, params};
use uuid::Uuid;

use super::command::{AuditOutcome, AuditedCommand, CommandId};
use super::format::{Document, differences};
use super::{Stamp, guid_of};
use crate::DirectoryError;
use crate::object::ObjectKind;
use crate::text_enum::text_enum;

/// Most rows one query gives.
pub const AUDIT_ROWS_MAX: usize = 10_000;

text_enum! {
    /// What was done to an object.
    pub enum AuditAction "Action" {
        /// It is new.
        Created = "Created",
        /// It was changed.
        Changed = "Changed",
        /// It is gone.
        Removed = "Removed",
    }
}

/// One object in one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedObject {
    /// Rises with every row.
    pub id: i64,
    /// The number of the change; rows of one change share it.
    pub change: u64,
    /// What kind of object.
    pub kind: ObjectKind,
    /// Which object.
    pub guid: Uuid,
    /// Its name at the time.
    pub name: String,
    /// What was done.
    pub action: AuditAction,
    /// The properties that differ, before, as JSON; secrets are hidden.
    pub before: Option<String>,
    /// The properties that differ, after, as JSON; secrets are hidden.
    pub after: Option<String>,
}

/// A cmdlet with one of the objects it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The cmdlet's number; rows of one cmdlet share it.
    pub id: CommandId,
    /// When it began.
    pub at: Timestamp,
    /// Who, from where, and what.
    pub command: AuditedCommand,
    /// How it ended; `None` while it runs, and for ever if the server ended meanwhile.
    pub outcome: Option<AuditOutcome>,
    /// The error it reported.
    pub error: Option<String>,
    /// How many rows a look-up gave.
    pub rows: Option<u64>,
    /// Whose mail a look-up showed: addresses, separated by blanks.
    pub about: Option<String>,
    /// The object; `None` where it changed none of the directory.
    pub object: Option<AuditedObject>,
}

impl AuditRow {
    /// What [`AuditQuery::before`] takes to go on behind this row.
    pub fn cursor(&self) -> (CommandId, i64) {
        (self.id, self.object.as_ref().map_or(0, |object| object.id))
    }
}

/// Which audit rows to give, newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Up to, and without, this time.
    pub until: Option<Timestamp>,
    /// Of this object.
    pub object: Option<Uuid>,
    /// Look-ups too, and not only changes.
    pub with_look_ups: bool,
    /// Behind the row with this [`AuditRow::cursor`]: the next page.
    pub before: Option<(CommandId, i64)>,
    /// At most so many, and never more than [`AUDIT_ROWS_MAX`]; 0 is that.
    pub limit: usize,
}

pub(super) fn write(
    transaction: &Transaction<'_>,
    stamp: Stamp<'_>,
    in_change: (CommandId, u64),
    object: (ObjectKind, Uuid),
    old: Option<&Document>,
    new: Option<&Document>,
) -> Result<(), DirectoryError> {
    let action = match (old, new) {
        (None, _) => AuditAction::Created,
        (_, None) => AuditAction::Removed,
        _ => AuditAction::Changed,
    };
    let name = new.or(old).map(|document| document.name.as_str()).unwrap_or_default();
    let (before, after) = differences(old, new);
    transaction
        .prepare_cached(
            "INSERT INTO audit (at, actor, change, kind, guid, name, action, before, after, command)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            stamp.at.as_microsecond(),
            stamp.actor,
            i64::try_from(in_change.1).unwrap_or(i64::MAX),
            object.0.as_str(),
            object.1.as_bytes(),
            name,
            action.as_str(),
            before,
            after,
            in_change.0.0
        ])?;
    Ok(())
}

pub(super) fn read(connection: &Connection, query: &AuditQuery) -> Result<Vec<AuditRow>, DirectoryError> {
    let limit = if query.limit == 0 { AUDIT_ROWS_MAX } else { query.limit.min(AUDIT_ROWS_MAX) };
    let mut statement = connection.prepare_cached(
        "SELECT command.id, command.at, command.actor, via, cmdlet, parameters, look_up, outcome, error, found,
                audit.id, change, kind, guid, name, action, before, after, about
         FROM command LEFT JOIN audit ON audit.command = command.id
         WHERE command.at >= ?1 AND command.at < ?2 AND (?3 OR look_up = 0) AND (?4 IS NULL OR guid = ?4)
               AND (command.id < ?5 OR command.id = ?5 AND ifnull(audit.id, 0) < ?6)
         ORDER BY command.id DESC, audit.id DESC LIMIT ?7",
    )?;
    let (command, object) = query.before.unwrap_or((CommandId(i64::MAX), i64::MAX));
    let mut rows = statement.query(params![
        query.from.map_or(i64::MIN, Timestamp::as_microsecond),
        query.until.map_or(i64::MAX, Timestamp::as_microsecond),
        query.with_look_ups,
        query.object.map(|guid| guid.as_bytes().to_vec()),
        command.0,
        object,
        i64::try_from(limit).unwrap_or(i64::MAX),
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_row(row)?);
    }
    Ok(found)
}

fn read_row(row: &Row<'_>) -> Result<AuditRow, DirectoryError> {
    let outcome: Option<String> = row.get(7)?;
    Ok(AuditRow {
        id: CommandId(row.get(0)?),
        at: Timestamp::from_microsecond(row.get(1)?)
            .map_err(|error| DirectoryError::Damaged(error.to_string()))?,
        command: AuditedCommand {
            actor: row.get(2)?,
            via: row.get::<_, String>(3)?.parse().map_err(damaged)?,
            cmdlet: row.get(4)?,
            parameters: row.get(5)?,
            is_look_up: row.get(6)?,
        },
        outcome: outcome.map(|text| text.parse().map_err(damaged)).transpose()?,
        error: row.get(8)?,
        rows: row.get::<_, Option<i64>>(9)?.and_then(|rows| u64::try_from(rows).ok()),
        about: row.get(18)?,
        object: read_object(row)?,
    })
}

fn read_object(row: &Row<'_>) -> Result<Option<AuditedObject>, DirectoryError> {
    let Some(id) = row.get(10)? else { return Ok(None) };
    Ok(Some(AuditedObject {
        id,
        change: u64::try_from(row.get::<_, i64>(11)?).unwrap_or(0),
        kind: row.get::<_, String>(12)?.parse().map_err(damaged)?,
        guid: guid_of(row.get(13)?)?,
        name: row.get(14)?,
        action: row.get::<_, String>(15)?.parse().map_err(damaged)?,
        before: row.get(16)?,
        after: row.get(17)?,
    }))
}

fn damaged(error: DirectoryError) -> DirectoryError {
    DirectoryError::Damaged(error.to_string())
}
