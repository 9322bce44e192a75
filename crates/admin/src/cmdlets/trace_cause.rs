//! The cmdlets of TraceCause: what the trace knows of causes.
//! May touch: nothing (pure).

mod get_trace_cause;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_trace_cause::CMDLET];
