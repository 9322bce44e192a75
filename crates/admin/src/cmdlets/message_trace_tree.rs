//! The cmdlet of MessageTraceTree.
//! May touch: nothing (pure).

mod drawing;
mod get_message_trace_tree;
mod object;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_message_trace_tree::CMDLET];
