//! Remove-AcceptedDomain: removes an accepted domain.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-AcceptedDomain",
    synopsis: "Removes an accepted domain.",
    description: "The default domain and domains that primary addresses use cannot be removed.",
    examples: &[Example {
        command: "Remove-AcceptedDomain fabrikam.example -Confirm:false",
        sentence: "Removes a domain without asking.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_accepted_domain(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the accepted domain \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_accepted_domain(arguments.required("Identity")?)?;
            draft.remove_accepted_domain(found.guid)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
