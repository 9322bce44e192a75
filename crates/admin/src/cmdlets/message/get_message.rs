//! Get-Message: shows the messages in the queues.
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
    Parameter::new("Identity", Kind::Identity, "One message: `Server\\Queue\\12`, `*\\12` or `12`.")
        .positional(),
    Parameter::new("Queue", Kind::Identity, "Only messages of this queue."),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "Only messages for which the conditions hold, such as \"FromAddress -like '*@fabrikam.example'\".",
    ),
    Parameter::new(
        "IncludeRecipientInfo",
        Kind::Switch,
        "Shows the recipients, each with the error of its last attempt.",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-Message",
    synopsis: "Shows the messages in the queues.",
    description: "A message with recipients in several queues is shown once per queue, with the same number. Messages that have left the queues are found with Get-MessageTrace.",
    examples: &[
        Example {
            command: "Get-Message -Queue 'mx1\\3' -IncludeRecipientInfo -Format list",
            sentence: "Shows what waits in a queue, with recipients.",
        },
        Example {
            command: "Get-Message -Filter \"Status -eq 'Suspended'\"",
            sentence: "Lists the suspended messages.",
        },
    ],
    roles: &[Role::TransportQueues, Role::Monitoring],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::MESSAGE,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let transport = context.services.transport()?;
    let filter = arguments.row_filter("Filter")?;
    let with_recipients = arguments.is_on("IncludeRecipientInfo");
    let (mut queue, mut number) = (None, None);
    if let Some(identity) = arguments.text("Identity") {
        let (in_queue, named) = object::read_identity(identity)?;
        (queue, number) = (in_queue, Some(named));
    }
    let queue = match arguments.text("Queue").or(queue) {
        Some(name) => Some(transport.queue(name)?.identity),
        None => None,
    };
    let ending = number.map(|number| format!("\\{number}"));
    let messages: Vec<_> = transport
        .queued_messages(queue.as_deref())
        .into_iter()
        .filter(|message| ending.as_ref().is_none_or(|ending| message.identity.ends_with(ending.as_str())))
        .collect();
    if let (Some(number), true) = (number, messages.is_empty()) {
        return Err(CmdletError::NotFound(format!(
            "there is no message {number} in a queue; it may have been delivered: see Get-MessageTrace"
        )));
    }
    let rows: Vec<_> = messages
        .iter()
        .map(|message| object::row(message, with_recipients))
        .filter(|row| filter(row))
        .collect();
    let total = rows.len() as u64;
    Ok(Output::part_of(rows.into_iter().take(arguments.result_size()).collect(), total))
}
