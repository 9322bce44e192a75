//! Retry-Queue: tries a queue's next hop at once, or sends its messages through the categorizer again.
//! May touch: transport.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use transport::queue::actions::Resubmit;

const OWN: &[Parameter] = &[Parameter::new(
    "Resubmit",
    Kind::Bool,
    "Whether the messages are resolved and routed anew instead of only tried again.",
)];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Retry-Queue",
    synopsis: "Tries a queue that is in Retry at once.",
    description: "With -Resubmit $true the messages go back to the categorizer, so that changed recipients and connectors take effect; suspended messages stay.",
    examples: &[
        Example { command: "Retry-Queue fabrikam.example", sentence: "Tries to reach the next hop now." },
        Example {
            command: "Retry-Queue -Filter \"Status -eq 'Retry'\"",
            sentence: "Tries every next hop that did not answer.",
        },
        Example {
            command: "Retry-Queue 'mx1\\Unreachable' -Resubmit true",
            sentence: "Routes the messages without a next hop anew.",
        },
    ],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN), Parameters::Fixed(OWN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let resubmit = if arguments.boolean("Resubmit") == Some(true) { Resubmit::Yes } else { Resubmit::No };
    object::each(context, arguments, |context, identity| async move {
        let transport = context.services.transport()?;
        let moved = transport.retry_queue(&identity, resubmit, &context.actor.name).await?;
        Ok((resubmit == Resubmit::Yes).then(|| format!("{moved} messages resubmitted")))
    })
    .await
}
