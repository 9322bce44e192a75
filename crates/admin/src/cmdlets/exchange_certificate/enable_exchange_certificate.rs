//! Enable-ExchangeCertificate: lets services use a certificate.
//! May touch: directory, clock.

use directory::Certificate;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::Parameter;
use crate::role::Role;

const SERVICES: Parameter = object::SERVICES_PARAMETER.required();

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Enable-ExchangeCertificate",
    synopsis: "Lets services use a certificate.",
    description: "Adds to the services it has. A client that asks for a name is shown a certificate for that name; other clients are shown the valid one of the service that lasts longest. The server shows it from the next connection on.",
    examples: &[Example {
        command: "Enable-ExchangeCertificate 0123456789ABCDEF0123456789ABCDEF01234567 -Services SMTP,IIS",
        sentence: "Uses a certificate for SMTP and HTTPS.",
    }],
    roles: &[Role::ExchangeServerCertificates],
    parameters: &[Parameters::Fixed(&[object::THUMBPRINT, SERVICES])],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let enabled = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_certificate(arguments.required("Thumbprint")?)?;
            let mut changed = Certificate::clone(&found);
            changed.services.extend(object::services(arguments));
            Ok(draft.put_certificate(changed)?)
        })
        .await?;
    let now = context.world.clock.now();
    let mut output = Output::object(object::row(&enabled, now));
    output.warnings.extend(object::concern(&enabled, now));
    let fqdn = context.directory.snapshot().organization().server_fqdn.clone();
    if !enabled.covers(&fqdn) {
        output.warnings.push(format!("the certificate is not for {fqdn}, the name this server greets with"));
    }
    Ok(output)
}
