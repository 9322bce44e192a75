//! Set-RoleGroup: changes a role group.
//! May touch: directory.

use directory::RoleGroup;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[object::IDENTITY, Parameter::new("Name", Kind::Text, "The new name.")];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-RoleGroup",
    synopsis: "Changes a role group.",
    description: "Changes only what is given; members change with Add- and Remove-RoleGroupMember. The name, roles and scope of a built-in group are fixed.",
    examples: &[
        Example {
            command: "Set-RoleGroup Tracers -Roles '@{Add=\"Audit Logs\"}'",
            sentence: "Gives a role to the members of a group.",
        },
        Example {
            command: "Set-RoleGroup 'Help Desk' -ManagedBy kim",
            sentence: "Lets somebody decide who is in the help desk.",
        },
    ],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_role_group(arguments.required("Identity")?)?;
            let mut group = RoleGroup::clone(&found);
            if let Some(name) = arguments.text("Name") {
                group.name = name.to_owned();
            }
            object::put(&mut group, arguments, draft.snapshot())?;
            let group = draft.put_role_group(group)?;
            Ok(object::row(&group, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}
