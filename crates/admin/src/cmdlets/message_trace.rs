//! The cmdlets of MessageTrace, in both of Microsoft's versions.
//! May touch: nothing (pure).

pub(crate) mod conditions;
mod find;
mod get_message_trace;
mod get_message_trace_v2;
pub(crate) mod interval;
pub(crate) mod object;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_message_trace::CMDLET, &get_message_trace_v2::CMDLET];
