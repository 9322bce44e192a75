//! Remove-TraceSource: stops reading another system and forgets how far it was read.
//! May touch: trace, executor.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-TraceSource",
    synopsis: "Stops reading another system and forgets how far it was read.",
    description: "What was read stays in the trace as long as everything else.",
    examples: &[Example {
        command: "Remove-TraceSource edge -Confirm:$false",
        sentence: "Removes a source.",
    }],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(&[Parameter::new("Identity", Kind::Identity, "The source, by name.")
        .required()
        .positional()])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let (spec, _) = object::find(&object::sources(context)?, arguments.required("Identity")?)?;
    Ok(Plan { count: 1, what: format!("remove the trace source \"{}\"", spec.name) })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let sources = object::sources(context)?;
    let (spec, _) = object::find(&sources, arguments.required("Identity")?)?;
    context.world.exec.blocking(move || sources.remove(&spec.name)).await?;
    Ok(Output::nothing())
}
