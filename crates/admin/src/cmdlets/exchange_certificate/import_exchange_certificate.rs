//! Import-ExchangeCertificate: takes a certificate and its key from PEM files.
//! May touch: certificate files, directory, executor, clock.

use super::add::{self, Added};
use super::{object, pem};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new(
        "FileName",
        Kind::InputFile,
        "The PEM file with the certificate, then those of the authorities in between; it may hold the key too.",
    )
    .required()
    .positional(),
    Parameter::new("KeyFileName", Kind::InputFile, "The PEM file with the private key, where that is another."),
    object::FRIENDLY_NAME,
    object::SERVICES_PARAMETER,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Import-ExchangeCertificate",
    synopsis: "Takes a certificate and its key from PEM files.",
    description: "Both are copied into the data directory. The server shows the certificate from the next connection on, for the names in it and the services given, without a restart.",
    examples: &[
        Example {
            command: "Import-ExchangeCertificate fullchain.pem -KeyFileName privkey.pem -Services SMTP,IIS",
            sentence: "Imports what an ACME client wrote, and uses it for SMTP and HTTPS.",
        },
        Example {
            command: "Import-ExchangeCertificate -FileName mail.pem -FriendlyName 'Mail 2027'",
            sentence: "Imports certificate and key from one file, used for nothing yet.",
        },
    ],
    roles: &[Role::ExchangeServerCertificates],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let empty = bytes::Bytes::new();
    let chain = pem::read(arguments.bytes("FileName").unwrap_or(&empty), "the file")?;
    let key_pem = match arguments.bytes("KeyFileName") {
        Some(bytes) => pem::read(bytes, "the key file")?.key,
        None => chain.key,
    };
    if chain.certificates.is_empty() {
        return Err(CmdletError::Invalid(
            "the file holds no certificate; name the PEM file that does".to_owned(),
        ));
    }
    if key_pem.is_empty() {
        return Err(CmdletError::Invalid(
            "there is no private key; name its PEM file with -KeyFileName".to_owned(),
        ));
    }
    let friendly_name = arguments.text("FriendlyName").unwrap_or_default().to_owned();
    let services = object::services(arguments);
    add::run(
        context,
        arguments,
        Added { certificate_pem: chain.certificates, key_pem, friendly_name, services },
    )
    .await
}
