//! Resume-Message: lets a suspended message go again.
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
    name: "Resume-Message",
    synopsis: "Lets a suspended message go again.",
    description: "A message in the poison queue is sent through the categorizer again.",
    examples: &[Example { command: "Resume-Message 12", sentence: "Lets a message go again." }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    object::each(context, arguments, |context, queue, number| async move {
        context.services.transport()?.hold_message(queue.as_deref(), number, Holding::Resume).await?;
        Ok(())
    })
    .await
}
