//! Remove-MessageTraceQuery: removes a saved search.
//! May touch: directory.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-MessageTraceQuery",
    synopsis: "Removes a saved search.",
    description: "Default searches stay, and so does one that an alert watches.",
    examples: &[Example {
        command: "Remove-MessageTraceQuery 'Sales failures' -Confirm:false",
        sentence: "Removes a saved search without asking.",
    }],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_message_trace_query(arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the saved search \"{}\"", found.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_message_trace_query(arguments.required("Identity")?)?;
            draft.remove_message_trace_query(found.guid)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
