//! The directory's SQLite file: documents, unique addresses, and who changed what.
//!
//! May touch: disk (one SQLite file).
//! One connection, one writer; a change is one transaction, durable when `commit` returns.

mod audit;
mod command;
pub(crate) mod format;

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;
use world::{Disk, SqliteMode};

pub use audit::{AUDIT_ROWS_MAX, AuditAction, AuditQuery, AuditRow, AuditedObject};
pub use command::{
    AUDIT_COMMANDS_KEPT_MAX, AUDIT_LOOK_UPS_KEPT_MAX, AUDIT_OBJECTS_KEPT_MAX, AuditEnd, AuditOutcome,
    AuditVia, AuditedCommand, CommandId,
};
pub(crate) use format::document;

use crate::DirectoryError;
use crate::object::ObjectKind;
use crate::snapshot::{Snapshot, address_keys};

/// The layout of the tables below; raised when an older program could not use them.
pub const SCHEMA_VERSION: i64 = 3;
/// Marks the file as ours: "PRdr".
const APPLICATION_ID: i64 = 0x5052_6472;

const SCHEMA: &str = "
CREATE TABLE object (
    kind TEXT NOT NULL, guid BLOB NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (kind, guid)
) STRICT;
CREATE TABLE address (key TEXT PRIMARY KEY, guid BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stamp (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, change INTEGER NOT NULL,
    kind TEXT NOT NULL, guid BLOB NOT NULL, name TEXT NOT NULL, action TEXT NOT NULL, before TEXT, after TEXT,
    command INTEGER
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_command ON audit (command);
CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, via TEXT NOT NULL, cmdlet TEXT,
    parameters TEXT, look_up INTEGER NOT NULL, outcome TEXT, error TEXT, found INTEGER, about TEXT
) STRICT;
CREATE INDEX command_at ON command (at);
CREATE INDEX command_look_up ON command (look_up, id);
INSERT INTO stamp (name, value) VALUES ('change', 0);
";

/// Version 1 knew objects only, and not the cmdlets that changed them: each change becomes a cmdlet without a name.
const FROM_VERSION_1: &str = "
ALTER TABLE audit ADD COLUMN command INTEGER;
CREATE INDEX audit_command ON audit (command);
CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, via TEXT NOT NULL, cmdlet TEXT,
    parameters TEXT, look_up INTEGER NOT NULL, outcome TEXT, error TEXT, found INTEGER
) STRICT;
CREATE INDEX command_at ON command (at);
CREATE INDEX command_look_up ON command (look_up, id);
INSERT INTO command (id, at, actor, via, look_up, outcome)
    SELECT change, min(at), actor, 'Server', 0, 'Succeeded' FROM audit GROUP BY change;
UPDATE audit SET command = change;
";

/// Version 2 did not know whose mail a look-up was about, and no role groups.
const FROM_VERSION_2: &str = "ALTER TABLE command ADD COLUMN about TEXT;";

/// The open file.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

/// Who makes a change, by which recorded cmdlet, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp<'a> {
    pub(crate) actor: &'a str,
    pub(crate) command: Option<CommandId>,
    pub(crate) at: Timestamp,
    /// Whether the audit log counts it among the look-ups, where no cmdlet makes it.
    pub(crate) is_look_up: bool,
}

impl Store {
    /// Opens the file, or makes it.
    pub(crate) fn open(disk: &Disk, path: &Path) -> Result<Store, DirectoryError> {
        let connection = disk
            .sqlite(path, SqliteMode::ReadWriteCreate)
            .map_err(|error| DirectoryError::Open(error.to_string()))?;
        let mut store = Store { connection };
        let version: i64 = store.pragma("user_version")?;
        if version > SCHEMA_VERSION {
            return Err(DirectoryError::NewerFormat {
                what: format!("The directory file {}", path.display()),
                found: version,
                known: SCHEMA_VERSION,
            });
        }
        let owner: i64 = store.pragma("application_id")?;
        let has_tables: i64 =
            store.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if owner != APPLICATION_ID && (owner != 0 || has_tables != 0) {
            return Err(DirectoryError::Damaged(format!("{} is not a directory file", path.display())));
        }
        store.connection.pragma_update(None, "journal_mode", "WAL")?;
        store.connection.pragma_update(None, "synchronous", "FULL")?;
        if version < SCHEMA_VERSION {
            let transaction = store.begin()?;
            for step in match version {
                0 => [SCHEMA].as_slice(),
                1 => &[FROM_VERSION_1, FROM_VERSION_2],
                _ => &[FROM_VERSION_2],
            } {
                transaction.execute_batch(step)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
        }
        Ok(store)
    }

    fn pragma(&self, name: &str) -> Result<i64, DirectoryError> {
        Ok(self.connection.pragma_query_value(None, name, |row| row.get(0))?)
    }

    fn begin(&mut self) -> Result<Transaction<'_>, DirectoryError> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// The number of the last change in the file.
    pub(crate) fn change_number(&self) -> Result<u64, DirectoryError> {
        let change: i64 =
            self.connection
                .query_row("SELECT value FROM stamp WHERE name = 'change'", [], |row| row.get(0))?;
        u64::try_from(change).map_err(|_| DirectoryError::Damaged("the change number is negative".to_owned()))
    }

    /// Reads everything, and checks that the unique addresses are those of the recipients.
    pub(crate) fn load(&self) -> Result<Snapshot, DirectoryError> {
        let mut snapshot = Snapshot { change: self.change_number()?, ..Snapshot::default() };
        let mut statement = self.connection.prepare("SELECT kind, guid, version, document FROM object")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind: ObjectKind = row
                .get_ref(0)?
                .as_str()
                .map_err(rusqlite::Error::from)?
                .parse()
                .map_err(|error: DirectoryError| DirectoryError::Damaged(error.to_string()))?;
            let document = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
            format::restore(&mut snapshot, kind, guid_of(row.get(1)?)?, row.get(2)?, document)?;
        }
        snapshot.index_domains();
        self.check_addresses(&snapshot)?;
        Ok(snapshot)
    }

    fn check_addresses(&self, snapshot: &Snapshot) -> Result<(), DirectoryError> {
        let mut statement = self.connection.prepare("SELECT key, guid FROM address")?;
        let mut rows = statement.query([])?;
        let mut count = 0_usize;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let guid = guid_of(row.get(1)?)?;
            if snapshot.by_address.get(key) != Some(&guid) {
                return Err(DirectoryError::Damaged(format!("the address \"{key}\" is not its holder's")));
            }
            count += 1;
        }
        if count != snapshot.by_address.len() {
            return Err(DirectoryError::Damaged(format!(
                "{count} addresses are listed, the recipients have {}",
                snapshot.by_address.len()
            )));
        }
        Ok(())
    }

    /// Writes the objects in which `next` differs from `before`, with an audit row each, in one transaction. Gives
    /// whether anything differed; if nothing did, nothing was written.
    pub(crate) fn commit(
        &mut self,
        stamp: Stamp<'_>,
        before: &Snapshot,
        next: &Snapshot,
        touched: &[(ObjectKind, Uuid)],
    ) -> Result<bool, DirectoryError> {
        let transaction = self.begin()?;
        let mut command = stamp.command;
        let mut differed = false;
        // Freed addresses first: another recipient may take one over in the same change.
        for (kind, guid) in touched {
            if *kind == ObjectKind::Recipient {
                release_addresses(&transaction, before, next, *guid)?;
            }
        }
        for (kind, guid) in touched {
            let old = document(before, *kind, *guid)?;
            let new = document(next, *kind, *guid)?;
            if old == new {
                continue;
            }
            differed = true;
            match &new {
                Some(new) => {
                    transaction
                        .prepare_cached(
                            "INSERT INTO object (kind, guid, version, document) VALUES (?1, ?2, ?3, ?4)
                             ON CONFLICT (kind, guid) DO UPDATE SET version = ?3, document = ?4",
                        )?
                        .execute(params![kind.as_str(), guid.as_bytes(), new.version, new.json])?;
                }
                None => {
                    transaction
                        .prepare_cached("DELETE FROM object WHERE kind = ?1 AND guid = ?2")?
                        .execute(params![kind.as_str(), guid.as_bytes()])?;
                }
            }
            if *kind == ObjectKind::Recipient {
                claim_addresses(&transaction, before, next, *guid)?;
            }
            let id = match command {
                Some(id) => id,
                None => *command.insert(by_server(&transaction, stamp)?),
            };
            let change = (id, next.change);
            audit::write(&transaction, stamp, change, (*kind, *guid), old.as_ref(), new.as_ref())?;
        }
        if differed {
            let change = i64::try_from(next.change).unwrap_or(i64::MAX);
            transaction.execute("UPDATE stamp SET value = ?1 WHERE name = 'change'", [change])?;
            transaction.commit()?;
        }
        Ok(differed)
    }

    /// Audit rows, newest first.
    pub(crate) fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, DirectoryError> {
        audit::read(&self.connection, query)
    }

    /// Records a cmdlet that runs now, or with its end one that has run.
    pub(crate) fn begin_command(
        &mut self,
        at: Timestamp,
        recorded: &AuditedCommand,
        end: Option<&AuditEnd>,
    ) -> Result<CommandId, DirectoryError> {
        let transaction = self.begin()?;
        let id = command::begin(&transaction, at, recorded, end)?;
        transaction.commit()?;
        Ok(id)
    }

    /// Records how a cmdlet ended; gives whether it is still known.
    pub(crate) fn end_command(&mut self, id: CommandId, end: &AuditEnd) -> Result<bool, DirectoryError> {
        let transaction = self.begin()?;
        let is_known = command::end(&transaction, id, end)?;
        transaction.commit()?;
        Ok(is_known)
    }

    /// Says of a look-up that has ended that it goes on, with a switch added; gives whether it is still known.
    pub(crate) fn go_on_with_look_up(&mut self, id: CommandId, switch: &str) -> Result<bool, DirectoryError> {
        let transaction = self.begin()?;
        let is_known = command::go_on(&transaction, id, switch)?;
        transaction.commit()?;
        Ok(is_known)
    }

    /// Says of a look-up what it has shown by now; gives whether it is still known.
    pub(crate) fn add_to_look_up(
        &mut self,
        id: CommandId,
        so_far: &AuditEnd,
    ) -> Result<bool, DirectoryError> {
        let transaction = self.begin()?;
        let is_known = command::add(&transaction, id, so_far)?;
        transaction.commit()?;
        Ok(is_known)
    }

    /// Removes what is older than `before` from the audit log; gives how many cmdlets that were.
    pub(crate) fn trim_audit(&mut self, before: Timestamp) -> Result<usize, DirectoryError> {
        let transaction = self.begin()?;
        let removed = command::trim_before(&transaction, before)?;
        transaction.commit()?;
        Ok(removed)
    }

    /// Whether the file answers: for health checks.
    pub(crate) fn probe(&self) -> Result<(), DirectoryError> {
        self.connection.query_row("SELECT 1 FROM stamp", [], |_| Ok(())).optional()?;
        Ok(())
    }
}

/// A change that no cmdlet makes: the server's own, or `postroom init`.
fn by_server(transaction: &Transaction<'_>, stamp: Stamp<'_>) -> Result<CommandId, DirectoryError> {
    let recorded = AuditedCommand {
        actor: stamp.actor.to_owned(),
        via: AuditVia::Server,
        cmdlet: None,
        parameters: None,
        is_look_up: stamp.is_look_up,
    };
    command::begin(transaction, stamp.at, &recorded, Some(&AuditEnd::default()))
}

fn keys(snapshot: &Snapshot, guid: Uuid) -> Vec<std::sync::Arc<str>> {
    snapshot.recipient(guid).map(|recipient| address_keys(recipient).collect()).unwrap_or_default()
}

fn release_addresses(
    transaction: &Transaction<'_>,
    before: &Snapshot,
    next: &Snapshot,
    guid: Uuid,
) -> Result<(), DirectoryError> {
    let mut statement = transaction.prepare_cached("DELETE FROM address WHERE key = ?1")?;
    for key in keys(before, guid) {
        if next.by_address.get(&key) != Some(&guid) {
            statement.execute([&*key])?;
        }
    }
    Ok(())
}

fn claim_addresses(
    transaction: &Transaction<'_>,
    before: &Snapshot,
    next: &Snapshot,
    guid: Uuid,
) -> Result<(), DirectoryError> {
    let mut statement = transaction.prepare_cached("INSERT INTO address (key, guid) VALUES (?1, ?2)")?;
    for key in keys(next, guid) {
        if before.by_address.get(&key) != Some(&guid) {
            statement.execute(params![&*key, guid.as_bytes()])?;
        }
    }
    Ok(())
}

fn guid_of(bytes: Vec<u8>) -> Result<Uuid, DirectoryError> {
    Uuid::from_slice(&bytes).map_err(|error| DirectoryError::Damaged(error.to_string()))
}
