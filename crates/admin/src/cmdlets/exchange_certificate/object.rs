//! The ExchangeCertificate object, and what is said of one that ends soon.
//! May touch: nothing (pure).

use std::collections::BTreeSet;
use std::str::FromStr;

use directory::{Certificate, CertificateService};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

/// Days before its end from which on a certificate is warned of.
const WARN_DAYS: i64 = 30;

/// The words of `-Services`.
const SERVICES: &[&str] = &["SMTP", "IMAP", "POP", "IIS"];

/// `-Services` of the cmdlets that add or enable.
pub(super) const SERVICES_PARAMETER: Parameter = Parameter::new(
    "Services",
    Kind::List(&Kind::Enum(SERVICES)),
    "What it is used for: SMTP, IIS (administration over HTTPS); each adds to what it has. IMAP and POP are taken for scripts of Exchange and have no effect: this server has neither.",
);

/// `-FriendlyName`.
pub(super) const FRIENDLY_NAME: Parameter = Parameter::new("FriendlyName", Kind::Text, "A name for people.");

/// `-Thumbprint` of the cmdlets about one certificate.
pub(super) const THUMBPRINT: Parameter = Parameter::new(
    "Thumbprint",
    Kind::Identity,
    "The certificate, by thumbprint, GUID or `<I>issuer<S>subject`.",
)
.required()
.positional();

/// What the cmdlets put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "ExchangeCertificate",
    properties: &[
        Property::text("Thumbprint"),
        Property::text("Services"),
        Property::text("Subject"),
        Property::text("Issuer"),
        Property::text("CertificateDomains"),
        Property::time("NotBefore"),
        Property::time("NotAfter"),
        Property::text("Status"),
        Property::text("IsSelfSigned"),
        Property::text("HasPrivateKey"),
        Property::text("FriendlyName"),
        Property::text("SerialNumber"),
        Property::text("Guid"),
    ],
    settings: None,
    table: &["Thumbprint", "Services", "Subject", "NotAfter", "Status", "IsSelfSigned"],
};

/// One certificate as a row.
pub(super) fn row(certificate: &Certificate, now: Timestamp) -> Row {
    let status = if certificate.is_valid_at(now) { "Valid" } else { "DateInvalid" };
    rows::row_of(json!({
        "Thumbprint": certificate.thumbprint,
        "Services": certificate.services.iter().map(|service| service.as_str()).collect::<Value>(),
        "Subject": certificate.subject,
        "Issuer": certificate.issuer,
        "CertificateDomains": certificate.domains,
        "NotBefore": certificate.not_before.to_string(),
        "NotAfter": certificate.not_after.to_string(),
        "Status": status,
        "IsSelfSigned": certificate.is_self_signed,
        "HasPrivateKey": true,
        "FriendlyName": certificate.friendly_name,
        "SerialNumber": certificate.serial_number,
        "Guid": certificate.guid.to_string(),
    }))
}

/// The services given.
pub(super) fn services(arguments: &Arguments) -> BTreeSet<CertificateService> {
    let words = arguments.texts("Services").unwrap_or_default();
    words.into_iter().flat_map(CertificateService::from_str).collect()
}

/// Why an administrator should act on the certificate: it has ended, ends soon, or has not begun.
pub(crate) fn concern(certificate: &Certificate, now: Timestamp) -> Option<String> {
    let days = certificate.not_after.duration_since(now).as_hours().div_euclid(24);
    let (subject, thumbprint) = (&certificate.subject, &certificate.thumbprint);
    let replace = "replace it with Import-ExchangeCertificate or New-ExchangeCertificate";
    if now >= certificate.not_after {
        Some(format!("the certificate {subject} ({thumbprint}) has expired; {replace}"))
    } else if now < certificate.not_before {
        Some(format!(
            "the certificate {subject} ({thumbprint}) is not valid before {}",
            certificate.not_before
        ))
    } else if days <= WARN_DAYS {
        Some(format!("the certificate {subject} ({thumbprint}) expires in {days} days; {replace}"))
    } else {
        None
    }
}
