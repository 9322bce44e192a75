//! The cmdlets of Message: what waits in queues.
//! May touch: nothing (pure).

mod export_message;
mod get_message;
pub(crate) mod object;
mod remove_message;
mod resume_message;
mod suspend_message;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &get_message::CMDLET,
    &suspend_message::CMDLET,
    &resume_message::CMDLET,
    &remove_message::CMDLET,
    &export_message::CMDLET,
];
