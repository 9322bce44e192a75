//! The cmdlets of DistributionGroupMember.
//! May touch: nothing (pure).

mod add_distribution_group_member;
mod get_distribution_group_member;
mod remove_distribution_group_member;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &add_distribution_group_member::CMDLET,
    &get_distribution_group_member::CMDLET,
    &remove_distribution_group_member::CMDLET,
];
