//! Get-RoleGroupMember: shows the members of a role group.
//! May touch: directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-RoleGroupMember",
    synopsis: "Shows the members of a role group.",
    description: "Users with a mailbox and users without one, whose RecipientTypeDetails is User.",
    examples: &[Example {
        command: "Get-RoleGroupMember 'Organization Management'",
        sentence: "Shows who may do everything.",
    }],
    roles: &[Role::RoleManagement, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: object::MEMBER_OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let group = snapshot.resolve_role_group(arguments.required("Identity")?)?;
    let mut members = group.members.clone();
    members.sort_by_cached_key(|guid| object::name_of(&snapshot, *guid).to_lowercase());
    let rows = members.iter().map(|guid| object::member_row(&group, *guid, &snapshot));
    Ok(Output::list(rows.collect()))
}
