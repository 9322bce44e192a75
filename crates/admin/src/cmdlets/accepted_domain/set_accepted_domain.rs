//! Set-AcceptedDomain: changes an accepted domain.
//! May touch: directory.

use directory::AcceptedDomain;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[object::IDENTITY, Parameter::new("Name", Kind::Text, "The unique name of the entry.")];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-AcceptedDomain",
    synopsis: "Changes an accepted domain.",
    description: "Changes only what is given.",
    examples: &[Example {
        command: "Set-AcceptedDomain fabrikam.example -MakeDefault true",
        sentence: "Makes a domain the default one.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_accepted_domain(arguments.required("Identity")?)?;
            let mut domain = AcceptedDomain::clone(&found);
            if let Some(name) = arguments.text("Name") {
                domain.name = name.to_owned();
            }
            object::apply(&mut domain, arguments)?;
            Ok(object::row(&*draft.put_accepted_domain(domain)?))
        })
        .await?;
    Ok(Output::object(row))
}
