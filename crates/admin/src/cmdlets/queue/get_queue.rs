//! Get-Queue: shows the queues of this server.
//! May touch: transport (read).

use std::cmp::Ordering;

use serde_json::Value;
use transport::queue::view::QueueView;

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Identity,
        "One queue: `Server\\3`, a number, a name or its next hop domain.",
    )
    .positional(),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "Only queues for which the conditions hold, such as \"MessageCount -gt 10\".",
    ),
    Parameter::new("Include", Kind::List(&Kind::Enum(SORTS)), "Only queues of one of these sorts."),
    Parameter::new("Exclude", Kind::List(&Kind::Enum(SORTS)), "No queues of these sorts."),
    Parameter::new(
        "SortOrder",
        Kind::List(&Kind::Text),
        "Properties to sort by, each with + (ascending, also without a sign) or -: `-SortOrder:-MessageCount,+Identity`.",
    ),
    RESULT_SIZE,
];

/// Sorts of queues: by NextHopCategory, those with nothing in them, and by DeliveryType.
const SORTS: &[&str] = &[
    "Internal",
    "External",
    "Empty",
    "DnsConnectorDelivery",
    "SmartHostConnectorDelivery",
    "SmtpDeliveryToMailbox",
    "Undefined",
    "Unreachable",
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-Queue",
    synopsis: "Shows the queues of this server.",
    description: "The Submission queue, a queue for each next hop, the Unreachable queue and, while it holds something, the poison queue. A queue in Retry shows its last error and when it is tried again.",
    examples: &[
        Example { command: "Get-Queue", sentence: "Lists the queues." },
        Example {
            command: "Get-Queue -Filter \"Status -eq 'Retry'\" -Format list",
            sentence: "Shows the queues whose next hop does not answer.",
        },
    ],
    roles: &[Role::TransportQueues, Role::Monitoring],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::QUEUE,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let transport = context.services.transport()?;
    let filter = arguments.row_filter("Filter")?;
    let queues = match arguments.text("Identity") {
        Some(identity) => vec![transport.queue(identity)?],
        None => transport.queues(),
    };
    let snapshot = context.directory.snapshot();
    let mut rows: Vec<_> = queues
        .iter()
        .filter(|queue| is_meant(queue, arguments))
        .map(|queue| object::row(queue, &snapshot))
        .filter(|row| filter(row))
        .collect();
    sort(&mut rows, arguments)?;
    let total = rows.len() as u64;
    Ok(Output::part_of(rows.into_iter().take(arguments.result_size()).collect(), total))
}

fn is_meant(queue: &QueueView, arguments: &Arguments) -> bool {
    let is_of = |sort: &&str| {
        sort.eq_ignore_ascii_case(queue.next_hop_category)
            || sort.eq_ignore_ascii_case(queue.delivery_type)
            || sort.eq_ignore_ascii_case("Empty") && queue.message_count == 0
    };
    let any = |name: &str| arguments.texts(name).map(|sorts| sorts.iter().any(is_of));
    any("Include").unwrap_or(true) && !any("Exclude").unwrap_or(false)
}

/// Sorts by the properties of -SortOrder, the first before the others.
fn sort(rows: &mut [Row], arguments: &Arguments) -> Result<(), CmdletError> {
    // A stable sort by the last property first leaves the first one deciding.
    for order in arguments.texts("SortOrder").unwrap_or_default().into_iter().rev() {
        let (is_down, name) = match order.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, order.trim_start_matches('+')),
        };
        let Some(property) = object::QUEUE.property(name) else {
            return Err(usage(
                arguments.cmdlet(),
                "SortOrder",
                &format!("names {name}, which is no property of Queue"),
            ));
        };
        let key = |row: &Row| row.get(property.name).cloned().unwrap_or_default();
        rows.sort_by(|left, right| {
            let order = compare(&key(left), &key(right));
            if is_down { order.reverse() } else { order }
        });
    }
    Ok(())
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
            text(left).cmp(&text(right))
        }
    }
}
