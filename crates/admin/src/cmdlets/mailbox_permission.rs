//! The cmdlets of MailboxPermission.
//! May touch: nothing (pure).

mod add_mailbox_permission;
mod get_mailbox_permission;
mod grant;
mod remove_mailbox_permission;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&add_mailbox_permission::CMDLET, &get_mailbox_permission::CMDLET, &remove_mailbox_permission::CMDLET];
