//! The cmdlets of MessageTraceAlert: saved searches that are watched.
//! May touch: nothing (pure).

mod get_message_trace_alert;
mod new_message_trace_alert;
mod object;
mod remove_message_trace_alert;
mod set_message_trace_alert;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_message_trace_alert::CMDLET,
    &get_message_trace_alert::CMDLET,
    &set_message_trace_alert::CMDLET,
    &remove_message_trace_alert::CMDLET,
];
