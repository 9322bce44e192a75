//! Remove-RemoteDomain: removes a remote domain.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-RemoteDomain",
    synopsis: "Removes a remote domain.",
    description: "The entry for * cannot be removed.",
    examples: &[Example {
        command: "Remove-RemoteDomain Fabrikam -Confirm:false",
        sentence: "Removes an entry without asking.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_remote_domain(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the remote domain \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_remote_domain(arguments.required("Identity")?)?;
            draft.remove_remote_domain(found.guid)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
