//! Get-MessageTraceQuery: lists saved searches.
//! May touch: directory (read).

use directory::TraceQueryKind;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::saved::{self, DEFAULTS};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "One search, by its name or GUID; every one if not given.")
        .positional(),
    Parameter::new("Kind", Kind::Enum(&["Default", "Custom", "Autosaved"]), "Only searches of this kind."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceQuery",
    synopsis: "Lists the saved searches of the message trace.",
    description: "Default searches are on every server, Custom ones were saved by an administrator for all, and Autosaved ones are the last ten that you have run.",
    examples: &[
        Example { command: "Get-MessageTraceQuery", sentence: "Lists every saved search you may run." },
        Example {
            command: "Get-MessageTraceQuery -Kind Autosaved",
            sentence: "Lists the searches you ran last.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let mut stored: Vec<_> =
        snapshot.message_trace_queries().filter(|query| saved::is_seen(context, &snapshot, query)).collect();
    stored.sort_by(|one, other| match (one.kind, other.kind) {
        (TraceQueryKind::Autosaved, TraceQueryKind::Autosaved) => other.when_created.cmp(&one.when_created),
        _ => (one.kind, &one.name).cmp(&(other.kind, &other.name)),
    });
    let all =
        DEFAULTS.iter().map(object::default_row).chain(stored.into_iter().map(|query| object::row(query)));
    let is = |row: &Row, name: &str, wanted: &str| {
        row.get(name)
            .and_then(serde_json::Value::as_str)
            .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let kind = arguments.text("Kind");
    let named = arguments.text("Identity");
    let found: Vec<Row> = all
        .filter(|row| kind.is_none_or(|kind| is(row, "Kind", kind)))
        .filter(|row| named.is_none_or(|named| is(row, "Name", named) || is(row, "Guid", named)))
        .collect();
    match named {
        Some(named) if found.is_empty() => Err(CmdletError::NotFound(format!(
            "there is no saved search \"{named}\"; Get-MessageTraceQuery lists them"
        ))),
        _ => Ok(Output::list(found)),
    }
}
