//! The cmdlets of AcceptedDomain.
//! May touch: nothing (pure).

mod get_accepted_domain;
mod new_accepted_domain;
mod object;
mod remove_accepted_domain;
mod set_accepted_domain;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_accepted_domain::CMDLET,
    &get_accepted_domain::CMDLET,
    &set_accepted_domain::CMDLET,
    &remove_accepted_domain::CMDLET,
];
