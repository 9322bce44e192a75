//! Remove-SendConnector: removes a Send connector.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-SendConnector",
    synopsis: "Removes a Send connector.",
    description: "Mail that no other connector takes waits in the Unreachable queue.",
    examples: &[Example {
        command: "Remove-SendConnector Internet -Confirm:false",
        sentence: "Removes a connector without asking.",
    }],
    roles: &[Role::SendConnectors],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_send_connector(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the Send connector \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_send_connector(arguments.required("Identity")?)?;
            draft.remove_send_connector(found.guid)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
