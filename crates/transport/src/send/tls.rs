//! Decides what a Send connector asks of TLS: whether, and whose certificate.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3207; RFC 7435 (encryption without verification, where nothing else is asked for).
//! Known gaps: CertificateValidation checks the host's name too, which Exchange does not; DomainSecureEnabled shows no
//! certificate of ours.

use directory::{SendConnector, TlsAuthLevel};
use smtp::client::StartTls;
use world::{Roots, TlsInfo, Verification};

use super::hosts::Host;

/// What a connection must satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsTerms {
    /// Whether STARTTLS is used.
    pub(super) starttls: StartTls,
    /// Whether the certificate must lead to a trusted root.
    pub(super) verification: Verification,
    /// The name it must have.
    name: CertificateName,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum CertificateName {
    /// That of the host connected to.
    Host,
    /// This one.
    Exactly(String),
    /// One within this domain, and that of the host.
    Within(String),
}

/// The terms of a connector. `domain` is the recipient domain where mail is routed by DNS; `roots` are those that are
/// trusted.
pub(super) fn terms(connector: &SendConnector, domain: Option<&str>, roots: &Roots) -> TlsTerms {
    let starttls = if connector.ignore_starttls {
        StartTls::Never
    } else if connector.needs_tls() {
        StartTls::Required
    } else {
        StartTls::Opportunistic
    };
    let level = match connector.tls_auth_level {
        Some(level) => level,
        None if connector.domain_secure_enabled => TlsAuthLevel::DomainValidation,
        None => TlsAuthLevel::EncryptionOnly,
    };
    let trusted = Verification::Verify(roots.clone());
    let (verification, name) = match level {
        TlsAuthLevel::EncryptionOnly => (Verification::Opportunistic, CertificateName::Host),
        TlsAuthLevel::CertificateValidation => (trusted, CertificateName::Host),
        TlsAuthLevel::DomainValidation => {
            let wanted = connector.tls_domain.as_deref().or(domain);
            let name = match wanted.map(|name| (name, name.strip_prefix("*."))) {
                None => CertificateName::Host,
                Some((_, Some(parent))) => CertificateName::Within(parent.to_ascii_lowercase()),
                Some((name, None)) => CertificateName::Exactly(name.to_ascii_lowercase()),
            };
            (trusted, name)
        }
    };
    TlsTerms { starttls, verification, name }
}

impl TlsTerms {
    /// The name to ask the host for.
    pub(super) fn asked_name<'a>(&'a self, host: &'a Host) -> &'a str {
        match &self.name {
            CertificateName::Host | CertificateName::Within(_) => &host.name,
            CertificateName::Exactly(name) => name,
        }
    }

    /// Whether the names of the host's certificate will do; whom it leads to has been checked by then.
    pub(super) fn accepts(&self, info: &TlsInfo) -> bool {
        match &self.name {
            CertificateName::Host | CertificateName::Exactly(_) => true,
            CertificateName::Within(domain) => {
                let names = info.peer.as_ref().map(|peer| peer.names.as_slice()).unwrap_or_default();
                names.iter().any(|name| is_within(name, domain))
            }
        }
    }
}

fn is_within(name: &str, domain: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn connector(change: impl FnOnce(&mut SendConnector)) -> SendConnector {
        let mut connector = SendConnector::new(Uuid::nil(), "Internet", Vec::new());
        change(&mut connector);
        connector
    }

    #[test]
    fn what_a_connector_asks_for() {
        use directory::SmartHostAuthMechanism::{BasicAuth, BasicAuthRequireTls};
        let host = || CertificateName::Host;
        let trusted = || Verification::Verify(Roots::System);
        let any = || Verification::Opportunistic;
        let level = |level: TlsAuthLevel, domain: Option<&str>| {
            connector(|one| {
                one.require_tls = true;
                one.tls_auth_level = Some(level);
                one.tls_domain = domain.map(str::to_owned);
            })
        };
        let exactly = |name: &str| CertificateName::Exactly(name.to_owned());
        let domain_validation = TlsAuthLevel::DomainValidation;
        for (connector, starttls, verification, name) in [
            (connector(|_| ()), StartTls::Opportunistic, any(), host()),
            (connector(|one| one.ignore_starttls = true), StartTls::Never, any(), host()),
            (connector(|one| one.require_tls = true), StartTls::Required, any(), host()),
            (
                connector(|one| one.smart_host_auth_mechanism = BasicAuth),
                StartTls::Opportunistic,
                any(),
                host(),
            ),
            (
                connector(|one| one.smart_host_auth_mechanism = BasicAuthRequireTls),
                StartTls::Required,
                any(),
                host(),
            ),
            (level(TlsAuthLevel::CertificateValidation, None), StartTls::Required, trusted(), host()),
            (level(domain_validation, None), StartTls::Required, trusted(), exactly("fabrikam.example")),
            (
                level(domain_validation, Some("MX.example")),
                StartTls::Required,
                trusted(),
                exactly("mx.example"),
            ),
            (
                level(domain_validation, Some("*.mx.example")),
                StartTls::Required,
                trusted(),
                CertificateName::Within("mx.example".to_owned()),
            ),
            (
                connector(|one| one.domain_secure_enabled = true),
                StartTls::Required,
                trusted(),
                exactly("fabrikam.example"),
            ),
        ] {
            let expected = TlsTerms { starttls, verification, name };
            assert_eq!(
                terms(&connector, Some("fabrikam.example"), &Roots::System),
                expected,
                "{connector:?}"
            );
        }
    }

    #[test]
    fn names_within_a_domain() {
        for (name, within) in [
            ("mail.mx.example", true),
            ("*.MX.example", true),
            ("mx.example", true),
            ("badmx.example", false),
            ("mx.example.evil.example", false),
        ] {
            assert_eq!(is_within(name, "mx.example"), within, "{name}");
        }
    }
}
