//! Remove-RoleGroup: removes a role group.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-RoleGroup",
    synopsis: "Removes a role group.",
    description: "Its members lose its roles at once; they themselves stay. A built-in group cannot be removed.",
    examples: &[Example {
        command: "Remove-RoleGroup Tracers -Confirm:false",
        sentence: "Removes a role group without asking.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let group = context.directory.snapshot().resolve_role_group(arguments.required("Identity")?)?;
    let what = format!("remove the role group \"{}\" with {} members", group.name, group.members.len());
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let group = draft.snapshot().resolve_role_group(arguments.required("Identity")?)?;
            Ok(draft.remove_role_group(group.guid)?)
        })
        .await?;
    Ok(Output::nothing())
}
