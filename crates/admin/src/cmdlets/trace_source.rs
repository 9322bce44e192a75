//! The cmdlets of TraceSource.
//! May touch: nothing (pure).

mod get_trace_source;
mod new_trace_source;
pub(crate) mod object;
mod remove_trace_source;
mod set_trace_source;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &get_trace_source::CMDLET,
    &new_trace_source::CMDLET,
    &set_trace_source::CMDLET,
    &remove_trace_source::CMDLET,
];
