//! Suspend-Queue: holds the messages of a queue back.
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
    name: "Suspend-Queue",
    synopsis: "Holds the messages of a queue back.",
    description: "Messages that are being transmitted finish; new ones come in and wait. The state of the messages themselves does not change.",
    examples: &[Example { command: "Suspend-Queue 'mx1\\3'", sentence: "Holds a queue back." }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    object::each(context, arguments, |context, identity| async move {
        context.services.transport()?.hold_queue(&identity, Holding::Suspend).await?;
        Ok(None)
    })
    .await
}
