//! Remove-ExchangeCertificate: removes a certificate and its key.
//! May touch: certificate files, directory, executor, clock.

use directory::{Certificate, Snapshot};
use jiff::Timestamp;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;
use crate::services::StoredFiles;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-ExchangeCertificate",
    synopsis: "Removes a certificate and its key.",
    description: "Refused while a connector names it, or while a service has no other valid certificate. The key is deleted and cannot be had back.",
    examples: &[Example {
        command: "Remove-ExchangeCertificate 0123456789ABCDEF0123456789ABCDEF01234567 -Confirm:false",
        sentence: "Removes a certificate that has been replaced.",
    }],
    roles: &[Role::ExchangeServerCertificates],
    parameters: &[Parameters::Fixed(&[object::THUMBPRINT])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let snapshot = context.directory.snapshot();
    let found = snapshot.resolve_certificate(arguments.required("Thumbprint")?)?;
    check_served(&snapshot, &found, context.world.clock.now())?;
    let what = format!("remove the certificate {} ({}) and its key", found.subject, found.thumbprint);
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let files = context.services.certificate_files()?.clone();
    let now = context.world.clock.now();
    let removed = context
        .change(arguments, move |draft, arguments| {
            let found = draft.snapshot().resolve_certificate(arguments.required("Thumbprint")?)?;
            check_served(draft.snapshot(), &found, now)?;
            draft.remove_certificate(found.guid)?;
            Ok(found)
        })
        .await?;
    let stored = StoredFiles {
        certificate_file: removed.certificate_file.clone(),
        key_file: removed.key_file.clone(),
    };
    let output = Output::nothing();
    Ok(match context.world.exec.blocking(move || files.remove(&stored)).await {
        Ok(()) => output,
        Err(why) => output.with_warning(format!(
            "the certificate is not used any more, but its files are still there: {why}"
        )),
    })
}

/// Each of its services must have another valid certificate.
fn check_served(snapshot: &Snapshot, certificate: &Certificate, now: Timestamp) -> Result<(), CmdletError> {
    let is_served = |service| {
        snapshot.certificates().any(|other| {
            other.guid != certificate.guid && other.services.contains(service) && other.is_valid_at(now)
        })
    };
    let left: Vec<_> = certificate
        .services
        .iter()
        .filter(|service| !is_served(service))
        .map(|service| service.as_str())
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(CmdletError::Conflict(format!(
        "the certificate {} is the only valid one of {}; enable another with Enable-ExchangeCertificate first",
        certificate.thumbprint,
        left.join(", ")
    )))
}
