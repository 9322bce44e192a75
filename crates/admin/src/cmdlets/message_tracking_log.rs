//! The cmdlet of MessageTrackingLog.
//! May touch: nothing (pure).

mod get_message_tracking_log;
mod object;

use crate::cmdlet::Cmdlet;
pub(crate) use get_message_tracking_log::{check_not_own, own_names};

pub(crate) static ALL: &[&Cmdlet] = &[&get_message_tracking_log::CMDLET];
