//! The cmdlets of MessageTraceDetail, in both of Microsoft's versions.
//! May touch: nothing (pure).

mod drawing;
pub(crate) mod event_pairs;
mod find;
mod get_message_trace_detail;
mod get_message_trace_detail_v2;
mod object;
mod stage_bar;
mod where_now;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_message_trace_detail::CMDLET, &get_message_trace_detail_v2::CMDLET];
