//! The cmdlets of Queue.
//! May touch: nothing (pure).

mod get_queue;
mod object;
mod resume_queue;
mod retry_queue;
mod suspend_queue;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_queue::CMDLET, &suspend_queue::CMDLET, &resume_queue::CMDLET, &retry_queue::CMDLET];
