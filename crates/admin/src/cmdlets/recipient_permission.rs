//! The cmdlets of RecipientPermission.
//! May touch: nothing (pure).

mod add_recipient_permission;
mod get_recipient_permission;
mod grant;
mod remove_recipient_permission;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &add_recipient_permission::CMDLET,
    &get_recipient_permission::CMDLET,
    &remove_recipient_permission::CMDLET,
];
