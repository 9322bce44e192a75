//! New-MessageTraceQuery: saves a search under a name.
//! May touch: directory.

use directory::{MessageTraceQuery, TraceQueryKind};

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{filters, find, more, saved};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[Parameter::new("Name", Kind::Text, "The unique name of the search.").required().positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-MessageTraceQuery",
    synopsis: "Saves a search of the message trace under a name.",
    description: "All administrators see it and may run it with Get-MessageTrace -Query. With -Last its time moves along; with -StartDate and -EndDate it stays.",
    examples: &[
        Example {
            command: "New-MessageTraceQuery 'Sales failures' -RecipientAddress sales@contoso.example -Status Failed -Last 7.00:00:00",
            sentence: "Saves what was not delivered to a group in the last week, whenever it is run.",
        },
        Example {
            command: "New-MessageTraceQuery 'Outage' -StartDate 2026-11-20T08:00 -EndDate 2026-11-20T12:00",
            sentence: "Saves a search of four hours that stay.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(find::CONDITIONS),
        Parameters::Fixed(filters::OF_MESSAGES),
        Parameters::Fixed(filters::OF_ROWS),
        Parameters::Fixed(more::RELATIVE),
    ],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    check(context, arguments)?;
    let owner = context.actor.name.clone();
    let row = context
        .change(arguments, move |draft, arguments| {
            let query = MessageTraceQuery {
                guid: draft.new_guid(),
                name: arguments.required("Name")?.to_owned(),
                kind: TraceQueryKind::Custom,
                owner,
                parameters: saved::saved(arguments),
                when_created: draft.now(),
            };
            Ok(object::row(&*draft.put_message_trace_query(query)?))
        })
        .await?;
    Ok(Output::object(row))
}

/// A search that cannot be run is not saved, and none takes the name of one that every server has.
pub(super) fn check(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    if let Some(name) = arguments.text("Name").and_then(saved::default_of) {
        return Err(CmdletError::Conflict(format!(
            "the name \"{}\" is taken by a search that every server has; give another -Name",
            name.name
        )));
    }
    let mut tried = arguments.clone();
    more::relative(context, &mut tried)?;
    find::conditions_of(&tried, &context.directory.snapshot())?;
    Ok(())
}
