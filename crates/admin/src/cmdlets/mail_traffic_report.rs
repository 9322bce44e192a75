//! The cmdlet of MailTrafficReport: counts of the trace by day, person, domain, code and way.
//! May touch: nothing (pure).

mod get_mail_traffic_report;
mod grouping;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_mail_traffic_report::CMDLET];
