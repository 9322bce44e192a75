//! Adds a certificate with its key: files first, then the row of the registry that names them.
//! May touch: certificate files, directory, executor, clock.

use std::collections::BTreeSet;

use directory::{Certificate, CertificateService};
use world::CertificateInfo;

use super::object;
use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::services::StoredFiles;

/// What is added.
pub(super) struct Added {
    /// The chain, PEM.
    pub(super) certificate_pem: String,
    /// The private key, PEM.
    pub(super) key_pem: String,
    /// A name for people.
    pub(super) friendly_name: String,
    /// What it is used for.
    pub(super) services: BTreeSet<CertificateService>,
}

/// Checks that the parts go together, stores them, and shows the new certificate.
///
/// # Errors
/// `Invalid` when certificate and key do not go together, `Conflict` when it is there already.
pub(super) async fn run(
    context: &Context,
    arguments: &Arguments,
    added: Added,
) -> Result<Output, CmdletError> {
    let checked = world::Certificate::from_pem(&added.certificate_pem, &added.key_pem);
    let info = checked.map_err(|error| CmdletError::Invalid(error.to_string()))?.info().clone();
    let snapshot = context.directory.snapshot();
    if snapshot.certificates().any(|one| one.thumbprint == info.thumbprint) {
        return Err(CmdletError::Conflict(format!(
            "the certificate {} is there already; Enable-ExchangeCertificate gives it services",
            info.thumbprint
        )));
    }
    let files = if arguments.is_what_if() { unwritten(&info) } else { store(context, &info, &added).await? };
    let (row, stored) = (certificate(&info, &added, &files), files.clone());
    let change = context.change(arguments, move |draft, _| {
        let row = Certificate { guid: draft.new_guid(), ..row };
        Ok(draft.put_certificate(row)?)
    });
    let made = match change.await {
        Ok(made) => made,
        Err(error) => {
            forget(context, stored).await;
            return Err(error);
        }
    };
    let now = context.world.clock.now();
    let mut output = Output::object(object::row(&made, now));
    output.warnings.extend(object::concern(&made, now));
    if made.services.is_empty() {
        output
            .notes
            .push("It is used for nothing yet; Enable-ExchangeCertificate gives it services".to_owned());
    }
    Ok(output)
}

async fn store(context: &Context, info: &CertificateInfo, added: &Added) -> Result<StoredFiles, CmdletError> {
    let files = context.services.certificate_files()?.clone();
    let (thumbprint, chain, key) =
        (info.thumbprint.clone(), added.certificate_pem.clone(), added.key_pem.clone());
    let stored = context.world.exec.blocking(move || files.store(&thumbprint, &chain, &key)).await;
    stored.map_err(|why| CmdletError::Unavailable(format!("the certificate could not be stored: {why}")))
}

/// Takes back files no row names; that they are left behind harms nothing and is only logged.
async fn forget(context: &Context, stored: StoredFiles) {
    let Ok(files) = context.services.certificate_files().cloned() else { return };
    if let Err(error) = context.world.exec.blocking(move || files.remove(&stored)).await {
        tracing::warn!(error, "the files of a certificate that was not added could not be removed");
    }
}

/// Stands for the files in a change that is only tried.
fn unwritten(info: &CertificateInfo) -> StoredFiles {
    StoredFiles {
        certificate_file: format!("certificates/{}.pem", info.thumbprint),
        key_file: format!("certificates/{}.key", info.thumbprint),
    }
}

fn certificate(info: &CertificateInfo, added: &Added, files: &StoredFiles) -> Certificate {
    Certificate {
        guid: uuid::Uuid::nil(),
        thumbprint: info.thumbprint.clone(),
        subject: info.subject.clone(),
        issuer: info.issuer.clone(),
        serial_number: info.serial_number.clone(),
        friendly_name: added.friendly_name.clone(),
        domains: info.names.clone(),
        not_before: info.not_before,
        not_after: info.not_after,
        is_self_signed: info.self_signed,
        services: added.services.clone(),
        certificate_file: files.certificate_file.clone(),
        key_file: files.key_file.clone(),
    }
}
