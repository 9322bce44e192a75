//! Get-MessageTraceImport: shows what was imported into the trace, by whom, and how it ended.
//! May touch: trace (read), executor.

use serde_json::json;
use trace::places::{ImportEntry, ImportState, is_same_place};

use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::known;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "One import, by its number.").positional(),
    Parameter::new("Place", Kind::List(&Kind::Text), "Only imports into these places."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceImport",
    synopsis: "Shows what was imported into the message trace.",
    description: "Each run of Import-MessageTrace and each file that was sent, the newest first: the place, the files, who imported them, what was found, and how it ended. Events counts those that were new: importing the same again finds none. Of an import that runs, or that the end of the server cut off, the figures are those noted last, every few seconds; until one is imported again to its end, searches name it among what may be missing. Of imports by a release that kept no such list only the place and its newest record are known. The last 1,000 are kept; those of a place go with it, see Remove-MessageTraceImport. What trace sources read is shown by Get-TraceSource.",
    examples: &[
        Example { command: "Get-MessageTraceImport", sentence: "Lists the imports." },
        Example { command: "Get-MessageTraceImport -Place gateway", sentence: "Lists those into one place." },
    ],
    roles: &[Role::OrganizationTransportSettings, Role::Monitoring, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "MessageTraceImportEntry",
        properties: &[
            Property::text("Identity"),
            Property::text("Place"),
            Property::text("LogFormat"),
            Property::text("Files"),
            Property::number("FileCount"),
            Property::time("StartTime"),
            Property::time("EndTime"),
            Property::text("ImportedBy"),
            Property::number("Lines"),
            Property::number("Events"),
            Property::number("UnknownLines"),
            Property::time("FirstEvent"),
            Property::time("LastEvent"),
            Property::text("State"),
            Property::text("Reason"),
        ],
        settings: None,
        table: &["Identity", "Place", "StartTime", "ImportedBy", "Files", "Lines", "Events", "State"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let places = context.services.trace()?.places().clone();
    let listed = context.world.exec.blocking(move || places.imports()).await.map_err(unreadable)?;
    if let Some(identity) = arguments.text("Identity") {
        let number: u64 = identity
            .trim()
            .parse()
            .map_err(|_| usage(arguments.cmdlet(), "Identity", "is the number of an import"))?;
        let found = listed.iter().find(|entry| entry.id == number);
        let found = found.ok_or_else(|| {
            CmdletError::NotFound(format!("there is no import {number}; Get-MessageTraceImport lists them"))
        })?;
        return Ok(Output::list(Vec::from([row(found)])));
    }
    let wanted = arguments.texts("Place").unwrap_or_default();
    let is_wanted = |entry: &&ImportEntry| {
        wanted.is_empty() || wanted.iter().any(|place| is_same_place(place, &entry.place))
    };
    let found: Vec<Row> = listed.iter().filter(is_wanted).map(row).collect();
    if found.is_empty() {
        known::check_places(context, &wanted).await?;
    }
    let total = found.len() as u64;
    Ok(Output::part_of(found.into_iter().take(arguments.result_size()).collect(), total))
}

/// The list of imports cannot be read.
pub(super) fn unreadable(error: std::io::Error) -> CmdletError {
    CmdletError::internal("the list of imports cannot be read or written; the service log says why", error)
}

fn row(entry: &ImportEntry) -> Row {
    // Of imports by a release that kept no list nothing was counted; of one that runs, that failed, or that the server's
    // end cut off, what was noted last.
    let is_whole =
        entry.state == ImportState::Completed || entry.end.is_some() && entry.state == ImportState::Stopped;
    let is_counted = entry.start.is_some() && (is_whole || entry.lines > 0);
    let number = |number: u64| is_counted.then_some(number);
    rows::row_of(json!({
        "Identity": entry.id.to_string(),
        "Place": entry.place,
        "LogFormat": entry.formats.join(", "),
        "Files": entry.files,
        "FileCount": entry.start.map(|_| entry.file_count),
        "StartTime": entry.start.map(|at| at.to_string()),
        "EndTime": entry.end.map(|at| at.to_string()),
        "ImportedBy": entry.by,
        "Lines": number(entry.lines),
        "Events": number(entry.new),
        "UnknownLines": number(entry.unknown).filter(|_| is_whole),
        "FirstEvent": entry.first.map(|at| at.to_string()),
        "LastEvent": entry.last.map(|at| at.to_string()),
        "State": entry.state.as_str(),
        "Reason": entry.reason,
    }))
}
