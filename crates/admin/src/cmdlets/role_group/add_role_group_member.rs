//! Add-RoleGroupMember: adds a member to a role group.
//! May touch: directory.

use directory::RoleGroup;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Add-RoleGroupMember",
    synopsis: "Adds a member to a role group.",
    description: "The member is a user, with a mailbox or without one (New-User). The rights hold from the next call on. Those in ManagedBy of the group may run it too.",
    examples: &[Example {
        command: "Add-RoleGroupMember 'Help Desk' -Member kim@contoso.example",
        sentence: "Adds somebody to the help desk.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(&[object::IDENTITY, object::MEMBER])],
    output: object::MEMBER_OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_role_group(arguments.required("Identity")?)?;
            let member = draft.snapshot().resolve_person(arguments.required("Member")?)?;
            if found.members.contains(&member) {
                return Err(CmdletError::Conflict(format!(
                    "\"{}\" is a member of \"{}\" already",
                    object::name_of(draft.snapshot(), member),
                    found.name
                )));
            }
            let mut group = RoleGroup::clone(&found);
            group.members.push(member);
            let group = draft.put_role_group(group)?;
            Ok(object::member_row(&group, member, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}
