//! Get-ProtocolLog: shows what was said in SMTP conversations.
//! May touch: directory (read), the protocol logs through the transport.

use std::net::IpAddr;

use directory::{ProtocolLoggingLevel, Snapshot};
use serde_json::json;
use transport::protocol_log::{LoggedLine, Mark, READ_OCTETS_MAX, Side, Wanted};

use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::value::Limit;

/// Lines shown unless `-ResultSize` says otherwise.
const LINES_DEFAULT: usize = 1_000;
/// Lines shown at most, whatever `-ResultSize` says.
const LINES_MAX: usize = 50_000;

const OWN: &[Parameter] = &[
    Parameter::new("Connector", Kind::Text, "Only conversations of this connector, by the name it had.")
        .positional(),
    Parameter::new("Direction", Kind::Enum(&["Receive", "Send"]), "Only conversations of this direction."),
    Parameter::new("RemoteIP", Kind::Text, "Only conversations with this IP address."),
    Parameter::new("SessionId", Kind::Text, "Only this conversation."),
    Parameter::new("Start", Kind::DateTime, "Only lines from this time on."),
    Parameter::new("End", Kind::DateTime, "Only lines up to this time."),
    Parameter::new("Text", Kind::Text, "Only lines that hold this text, whatever its case."),
    Parameter::new(
        "ResultSize",
        Kind::Count,
        "The most lines returned, 1,000 by default; Unlimited is 50,000.",
    ),
];

const EVENTS: &[(&str, &str)] =
    &[("Connect", "+"), ("Disconnect", "-"), ("Send", ">"), ("Receive", "<"), ("Information", "*")];

const OUTPUT: OutputType = OutputType {
    name: "ProtocolLogLine",
    properties: &[
        Property::instant("Timestamp"),
        Property::text("Direction"),
        Property::text("ConnectorId"),
        Property::text("SessionId"),
        Property::number("SequenceNumber"),
        Property::text("LocalEndpoint"),
        Property::text("RemoteEndpoint"),
        Property::words("Event", EVENTS),
        Property::text("Data"),
        Property::text("Context"),
    ],
    settings: None,
    table: &["Timestamp", "ConnectorId", "RemoteEndpoint", "Event", "Data", "Context"],
};

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-ProtocolLog",
    synopsis: "Shows what was said in SMTP conversations, the newest line first.",
    description: "Connectors with ProtocolLoggingLevel Verbose write every command and reply of their conversations, and \
                  Send connectors every attempt to connect and why one failed; credentials and messages are not in it. \
                  Files are kept 30 days and 250 MB a direction. Of each direction at most 64 MB are read for one \
                  question, the newest first; a warning says how far that reached, and -Start and -End choose other days.",
    examples: &[
        Example {
            command: "Get-ProtocolLog -RemoteIP 192.0.2.7",
            sentence: "Shows what a client or server said lately.",
        },
        Example {
            command: "Get-ProtocolLog Internet -Text 550 -Start 2026-11-21",
            sentence: "Shows refusals of other servers over one Send connector.",
        },
    ],
    roles: &[Role::ReceiveConnectors, Role::SendConnectors, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let transport = context.services.transport()?;
    let wanted = wanted(arguments)?;
    let most = wanted.most;
    let found = transport.protocol_log(wanted).await.map_err(|error| {
        CmdletError::internal("the protocol logs cannot be read; the service log says why", error)
    })?;
    let mut output = Output::list(found.lines.iter().map(row).collect());
    if found.has_more {
        output.warnings.push(format!("there are more than {most} lines; ask for less, or give -ResultSize"));
    }
    if let Some(stopped) = found.read_back_to {
        output.warnings.push(format!(
            "read {} MB back to {stopped}; for older lines give -End",
            READ_OCTETS_MAX / (1024 * 1024)
        ));
    }
    if found.lines.is_empty() {
        output.notes.extend(silent(&context.directory.snapshot()));
    }
    Ok(output)
}

fn wanted(arguments: &Arguments) -> Result<Wanted, CmdletError> {
    let remote_ip = arguments.text("RemoteIP").map(|text| {
        let read = text.trim_matches(['[', ']']).parse::<IpAddr>();
        read.map_err(|_| usage(arguments.cmdlet(), "RemoteIP", "takes an IP address"))
    });
    let most = match arguments.limit("ResultSize") {
        None => LINES_DEFAULT,
        Some(Limit::Unlimited) => LINES_MAX,
        Some(Limit::Of(most)) => usize::try_from(most).unwrap_or(LINES_MAX).min(LINES_MAX),
    };
    let owned = |name: &str| arguments.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Wanted {
        side: arguments.text("Direction").map(|word| if word == "Send" { Side::Send } else { Side::Receive }),
        connector: owned("Connector"),
        remote_ip: remote_ip.transpose()?,
        session: owned("SessionId"),
        start: arguments.time("Start"),
        end: arguments.time("End"),
        text: owned("Text"),
        most,
    })
}

/// Which connectors write nothing, where nothing was found.
fn silent(snapshot: &Snapshot) -> Option<String> {
    let receive = snapshot.receive_connectors().map(|one| (&one.name, one.protocol_logging_level));
    let send = snapshot.send_connectors().map(|one| (&one.name, one.protocol_logging_level));
    let mut names: Vec<&str> = receive
        .chain(send)
        .filter(|(_, level)| *level == ProtocolLoggingLevel::None)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        format!("These connectors write no protocol log: {names}; set -ProtocolLoggingLevel Verbose to change that")
    })
}

fn row(line: &LoggedLine) -> Row {
    let event = match line.mark {
        Mark::Connect => "Connect",
        Mark::Disconnect => "Disconnect",
        Mark::Send => "Send",
        Mark::Receive => "Receive",
        Mark::Information => "Information",
    };
    rows::row_of(json!({
        "Timestamp": line.at.to_string(),
        "Direction": if line.side == Side::Send { "Send" } else { "Receive" },
        "ConnectorId": line.connector,
        "SessionId": line.session,
        "SequenceNumber": line.number,
        "LocalEndpoint": line.local,
        "RemoteEndpoint": line.remote,
        "Event": event,
        "Data": line.data,
        "Context": line.context,
    }))
}
