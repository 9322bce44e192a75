//! The cmdlets of MessageTrackingReport: delivery reports of one mailbox.
//! May touch: nothing (pure).

mod get_message_tracking_report;
mod report_id;
mod search_message_tracking_report;

use crate::cmdlet::Cmdlet;
use crate::parameter::{Kind, Parameter};

pub(crate) static ALL: &[&Cmdlet] =
    &[&search_message_tracking_report::CMDLET, &get_message_tracking_report::CMDLET];

/// Parameters that scripts of Exchange give and that change nothing here.
pub(crate) const TAKEN: &[Parameter] = &[
    Parameter::new(
        "BypassDelegateChecking",
        Kind::Switch,
        "Taken for scripts of Exchange; whether you may see a mailbox's reports is decided by your role.",
    ),
    Parameter::new(
        "DoNotResolve",
        Kind::Switch,
        "Taken for scripts of Exchange: addresses are always shown as they are.",
    ),
    Parameter::new("DomainController", Kind::Text, "Taken for scripts of Exchange; there is one directory."),
    Parameter::new(
        "TraceLevel",
        Kind::Enum(&["Low", "Medium", "High"]),
        "Taken for scripts of Exchange; everything is always searched.",
    ),
];

/// Delivery reports reach so far back, as in Exchange.
pub(crate) const DAYS: i64 = 14;
