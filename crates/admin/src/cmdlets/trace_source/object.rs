//! The object TraceSource: its properties, its parameters, and what a reader is told of this organization.
//! May touch: directory (read).

use directory::{AcceptedDomainType, IpRange, Secret, Snapshot};
use events::DomainKind;
use jiff::Timestamp;
use serde_json::json;
use trace::places::{Place, SourceError, SourceKind, SourceSpec, SourceState, Sources, Surroundings};

use crate::arguments::{Arguments, usage};
use crate::cmdlets::message_trace::{OTHER_NAME, known, readable};
use crate::cmdlets::message_tracking_log::check_not_own;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(crate) const OUTPUT: OutputType = OutputType {
    name: "TraceSource",
    properties: &[
        Property::text("Name"),
        Property::text("Type"),
        Property::text("Place"),
        Property::text("Enabled"),
        Property::text("State"),
        Property::time("LastRecord"),
        Property::text("Lag"),
        Property::time("LastRead"),
        Property::number("Records"),
        Property::number("New"),
        Property::number("Unknown"),
        Property::number("TooOld"),
        Property::text("Path"),
        Property::text("Bind"),
        Property::text("RequireTls"),
        Property::text("RemoteIPRanges"),
        Property::text("Url"),
        Property::text("TenantId"),
        Property::text("ApplicationId"),
        Property::text("LoginUrl"),
        Property::text("ClusterId"),
        Property::text("HasSecret"),
        Property::text("LogFormat"),
        Property::text("LogTimeZone"),
        Property::text("Error"),
        Property::text("Refused"),
        Property::text("UnknownLines"),
        Property::text("Identity"),
    ],
    settings: None,
    table: &["Name", "Type", "Place", "State", "LastRecord", "Lag", "Records", "Unknown"],
};

pub(crate) const PLACE: Parameter = Parameter::new(
    "Place",
    Kind::Text,
    "The name of the system whose records these are; the source's name unless given.",
);
pub(crate) const PATH: Parameter = Parameter::new(
    "Path",
    Kind::ServerPath,
    "Folder: the path of a folder or file of the server; over HTTP the whole path.",
);
pub(crate) const BIND: Parameter =
    Parameter::new("Bind", Kind::Text, "Syslog: the address and port to listen on, such as 192.0.2.5:6514.");
pub(crate) const REQUIRE_TLS: Parameter =
    Parameter::new("RequireTls", Kind::Bool, "Syslog: whether senders must use TLS; $true unless given.");
pub(crate) const REMOTE_IP_RANGES: Parameter = Parameter::new(
    "RemoteIPRanges",
    Kind::Change(&Kind::Text),
    "Syslog: the senders it takes: addresses, ranges a-b and networks a/n; all unless given.",
);
pub(crate) const SECRET: Parameter = Parameter::new(
    "Secret",
    Kind::Password,
    "Http: the token senders show; ExchangeOnline: the application's client secret; ProofpointPoD: the API token. It is never shown.",
);
pub(crate) const SECRET_FILE: Parameter =
    Parameter::new("SecretFile", Kind::InputFile, "A file that holds the secret in its first line.");
pub(crate) const TENANT_ID: Parameter =
    Parameter::new("TenantId", Kind::Text, "ExchangeOnline: the tenant, by id or domain.");
pub(crate) const APPLICATION_ID: Parameter = Parameter::new(
    "ApplicationId",
    Kind::Text,
    "ExchangeOnline: the application that may read message traces (ExchangeMessageTrace.Read.All).",
);
pub(crate) const CLUSTER_ID: Parameter =
    Parameter::new("ClusterId", Kind::Text, "ProofpointPoD: the id of the cluster.");
pub(crate) const URL: Parameter = Parameter::new(
    "Url",
    Kind::Text,
    "ExchangeOnline and ProofpointPoD: where the service is, for national clouds; http:// and ws:// for this machine only.",
);
pub(crate) const LOGIN_URL: Parameter = Parameter::new(
    "LoginUrl",
    Kind::Text,
    "ExchangeOnline: where tokens are given out, for national clouds.",
);
pub(crate) const LOG_FORMAT: Parameter = Parameter::new(
    "LogFormat",
    Kind::Enum(crate::cmdlets::message_trace::LOG_FORMATS),
    "The format; told from the content unless it is given.",
);
pub(crate) const LOG_TIME_ZONE: Parameter = Parameter::new(
    "LogTimeZone",
    Kind::Text,
    "The zone of times without one, such as Europe/Berlin; UTC unless given.",
);
pub(crate) const ENABLED: Parameter =
    Parameter::new("Enabled", Kind::Bool, "Whether the source is read; $true unless given.");

/// The sources, where the server reads any.
pub(crate) fn sources(context: &Context) -> Result<Sources, CmdletError> {
    let found = context.services.trace()?.sources().cloned();
    found.ok_or_else(|| CmdletError::Unavailable("trace sources are not read by this server".to_owned()))
}

/// Puts what was given into a source.
pub(crate) fn change(arguments: &Arguments, spec: &mut SourceSpec) -> Result<(), CmdletError> {
    if let Some(place) = arguments.text("Place") {
        place
            .parse::<Place>()
            .map_err(|error| usage(arguments.cmdlet(), "Place", &format!("cannot be taken: {error}")))?;
        place.clone_into(&mut spec.place);
    }
    if let Some(word) = arguments.text("LogFormat") {
        spec.format = Some(word.to_owned()).filter(|word| !word.eq_ignore_ascii_case("auto"));
    }
    if let Some(zone) = arguments.text("LogTimeZone") {
        zone.clone_into(&mut spec.zone);
    }
    if let Some(enabled) = arguments.boolean("Enabled") {
        spec.enabled = enabled;
    }
    refuse_others(arguments, &spec.kind)?;
    let secret = secret(arguments)?;
    let put = |name: &str, value: &mut String| {
        if let Some(new) = arguments.text(name) {
            new.trim().clone_into(value);
        }
    };
    match &mut spec.kind {
        SourceKind::Folder { path } => {
            if let Some(new) = arguments.text("Path") {
                *path = new.into();
            }
        }
        SourceKind::Http { token } => *token = secret.or_else(|| token.take()),
        SourceKind::ExchangeOnline(access) => {
            put("TenantId", &mut access.tenant);
            put("ApplicationId", &mut access.application);
            put("Url", &mut access.graph);
            put("LoginUrl", &mut access.login);
            access.secret = secret.unwrap_or_else(|| access.secret.clone());
        }
        SourceKind::ProofpointPoD { cluster, token, url } => {
            put("ClusterId", cluster);
            put("Url", url);
            *token = secret.unwrap_or_else(|| token.clone());
        }
        SourceKind::Syslog { bind, tls, from } => {
            if let Some(new) = arguments.text("Bind") {
                let wrong = || {
                    usage(arguments.cmdlet(), "Bind", "give an address and a port, such as 192.0.2.5:6514")
                };
                *bind = new.parse().map_err(|_| wrong())?;
            }
            if let Some(new) = arguments.boolean("RequireTls") {
                *tls = new;
            }
            let present: Vec<String> = from.iter().map(ToString::to_string).collect();
            if let Some(texts) = arguments.changed("RemoteIPRanges", &present) {
                *from = texts.iter().map(|text| text.parse::<IpRange>()).collect::<Result<_, _>>()?;
            }
        }
    }
    Ok(())
}

/// The place of a source is another system, and not this server. It is named as it is known already.
///
/// # Errors
/// `Invalid`.
pub(super) fn check_place(context: &Context, spec: &mut SourceSpec) -> Result<(), CmdletError> {
    check_not_own(context, &spec.place, OTHER_NAME)?;
    spec.place = known::spelled(context, &spec.place)?;
    Ok(())
}

/// Whether the caller may have the folder read that was given; where it leads is what is followed.
///
/// # Errors
/// `Forbidden`.
pub(super) async fn admit(
    context: &Context,
    arguments: &Arguments,
    spec: &mut SourceSpec,
) -> Result<(), CmdletError> {
    if let SourceKind::Folder { path } = &mut spec.kind
        && arguments.is_given("Path")
    {
        *path = readable(context, std::mem::take(path)).await?;
    }
    Ok(())
}

/// What is said of a folder that is not there: a mount may come later, so that it is no error.
pub(super) async fn warning(context: &Context, spec: &SourceSpec) -> Option<String> {
    let SourceKind::Folder { path } = &spec.kind else { return None };
    let (disk, asked) = (context.world.disk.clone(), path.clone());
    if context.world.exec.blocking(move || disk.exists(&asked).unwrap_or(false)).await {
        return None;
    }
    Some(format!(
        "there is no {} on this server now; nothing is read until it is there (a mount that is missing, or a mistyped path: Set-TraceSource '{}' -Path corrects it)",
        path.display(),
        spec.name.replace('\'', "''")
    ))
}

/// The parameters that only some types take, with those types.
const OF_TYPES: &[(&str, &[&str])] = &[
    ("Path", &["Folder"]),
    ("Bind", &["Syslog"]),
    ("RequireTls", &["Syslog"]),
    ("RemoteIPRanges", &["Syslog"]),
    ("TenantId", &["ExchangeOnline"]),
    ("ApplicationId", &["ExchangeOnline"]),
    ("LoginUrl", &["ExchangeOnline"]),
    ("ClusterId", &["ProofpointPoD"]),
    ("Url", &["ExchangeOnline", "ProofpointPoD"]),
    ("Secret", &["Http", "ExchangeOnline", "ProofpointPoD"]),
    ("SecretFile", &["Http", "ExchangeOnline", "ProofpointPoD"]),
];

/// What would have no effect is no parameter of this type.
fn refuse_others(arguments: &Arguments, kind: &SourceKind) -> Result<(), CmdletError> {
    let own = kind.as_str();
    let wrong = OF_TYPES.iter().find(|(name, types)| arguments.is_given(name) && !types.contains(&own));
    match wrong {
        None => Ok(()),
        Some((name, types)) => {
            let why = format!("is for sources of type {}; this one is of type {own}", types.join(" and "));
            Err(usage(arguments.cmdlet(), name, &why))
        }
    }
}

/// The secret, typed or from a file.
fn secret(arguments: &Arguments) -> Result<Option<Secret>, CmdletError> {
    let typed = arguments.text("Secret").map(str::to_owned);
    let Some(bytes) = arguments.bytes("SecretFile") else { return Ok(typed.map(Secret::new)) };
    if typed.is_some() {
        return Err(usage(arguments.cmdlet(), "SecretFile", "and -Secret say the same; give one of them"));
    }
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().next().unwrap_or_default().trim();
    if first.is_empty() {
        return Err(usage(arguments.cmdlet(), "SecretFile", "has an empty first line"));
    }
    Ok(Some(Secret::new(first)))
}

/// The source of that name.
pub(crate) fn find(sources: &Sources, name: &str) -> Result<(SourceSpec, SourceState), CmdletError> {
    let found = sources.list().into_iter().find(|(spec, _)| spec.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| SourceError::NotFound(name.to_owned()).into())
}

impl From<SourceError> for CmdletError {
    fn from(error: SourceError) -> CmdletError {
        match error {
            SourceError::Invalid(text) => CmdletError::Invalid(text),
            SourceError::Exists(_) => CmdletError::Conflict(error.to_string()),
            SourceError::NotFound(_) => CmdletError::NotFound(error.to_string()),
            SourceError::Io(cause) => {
                CmdletError::internal("the trace sources cannot be kept; the service log says why", cause)
            }
        }
    }
}

/// One row.
pub(crate) fn row(spec: &SourceSpec, state: &SourceState, now: Timestamp) -> Row {
    let (mut path, mut bind, mut tls, mut url, mut has_secret) = (None, None, None, None, None);
    let (mut cloud, mut cluster, mut ranges) = (None, None, None);
    match &spec.kind {
        SourceKind::Folder { path: own } => path = Some(own.display().to_string()),
        SourceKind::Syslog { bind: own, tls: is_tls, from } => {
            ranges = Some(from.iter().map(ToString::to_string).collect::<Vec<_>>());
            (bind, tls) = (Some(state.listening.unwrap_or(*own).to_string()), Some(*is_tls));
        }
        SourceKind::Http { token } => {
            url = Some(crate::http::records_path(&spec.name));
            has_secret = Some(token.is_some());
        }
        SourceKind::ExchangeOnline(access) => {
            (url, has_secret, cloud) = (Some(access.graph.clone()), Some(true), Some(access));
        }
        SourceKind::ProofpointPoD { cluster: own, url: service, .. } => {
            (url, has_secret, cluster) = (Some(service.clone()), Some(true), Some(own));
        }
    }
    let lag = state.lag(now).map(|lag| lag.as_secs());
    rows::row_of(json!({
        "Name": spec.name,
        "Type": spec.kind.as_str(),
        "Place": spec.place,
        "Enabled": spec.enabled,
        "State": state.word(spec).as_str(),
        "LastRecord": state.last_record.map(|at| at.to_string()),
        "Lag": lag.map(|secs| format!("{:02}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)),
        "LastRead": state.last_read.map(|at| at.to_string()),
        "Records": state.records,
        "New": state.new,
        "Unknown": state.unknown,
        "TooOld": state.too_old,
        "Path": path,
        "Bind": bind,
        "RequireTls": tls,
        "RemoteIPRanges": ranges,
        "Url": url,
        "TenantId": cloud.map(|access| access.tenant.as_str()),
        "ApplicationId": cloud.map(|access| access.application.as_str()),
        "LoginUrl": cloud.map(|access| access.login.as_str()),
        "ClusterId": cluster,
        "HasSecret": has_secret,
        "LogFormat": spec.format.as_deref().unwrap_or("auto"),
        "LogTimeZone": spec.zone,
        "Error": state.error,
        "Refused": state.refused,
        "UnknownLines": state.unknown_lines,
        "Identity": spec.name,
    }))
}

/// What a reader is told of this organization: its domains, and its server.
pub fn surroundings(snapshot: &Snapshot) -> Surroundings {
    let mut around = Surroundings::default();
    for domain in snapshot.accepted_domains() {
        let kind = match domain.domain_type {
            AcceptedDomainType::Authoritative => DomainKind::Authoritative,
            _ => DomainKind::Relay,
        };
        let name = domain.domain_name.to_string().to_lowercase();
        if let Some(bare) = name.strip_prefix("*.") {
            around.domains.insert(bare.to_owned(), kind);
        } else if domain.match_sub_domains {
            around.domains.insert(format!("*.{name}"), kind);
        }
        around.domains.insert(name, kind);
    }
    let organization = snapshot.organization();
    let server = &organization.server_name;
    for name in [server, &organization.server_fqdn] {
        around.hosts.insert(name.to_lowercase(), server.clone());
    }
    around
}
