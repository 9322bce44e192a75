//! The cmdlets of Queue.
//! May touch: nothing (pure).

mod get_queue;
mod get_queue_digest;
mod object;
mod resume_queue;
mod retry_queue;
mod suspend_queue;
pub(crate) mod trouble;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &get_queue::CMDLET,
    &get_queue_digest::CMDLET,
    &suspend_queue::CMDLET,
    &resume_queue::CMDLET,
    &retry_queue::CMDLET,
];
