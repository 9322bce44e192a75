//! The cmdlets of SoftDeletedMailbox.
//! May touch: nothing (pure).

mod undo_soft_deleted_mailbox;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&undo_soft_deleted_mailbox::CMDLET];
