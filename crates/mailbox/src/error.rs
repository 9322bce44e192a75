//! Why the mailbox store could not do what was asked.
//!
//! May touch: nothing (pure).

use std::io;
use std::path::Path;

use rusqlite::ffi::ErrorCode;
use uuid::Uuid;

/// By what the caller does differently. The cause is for the service log, never for an SMTP reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// No file exists for this mailbox: nothing was ever delivered to it.
    #[error("the mailbox {0} has no store yet")]
    NoMailbox(Uuid),
    /// The mailbox has no such folder.
    #[error("the mailbox has no folder \"{0}\"")]
    NoFolder(String),
    /// The mailbox has no such item.
    #[error("the mailbox has no item {0}")]
    NoItem(i64),
    /// The volume is full: try again when there is room.
    #[error("the volume of the mailbox store is full: {0}")]
    DiskFull(String),
    /// Try again later.
    #[error("the mailbox store is not available: {0}")]
    Unavailable(String),
    /// The file or blob is damaged; only a restore helps.
    #[error("the mailbox store is damaged: {0}")]
    Corrupt(String),
    /// The file was written by a newer version, whose schema number this is.
    #[error("the mailbox file has schema {0}, which is newer than this program")]
    Newer(i64),
    /// The store is shutting down, or one of its writers has ended: nothing was delivered, and no attempt counts.
    #[error("the mailbox store is closed")]
    Closed,
}

impl MailboxError {
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let cause = format!("{}: {error}", path.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(cause),
            _ => Self::Unavailable(cause),
        }
    }
}

impl From<rusqlite::Error> for MailboxError {
    fn from(error: rusqlite::Error) -> Self {
        let cause = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(cause),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(cause),
            _ => Self::Unavailable(cause),
        }
    }
}

impl From<world::SqliteError> for MailboxError {
    fn from(error: world::SqliteError) -> Self {
        let cause = error.to_string();
        match error {
            world::SqliteError::Sqlite { source, .. } => match Self::from(source) {
                Self::DiskFull(_) => Self::DiskFull(cause),
                Self::Corrupt(_) => Self::Corrupt(cause),
                _ => Self::Unavailable(cause),
            },
            world::SqliteError::Io { path, source } => Self::io(&path, &source),
            world::SqliteError::Version(_) => Self::Unavailable(cause),
        }
    }
}
