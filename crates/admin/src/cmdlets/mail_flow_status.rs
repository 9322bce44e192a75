//! The cmdlet of MailFlowStatus: the mail flow now, on one page.
//! May touch: nothing (pure).

mod attention;
mod get_mail_flow_status;
mod latency;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_mail_flow_status::CMDLET];
