//! The cmdlets of MailFlowMap: which ways mail took.
//! May touch: nothing (pure).

mod edges;
mod get_mail_flow_map;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_mail_flow_map::CMDLET];
