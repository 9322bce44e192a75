//! Get-MessageTraceTree: shows a whole message, with groups, forwards and reports, as one tree.
//! May touch: trace (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{conditions, live};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use trace::tree::Node;
use trace::{Query, Trace, Tree};

const OWN: &[Parameter] =
    &[Parameter::new("MessageTraceId", Kind::Text, "The message, as Get-MessageTrace shows it.")
        .required()
        .positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceTree",
    synopsis: "Shows a whole message, with groups, forwards and reports, as one tree.",
    description: "One object: the message's facts, its recipients with what each was replaced by below it, counts by status, and the messages linked to it, such as reports. A recipient that several ways lead to is shown whole at the first one.",
    examples: &[
        Example {
            command: "Get-MessageTraceTree 01936f0a-0000-7000-8000-00000000000a",
            sentence: "Draws who a message to groups went to, and what became of each.",
        },
        Example {
            command: "Get-MessageTraceTree -MessageTraceId 01936f0a-0000-7000-8000-00000000000a -Format json",
            sentence: "Gives the same as one JSON object.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let Some(id) = conditions::network_message_id(arguments, "MessageTraceId")? else {
        return Err(CmdletError::Usage("Get-MessageTraceTree needs -MessageTraceId".to_owned()));
    };
    let trace = context.services.trace()?;
    let tree = match trace.tree(id).await? {
        Some(mut tree) => {
            live::with_queues(context, &mut tree.rows);
            tree
        }
        None => refused(trace, id).await?,
    };
    match object::row(&tree)? {
        Some(row) => Ok(Output::object(row)),
        None => Err(CmdletError::NotFound(format!(
            "there is no message {id}; Get-MessageTrace shows the ids of those that are kept"
        ))),
    }
}

/// A transaction of which nothing was accepted has rows, but no message.
async fn refused(trace: &Trace, id: mail::NetworkMessageId) -> Result<Tree, CmdletError> {
    let query = Query { network_message_ids: vec![id], ..Query::default() };
    let rows = trace.search(query).await?.rows;
    let roots = (0..rows.len()).map(|row| Node {
        row,
        replacement: None,
        children: Vec::new(),
        shown_before: false,
        counts: Vec::new(),
    });
    let roots = roots.collect();
    let mut counts: Vec<(trace::Status, u64)> = Vec::new();
    for row in &rows {
        match counts.iter_mut().find(|(status, _)| *status == row.status) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => counts.push((row.status, 1)),
        }
    }
    Ok(Tree { rows, roots, counts, linked: Vec::new() })
}
