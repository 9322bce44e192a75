//! Suspend-Message: holds a message back.
//! May touch: transport.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType};
use crate::role::Role;
use transport::queue::actions::Holding;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Suspend-Message",
    synopsis: "Holds a message back.",
    description: "A message that is being transmitted is suspended only if that attempt fails (PendingSuspend).",
    examples: &[Example {
        command: "Suspend-Message 12",
        sentence: "Holds a message back in every queue it is in.",
    }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    object::each(context, arguments, |context, queue, number| async move {
        context.services.transport()?.hold_message(queue.as_deref(), number, Holding::Suspend).await?;
        Ok(())
    })
    .await
}
