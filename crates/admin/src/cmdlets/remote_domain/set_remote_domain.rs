//! Set-RemoteDomain: changes a remote domain.
//! May touch: directory.

use directory::RemoteDomain;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-RemoteDomain",
    synopsis: "Changes a remote domain.",
    description: "Changes only what is given.",
    examples: &[Example {
        command: "Set-RemoteDomain Default -AutoForwardEnabled true",
        sentence: "Lets mailboxes forward to any domain outside.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(&[object::IDENTITY]), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_remote_domain(arguments.required("Identity")?)?;
            let mut domain = RemoteDomain::clone(&found);
            object::apply(&mut domain, arguments)?;
            Ok(object::row(&*draft.put_remote_domain(domain)?))
        })
        .await?;
    Ok(Output::object(row))
}
