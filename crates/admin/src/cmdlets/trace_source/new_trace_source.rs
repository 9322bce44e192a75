//! New-TraceSource: keeps reading the records of another system.
//! May touch: trace, executor.

use std::net::{Ipv4Addr, SocketAddr};

use directory::Secret;
use trace::places::{
    ExchangeOnlineAccess, GRAPH_URL, LOGIN_URL as LOGIN_URL_DEFAULT, PROOFPOINT_URL, SourceKind, SourceSpec,
};

use super::object::{
    self, APPLICATION_ID, BIND, CLUSTER_ID, ENABLED, LOG_FORMAT, LOG_TIME_ZONE, LOGIN_URL, PATH, PLACE,
    REMOTE_IP_RANGES, REQUIRE_TLS, SECRET, SECRET_FILE, TENANT_ID, URL,
};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// The port of syslog over TLS (RFC 5425 §4.1).
const SYSLOG_PORT: u16 = 6_514;

const TYPES: &[&str] = &["Folder", "Syslog", "Http", "ExchangeOnline", "ProofpointPoD"];

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The name of the source.").required().positional(),
    Parameter::new("Type", Kind::Enum(TYPES), "What is read.").required(),
    PLACE,
    PATH,
    BIND,
    REQUIRE_TLS,
    REMOTE_IP_RANGES,
    SECRET,
    SECRET_FILE,
    TENANT_ID,
    APPLICATION_ID,
    CLUSTER_ID,
    URL,
    LOGIN_URL,
    LOG_FORMAT,
    LOG_TIME_ZONE,
    ENABLED,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-TraceSource",
    synopsis: "Keeps reading the records of another system.",
    description: "A folder is followed as its logs grow and rotate; syslog is taken over TCP or TLS; lines or JSON may be posted; Exchange Online and Proofpoint are asked. Reading goes on where it stopped after a restart.",
    examples: &[
        Example {
            command: "New-TraceSource gateway -Type Folder -Path /var/log/mail -LogTimeZone Europe/Berlin",
            sentence: "Follows the mail logs of a folder.",
        },
        Example {
            command: "New-TraceSource edge -Type Syslog -Bind 192.0.2.5:6514 -RemoteIPRanges 192.0.2.0/24",
            sentence: "Takes syslog over TLS from the machines of one network.",
        },
        Example {
            command: "New-TraceSource shipper -Type Http -SecretFile token.txt",
            sentence: "Takes lines or JSON that a log shipper posts.",
        },
        Example {
            command: "New-TraceSource cloud -Type ExchangeOnline -TenantId contoso.example -ApplicationId 00000000-0000-0000-0000-000000000001 -SecretFile app.txt",
            sentence: "Reads the message trace of Exchange Online.",
        },
        Example {
            command: "New-TraceSource pod -Type ProofpointPoD -ClusterId contoso_hosted -SecretFile pod.txt",
            sentence: "Reads Proofpoint's log service.",
        },
    ],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

/// The type asked for, with nothing in it that must be given.
fn kind(arguments: &Arguments) -> Result<SourceKind, CmdletError> {
    Ok(match arguments.required("Type")? {
        "Folder" => {
            if !arguments.is_given("Path") {
                return Err(usage(arguments.cmdlet(), "Path", "a source of type Folder needs one"));
            }
            SourceKind::Folder { path: Default::default() }
        }
        "Http" => SourceKind::Http { token: None },
        "ExchangeOnline" => SourceKind::ExchangeOnline(ExchangeOnlineAccess {
            tenant: String::new(),
            application: String::new(),
            secret: Secret::new(""),
            graph: GRAPH_URL.to_owned(),
            login: LOGIN_URL_DEFAULT.to_owned(),
        }),
        "ProofpointPoD" => SourceKind::ProofpointPoD {
            cluster: String::new(),
            token: Secret::new(""),
            url: PROOFPOINT_URL.to_owned(),
        },
        _ => SourceKind::Syslog {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, SYSLOG_PORT)),
            tls: true,
            from: Vec::new(),
        },
    })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let name = arguments.required("Name")?.to_owned();
    let kind = kind(arguments)?;
    let mut spec =
        SourceSpec { place: name.clone(), name, kind, format: None, zone: "UTC".to_owned(), enabled: true };
    object::change(arguments, &mut spec)?;
    object::check_place(context, &mut spec)?;
    object::admit(context, arguments, &mut spec).await?;
    let sources = object::sources(context)?;
    if arguments.is_what_if() {
        sources.check(&spec)?;
    } else {
        let (own, made) = (sources.clone(), spec.clone());
        context.world.exec.blocking(move || own.add(made)).await?;
    }
    let mut output = Output::object(object::row(&spec, &Default::default(), context.world.clock.now()));
    output.warnings.extend(object::warning(context, &spec).await);
    Ok(output)
}
