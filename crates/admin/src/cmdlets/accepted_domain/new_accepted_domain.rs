//! New-AcceptedDomain: accepts mail for a domain.
//! May touch: directory.

use directory::{AcceptedDomain, AcceptedDomainType, DomainPattern};

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name of the entry; the domain when not given.")
        .positional(),
    Parameter::new("DomainName", Kind::Text, "The domain, or *.domain for it and its subdomains.").required(),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-AcceptedDomain",
    synopsis: "Accepts mail for a domain.",
    description: "Authoritative: all recipients are here. InternalRelay: some are elsewhere. ExternalRelay: all are.",
    examples: &[
        Example {
            command: "New-AcceptedDomain -DomainName fabrikam.example",
            sentence: "Accepts mail for a domain whose recipients are all here.",
        },
        Example {
            command: "New-AcceptedDomain Tailspin -DomainName tailspin.example -DomainType InternalRelay",
            sentence: "Accepts a domain some of whose recipients are on another system.",
        },
    ],
    roles: &[Role::RemoteAndAcceptedDomains],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let domain_name = arguments.required("DomainName")?;
            let pattern = DomainPattern::parse("DomainName", domain_name)?;
            let kind = match arguments.text("DomainType") {
                Some(word) => word.parse::<AcceptedDomainType>()?,
                None => AcceptedDomainType::Authoritative,
            };
            let name = arguments.text("Name").unwrap_or(domain_name);
            let mut domain = AcceptedDomain::new(draft.new_guid(), name, pattern, kind);
            object::apply(&mut domain, arguments)?;
            Ok(object::row(&*draft.put_accepted_domain(domain)?))
        })
        .await?;
    Ok(Output::object(row))
}
