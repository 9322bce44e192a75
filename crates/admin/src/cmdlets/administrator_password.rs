//! The cmdlets of AdministratorPassword.
//! May touch: nothing (pure).

mod reset_administrator_password;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&reset_administrator_password::CMDLET];
