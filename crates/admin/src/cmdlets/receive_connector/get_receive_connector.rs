//! Get-ReceiveConnector: shows Receive connectors.
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
    name: "Get-ReceiveConnector",
    synopsis: "Shows Receive connectors.",
    description: "Where and how mail comes in. Bindings are the addresses really bound, with the ports that were picked.",
    examples: &[Example { command: "Get-ReceiveConnector", sentence: "Lists the Receive connectors." }],
    roles: &[Role::ReceiveConnectors, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(&[Parameter::new(
        "Identity",
        Kind::Identity,
        "One Receive connector, by name, Server\\name or GUID.",
    )
    .positional()])],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    if let Some(identity) = arguments.text("Identity") {
        let found = snapshot.resolve_receive_connector(identity)?;
        return Ok(Output::list(vec![object::row(&found, context)]));
    }
    let mut found: Vec<_> = snapshot.receive_connectors().collect();
    found.sort_by_cached_key(|one| one.name.to_lowercase());
    Ok(Output::list(found.into_iter().map(|one| object::row(one, context)).collect()))
}
