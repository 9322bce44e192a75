//! Get-MailTrafficReport: counts recipients and bytes of a span by day, person, domain, code or way.
//! May touch: trace (read), clock.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use trace::Query;
use trace::search::{PAGE_SIZE_MAX, Total};

use super::grouping::{Group, GroupBy, Groups};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::completeness;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

/// Rows of the trace counted for one answer.
const ROWS_MAX: usize = 500_000;
/// The span where none is given.
const SPAN_DEFAULT: SignedDuration = SignedDuration::from_hours(24 * 7);

const OWN: &[Parameter] = &[
    Parameter::new(
        "GroupBy",
        Kind::Enum(GroupBy::WORDS),
        "What is counted by: Hour, Day (the default), Sender, SenderDomain, Recipient, RecipientDomain, FailureCode, or Path (where it came from and where it went).",
    ),
    Parameter::new("StartDate", Kind::DateTime, "Received at or after this; seven days ago by default."),
    Parameter::new("EndDate", Kind::DateTime, "Received before this; now by default."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailTrafficReport",
    synopsis: "Counts recipients and bytes of the trace by day, sender, recipient, domain, failure code or way.",
    description: "Counts are of recipients; groups and replaced addresses do not count. Days and hours are in the zone of -TimeZone, oldest first; the other groups are in order of their size. For failure codes and ways at most 500,000 rows are counted, the newest; a warning says when there were more.",
    examples: &[
        Example {
            command: "Get-MailTrafficReport -StartDate 2026-11-14",
            sentence: "Shows what became of the mail of each day.",
        },
        Example {
            command: "Get-MailTrafficReport -GroupBy Sender -ResultSize 10",
            sentence: "Lists the ten who sent most in the last seven days.",
        },
        Example {
            command: "Get-MailTrafficReport -GroupBy Path",
            sentence: "Shows where mail came from and went.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "MailTrafficReport",
        properties: &[
            Property::text("Value"),
            Property::text("From"),
            Property::text("To"),
            Property::number("Count"),
            Property::number("Bytes"),
            Property::number("Delivered"),
            Property::number("Failed"),
            Property::number("Pending"),
            Property::number("Quarantined"),
            Property::number("FilteredAsSpam"),
        ],
        settings: None,
        table: &[
            "Value",
            "Count",
            "Bytes",
            "Delivered",
            "Failed",
            "Pending",
            "Quarantined",
            "FilteredAsSpam",
        ],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let by = GroupBy::read(arguments.text("GroupBy").unwrap_or("Day"));
    let end = arguments.time("EndDate").unwrap_or_else(|| context.world.clock.now());
    let start = arguments.time("StartDate").or_else(|| end.checked_sub(SPAN_DEFAULT).ok());
    if start.is_some_and(|start| start >= end) {
        return Err(CmdletError::Usage("-StartDate must be before -EndDate".into()));
    }
    let trace = context.services.trace()?;
    if let (Some(what), Some(start)) = (by.in_columns(), start) {
        let counted = trace.traffic((start, end), what, Arc::default()).await?;
        let mut groups = Groups::default();
        counted.iter().for_each(|traffic| groups.add_counted(by, traffic, arguments.zone()));
        // What it rests on: nothing is read but what the sources say.
        let query = Query {
            start: Some(start),
            end: Some(end),
            page_size: 1,
            total: Total::Later,
            ..Query::default()
        };
        let answer = trace.search(query).await?;
        let mut output = shown(groups, by, arguments);
        completeness::tell(&mut output, &answer.sources, &answer.gaps, "rows", arguments.zone());
        return Ok(output);
    }
    let mut query =
        Query { start, end: Some(end), page_size: PAGE_SIZE_MAX, total: Total::Later, ..Query::default() };
    let mut groups = Groups::default();
    let mut counted = 0_usize;
    let mut asked = None;
    let is_cut = loop {
        let answer = trace.search(query.clone()).await?;
        counted = counted.saturating_add(answer.rows.len());
        answer.rows.iter().for_each(|row| groups.add(by, row, arguments.zone()));
        asked.get_or_insert((answer.sources, answer.gaps));
        match answer.next {
            None => break false,
            Some(_) if counted >= ROWS_MAX => break true,
            next => query.cursor = next,
        }
    };
    let mut output = shown(groups, by, arguments);
    if is_cut {
        let counted = grouped(counted as u64);
        output.warnings.push(format!("only the newest {counted} rows were counted; take a shorter span"));
    }
    let (sources, gaps) = asked.unwrap_or_default();
    completeness::tell(&mut output, &sources, &gaps, "rows", arguments.zone());
    Ok(output)
}

fn shown(groups: Groups, by: GroupBy, arguments: &Arguments) -> Output {
    let groups = groups.sorted(by);
    let total = groups.len() as u64;
    Output::part_of(groups.iter().take(arguments.result_size()).map(row).collect(), total)
}

fn row(group: &Group) -> Row {
    rows::row_of(json!({
        "Value": group.value,
        "From": group.from,
        "To": group.to,
        "Count": group.count,
        "Bytes": group.bytes,
        "Delivered": group.delivered,
        "Failed": group.failed,
        "Pending": group.pending,
        "Quarantined": group.quarantined,
        "FilteredAsSpam": group.spam,
    }))
}
