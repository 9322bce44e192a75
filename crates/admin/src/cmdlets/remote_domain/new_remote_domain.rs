//! New-RemoteDomain: makes settings for a domain outside.
//! May touch: directory.

use directory::{DomainPattern, RemoteDomain};

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name of the entry.").required().positional(),
    Parameter::new("DomainName", Kind::Text, "The domain, or *.domain for it and its subdomains.").required(),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-RemoteDomain",
    synopsis: "Makes settings for a domain outside.",
    description: "A new entry allows automatic replies and forwards; Set-RemoteDomain changes what may go there.",
    examples: &[Example {
        command: "New-RemoteDomain Fabrikam -DomainName fabrikam.example",
        sentence: "Makes an entry for a domain.",
    }],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let pattern = DomainPattern::parse("DomainName", arguments.required("DomainName")?)?;
            let domain = RemoteDomain::new(draft.new_guid(), arguments.required("Name")?, pattern);
            Ok(object::row(&*draft.put_remote_domain(domain)?))
        })
        .await?;
    Ok(Output::object(row))
}
