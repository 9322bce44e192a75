//! The registry of TLS certificates; the PEM files themselves lie in the data directory.
//!
//! May touch: nothing (pure).
//! Standards: RFC 6125 §6.4.3 (a wildcard stands for one label).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DirectoryError;
use crate::object::{Object, ObjectKind};
use crate::text_enum::text_enum;

text_enum! {
    /// What a certificate is used for.
    pub enum CertificateService "Services" {
        /// SMTP.
        Smtp = "SMTP",
        /// IMAP4.
        Imap = "IMAP",
        /// POP3.
        Pop = "POP",
        /// HTTPS.
        Iis = "IIS",
    }
}

/// One certificate with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Identity for life.
    pub guid: Uuid,
    /// Hash of the certificate in upper-case hexadecimal digits; unique.
    pub thumbprint: String,
    /// Subject as text, such as `CN=mail.contoso.example`.
    pub subject: String,
    /// Issuer as text.
    pub issuer: String,
    /// Serial number in hexadecimal digits.
    #[serde(default)]
    pub serial_number: String,
    /// A name for people.
    #[serde(default)]
    pub friendly_name: String,
    /// The DNS names it is for, lower case; may begin with `*.`.
    pub domains: Vec<String>,
    /// Start of its validity.
    pub not_before: Timestamp,
    /// End of its validity.
    pub not_after: Timestamp,
    /// Whether it is signed with its own key.
    pub is_self_signed: bool,
    /// What it is used for.
    pub services: BTreeSet<CertificateService>,
    /// The certificate chain, PEM; a path within the data directory.
    pub certificate_file: String,
    /// The private key, PEM; a path within the data directory.
    pub key_file: String,
}

impl Certificate {
    /// Whether it names the host, directly or by a wildcard for one label.
    pub fn covers(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.domains.iter().any(|name| match name.strip_prefix("*.") {
            Some(parent) => {
                host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent)
            }
            None => *name == host,
        })
    }

    /// Whether the text of a connector's TlsCertificateName means this one: the thumbprint, or
    /// `<I>issuer<S>subject`.
    pub fn is_named(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.thumbprint)
            || name
                .strip_prefix("<I>")
                .and_then(|rest| rest.split_once("<S>"))
                .is_some_and(|(issuer, subject)| issuer == self.issuer && subject == self.subject)
    }

    /// Whether it is valid at the time.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.not_after
    }

    /// What the entry must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        let well_formed = (40..=128).contains(&self.thumbprint.len())
            && self.thumbprint.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
        if !well_formed {
            return Err(DirectoryError::invalid(
                "Thumbprint",
                "give 40 to 128 upper-case hexadecimal digits.",
            ));
        }
        if self.not_after <= self.not_before {
            return Err(DirectoryError::invalid("NotAfter", "the certificate ends before it begins."));
        }
        Ok(())
    }
}

impl Object for Certificate {
    const KIND: ObjectKind = ObjectKind::Certificate;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.thumbprint.clone()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn certificate(thumb: char, names: &[&str], not_after: &str) -> Certificate {
        Certificate {
            guid: Uuid::from_u128(u128::from(u32::from(thumb))),
            thumbprint: thumb.to_string().repeat(40),
            subject: format!("CN={}", names[0]),
            issuer: "CN=Test".to_owned(),
            serial_number: "01".to_owned(),
            friendly_name: String::new(),
            domains: names.iter().map(|name| (*name).to_owned()).collect(),
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: not_after.parse().unwrap(),
            is_self_signed: false,
            services: BTreeSet::from([CertificateService::Smtp]),
            certificate_file: "a.pem".to_owned(),
            key_file: "a.key".to_owned(),
        }
    }

    #[test]
    fn names_are_matched() {
        let it = certificate('A', &["mail.contoso.example", "*.fabrikam.example"], "2027-01-01T00:00:00Z");
        for (host, covered) in [
            ("mail.contoso.example", true),
            ("MAIL.contoso.example", true),
            ("contoso.example", false),
            ("a.fabrikam.example", true),
            ("fabrikam.example", false),
            ("a.b.fabrikam.example", false),
            (".fabrikam.example", false),
        ] {
            assert_eq!(it.covers(host), covered, "{host}");
        }
        assert!(it.is_named(&"a".repeat(40)));
        assert!(it.is_named("<I>CN=Test<S>CN=mail.contoso.example"));
        assert!(!it.is_named("mail.contoso.example"));
    }
}
