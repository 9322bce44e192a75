//! Set-MessageTraceQuery: changes a saved search, or keeps an autosaved one for good.
//! May touch: directory.

use directory::{MessageTraceQuery, TraceQueryKind};

use super::{new_message_trace_query, object};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{filters, find, more, saved};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new("Name", Kind::Text, "The new name; an autosaved search that gets one is kept for all."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-MessageTraceQuery",
    synopsis: "Changes a saved search.",
    description: "With any condition given, the conditions given are the search from then on; without one only the name changes. Default searches cannot be changed: save one of your own with New-MessageTraceQuery.",
    examples: &[
        Example {
            command: "Set-MessageTraceQuery 'Sales failures' -RecipientAddress sales@contoso.example -Status Failed,Pending -Last 1.00:00:00",
            sentence: "Gives a saved search other conditions.",
        },
        Example {
            command: "Set-MessageTraceQuery 'Sales failures' -Name 'Sales'",
            sentence: "Gives a saved search another name.",
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
    new_message_trace_query::check(context, arguments)?;
    let actor = context.actor.name.clone();
    let row = context
        .change(arguments, move |draft, arguments| {
            let found = draft.snapshot().resolve_message_trace_query(arguments.required("Identity")?)?;
            let mut query = MessageTraceQuery::clone(&found);
            if query.kind == TraceQueryKind::Autosaved && query.owner != actor {
                return Err(CmdletError::NotFound(format!("there is no saved search \"{}\"", query.name)));
            }
            if let Some(name) = arguments.text("Name") {
                query.name = name.to_owned();
                query.kind = TraceQueryKind::Custom;
            }
            let conditions = saved::saved(arguments);
            if !conditions.is_empty() {
                query.parameters = conditions;
            }
            saved::single(&query.name, &query.parameters)?;
            Ok(object::row(&*draft.put_message_trace_query(query)?))
        })
        .await?;
    Ok(Output::object(row))
}
