//! Remove-MessageTraceAlert: stops watching a search.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-MessageTraceAlert",
    synopsis: "Removes an alert on a search of the message trace.",
    description: "The saved search stays.",
    examples: &[Example {
        command: "Remove-MessageTraceAlert Queue -Confirm:false",
        sentence: "Removes an alert without asking.",
    }],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_message_trace_alert(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the alert \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_message_trace_alert(arguments.required("Identity")?)?;
            draft.remove_message_trace_alert(found.guid)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
