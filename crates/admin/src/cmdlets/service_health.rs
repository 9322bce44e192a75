//! The cmdlet of ServiceHealth.
//! May touch: nothing (pure).

mod health;
mod test_service_health;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&test_service_health::CMDLET];
