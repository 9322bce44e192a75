//! The cmdlets of AdminAuditLog.
//! May touch: nothing (pure).

mod search_admin_audit_log;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&search_admin_audit_log::CMDLET];
