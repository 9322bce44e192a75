//! The cmdlets of MessageTrace, in both of Microsoft's versions.
//! May touch: nothing (pure).

mod asked;
pub(crate) mod completeness;
pub(crate) mod conditions;
pub(crate) mod filters;
pub(crate) mod find;
pub(crate) mod get_message_trace;
mod get_message_trace_v2;
pub(crate) mod hops;
mod import_message_trace;
pub(crate) mod interval;
pub(crate) mod known;
pub(crate) mod live;
pub(crate) mod more;
pub(crate) mod object;
mod paste;
pub(crate) mod report;
pub(crate) mod saved;
mod slowest;
mod starting;

use crate::cmdlet::Cmdlet;

pub(crate) use import_message_trace::{LOG_FORMATS, OTHER_NAME, readable};

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_message_trace::CMDLET, &get_message_trace_v2::CMDLET, &import_message_trace::CMDLET];
