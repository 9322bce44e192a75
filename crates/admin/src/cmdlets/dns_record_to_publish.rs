//! The cmdlets of DnsRecordToPublish: what the name servers of the organization's domains should say.
//! May touch: nothing (pure).

mod get_dns_record_to_publish;
mod judge;
mod record;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&get_dns_record_to_publish::CMDLET];
