//! A Send connector as cmdlets show and change it.
//! May touch: nothing (pure).

use directory::{
    AddressSpace, ErrorPolicy, ProtocolLoggingLevel, Secret, SendConnector, SmartHost,
    SmartHostAuthMechanism, SmartHostCredential, TlsAuthLevel,
};
use serde_json::json;

use crate::arguments::{Arguments, usage};
use crate::cmdlets::recipient::groups::{set_bool, set_text};
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, NULL, Parameter};
use crate::settings;

pub(super) const OUTPUT: OutputType = OutputType {
    name: "SendConnector",
    properties: &[
        Property::text("Identity"),
        Property::text("Name"),
        Property::text("Enabled"),
        Property::text("AddressSpaces"),
        Property::text("DNSRoutingEnabled"),
        Property::text("SmartHosts"),
        Property::text("Port"),
        Property::text("SmartHostAuthMechanism"),
        Property::text("AuthenticationUserName"),
        Property::text("RequireTLS"),
        Property::text("TlsAuthLevel"),
        Property::text("TlsDomain"),
        Property::text("IgnoreSTARTTLS"),
        Property::text("DomainSecureEnabled"),
        Property::text("TlsCertificateName"),
        Property::text("Fqdn"),
        Property::text("SourceIPAddress"),
        Property::text("ErrorPolicies"),
        Property::text("FrontendProxyEnabled"),
        Property::text("IsScopedConnector"),
        Property::text("SourceTransportServers"),
        Property::text("UseExternalDNSServersEnabled"),
        Property::text("ProtocolLoggingLevel"),
        Property::text("Comment"),
        Property::text("Guid"),
    ],
    settings: Some(settings::send_limits),
    table: &["Name", "AddressSpaces", "SmartHosts", "Port", "Enabled"],
};

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The Send connector, by name or GUID.")
        .required()
        .positional();

/// What New- and Set- share.
pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new(
        "SmartHosts",
        Kind::Change(&Kind::Text),
        "The next hosts, by name or IP address; $null routes by MX records.",
    ),
    Parameter::new(
        "DNSRoutingEnabled",
        Kind::Bool,
        "Whether mail is routed by MX records; $true removes the smart hosts.",
    ),
    Parameter::new(
        "Port",
        Kind::Int { min: 1, max: 65_535 },
        "The port of the next host, 25 when not given.",
    ),
    Parameter::new(
        "SmartHostAuthMechanism",
        Kind::Enum(&["None", "BasicAuth", "BasicAuthRequireTLS", "ExchangeServer", "ExternalAuthoritative"]),
        "How we sign in at a smart host.",
    ),
    Parameter::new("AuthenticationUserName", Kind::Text, "The user name for the smart host."),
    Parameter::new("AuthenticationPassword", Kind::Password, "The password for the smart host."),
    Parameter::new("RequireTLS", Kind::Bool, "Whether nothing is sent without TLS."),
    Parameter::new(
        "TlsAuthLevel",
        Kind::Enum(&["EncryptionOnly", "CertificateValidation", "DomainValidation", NULL]),
        "What is asked of the next host's certificate; needs -RequireTLS. $null asks nothing more.",
    ),
    Parameter::new("TlsDomain", Kind::Text, "The name the certificate must have."),
    Parameter::new("IgnoreSTARTTLS", Kind::Bool, "Whether STARTTLS is not used even if offered."),
    Parameter::new("DomainSecureEnabled", Kind::Bool, "Whether mutual TLS is used."),
    Parameter::new(
        "TlsCertificateName",
        Kind::Text,
        "Not supported yet: no certificate is shown to the next hop; only $null is taken.",
    ),
    Parameter::new("Fqdn", Kind::Text, "The name said in EHLO; the server's when not given."),
    Parameter::new("SourceIPAddress", Kind::Text, "The local address connections come from."),
    Parameter::new(
        "ErrorPolicies",
        Kind::List(&Kind::Enum(&[
            "Default",
            "DowngradeDnsFailures",
            "DowngradeCustomFailures",
            "UpgradeCustomFailures",
        ])),
        "How errors of the next host are read.",
    ),
    Parameter::new(
        "FrontendProxyEnabled",
        Kind::Bool,
        "Whether mail goes out through a Front End Transport service.",
    ),
    Parameter::new("IsScopedConnector", Kind::Bool, "Whether only servers of the same site use it."),
    Parameter::new("SourceTransportServers", Kind::Change(&Kind::Text), "The servers that use it."),
    Parameter::new(
        "UseExternalDNSServersEnabled",
        Kind::Bool,
        "Whether the external DNS servers resolve names.",
    ),
    Parameter::new("ProtocolLoggingLevel", Kind::Enum(&["None", "Verbose"]), "What the protocol log gets."),
    Parameter::new("Enabled", Kind::Bool, "Whether the connector is used."),
    Parameter::new("Comment", Kind::Text, "A note."),
];

pub(super) fn address_spaces(texts: &[String]) -> Result<Vec<AddressSpace>, CmdletError> {
    Ok(texts.iter().map(|text| text.parse::<AddressSpace>()).collect::<Result<_, _>>()?)
}

pub(super) fn apply(connector: &mut SendConnector, arguments: &Arguments) -> Result<(), CmdletError> {
    apply_hosts(connector, arguments)?;
    apply_security(connector, arguments)?;
    for (name, field) in [
        ("FrontendProxyEnabled", &mut connector.frontend_proxy_enabled),
        ("IsScopedConnector", &mut connector.is_scoped_connector),
        ("UseExternalDNSServersEnabled", &mut connector.use_external_dns_servers_enabled),
        ("Enabled", &mut connector.enabled),
    ] {
        set_bool(field, arguments, name);
    }
    if let Some(servers) = arguments.changed("SourceTransportServers", &connector.source_transport_servers) {
        connector.source_transport_servers = servers;
    }
    if let Some(words) = arguments.texts("ErrorPolicies") {
        connector.error_policies =
            words.iter().map(|word| word.parse::<ErrorPolicy>()).collect::<Result<_, _>>()?;
    }
    if let Some(word) = arguments.text("ProtocolLoggingLevel") {
        connector.protocol_logging_level = word.parse::<ProtocolLoggingLevel>()?;
    }
    if let Some(text) = arguments.text_or_null("Comment") {
        connector.comment = text.unwrap_or("").to_owned();
    }
    settings::apply(&mut connector.limits, arguments)
}

fn apply_hosts(connector: &mut SendConnector, arguments: &Arguments) -> Result<(), CmdletError> {
    let present: Vec<String> = connector.smart_hosts.iter().map(SmartHost::to_string).collect();
    if let Some(hosts) = arguments.changed("SmartHosts", &present) {
        connector.smart_hosts =
            hosts.iter().map(|host| host.parse::<SmartHost>()).collect::<Result<_, _>>()?;
    }
    match arguments.boolean("DNSRoutingEnabled") {
        Some(true) if arguments.is_given("SmartHosts") && !connector.smart_hosts.is_empty() => {
            return Err(usage(arguments.cmdlet(), "DNSRoutingEnabled", "cannot be $true beside -SmartHosts"));
        }
        Some(true) => connector.smart_hosts.clear(),
        Some(false) if connector.smart_hosts.is_empty() => {
            return Err(usage(arguments.cmdlet(), "DNSRoutingEnabled", "$false needs -SmartHosts"));
        }
        _ => {}
    }
    if let Some(port) = arguments.int("Port") {
        connector.port = u16::try_from(port).unwrap_or(connector.port);
    }
    if let Some(text) = arguments.text_or_null("SourceIPAddress") {
        let address = text.map(|text| {
            text.parse().map_err(|_| usage(arguments.cmdlet(), "SourceIPAddress", "takes an IP address"))
        });
        connector.source_ip_address = address.transpose()?;
    }
    Ok(())
}

fn apply_security(connector: &mut SendConnector, arguments: &Arguments) -> Result<(), CmdletError> {
    if let Some(word) = arguments.text("SmartHostAuthMechanism") {
        connector.smart_host_auth_mechanism = word.parse::<SmartHostAuthMechanism>()?;
    }
    match (arguments.text_or_null("AuthenticationUserName"), arguments.text("AuthenticationPassword")) {
        (None, None) => {}
        (Some(None), None) => connector.authentication_credential = None,
        (name, password) => {
            let present = connector.authentication_credential.take();
            let user_name = name
                .flatten()
                .map(str::to_owned)
                .or_else(|| present.as_ref().map(|one| one.user_name.clone()));
            let secret = password.map(Secret::new).or_else(|| present.map(|one| one.password));
            let (Some(user_name), Some(password)) = (user_name, secret) else {
                return Err(usage(
                    arguments.cmdlet(),
                    "AuthenticationUserName",
                    "and -AuthenticationPassword belong together",
                ));
            };
            connector.authentication_credential = Some(SmartHostCredential { user_name, password });
        }
    }
    set_bool(&mut connector.require_tls, arguments, "RequireTLS");
    set_bool(&mut connector.ignore_starttls, arguments, "IgnoreSTARTTLS");
    set_bool(&mut connector.domain_secure_enabled, arguments, "DomainSecureEnabled");
    if let Some(word) = arguments.text_or_null("TlsAuthLevel") {
        connector.tls_auth_level = word.map(str::parse::<TlsAuthLevel>).transpose()?;
    }
    set_text(&mut connector.tls_domain, arguments, "TlsDomain");
    if arguments.text("TlsCertificateName").is_some() {
        return Err(CmdletError::Invalid(
            "-TlsCertificateName of a Send connector is not supported: no certificate of this server is shown to the next hop; leave it out, and sign in with -AuthenticationCredential… where the next hop wants proof".into(),
        ));
    }
    // What an earlier version stored goes with $null.
    set_text(&mut connector.tls_certificate_name, arguments, "TlsCertificateName");
    set_text(&mut connector.fqdn, arguments, "Fqdn");
    Ok(())
}

pub(super) fn row(connector: &SendConnector) -> Row {
    let credential = connector.authentication_credential.as_ref();
    let mut row = rows::row_of(json!({
        "Identity": connector.name,
        "Name": connector.name,
        "Enabled": connector.enabled,
        "AddressSpaces": connector.address_spaces.iter().map(AddressSpace::to_string).collect::<Vec<_>>(),
        "DNSRoutingEnabled": connector.dns_routing_enabled(),
        "SmartHosts": connector.smart_hosts.iter().map(SmartHost::to_string).collect::<Vec<_>>(),
        "Port": connector.port,
        "SmartHostAuthMechanism": connector.smart_host_auth_mechanism.as_str(),
        "AuthenticationUserName": credential.map(|credential| credential.user_name.as_str()),
        "RequireTLS": connector.require_tls,
        "TlsAuthLevel": connector.tls_auth_level.map(TlsAuthLevel::as_str),
        "TlsDomain": connector.tls_domain,
        "IgnoreSTARTTLS": connector.ignore_starttls,
        "DomainSecureEnabled": connector.domain_secure_enabled,
        "TlsCertificateName": connector.tls_certificate_name,
        "Fqdn": connector.fqdn,
        "SourceIPAddress": connector.source_ip_address.map(|address| address.to_string()),
        "ErrorPolicies": connector.error_policies.iter().map(|policy| policy.as_str()).collect::<Vec<_>>(),
        "FrontendProxyEnabled": connector.frontend_proxy_enabled,
        "IsScopedConnector": connector.is_scoped_connector,
        "SourceTransportServers": connector.source_transport_servers,
        "UseExternalDNSServersEnabled": connector.use_external_dns_servers_enabled,
        "ProtocolLoggingLevel": connector.protocol_logging_level.as_str(),
        "Comment": connector.comment,
        "Guid": connector.guid.to_string(),
    }));
    settings::add_to(&connector.limits, &mut row);
    row
}
