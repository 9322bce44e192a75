//! Get-SendConnector: shows Send connectors.
//! May touch: directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-SendConnector",
    synopsis: "Shows Send connectors.",
    description: "Where and how mail leaves.",
    examples: &[Example { command: "Get-SendConnector", sentence: "Lists the Send connectors." }],
    roles: &[Role::SendConnectors, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(&[Parameter::new(
        "Identity",
        Kind::Identity,
        "One Send connector, by name or GUID.",
    )
    .positional()])],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    if let Some(identity) = arguments.text("Identity") {
        let found = snapshot.resolve_send_connector(identity)?;
        return Ok(Output::list(vec![object::row(&found)]));
    }
    let mut found: Vec<_> = snapshot.send_connectors().collect();
    found.sort_by_cached_key(|one| one.name.to_lowercase());
    Ok(Output::list(found.into_iter().map(|one| object::row(one)).collect()))
}
