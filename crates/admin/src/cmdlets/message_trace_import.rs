//! The cmdlets of MessageTraceImport: what was imported, and taking a place out again.
//! May touch: nothing (pure).

mod get_message_trace_import;
mod remove_message_trace_import;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_message_trace_import::CMDLET, &remove_message_trace_import::CMDLET];
