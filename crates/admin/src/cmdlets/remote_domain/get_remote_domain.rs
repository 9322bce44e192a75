//! Get-RemoteDomain: shows remote domains.
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
    name: "Get-RemoteDomain",
    synopsis: "Shows remote domains.",
    description: "What kinds of message may leave for domains outside; the one for * is for all without an entry of their own.",
    examples: &[Example {
        command: "Get-RemoteDomain Default -Format list",
        sentence: "Shows the settings for all domains.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(&[Parameter::new(
        "Identity",
        Kind::Identity,
        "One remote domain, by name, domain or GUID.",
    )
    .positional()])],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    if let Some(identity) = arguments.text("Identity") {
        let found = snapshot.resolve_remote_domain(identity)?;
        return Ok(Output::list(vec![object::row(&found)]));
    }
    let mut found: Vec<_> = snapshot.remote_domains().collect();
    found.sort_by_cached_key(|one| one.name.to_lowercase());
    Ok(Output::list(found.into_iter().map(|one| object::row(one)).collect()))
}
