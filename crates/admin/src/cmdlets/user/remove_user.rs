//! Remove-User: removes a user without a mailbox.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-User",
    synopsis: "Removes a user without a mailbox.",
    description: "They leave every role group. A user with a mailbox goes with Remove-Mailbox. What they did stays in the audit log.",
    examples: &[Example {
        command: "Remove-User kim.admin -Confirm:false",
        sentence: "Removes a user without asking.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let user = context.directory.snapshot().resolve_administrator(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the user \"{}\"", user.user_name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let user = draft.snapshot().resolve_administrator(arguments.required("Identity")?)?;
            Ok(draft.remove_administrator(user.guid)?)
        })
        .await?;
    Ok(Output::nothing())
}
