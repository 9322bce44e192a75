//! New-ExchangeCertificate: makes a self-signed certificate.
//! May touch: certificate files, directory, executor, clock.
//! Known gaps: no certificate signing request is made.

use jiff::SignedDuration;

use super::add::{self, Added};
use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// How long a self-signed certificate is valid: five years, as Exchange has it.
const VALID_DAYS: i64 = 5 * 365;
/// It begins a little earlier, for clients whose clocks are behind.
const EARLIER_HOURS: i64 = 1;
/// The most names in one certificate.
const NAMES_MAX: usize = 100;

const OWN: &[Parameter] = &[
    Parameter::new(
        "DomainName",
        Kind::List(&Kind::Text),
        "The names it is for, the first of them the common name; this server's name unless said otherwise.",
    ),
    Parameter::new("SubjectName", Kind::Text, "The common name, such as CN=mail.contoso.example."),
    object::FRIENDLY_NAME,
    object::SERVICES_PARAMETER,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-ExchangeCertificate",
    synopsis: "Makes a self-signed certificate.",
    description: "The certificate is valid for five years and has an ECDSA P-256 key, which never leaves the data directory. Programs outside do not trust it; import one of a certificate authority for them. The server shows it from the next connection on.",
    examples: &[
        Example {
            command: "New-ExchangeCertificate -DomainName mail.contoso.example,smtp.contoso.example -Services SMTP",
            sentence: "Makes a certificate for two names and uses it for SMTP.",
        },
        Example {
            command: "New-ExchangeCertificate",
            sentence: "Makes one for this server's name, used for nothing yet.",
        },
    ],
    roles: &[Role::ExchangeServerCertificates],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let names = names(context, arguments)?;
    let now = context.world.clock.now();
    let out_of_range = |error: jiff::Error| CmdletError::internal("the clock of this server is wrong", error);
    let begin = now.checked_sub(SignedDuration::from_hours(EARLIER_HOURS)).map_err(out_of_range)?;
    let end = now.checked_add(SignedDuration::from_hours(24 * VALID_DAYS)).map_err(out_of_range)?;
    let made = context.world.exec.blocking(move || world::self_signed(&names, begin, end)).await;
    let (certificate_pem, key_pem) =
        made.map_err(|error| usage(arguments.cmdlet(), "DomainName", &error.to_string()))?;
    let friendly_name = arguments.text("FriendlyName").unwrap_or("Postroom").to_owned();
    add::run(
        context,
        arguments,
        Added { certificate_pem, key_pem, friendly_name, services: object::services(arguments) },
    )
    .await
}

/// The names, the common name first, each once.
fn names(context: &Context, arguments: &Arguments) -> Result<Vec<String>, CmdletError> {
    let mut names = Vec::new();
    if let Some(subject) = arguments.text("SubjectName") {
        names.push(common_name(subject).ok_or_else(|| {
            usage(arguments.cmdlet(), "SubjectName", "takes a common name such as CN=mail.contoso.example")
        })?);
    }
    let given = arguments.texts("DomainName").unwrap_or_default();
    names.extend(given.into_iter().map(|name| name.trim().to_ascii_lowercase()));
    if names.is_empty() {
        names.push(context.directory.snapshot().organization().server_fqdn.to_ascii_lowercase());
    }
    let mut unique: Vec<String> = Vec::new();
    for name in names {
        if !is_name(&name) {
            let why = format!(
                "takes DNS names and IP addresses, not \"{name}\"; write names of other scripts as xn--…"
            );
            return Err(usage(arguments.cmdlet(), "DomainName", &why));
        }
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    if unique.len() > NAMES_MAX {
        let why = format!("takes at most {NAMES_MAX} names, not {}", unique.len());
        return Err(usage(arguments.cmdlet(), "DomainName", &why));
    }
    Ok(unique)
}

/// The CN of `C=DE, CN=mail.contoso.example`, or a bare name.
fn common_name(subject: &str) -> Option<String> {
    let mut parts = subject.split(',').map(str::trim);
    let named = parts.clone().find_map(|part| {
        part.split_once('=')
            .filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("CN"))
            .map(|(_, name)| name.trim())
    });
    named
        .or_else(|| parts.next().filter(|part| !part.contains('=')))
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
}

/// A DNS name in its ASCII form, perhaps with `*.` before it, or an IP address.
fn is_name(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.parse::<std::net::IpAddr>().is_ok() || (host.len() <= 253 && host.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names() {
        for (subject, expected) in [
            ("CN=Mail.contoso.example", Some("mail.contoso.example")),
            ("C=DE, cn=mail.contoso.example", Some("mail.contoso.example")),
            ("mail.contoso.example", Some("mail.contoso.example")),
            ("O=Contoso", None),
            ("CN=", None),
        ] {
            assert_eq!(common_name(subject).as_deref(), expected, "{subject}");
        }
    }

    #[test]
    fn names_are_dns_names_or_addresses() {
        for name in [
            "mail.contoso.example",
            "*.contoso.example",
            "localhost",
            "192.0.2.1",
            "2001:db8::1",
            "xn--mnchen-3ya.example",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a..b", "mail contoso", "münchen.example", "a@b", "*.*.example"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
