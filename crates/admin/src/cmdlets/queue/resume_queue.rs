//! Resume-Queue: lets a suspended queue deliver again.
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
    name: "Resume-Queue",
    synopsis: "Lets a suspended queue deliver again.",
    description: "Its messages go at once, unless they are suspended themselves or the next hop does not answer.",
    examples: &[Example { command: "Resume-Queue 'mx1\\3'", sentence: "Lets a queue deliver again." }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    object::each(context, arguments, |context, identity| async move {
        context.services.transport()?.hold_queue(&identity, Holding::Resume).await?;
        Ok(None)
    })
    .await
}
