//! The cmdlets of users: people who sign in, with a mailbox or without one.
//! May touch: nothing (pure).
//!
//! Exchange calls everybody who signs in a user (Get-User, Set-User) and one without a mailbox of the type User; it
//! leaves making those to Active Directory, so New-User and Remove-User are named after the noun.

mod get_user;
mod new_user;
mod object;
mod remove_user;
mod set_user;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_user::CMDLET, &new_user::CMDLET, &set_user::CMDLET, &remove_user::CMDLET];
