//! New-TraceSource: keeps reading the records of another system.
//! May touch: trace, executor.

use std::net::{Ipv4Addr, SocketAddr};

use trace::places::{SourceKind, SourceSpec};

use super::object::{self, BIND, ENABLED, LOG_FORMAT, LOG_TIME_ZONE, PATH, PLACE, REQUIRE_TLS};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// The port of syslog over TLS (RFC 5425 §4.1).
const SYSLOG_PORT: u16 = 6_514;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The name of the source.").required().positional(),
    Parameter::new("Type", Kind::Enum(&["Folder", "Syslog"]), "What is read.").required(),
    PLACE,
    PATH,
    BIND,
    REQUIRE_TLS,
    LOG_FORMAT,
    LOG_TIME_ZONE,
    ENABLED,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-TraceSource",
    synopsis: "Keeps reading the records of another system.",
    description: "A folder is followed as its logs grow and rotate; syslog is taken over TCP or TLS. Reading goes on where it stopped after a restart.",
    examples: &[
        Example {
            command: "New-TraceSource gateway -Type Folder -Path /var/log/mail -LogTimeZone Europe/Berlin",
            sentence: "Follows the mail logs of a folder.",
        },
        Example {
            command: "New-TraceSource edge -Type Syslog -Bind 192.0.2.5:6514",
            sentence: "Takes syslog over TLS.",
        },
    ],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let name = arguments.required("Name")?.to_owned();
    let kind = if arguments.required("Type")?.eq_ignore_ascii_case("Folder") {
        if !arguments.is_given("Path") {
            return Err(usage(arguments.cmdlet(), "Path", "a source of type Folder needs one"));
        }
        SourceKind::Folder { path: Default::default() }
    } else {
        SourceKind::Syslog { bind: SocketAddr::from((Ipv4Addr::LOCALHOST, SYSLOG_PORT)), tls: true }
    };
    let mut spec =
        SourceSpec { place: name.clone(), name, kind, format: None, zone: "UTC".to_owned(), enabled: true };
    object::change(arguments, &mut spec)?;
    let sources = object::sources(context)?;
    if arguments.is_what_if() {
        sources.check(&spec)?;
    } else {
        let (own, made) = (sources.clone(), spec.clone());
        context.world.exec.blocking(move || own.add(made)).await?;
    }
    Ok(Output::object(object::row(&spec, &Default::default(), context.world.clock.now())))
}
