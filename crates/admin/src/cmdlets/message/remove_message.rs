//! Remove-Message: takes a message out of a queue, with or without a non-delivery report.
//! May touch: transport.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use transport::queue::set::RemoveReport;

const OWN: &[Parameter] =
    &[Parameter::new("WithNDR", Kind::Bool, "Whether the sender is told; true unless said otherwise.")];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Message",
    synopsis: "Takes a message out of a queue.",
    description: "Its recipients there end as Failed in the trace, with the administrator as the cause. A message that is being transmitted is removed only if that attempt fails (PendingRemove).",
    examples: &[Example {
        command: "Remove-Message '*\\12' -WithNDR false -Confirm:false",
        sentence: "Removes a message from all queues without telling the sender.",
    }],
    roles: &[Role::TransportQueues],
    parameters: &[Parameters::Fixed(object::CHOSEN), Parameters::Fixed(OWN)],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    if arguments.is_given("Filter") && !arguments.is_given("Identity") {
        let messages = object::matching(context, arguments)?;
        let recipients: usize = messages.iter().map(|message| message.recipients.len()).sum();
        let what = format!("remove {} messages for {recipients} recipients", messages.len());
        return Ok(Plan { count: messages.len() as u64, what });
    }
    let Some((_, number)) = object::chosen(context, arguments)?.first().cloned() else {
        return Err(CmdletError::Usage("Remove-Message needs -Identity or -Filter".to_owned()));
    };
    let ending = format!("\\{number}");
    let messages = context.services.transport()?.queued_messages(None);
    let found: Vec<_> = messages.iter().filter(|message| message.identity.ends_with(&ending)).collect();
    let Some(first) = found.first() else {
        return Err(CmdletError::NotFound(format!(
            "there is no message {number} in a queue; Get-Message lists them"
        )));
    };
    let recipients: usize = found.iter().map(|message| message.recipients.len()).sum();
    let noun = if recipients == 1 { "recipient" } else { "recipients" };
    let what =
        format!("remove the message \"{}\" of {} for {recipients} {noun}", first.subject, first.from_address);
    Ok(Plan { count: found.len() as u64, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let report = if arguments.boolean("WithNDR") == Some(false) {
        RemoveReport::Silent
    } else {
        RemoveReport::WithNdr
    };
    object::each(context, arguments, |context, queue, number| async move {
        let transport = context.services.transport()?;
        transport.remove_message(queue.as_deref(), number, report, &context.actor.name).await?;
        Ok(())
    })
    .await
}
