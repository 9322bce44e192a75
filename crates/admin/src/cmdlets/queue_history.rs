//! The cmdlets of QueueHistory: how long queues were.
//! May touch: nothing (pure).

mod cells;
mod get_queue_history;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_queue_history::CMDLET];
