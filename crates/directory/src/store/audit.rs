//! Who changed what, and when: one row per object and change.
//!
//! May touch: disk (the directory's SQLite file).

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use uuid::Uuid;

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
pub struct AuditRow {
    /// Rises with every row; the cursor of [`AuditQuery::before_id`].
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
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

/// Which audit rows to give, newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Up to, and without, this time.
    pub until: Option<Timestamp>,
    /// Of this object.
    pub object: Option<Uuid>,
    /// Older than the row with this id: the next page.
    pub before_id: Option<i64>,
    /// At most so many, and never more than [`AUDIT_ROWS_MAX`]; 0 is that.
    pub limit: usize,
}

pub(super) fn write(
    transaction: &Transaction<'_>,
    stamp: Stamp<'_>,
    change: u64,
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
            "INSERT INTO audit (at, actor, change, kind, guid, name, action, before, after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            stamp.at.as_microsecond(),
            stamp.actor,
            i64::try_from(change).unwrap_or(i64::MAX),
            object.0.as_str(),
            object.1.as_bytes(),
            name,
            action.as_str(),
            before,
            after
        ])?;
    Ok(())
}

pub(super) fn read(connection: &Connection, query: &AuditQuery) -> Result<Vec<AuditRow>, DirectoryError> {
    let limit = if query.limit == 0 { AUDIT_ROWS_MAX } else { query.limit.min(AUDIT_ROWS_MAX) };
    let mut statement = connection.prepare_cached(
        "SELECT id, at, actor, change, kind, guid, name, action, before, after FROM audit
         WHERE at >= ?1 AND at < ?2 AND id < ?3 AND (?4 IS NULL OR guid = ?4) ORDER BY id DESC LIMIT ?5",
    )?;
    let mut rows = statement.query(params![
        query.from.map_or(i64::MIN, Timestamp::as_microsecond),
        query.until.map_or(i64::MAX, Timestamp::as_microsecond),
        query.before_id.unwrap_or(i64::MAX),
        query.object.map(|guid| guid.as_bytes().to_vec()),
        i64::try_from(limit).unwrap_or(i64::MAX),
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let damaged = |error: DirectoryError| DirectoryError::Damaged(error.to_string());
        found.push(AuditRow {
            id: row.get(0)?,
            at: Timestamp::from_microsecond(row.get(1)?)
                .map_err(|error| DirectoryError::Damaged(error.to_string()))?,
            actor: row.get(2)?,
            change: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
            kind: row.get::<_, String>(4)?.parse().map_err(damaged)?,
            guid: guid_of(row.get(5)?)?,
            name: row.get(6)?,
            action: row.get::<_, String>(7)?.parse().map_err(damaged)?,
            before: row.get(8)?,
            after: row.get(9)?,
        });
    }
    Ok(found)
}
