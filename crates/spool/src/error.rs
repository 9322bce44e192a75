//! What can go wrong in the spool, one variant for each thing a caller does differently.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use crate::batch::{EntryNo, MessageNo};

/// An error of the spool. The texts are for the administrator's log, never for an SMTP reply.
///
/// [`SpoolError::is_final`] and [`SpoolError::refuses_batch`] say what a caller of [`crate::Spool::commit`] does: stop
/// the server, or deal with this one batch and go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// A write or sync failed, or the committer is gone. Final: nothing more is accepted; answer `451 4.3.0` and exit.
    #[error("the spool has failed and accepts nothing more: {0}")]
    Failed(Arc<str>),
    /// The batch names a message that is not in the spool. Nothing of the batch was written.
    #[error("message {0} is not in the spool")]
    UnknownMessage(MessageNo),
    /// The batch closes an entry that is not in the spool (already ended). Nothing of the batch was written.
    #[error("message {0} has no entry {1}")]
    UnknownEntry(MessageNo, EntryNo),
    /// The batch adds a message under a number that is taken. Nothing of the batch was written.
    #[error("message {0} is already in the spool")]
    DuplicateMessage(MessageNo),
    /// The batch, one message's envelope with its entries, or the `meta` values together exceed a bound. Nothing of
    /// the batch was written.
    #[error("{what} takes {bytes} bytes, more than the {max} allowed")]
    TooLarge {
        /// What exceeds its bound.
        what: &'static str,
        /// Its size.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// Bytes on disk do not match their checksum.
    #[error("{file} is damaged at byte {offset}: {what}")]
    Damaged {
        /// The file, with its path.
        file: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// What was to be read there.
        what: String,
    },
    /// A file could not be read; reading it again may help.
    #[error("cannot read {file}: {cause}")]
    Read {
        /// The file, with its path.
        file: String,
        /// The system's words.
        cause: String,
    },
    /// The spool cannot be opened.
    #[error("cannot open the spool in {dir}: {cause}")]
    Open {
        /// The spool's folder.
        dir: String,
        /// What is wrong and what to do.
        cause: String,
    },
}

impl SpoolError {
    /// Whether nothing more can be done with this spool: the process has to end and be started again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Open { .. } => true,
            Self::UnknownMessage(_)
            | Self::UnknownEntry(..)
            | Self::DuplicateMessage(_)
            | Self::TooLarge { .. }
            | Self::Damaged { .. }
            | Self::Read { .. } => false,
        }
    }

    /// Whether the one batch is at fault: nothing of it was written, it would be refused again as it is, and every
    /// other batch is still welcome. [`Self::TooLarge`] asks for smaller batches.
    #[must_use]
    pub fn refuses_batch(&self) -> bool {
        match self {
            Self::UnknownMessage(_)
            | Self::UnknownEntry(..)
            | Self::DuplicateMessage(_)
            | Self::TooLarge { .. } => true,
            Self::Failed(_) | Self::Open { .. } | Self::Damaged { .. } | Self::Read { .. } => false,
        }
    }
}
