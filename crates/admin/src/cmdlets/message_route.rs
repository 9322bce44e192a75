//! The cmdlets of MessageRoute: which way a message would go.
//! May touch: nothing (pure).

mod outcome;
mod test_message_route;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[&test_message_route::CMDLET];
