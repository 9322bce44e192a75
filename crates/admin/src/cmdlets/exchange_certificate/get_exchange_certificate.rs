//! Get-ExchangeCertificate: shows the certificates of this server.
//! May touch: directory (read), clock.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new(
        "Thumbprint",
        Kind::Identity,
        "One certificate, by thumbprint, GUID or `<I>issuer<S>subject`.",
    )
    .positional(),
    Parameter::new("DomainName", Kind::Text, "Only certificates that are for this name, also by a wildcard."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-ExchangeCertificate",
    synopsis: "Shows the certificates of this server.",
    description: "The one that lasts longest first. A certificate that has ended or ends within 30 days is warned of.",
    examples: &[
        Example {
            command: "Get-ExchangeCertificate",
            sentence: "Lists the certificates and what they are used for.",
        },
        Example {
            command: "Get-ExchangeCertificate -DomainName mail.contoso.example -Format list",
            sentence: "Shows everything about those for a name.",
        },
    ],
    roles: &[Role::ExchangeServerCertificates, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let now = context.world.clock.now();
    let mut found: Vec<_> = match arguments.text("Thumbprint") {
        Some(identity) => vec![snapshot.resolve_certificate(identity)?],
        None => snapshot.certificates().cloned().collect(),
    };
    if let Some(host) = arguments.text("DomainName") {
        found.retain(|certificate| certificate.covers(host));
    }
    found.sort_by(|one, other| (other.not_after, &one.thumbprint).cmp(&(one.not_after, &other.thumbprint)));
    let mut output = Output::list(found.iter().map(|certificate| object::row(certificate, now)).collect());
    output.warnings.extend(found.iter().filter_map(|certificate| object::concern(certificate, now)));
    Ok(output)
}
