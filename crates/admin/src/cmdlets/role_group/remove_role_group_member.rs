//! Remove-RoleGroupMember: takes a member out of a role group.
//! May touch: directory.

use directory::RoleGroup;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-RoleGroupMember",
    synopsis: "Takes a member out of a role group.",
    description: "The rights end with the next call. The last member of Organization Management who can sign in stays. Those in ManagedBy of the group may run it too.",
    examples: &[Example {
        command: "Remove-RoleGroupMember 'Help Desk' -Member kim -Confirm:false",
        sentence: "Takes somebody out of the help desk without asking.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(&[object::IDENTITY, object::MEMBER])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let snapshot = context.directory.snapshot();
    let group = snapshot.resolve_role_group(arguments.required("Identity")?)?;
    let member = snapshot.resolve_person(arguments.required("Member")?)?;
    let what =
        format!("take \"{}\" out of the role group \"{}\"", object::name_of(&snapshot, member), group.name);
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_role_group(arguments.required("Identity")?)?;
            let member = draft.snapshot().resolve_person(arguments.required("Member")?)?;
            let mut group = RoleGroup::clone(&found);
            group.members.retain(|guid| *guid != member);
            if group.members.len() == found.members.len() {
                return Err(CmdletError::NotFound(format!(
                    "\"{}\" is no member of \"{}\"",
                    object::name_of(draft.snapshot(), member),
                    found.name
                )));
            }
            draft.put_role_group(group)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
