//! The Queue object, and the queues a cmdlet acts on.
//! May touch: transport (read).

use directory::Snapshot;
use serde_json::{Value, json};
use transport::queue::view::QueueView;

use super::trouble;
use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter};

/// `-Identity` or `-Filter` of a cmdlet that acts on queues.
pub(super) const CHOSEN: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Identity,
        "The queue: `Server\\3`, `Server\\Submission`, `Server\\Unreachable`, a number, or its next hop domain.",
    )
    .positional(),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "In place of -Identity: all queues for which the conditions hold, such as \"Status -eq 'Retry'\".",
    ),
];

/// The queues a cmdlet acts on, by identity. One that was named is not looked up here.
///
/// # Errors
/// `Usage` where neither or both of -Identity and -Filter are given.
fn chosen(context: &Context, arguments: &Arguments) -> Result<Vec<String>, CmdletError> {
    match (arguments.text("Identity"), arguments.is_given("Filter")) {
        (Some(identity), false) => Ok(vec![identity.to_owned()]),
        (None, true) => {
            let filter = arguments.filter_on("Filter", &QUEUE)?;
            let (queues, snapshot) = (context.services.transport()?.queues(), context.directory.snapshot());
            Ok(queues
                .iter()
                .filter(|queue| filter(&row(queue, &snapshot)))
                .map(|queue| queue.identity.clone())
                .collect())
        }
        _ => Err(CmdletError::Usage(format!("{} needs -Identity or -Filter", arguments.cmdlet().name))),
    }
}

/// Acts on every queue chosen. By a filter, one that cannot be acted on is a warning, and a note says how many were.
///
/// # Errors
/// Those of the action on a queue that was named.
pub(super) async fn each<'a, F, D>(
    context: &'a Context,
    arguments: &'a Arguments,
    act: F,
) -> Result<Output, CmdletError>
where
    F: Fn(&'a Context, String) -> D,
    D: Future<Output = Result<Option<String>, CmdletError>>,
{
    let mut output = Output::nothing();
    let (mut done, mut all) = (0_u64, 0_u64);
    for identity in chosen(context, arguments)? {
        all = all.saturating_add(1);
        match act(context, identity.clone()).await {
            Ok(note) => {
                done = done.saturating_add(1);
                output.notes.extend(note);
            }
            Err(error) if arguments.is_given("Filter") => {
                output.warnings.push(format!("{identity}: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    if arguments.is_given("Filter") {
        output.notes.push(format!("{} of {} queues that match", grouped(done), grouped(all)));
    }
    Ok(output)
}

/// How mail leaves a queue.
pub(super) const DELIVERY_TYPES: &[(&str, &str)] = &[
    ("DnsConnectorDelivery", "DnsConnectorDelivery"),
    ("SmartHostConnectorDelivery", "SmartHostConnectorDelivery"),
    ("SmtpDeliveryToMailbox", "SmtpDeliveryToMailbox"),
    ("Undefined", "Undefined"),
    ("Unreachable", "Unreachable"),
];

/// What Status says of a queue.
const STATUSES: &[(&str, &str)] = &[
    ("Active", "Active"),
    ("Connecting", "Connecting"),
    ("Ready", "Ready"),
    ("Retry", "Retry"),
    ("Suspended", "Suspended"),
];

/// What `Get-Queue` puts out.
pub(crate) const QUEUE: OutputType = OutputType {
    name: "Queue",
    properties: &[
        Property::text("Identity"),
        Property::words("DeliveryType", DELIVERY_TYPES),
        Property::text("NextHopDomain"),
        Property::text("NextHopCategory"),
        Property::text("NextHopConnector"),
        Property::text("NextHopConnectorName"),
        Property::words("Status", STATUSES),
        Property::number("MessageCount"),
        Property::number("DeferredMessageCount"),
        Property::text("LastError"),
        Property::text("Cause"),
        Property::text("ActionNeededBy"),
        Property::text("Fix"),
        Property::time("LastRetryTime"),
        Property::time("NextRetryTime"),
        Property::time("FirstRetryTime"),
        Property::number("RetryCount"),
        Property::number("IncomingRate"),
        Property::number("OutgoingRate"),
        Property::number("Velocity"),
    ],
    settings: None,
    table: &[
        "Identity",
        "DeliveryType",
        "Status",
        "MessageCount",
        "NextHopDomain",
        "NextHopConnectorName",
        "NextRetryTime",
        "LastError",
    ],
};

/// One queue as a row.
pub(crate) fn row(queue: &QueueView, snapshot: &Snapshot) -> Row {
    let connector = trouble::connector_of(snapshot, queue);
    let trouble = trouble::of(queue, connector.as_deref());
    let time = |time: Option<jiff::Timestamp>| time.map_or(Value::Null, |time| json!(time.to_string()));
    let rate = |rate: f64| (rate * 100.0).round() / 100.0;
    let mut row = Row::new();
    for (name, value) in [
        ("Identity", json!(queue.identity)),
        ("DeliveryType", json!(queue.delivery_type)),
        ("NextHopDomain", json!(queue.next_hop_domain)),
        ("NextHopCategory", json!(queue.next_hop_category)),
        ("NextHopConnector", json!(queue.next_hop_connector)),
        ("NextHopConnectorName", json!(connector.as_ref().map(|connector| &connector.name))),
        ("Status", json!(queue.status)),
        ("MessageCount", json!(queue.message_count)),
        ("DeferredMessageCount", json!(queue.deferred_message_count)),
        ("LastError", json!(queue.last_error)),
        ("Cause", json!(trouble.as_ref().map(|trouble| &trouble.cause))),
        ("ActionNeededBy", json!(trouble.as_ref().map(|trouble| trouble.actor.as_str()))),
        ("Fix", json!(trouble.as_ref().map(|trouble| &trouble.fix))),
        ("LastRetryTime", time(queue.last_retry_time)),
        ("NextRetryTime", time(queue.next_retry_time)),
        ("FirstRetryTime", time(queue.first_retry_time)),
        ("RetryCount", json!(queue.retry_count)),
        ("IncomingRate", json!(rate(queue.incoming_rate))),
        ("OutgoingRate", json!(rate(queue.outgoing_rate))),
        ("Velocity", json!(rate(queue.outgoing_rate - queue.incoming_rate))),
    ] {
        row.insert(name.to_owned(), value);
    }
    row
}
