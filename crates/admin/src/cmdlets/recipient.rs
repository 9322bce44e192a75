//! The cmdlets of Recipient.
//! May touch: nothing (pure).

pub(crate) mod account;
pub(crate) mod create;
pub(crate) mod find;
mod get_recipient;
pub(crate) mod groups;
pub(crate) mod rows;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_recipient::CMDLET];
