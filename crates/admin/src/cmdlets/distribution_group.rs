//! The cmdlets of DistributionGroup.
//! May touch: nothing (pure).

mod get_distribution_group;
mod new_distribution_group;
mod object;
mod remove_distribution_group;
mod set_distribution_group;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_distribution_group::CMDLET,
    &get_distribution_group::CMDLET,
    &set_distribution_group::CMDLET,
    &remove_distribution_group::CMDLET,
];
