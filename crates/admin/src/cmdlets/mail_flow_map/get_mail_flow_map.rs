//! Get-MailFlowMap: shows which ways mail took through this server, from its tracking log.
//! May touch: trace (read), clock, directory (read).

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use trace::{LogOrder, LogQuery};

use super::edges::{Edge, Map};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// Events counted for one answer, the newest.
const EVENTS_MAX: usize = 200_000;
/// The span where none is given.
const SPAN_DEFAULT: SignedDuration = SignedDuration::from_hours(24);

const OWN: &[Parameter] = &[
    Parameter::new("StartDate", Kind::DateTime, "Events at or after this; a day ago by default."),
    Parameter::new("EndDate", Kind::DateTime, "Events before this; now by default."),
];

const KINDS: &[(&str, &str)] = &[
    ("Clients", "Senders"),
    ("ReceiveConnector", "Receive connector"),
    ("Server", "Server"),
    ("SendConnector", "Send connector"),
    ("NextHop", "Next hop"),
    ("Mailboxes", "Mailboxes"),
    ("NotDelivered", "Not delivered"),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailFlowMap",
    synopsis: "Shows which ways mail took: from whom, over which connector, to which next hop.",
    description: "Each row is one way between two places, in the order mail takes them, with what this server's \
                  tracking log says went along it. Messages and Recipients were carried, Failed recipients were \
                  refused or failed on that way, Deferred attempts were put off. At most 200,000 events are counted, \
                  the newest; a warning says when there were more.",
    examples: &[
        Example { command: "Get-MailFlowMap", sentence: "Shows the ways of the last day." },
        Example {
            command: "Get-MailFlowMap -StartDate 2026-11-14 -EndDate 2026-11-21 -Format csv",
            sentence: "Writes the ways of a week as a table.",
        },
    ],
    roles: &[Role::Monitoring, Role::TransportQueues, Role::ViewOnlyConfiguration, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "MailFlowMap",
        properties: &[
            Property::words("FromKind", KINDS),
            Property::text("From"),
            Property::words("ToKind", KINDS),
            Property::text("To"),
            Property::number("Messages"),
            Property::number("Recipients"),
            Property::number("Failed"),
            Property::number("Deferred"),
            Property::time("LastEvent"),
        ],
        settings: None,
        table: &["From", "To", "Messages", "Recipients", "Failed", "Deferred", "LastEvent"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    // Without an end what is recorded at this moment counts too.
    let end = arguments.time("EndDate");
    let until = end.unwrap_or_else(|| context.world.clock.now());
    let start = arguments.time("StartDate").or_else(|| until.checked_sub(SPAN_DEFAULT).ok());
    if start.is_some_and(|start| start >= until) {
        return Err(CmdletError::Usage("-StartDate must be before -EndDate".into()));
    }
    let query = LogQuery {
        event_ids: Map::EVENTS.to_vec(),
        start,
        end,
        result_size: Some(EVENTS_MAX),
        order: LogOrder::Newest,
        ..LogQuery::default()
    };
    let answer = context.services.trace()?.tracking_log(query, Arc::default()).await?;
    let server = context.directory.snapshot().organization().server_fqdn.clone();
    let mut map = Map::new(&server);
    answer.events.iter().for_each(|event| map.add(event));
    let mut output = Output::list(map.sorted().iter().map(row).collect());
    let read = answer.events.len() as u64;
    if read < answer.total {
        output.warnings.push(format!(
            "only the newest {} of {} events were counted; take a shorter span",
            grouped(read),
            grouped(answer.total)
        ));
    }
    Ok(output)
}

fn row(edge: &Edge) -> Row {
    rows::row_of(json!({
        "FromKind": edge.from.0.as_str(),
        "From": edge.from.1,
        "ToKind": edge.to.0.as_str(),
        "To": edge.to.1,
        "Messages": edge.messages,
        "Recipients": edge.recipients,
        "Failed": edge.failed,
        "Deferred": edge.deferred,
        "LastEvent": edge.last.to_string(),
    }))
}
