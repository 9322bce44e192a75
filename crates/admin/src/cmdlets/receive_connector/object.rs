//! A Receive connector as cmdlets show and change it.
//! May touch: listeners (which addresses are bound).

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::str::FromStr;

use directory::{
    AuthMechanism, DirectoryError, ExtendedRight, IpRange, Permission, PermissionGroup, ProtocolLoggingLevel,
    ReceiveConnector, TransportRole, Trustee,
};
use serde_json::json;

use super::ports;
use crate::arguments::{Arguments, usage};
use crate::cmdlets::recipient::groups::{set_bool, set_text};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::settings;

pub(super) const OUTPUT: OutputType = OutputType {
    name: "ReceiveConnector",
    properties: &[
        Property::text("Identity"),
        Property::text("Name"),
        Property::text("Server"),
        Property::text("Enabled"),
        Property::text("TransportRole"),
        Property::text("Bindings"),
        Property::text("RemoteIPRanges"),
        Property::text("PermissionGroups"),
        Property::text("AuthMechanism"),
        Property::text("ExtendedRights"),
        Property::text("Fqdn"),
        Property::text("Banner"),
        Property::text("TlsCertificateName"),
        Property::text("ProtocolLoggingLevel"),
        Property::text("Comment"),
        Property::text("Guid"),
    ],
    settings: Some(settings::receive_limits),
    table: &["Name", "Bindings", "RemoteIPRanges", "PermissionGroups", "Enabled"],
};

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The Receive connector, by name, Server\\name or GUID.")
        .required()
        .positional();

const PERMISSION_GROUPS: &[&str] =
    &["None", "AnonymousUsers", "ExchangeUsers", "ExchangeServers", "ExchangeLegacyServers", "Partners"];
const AUTH_MECHANISMS: &[&str] = &[
    "None",
    "Tls",
    "BasicAuth",
    "BasicAuthRequireTLS",
    "Integrated",
    "ExchangeServer",
    "ExternalAuthoritative",
];

/// What New- and Set- share.
pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new(
        "Bindings",
        Kind::Change(&Kind::Text),
        "Local addresses with ports, such as 0.0.0.0:25; port 0 is any free one.",
    ),
    Parameter::new(
        "RemoteIPRanges",
        Kind::Change(&Kind::Text),
        "The clients it is for: addresses, ranges a-b and networks a/n; the most specific connector wins.",
    ),
    Parameter::new("PermissionGroups", Kind::List(&Kind::Enum(PERMISSION_GROUPS)), "Who may use it."),
    Parameter::new(
        "AuthMechanism",
        Kind::List(&Kind::Enum(AUTH_MECHANISMS)),
        "How clients prove who they are.",
    ),
    Parameter::new(
        "ExtendedRights",
        Kind::Change(&Kind::Text),
        "Rights beyond the groups, such as 'ANONYMOUS LOGON:Ms-Exch-SMTP-Accept-Any-Recipient' for a relay.",
    ),
    Parameter::new(
        "TransportRole",
        Kind::Enum(&["FrontendTransport", "HubTransport"]),
        "The service that owns the connector.",
    ),
    Parameter::new(
        "Fqdn",
        Kind::Text,
        "The name said in the greeting and EHLO; the server's when not given.",
    ),
    Parameter::new("Banner", Kind::Text, "The whole greeting, beginning with 220."),
    Parameter::new("TlsCertificateName", Kind::Text, "The certificate: thumbprint or <I>issuer<S>subject."),
    Parameter::new("ProtocolLoggingLevel", Kind::Enum(&["None", "Verbose"]), "What the protocol log gets."),
    Parameter::new("Enabled", Kind::Bool, "Whether it takes connections."),
    Parameter::new("Comment", Kind::Text, "A note."),
];

pub(super) fn apply(connector: &mut ReceiveConnector, arguments: &Arguments) -> Result<(), CmdletError> {
    let present: Vec<String> = connector.bindings.iter().map(ToString::to_string).collect();
    if let Some(texts) = arguments.changed("Bindings", &present) {
        connector.bindings =
            texts.iter().map(|text| read_binding(arguments, text)).collect::<Result<_, _>>()?;
    }
    let present: Vec<String> = connector.remote_ip_ranges.iter().map(ToString::to_string).collect();
    if let Some(texts) = arguments.changed("RemoteIPRanges", &present) {
        connector.remote_ip_ranges =
            texts.iter().map(|text| text.parse::<IpRange>()).collect::<Result<_, _>>()?;
    }
    if let Some(words) = arguments.texts("PermissionGroups") {
        connector.permission_groups = read_words::<PermissionGroup>(&words)?;
    }
    if let Some(words) = arguments.texts("AuthMechanism") {
        connector.auth_mechanism = read_words::<AuthMechanism>(&words)?;
    }
    let present: Vec<String> = connector.extended_rights.iter().map(write_right).collect();
    if let Some(texts) = arguments.changed("ExtendedRights", &present) {
        connector.extended_rights =
            texts.iter().map(|text| read_right(arguments, text)).collect::<Result<_, _>>()?;
    }
    if let Some(word) = arguments.text("TransportRole") {
        connector.transport_role = word.parse::<TransportRole>()?;
    }
    if let Some(word) = arguments.text("ProtocolLoggingLevel") {
        connector.protocol_logging_level = word.parse::<ProtocolLoggingLevel>()?;
    }
    set_text(&mut connector.fqdn, arguments, "Fqdn");
    set_text(&mut connector.banner, arguments, "Banner");
    set_text(&mut connector.tls_certificate_name, arguments, "TlsCertificateName");
    set_bool(&mut connector.enabled, arguments, "Enabled");
    if let Some(text) = arguments.text_or_null("Comment") {
        connector.comment = text.unwrap_or("").to_owned();
    }
    settings::apply(&mut connector.limits, arguments)
}

/// The words of a set; None stands for the empty one.
fn read_words<T: FromStr<Err = DirectoryError> + Ord>(words: &[&str]) -> Result<BTreeSet<T>, CmdletError> {
    Ok(words
        .iter()
        .filter(|word| **word != "None")
        .map(|word| word.parse::<T>())
        .collect::<Result<_, _>>()?)
}

fn read_binding(arguments: &Arguments, text: &str) -> Result<SocketAddr, CmdletError> {
    text.parse().map_err(|_| {
        let why = format!("takes addresses with ports, such as 0.0.0.0:25 or [::]:25, not \"{text}\"");
        usage(arguments.cmdlet(), "Bindings", &why)
    })
}

/// `User:Right`, as `Add-ADPermission -User … -ExtendedRights …` names them.
fn read_right(arguments: &Arguments, text: &str) -> Result<ExtendedRight, CmdletError> {
    let (user, right) = text.split_once(':').ok_or_else(|| {
        usage(
            arguments.cmdlet(),
            "ExtendedRights",
            "takes User:Right, such as ANONYMOUS LOGON:Ms-Exch-SMTP-Accept-Any-Recipient",
        )
    })?;
    Ok(ExtendedRight { user: Trustee::parse(user)?, right: right.parse::<Permission>()? })
}

fn write_right(right: &ExtendedRight) -> String {
    format!("{}:{}", right.user, right.right)
}

pub(super) fn row(connector: &ReceiveConnector, context: &Context) -> Row {
    let snapshot = context.directory.snapshot();
    let server = &snapshot.organization().server_name;
    let mut row = rows::row_of(json!({
        "Identity": format!("{server}\\{}", connector.name),
        "Name": connector.name,
        "Server": server,
        "Enabled": connector.enabled,
        "TransportRole": connector.transport_role.as_str(),
        "Bindings": ports::shown(context, connector),
        "RemoteIPRanges": connector.remote_ip_ranges.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "PermissionGroups": connector.permission_groups.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        "AuthMechanism": connector.auth_mechanism.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        "ExtendedRights": connector.extended_rights.iter().map(write_right).collect::<Vec<_>>(),
        "Fqdn": connector.fqdn.as_deref().unwrap_or(&snapshot.organization().server_fqdn),
        "Banner": connector.banner,
        "TlsCertificateName": connector.tls_certificate_name,
        "ProtocolLoggingLevel": connector.protocol_logging_level.as_str(),
        "Comment": connector.comment,
        "Guid": connector.guid.to_string(),
    }));
    settings::add_to(&connector.limits, &mut row);
    row
}
