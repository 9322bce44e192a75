//! The cmdlets of role groups, their members, and the roles they give.
//! May touch: nothing (pure).

mod add_role_group_member;
mod get_management_role;
mod get_role_group;
mod get_role_group_member;
mod new_role_group;
mod object;
mod remove_role_group;
mod remove_role_group_member;
mod set_role_group;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &get_management_role::CMDLET,
    &get_role_group::CMDLET,
    &new_role_group::CMDLET,
    &set_role_group::CMDLET,
    &remove_role_group::CMDLET,
    &get_role_group_member::CMDLET,
    &add_role_group_member::CMDLET,
    &remove_role_group_member::CMDLET,
];
