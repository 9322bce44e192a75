//! The cmdlets of AdminSession: who is signed in with a browser.
//! May touch: nothing (pure).

mod get_admin_session;
mod object;
mod remove_admin_session;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_admin_session::CMDLET, &remove_admin_session::CMDLET];
