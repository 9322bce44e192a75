//! Export-Message: copies a suspended message out of a queue.
//! May touch: transport (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new("Path", Kind::OutputFile, "The file to write, or - for standard output.").required(),
    Parameter::new(
        "Raw",
        Kind::Switch,
        "Writes the message's own octets alone, without X-Sender and X-Receiver before the header.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Export-Message",
    synopsis: "Copies a suspended message out of a queue.",
    description: "The message stays in the queue. It must be suspended first, so that it is not delivered meanwhile. Before the header stand the lines of a replay file: X-Sender with MAIL FROM (BODY, RET and ENVID), and an X-Receiver for each recipient it still has to go to (NOTIFY and ORcpt). -Raw leaves them out.",
    examples: &[Example {
        command: "Export-Message 12 -Path message.eml",
        sentence: "Writes a suspended message to a file.",
    }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType::NONE,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let (queue, number) = object::read_identity(arguments.required("Identity")?)?;
    let transport = context.services.transport()?;
    let message = transport.export_message(queue, number).await?;
    if arguments.is_on("Raw") {
        return Ok(Output::binary(message));
    }
    let mut file = transport.replay_header(queue, number)?.into_bytes();
    file.extend_from_slice(&message);
    Ok(Output::binary(file.into()))
}
