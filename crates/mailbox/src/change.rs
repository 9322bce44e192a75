//! What waiting clients are told after a commit.
//!
//! May touch: nothing (pure).

use uuid::Uuid;

use crate::folder::FolderId;

/// Changes kept for a subscriber that does not read; it then learns that it missed some and looks again.
pub(crate) const CHANGES_KEPT: usize = 1024;

/// One folder of one mailbox changed: IDLE, Ping and streaming notifications hang on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The mailbox.
    pub mailbox: Uuid,
    /// The folder whose content changed.
    pub folder: FolderId,
    /// Its highest change number (MODSEQ) now.
    pub change_number: u64,
}
