//! Get-Queue: shows the queues of this server.
//! May touch: transport (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
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
    RESULT_SIZE,
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
    let rows: Vec<_> = queues.iter().map(object::row).filter(|row| filter(row)).collect();
    let total = rows.len() as u64;
    Ok(Output::part_of(rows.into_iter().take(arguments.result_size()).collect(), total))
}
