//! Remove-ReceiveConnector: removes a Receive connector.
//! May touch: directory, listeners.

use super::{object, ports};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-ReceiveConnector",
    synopsis: "Removes a Receive connector.",
    description: "Its addresses are closed; sessions that run go on to their end.",
    examples: &[Example {
        command: "Remove-ReceiveConnector Printers -Confirm:false",
        sentence: "Removes a connector without asking.",
    }],
    roles: &[Role::ReceiveConnectors],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_receive_connector(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the Receive connector \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let name = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_receive_connector(arguments.required("Identity")?)?;
            draft.remove_receive_connector(found.guid)?;
            Ok(found.name.clone())
        })
        .await?;
    if !arguments.is_what_if() {
        ports::close(context, &name);
    }
    Ok(Output::nothing())
}
