//! The Queue object and the parameter that names one.
//! May touch: nothing (pure).

use serde_json::{Value, json};
use transport::queue::view::QueueView;

use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

/// `-Identity` of a cmdlet about one queue.
pub(crate) const IDENTITY: Parameter = Parameter::new(
    "Identity",
    Kind::Identity,
    "The queue: `Server\\3`, `Server\\Submission`, `Server\\Unreachable`, a number, or its next hop domain.",
)
.required()
.positional();

/// What `Get-Queue` puts out.
pub(crate) const QUEUE: OutputType = OutputType {
    name: "Queue",
    properties: &[
        Property::text("Identity"),
        Property::text("DeliveryType"),
        Property::text("NextHopDomain"),
        Property::text("NextHopCategory"),
        Property::text("NextHopConnector"),
        Property::text("Status"),
        Property::number("MessageCount"),
        Property::number("DeferredMessageCount"),
        Property::text("LastError"),
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
        "NextRetryTime",
        "LastError",
    ],
};

/// One queue as a row.
pub(crate) fn row(queue: &QueueView) -> Row {
    let time = |time: Option<jiff::Timestamp>| time.map_or(Value::Null, |time| json!(time.to_string()));
    let rate = |rate: f64| (rate * 100.0).round() / 100.0;
    let mut row = Row::new();
    for (name, value) in [
        ("Identity", json!(queue.identity)),
        ("DeliveryType", json!(queue.delivery_type)),
        ("NextHopDomain", json!(queue.next_hop_domain)),
        ("NextHopCategory", json!(queue.next_hop_category)),
        ("NextHopConnector", json!(queue.next_hop_connector)),
        ("Status", json!(queue.status)),
        ("MessageCount", json!(queue.message_count)),
        ("DeferredMessageCount", json!(queue.deferred_message_count)),
        ("LastError", json!(queue.last_error)),
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
