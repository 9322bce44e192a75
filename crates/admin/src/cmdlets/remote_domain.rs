//! The cmdlets of RemoteDomain.
//! May touch: nothing (pure).

mod get_remote_domain;
mod new_remote_domain;
mod object;
mod remove_remote_domain;
mod set_remote_domain;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_remote_domain::CMDLET,
    &get_remote_domain::CMDLET,
    &set_remote_domain::CMDLET,
    &remove_remote_domain::CMDLET,
];
