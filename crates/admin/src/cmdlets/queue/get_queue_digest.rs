//! Get-QueueDigest: the longer queues, summed up by what they have in common.
//! May touch: transport (read).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use transport::queue::view::QueueView;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

/// Queues with fewer messages are left out.
const MESSAGES_MIN: usize = 10;

/// Connectors, and errors, that a row names.
const NAMED_MAX: usize = 5;

const GROUPS: &[&str] =
    &["NextHopDomain", "NextHopCategory", "NextHopConnectorName", "DeliveryType", "Status", "LastError"];
const LEVELS: &[&str] = &["None", "Normal", "Verbose"];

const OWN: &[Parameter] = &[
    Parameter::new(
        "GroupBy",
        Kind::Enum(GROUPS),
        "What the queues of a row have in common; NextHopDomain unless said otherwise.",
    ),
    Parameter::new(
        "DetailsLevel",
        Kind::Enum(LEVELS),
        "What Details says: None nothing, Normal the queues, Verbose with each its messages, status and last error; Normal unless said otherwise.",
    ),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "Only queues for which the conditions hold, such as \"Status -eq 'Retry'\".",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-QueueDigest",
    synopsis: "Sums up the longer queues.",
    description: "One row per next hop domain, or whatever -GroupBy says, the most messages first, over the queues of this server that hold 10 messages or more, as they are now, with the Send connectors they use and why they wait. A note counts the queues that hold fewer; Get-Queue shows every queue.",
    examples: &[
        Example { command: "Get-QueueDigest", sentence: "Shows where much mail waits." },
        Example { command: "Get-QueueDigest -GroupBy LastError", sentence: "Shows why it waits." },
    ],
    roles: &[Role::TransportQueues, Role::Monitoring],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "QueueDigest",
        properties: &[
            Property::text("GroupByValue"),
            Property::number("MessageCount"),
            Property::number("DeferredMessageCount"),
            Property::number("QueueCount"),
            Property::text("NextHopConnectorName"),
            Property::text("LastError"),
            Property::number("IncomingRate"),
            Property::number("OutgoingRate"),
            Property::number("Velocity"),
            Property::text("Details"),
        ],
        settings: None,
        table: &[
            "GroupByValue",
            "MessageCount",
            "DeferredMessageCount",
            "QueueCount",
            "NextHopConnectorName",
            "Velocity",
            "LastError",
        ],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let filter = arguments.filter_on("Filter", &object::QUEUE)?;
    let by = arguments.text("GroupBy").unwrap_or("NextHopDomain");
    let level = arguments.text("DetailsLevel").unwrap_or("Normal");
    let mut groups: BTreeMap<String, Vec<Queue>> = BTreeMap::new();
    let mut shorter = 0_u64;
    let snapshot = context.directory.snapshot();
    for view in context.services.transport()?.queues() {
        let shown = object::row(&view, &snapshot);
        if !filter(&shown) {
            continue;
        }
        if view.message_count >= MESSAGES_MIN {
            let value = shown.get(by).and_then(Value::as_str).unwrap_or_default().to_owned();
            groups.entry(value).or_default().push(Queue { view, shown });
        } else if view.message_count > 0 {
            shorter = shorter.saturating_add(1);
        }
    }
    let mut groups: Vec<(String, Vec<Queue>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, queues)| std::cmp::Reverse(messages(queues)));
    let total = groups.len() as u64;
    let rows = groups.iter().take(arguments.result_size()).map(|(value, queues)| row(value, queues, level));
    let mut output = Output::part_of(rows.collect(), total);
    if shorter > 0 {
        let noun = if shorter == 1 { "queue that holds" } else { "queues that hold" };
        output.notes.push(format!(
            "without {} {noun} fewer than {MESSAGES_MIN} messages; Get-Queue shows every queue",
            grouped(shorter)
        ));
    }
    Ok(output)
}

/// A queue, and what Get-Queue shows of it.
struct Queue {
    view: QueueView,
    shown: Row,
}

impl Queue {
    fn text(&self, name: &str) -> &str {
        self.shown.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// `mx1\3: 12 messages, Retry, 451 4.4.1 …`.
    fn in_words(&self) -> String {
        let view = &self.view;
        let mut words =
            format!("{}: {} messages, {}", view.identity, view.message_count, self.text("Status"));
        match self.text("LastError") {
            "" => {}
            error => words.extend([", ", error]),
        }
        words
    }
}

fn messages(queues: &[Queue]) -> usize {
    queues.iter().map(|queue| queue.view.message_count).sum()
}

/// What the queues have of a property, each once, those with the most messages first.
fn each_once(queues: &[Queue], name: &str) -> Value {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for queue in queues {
        let count = counted.entry(queue.text(name)).or_default();
        *count = count.saturating_add(queue.view.message_count);
    }
    counted.remove("");
    let mut values: Vec<(&str, usize)> = counted.into_iter().collect();
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values.into_iter().take(NAMED_MAX).map(|(value, _)| value).collect()
}

fn row(value: &str, queues: &[Queue], level: &str) -> Row {
    let rate = |of: fn(&QueueView) -> f64| {
        (queues.iter().map(|queue| of(&queue.view)).sum::<f64>() * 100.0).round() / 100.0
    };
    let deferred: usize = queues.iter().map(|queue| queue.view.deferred_message_count).sum();
    let details: Vec<String> = match level {
        "None" => Vec::new(),
        "Verbose" => queues.iter().map(Queue::in_words).collect(),
        _ => queues.iter().map(|queue| queue.view.identity.clone()).collect(),
    };
    rows::row_of(json!({
        "GroupByValue": value,
        "MessageCount": messages(queues),
        "DeferredMessageCount": deferred,
        "QueueCount": queues.len(),
        "NextHopConnectorName": each_once(queues, "NextHopConnectorName"),
        "LastError": each_once(queues, "LastError"),
        "IncomingRate": rate(|queue| queue.incoming_rate),
        "OutgoingRate": rate(|queue| queue.outgoing_rate),
        "Velocity": rate(|queue| queue.outgoing_rate - queue.incoming_rate),
        "Details": details,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(identity: &str, count: usize, error: Option<&str>, connector: Option<&str>) -> Queue {
        let view = QueueView {
            identity: identity.to_owned(),
            delivery_type: "SmartHostConnectorDelivery",
            next_hop_domain: "fabrikam.example".to_owned(),
            next_hop_category: "External",
            next_hop_connector: uuid::Uuid::nil(),
            status: "Retry",
            message_count: count,
            deferred_message_count: count,
            last_error: error.map(str::to_owned),
            last_reason: None,
            last_retry_time: None,
            next_retry_time: None,
            first_retry_time: None,
            retry_count: 1,
            incoming_rate: 0.0,
            outgoing_rate: 0.0,
        };
        let mut shown = object::row(&view, &directory::Snapshot::default());
        shown.insert("NextHopConnectorName".to_owned(), json!(connector));
        Queue { view, shown }
    }

    #[test]
    fn a_row_names_the_connectors_and_errors_of_its_queues_the_most_messages_first() {
        let queues = [
            queue("mx1\\1", 10, Some("451 4.4.1 timed out"), Some("Backup")),
            queue("mx1\\2", 30, Some("451 4.4.0 refused"), Some("Relay")),
            queue("mx1\\3", 10, None, Some("Backup")),
        ];
        let shown = row("fabrikam.example", &queues, "Verbose");
        assert_eq!(shown["NextHopConnectorName"], json!(["Relay", "Backup"]));
        assert_eq!(shown["LastError"], json!(["451 4.4.0 refused", "451 4.4.1 timed out"]));
        assert_eq!((&shown["MessageCount"], &shown["QueueCount"]), (&json!(50), &json!(3)));
        assert_eq!(shown["Details"][0], "mx1\\1: 10 messages, Retry, 451 4.4.1 timed out");
        assert_eq!(shown["Details"][2], "mx1\\3: 10 messages, Retry");
        assert_eq!(row("x", &queues, "Normal")["Details"], json!(["mx1\\1", "mx1\\2", "mx1\\3"]));
        assert_eq!(row("x", &queues, "None")["Details"], json!([]));
    }
}
