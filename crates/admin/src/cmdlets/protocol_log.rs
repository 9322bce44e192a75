//! The cmdlets of ProtocolLog.
//! May touch: nothing (pure).

mod get_protocol_log;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_protocol_log::CMDLET];
