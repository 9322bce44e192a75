//! The cmdlets of GatewayTrace: the trace in the words of a mail gateway.
//! May touch: nothing (pure).

mod get_gateway_trace;
mod matching;
mod object;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_gateway_trace::CMDLET];
