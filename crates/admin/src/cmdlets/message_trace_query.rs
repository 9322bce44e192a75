//! The cmdlets of MessageTraceQuery: saved searches.
//! May touch: nothing (pure).

mod get_message_trace_query;
mod new_message_trace_query;
mod object;
mod remove_message_trace_query;
mod set_message_trace_query;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_message_trace_query::CMDLET,
    &get_message_trace_query::CMDLET,
    &set_message_trace_query::CMDLET,
    &remove_message_trace_query::CMDLET,
];
