//! The cmdlets of Mailbox.
//! May touch: nothing (pure).

mod get_mailbox;
mod new_mailbox;
mod object;
mod remove_mailbox;
mod set_mailbox;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&new_mailbox::CMDLET, &get_mailbox::CMDLET, &set_mailbox::CMDLET, &remove_mailbox::CMDLET];
