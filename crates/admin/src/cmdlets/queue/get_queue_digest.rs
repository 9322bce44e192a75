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
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

/// Queues with fewer messages are left out.
const MESSAGES_MIN: usize = 10;

const GROUPS: &[&str] = &["NextHopDomain", "NextHopCategory", "DeliveryType", "Status", "LastError"];

const OWN: &[Parameter] = &[
    Parameter::new(
        "GroupBy",
        Kind::Enum(GROUPS),
        "What the queues of a row have in common; NextHopDomain unless said otherwise.",
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
    description: "One row per next hop domain, or whatever -GroupBy says, the most messages first, over the queues of this server that hold 10 messages or more, as they are now. Get-Queue shows every queue.",
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
            Property::number("IncomingRate"),
            Property::number("OutgoingRate"),
            Property::number("Velocity"),
            Property::text("Details"),
        ],
        settings: None,
        table: &["GroupByValue", "MessageCount", "DeferredMessageCount", "QueueCount", "Velocity"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let filter = arguments.filter_on("Filter", &object::QUEUE)?;
    let by = arguments.text("GroupBy").unwrap_or("NextHopDomain");
    let mut groups: BTreeMap<String, Vec<QueueView>> = BTreeMap::new();
    let snapshot = context.directory.snapshot();
    for queue in context.services.transport()?.queues() {
        let row = object::row(&queue, &snapshot);
        if queue.message_count >= MESSAGES_MIN && filter(&row) {
            let value = row.get(by).and_then(Value::as_str).unwrap_or_default().to_owned();
            groups.entry(value).or_default().push(queue);
        }
    }
    let mut groups: Vec<(String, Vec<QueueView>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, queues)| std::cmp::Reverse(messages(queues)));
    let total = groups.len() as u64;
    let rows = groups.iter().take(arguments.result_size()).map(|(value, queues)| row(value, queues));
    Ok(Output::part_of(rows.collect(), total))
}

fn messages(queues: &[QueueView]) -> usize {
    queues.iter().map(|queue| queue.message_count).sum()
}

fn row(value: &str, queues: &[QueueView]) -> Row {
    let rate = |of: fn(&QueueView) -> f64| (queues.iter().map(of).sum::<f64>() * 100.0).round() / 100.0;
    let deferred: usize = queues.iter().map(|queue| queue.deferred_message_count).sum();
    rows::row_of(json!({
        "GroupByValue": value,
        "MessageCount": messages(queues),
        "DeferredMessageCount": deferred,
        "QueueCount": queues.len(),
        "IncomingRate": rate(|queue| queue.incoming_rate),
        "OutgoingRate": rate(|queue| queue.outgoing_rate),
        "Velocity": rate(|queue| queue.outgoing_rate - queue.incoming_rate),
        "Details": queues.iter().map(|queue| queue.identity.as_str()).collect::<Vec<_>>(),
    }))
}
