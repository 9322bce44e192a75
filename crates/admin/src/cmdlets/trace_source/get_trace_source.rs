//! Get-TraceSource: shows what is read of other systems, and how far.
//! May touch: trace (read), clock.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, grouped};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-TraceSource",
    synopsis: "Shows what is read of other systems, and how far.",
    description: "Each source with the time of its newest record, how far that is behind the clock, and what could not be read.",
    examples: &[Example { command: "Get-TraceSource", sentence: "Lists the sources." }],
    roles: &[Role::OrganizationTransportSettings, Role::Monitoring, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(&[
        Parameter::new("Identity", Kind::Identity, "One source, by name.").positional()
    ])],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let sources = object::sources(context)?;
    let now = context.world.clock.now();
    let found = match arguments.text("Identity") {
        Some(name) => Vec::from([object::find(&sources, name)?]),
        None => sources.list(),
    };
    let mut output = Output::list(found.iter().map(|(spec, state)| object::row(spec, state, now)).collect());
    for (spec, state) in found.iter().filter(|(_, state)| state.too_old > 0) {
        output.warnings.push(format!(
            "{}: {} events were older than the trace keeps records, and were left out",
            spec.name,
            grouped(state.too_old)
        ));
    }
    Ok(output)
}
