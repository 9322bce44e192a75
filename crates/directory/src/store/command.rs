//! Cmdlets that ran: who, from where, with which parameters, and how it ended; the other half of the audit log.
//!
//! May touch: disk (the directory's SQLite file).

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use crate::DirectoryError;
use crate::text_enum::text_enum;

/// Most cmdlets that changed something that are kept; the oldest go first.
pub const AUDIT_COMMANDS_KEPT_MAX: i64 = 500_000;
/// Most look-ups that are kept; the oldest go first, and never push out a change.
pub const AUDIT_LOOK_UPS_KEPT_MAX: i64 = 200_000;
/// Most look-ups without an end that are kept longer than that: those that are still shown, and those whose end a crash
/// took.
const OPEN_LOOK_UPS_KEPT_MAX: i64 = 1_000;
/// Most rows of changed objects that are kept; the oldest go first.
pub const AUDIT_OBJECTS_KEPT_MAX: i64 = 2_000_000;
/// The bounds are looked at once in so many cmdlets: so far they may be passed.
const COMMANDS_PER_TRIM: i64 = 1_000;

/// What is kept at most.
#[derive(Debug, Clone, Copy)]
struct Kept {
    commands: i64,
    look_ups: i64,
    open_look_ups: i64,
    objects: i64,
}

const KEPT: Kept = Kept {
    commands: AUDIT_COMMANDS_KEPT_MAX,
    look_ups: AUDIT_LOOK_UPS_KEPT_MAX,
    open_look_ups: OPEN_LOOK_UPS_KEPT_MAX,
    objects: AUDIT_OBJECTS_KEPT_MAX,
};

text_enum! {
    /// The way a cmdlet came.
    pub enum AuditVia "Interface" {
        /// The Unix socket in the data directory.
        LocalSocket = "LocalSocket",
        /// HTTP or HTTPS with credentials.
        Http = "HTTP",
        /// No cmdlet: the server itself, or `postroom init`.
        Server = "Server",
    }
}

text_enum! {
    /// How a cmdlet ended.
    pub enum AuditOutcome "Outcome" {
        /// It did what it was asked.
        Succeeded = "Succeeded",
        /// It reported an error.
        Failed = "Failed",
    }
}

/// A cmdlet as it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCommand {
    /// Who.
    pub actor: String,
    /// The way they came.
    pub via: AuditVia,
    /// `Verb-Noun`; `None` for what the server does by itself.
    pub cmdlet: Option<String>,
    /// Its parameters as a JSON object, without secrets.
    pub parameters: Option<String>,
    /// True where it only reads.
    pub is_look_up: bool,
}

/// How a cmdlet ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditEnd {
    /// The error it reported; `None` for success.
    pub error: Option<String>,
    /// How many rows a look-up gave.
    pub rows: Option<u64>,
    /// Whose mail a look-up showed: addresses, separated by blanks.
    pub about: Option<String>,
}

/// The number of a recorded cmdlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandId(pub i64);

/// Records a cmdlet: with its end, or as one that is running.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    at: Timestamp,
    command: &AuditedCommand,
    end: Option<&AuditEnd>,
) -> Result<CommandId, DirectoryError> {
    transaction
        .prepare_cached(
            "INSERT INTO command (at, actor, via, cmdlet, parameters, look_up, outcome, error, found, about)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            at.as_microsecond(),
            command.actor,
            command.via.as_str(),
            command.cmdlet,
            command.parameters,
            command.is_look_up,
            end.map(|end| outcome(end).as_str()),
            end.and_then(|end| end.error.as_deref()),
            end.and_then(found),
            end.and_then(|end| end.about.as_deref()),
        ])?;
    let id = transaction.last_insert_rowid();
    if id % COMMANDS_PER_TRIM == 0 {
        trim_to(transaction, KEPT)?;
    }
    Ok(CommandId(id))
}

/// Records how a cmdlet that is running ended; gives whether it is still known.
pub(super) fn end(
    transaction: &Transaction<'_>,
    id: CommandId,
    end: &AuditEnd,
) -> Result<bool, DirectoryError> {
    let known = transaction
        .prepare_cached("UPDATE command SET outcome = ?2, error = ?3, found = ?4, about = ?5 WHERE id = ?1")?
        .execute(params![id.0, outcome(end).as_str(), end.error, found(end), end.about])?;
    Ok(known > 0)
}

/// Says of a look-up what it has shown by now, whether it has ended or not; gives whether it is still known.
pub(super) fn add(
    transaction: &Transaction<'_>,
    id: CommandId,
    so_far: &AuditEnd,
) -> Result<bool, DirectoryError> {
    let known = transaction
        .prepare_cached("UPDATE command SET found = ?2, about = ?3 WHERE id = ?1 AND look_up")?
        .execute(params![id.0, found(so_far), so_far.about])?;
    Ok(known > 0)
}

/// Says of a look-up that has ended that it goes on: to what was asked a switch of this name is added. Gives whether it is
/// still known.
pub(super) fn go_on(
    transaction: &Transaction<'_>,
    id: CommandId,
    switch: &str,
) -> Result<bool, DirectoryError> {
    let known = transaction
        .prepare_cached(
            "UPDATE command SET outcome = NULL,
                 parameters = json_set(coalesce(parameters, '{}'), '$.\"' || ?2 || '\"', json('true'))
             WHERE id = ?1 AND look_up",
        )?
        .execute(params![id.0, switch])?;
    Ok(known > 0)
}

/// Removes what began before a time; gives how many cmdlets that were.
pub(super) fn trim_before(transaction: &Transaction<'_>, before: Timestamp) -> Result<usize, DirectoryError> {
    transaction.execute("DELETE FROM audit WHERE at < ?1", [before.as_microsecond()])?;
    // A cmdlet may have begun before and changed its objects after.
    Ok(transaction.execute(
        "DELETE FROM command WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.command = command.id)",
        [before.as_microsecond()],
    )?)
}

/// Removes the oldest beyond the bounds. A look-up without an end still goes on, and its end will say what it showed: it
/// goes only where it is beyond the bound of those too.
fn trim_to(transaction: &Transaction<'_>, kept: Kept) -> Result<(), DirectoryError> {
    transaction.execute(
        "DELETE FROM command WHERE look_up = 0 AND id <= (
             SELECT id FROM command WHERE look_up = 0 ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        [kept.commands],
    )?;
    transaction.execute(
        "DELETE FROM command WHERE look_up = 1
             AND id <= (SELECT id FROM command WHERE look_up = 1 ORDER BY id DESC LIMIT 1 OFFSET ?1)
             AND (outcome IS NOT NULL OR id <= (
                 SELECT id FROM command WHERE look_up = 1 AND outcome IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?2))",
        [kept.look_ups, kept.open_look_ups],
    )?;
    transaction.execute(
        "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1
             OR command < (SELECT min(id) FROM command WHERE look_up = 0)",
        [kept.objects],
    )?;
    Ok(())
}

fn outcome(end: &AuditEnd) -> AuditOutcome {
    if end.error.is_some() { AuditOutcome::Failed } else { AuditOutcome::Succeeded }
}

fn found(end: &AuditEnd) -> Option<i64> {
    end.rows.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use world::{Disk, SqliteMode};

    use super::super::SCHEMA;
    use super::*;

    #[test]
    fn a_look_up_that_goes_on_keeps_what_was_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let mut connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let transaction = connection.transaction().unwrap();
        let command = |parameters: Option<&str>, is_look_up| AuditedCommand {
            actor: "kim".to_owned(),
            via: AuditVia::Http,
            cmdlet: Some("Get-MessageTrace".to_owned()),
            parameters: parameters.map(str::to_owned),
            is_look_up,
        };
        let begun = |parameters, is_look_up| {
            let ended = AuditEnd { rows: Some(1_000), ..AuditEnd::default() };
            begin(&transaction, Timestamp::UNIX_EPOCH, &command(parameters, is_look_up), Some(&ended))
                .unwrap()
        };
        for (given, kept) in [
            (
                Some(r#"{"ResultSize":1000,"Subject":"\"x\""}"#),
                r#"{"ResultSize":1000,"Subject":"\"x\"","Follow":true}"#,
            ),
            (None, r#"{"Follow":true}"#),
        ] {
            let id = begun(given, true);
            assert!(go_on(&transaction, id, "Follow").unwrap());
            let sql = "SELECT parameters, outcome FROM command WHERE id = ?1";
            let (parameters, outcome): (String, Option<String>) =
                transaction.query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!((parameters.as_str(), outcome), (kept, None));
        }
        assert!(!go_on(&transaction, begun(None, false), "Follow").unwrap(), "a change is none");
        assert!(!go_on(&transaction, CommandId(99), "Follow").unwrap());
    }

    #[test]
    fn look_ups_never_push_out_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let mut connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let transaction = connection.transaction().unwrap();
        let mut changes = Vec::new();
        for number in 0..20 {
            let is_look_up = number % 4 != 0;
            let command = AuditedCommand {
                actor: "kim".to_owned(),
                via: AuditVia::Http,
                cmdlet: Some("Get-MessageTrace".to_owned()),
                parameters: None,
                is_look_up,
            };
            let ended = AuditEnd::default();
            let id = begin(&transaction, Timestamp::UNIX_EPOCH, &command, Some(&ended)).unwrap();
            if !is_look_up {
                changes.push(id.0);
                let object = "INSERT INTO audit (at, actor, change, kind, guid, name, action, command)
                              VALUES (0, 'kim', 1, 'Recipient', x'00', 'n', 'Changed', ?1)";
                transaction.execute(object, [id.0]).unwrap();
            }
        }
        let kept = Kept { commands: 3, look_ups: 2, open_look_ups: 1, objects: 100 };
        trim_to(&transaction, kept).unwrap();
        let ids = |sql: &str| -> Vec<i64> {
            let mut statement = transaction.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(ids("SELECT id FROM command WHERE look_up = 0 ORDER BY id"), changes[2..]);
        assert_eq!(ids("SELECT command FROM audit ORDER BY id"), changes[2..]);
        assert_eq!(ids("SELECT id FROM command WHERE look_up = 1 ORDER BY id"), [19, 20]);
        trim_to(&transaction, Kept { commands: 100, look_ups: 100, objects: 1, ..kept }).unwrap();
        assert_eq!(ids("SELECT command FROM audit"), changes[4..]);
    }

    #[test]
    fn a_look_up_that_is_open_is_not_trimmed_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let mut connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let transaction = connection.transaction().unwrap();
        let shown = AuditEnd { rows: Some(7), ..AuditEnd::default() };
        let begun = |end: Option<&AuditEnd>| {
            let command = AuditedCommand {
                actor: "kim".to_owned(),
                via: AuditVia::Http,
                cmdlet: Some("Get-MessageTrace".to_owned()),
                parameters: None,
                is_look_up: true,
            };
            begin(&transaction, Timestamp::UNIX_EPOCH, &command, end).unwrap()
        };
        let ids = || -> Vec<i64> {
            let mut statement = transaction.prepare("SELECT id FROM command ORDER BY id").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let open = [begun(None), begun(None), begun(None)];
        let six: Vec<_> = (0..6).map(|_| begun(Some(&shown))).collect();
        let last = *six.last().unwrap();
        let kept = Kept { commands: 1, look_ups: 1, open_look_ups: 2, objects: 1 };
        trim_to(&transaction, kept).unwrap();
        // Of those without an end too only so many stay.
        assert_eq!(ids(), [open[1].0, open[2].0, last.0]);
        assert!(!end(&transaction, open[0], &shown).unwrap(), "it is not known any more");
        assert!(end(&transaction, open[1], &shown).unwrap());
        trim_to(&transaction, kept).unwrap();
        assert_eq!(ids(), [open[2].0, last.0], "with its end it is one as all others");
    }
}
