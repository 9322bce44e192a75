//! Get-MailFlowMap: shows which ways mail took through this server, from its tracking log.
//! May touch: trace (read), clock, directory (read).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use trace::{LogOrder, LogQuery};

use super::edges::{Edge, Map};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_tracking_log::own_names;
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
    ("Dropped", "Dropped without a report"),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailFlowMap",
    synopsis: "Shows which ways mail took: from whom, over which connector, to which next hop.",
    description: "Each row is one way between two places, in the order mail takes them, with what this server's \
                  tracking log says went along it. Messages were carried, each counted once, for so many Recipients; Failed messages \
                  failed on that way, or attempts were refused there, for FailedRecipients; and Deferred messages were put \
                  off there, in DeferredAttempts. Not delivered is what failed without a Send connector; Dropped is what ended \
                  without a report to its sender. At most 200,000 events are counted, \
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
            Property::number("FailedRecipients"),
            Property::number("Deferred"),
            Property::number("DeferredAttempts"),
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
    let query = query(own_names(context), start, end);
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

fn query(own: Vec<String>, start: Option<Timestamp>, end: Option<Timestamp>) -> LogQuery {
    LogQuery {
        event_ids: Map::EVENTS.to_vec(),
        start,
        end,
        result_size: Some(EVENTS_MAX),
        order: LogOrder::Newest,
        // What other systems recorded is not on the map, and must not use up the bound.
        servers: own,
        ..LogQuery::default()
    }
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
        "FailedRecipients": edge.failed_recipients,
        "Deferred": edge.deferred,
        "DeferredAttempts": edge.attempts,
        "LastEvent": edge.last.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use trace::Trace;
    use trace::places::Options;
    use world::sim::SimWorld;

    use super::*;

    const GATEWAY: &str = "\
Nov 20 07:00:00 gw postfix/smtpd[1]: ABCDEF: client=a.example[192.0.2.1]
Nov 20 07:00:00 gw postfix/cleanup[1]: ABCDEF: message-id=<m1@fabrikam.example>
Nov 20 07:00:00 gw postfix/qmgr[1]: ABCDEF: from=<mimi@fabrikam.example>, size=10, nrcpt=1 (queue active)
Nov 20 07:00:01 gw postfix/smtp[1]: ABCDEF: to=<kim@contoso.example>, relay=mx[192.0.2.25]:25, delay=1, dsn=2.0.0, status=sent (250 ok)
Nov 20 07:00:01 gw postfix/qmgr[1]: ABCDEF: removed
";

    #[test]
    fn records_of_other_systems_use_up_no_bound() {
        let sim = SimWorld::new(11);
        let world = sim.world();
        let config = trace::Config::new("mx1.contoso.example");
        let trace =
            Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/data/trace"), config).unwrap();
        world.disk.create_dir_all(Path::new("/logs")).unwrap();
        world.disk.write_atomic(Path::new("/logs/mail.log"), GATEWAY.as_bytes()).unwrap();
        let now = world.clock.now();
        let place = "gateway".parse().unwrap();
        let (path, around) = (Path::new("/logs/mail.log"), Arc::default());
        let places = trace.places();
        places.import_path(path, &place, &around, &Options::new(now), now, &|_| true).unwrap();
        let asked = query(vec!["mx1.contoso.example".to_owned()], None, None);
        let answer = sim.run(trace.tracking_log(asked, Arc::default())).unwrap();
        assert_eq!((answer.total, answer.elsewhere.contains_key("gateway")), (0, true), "{answer:?}");
    }
}
