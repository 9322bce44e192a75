//! Get-QueueHistory: shows how many recipients waited in each queue over time.
//! May touch: trace (read), directory (read), clock.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use trace::Query;
use trace::search::{PAGE_SIZE_MAX, Total};

use super::cells::{CELLS_MAX, Cell, Cells};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// Rows of the trace looked at for one answer, the newest.
const ROWS_MAX: usize = 500_000;
/// The span where none is given.
const SPAN_DEFAULT: SignedDuration = SignedDuration::from_hours(24);
/// The step where none is given.
const STEP_DEFAULT: SignedDuration = SignedDuration::from_hours(1);

const OWN: &[Parameter] = &[
    Parameter::new("StartDate", Kind::DateTime, "From this time on; a day ago by default."),
    Parameter::new("EndDate", Kind::DateTime, "Up to this time; now by default, and at most."),
    Parameter::new("Interval", Kind::TimeSpan, "The time between two counts, an hour by default."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-QueueHistory",
    synopsis: "Shows how many recipients waited in each queue over time.",
    description: "Counted from the trace, by the queue a recipient was in last: when it was queued, and when it ended. \
                  Waiting is of the end of each interval, Passed of everybody who was in the queue during it. Messages \
                  received up to MessageExpirationTimeout before the first interval are looked at, at most 500,000 \
                  recipients, the newest; a warning says when there were more. A message of Test-SendConnector waits in no \
                  queue and is not counted.",
    examples: &[
        Example { command: "Get-QueueHistory", sentence: "Shows the queues of the last day, hour by hour." },
        Example {
            command: "Get-QueueHistory -StartDate 2026-11-20 -EndDate 2026-11-21 -Interval 00:15:00",
            sentence: "Shows the queues of a day by quarters of an hour.",
        },
    ],
    roles: &[Role::Monitoring, Role::TransportQueues, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "QueueHistory",
        properties: &[
            Property::text("NextHop"),
            Property::time("Start"),
            Property::time("End"),
            Property::number("Waiting"),
            Property::number("Passed"),
        ],
        settings: None,
        table: &["NextHop", "Start", "Waiting", "Passed"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    // What has not come yet waits nowhere.
    let now = context.world.clock.now();
    let end = arguments.time("EndDate").map_or(now, |end| end.min(now));
    let start = arguments.time("StartDate").or_else(|| end.checked_sub(SPAN_DEFAULT).ok()).unwrap_or(end);
    if start >= end {
        return Err(CmdletError::Usage("-StartDate must be before -EndDate, and not in the future".into()));
    }
    let step = arguments.span("Interval").unwrap_or(STEP_DEFAULT);
    let mut cells = Cells::new(start, end, step).ok_or_else(|| {
        let why = format!("must part the time into fewer than {CELLS_MAX} intervals, none of them empty");
        usage(arguments.cmdlet(), "Interval", &why)
    })?;
    let trace = context.services.trace()?;
    // So long before the span a message may have come that still waited in it.
    let wait_max = context.directory.snapshot().transport_service().message_expiration_timeout;
    let mut query = Query {
        start: start.checked_sub(wait_max).ok(),
        end: Some(end),
        page_size: PAGE_SIZE_MAX,
        total: Total::Later,
        ..Query::default()
    };
    let mut counted = 0_usize;
    let is_cut = loop {
        let answer = trace.search(query.clone()).await?;
        counted = counted.saturating_add(answer.rows.len());
        answer.rows.iter().for_each(|row| cells.add(row));
        match answer.next {
            None => break false,
            Some(_) if counted >= ROWS_MAX => break true,
            next => query.cursor = next,
        }
    };
    let spans = cells.spans().to_vec();
    let queues = cells.sorted();
    let rows = queues.iter().flat_map(|(queue, cells)| {
        cells.iter().zip(&spans).map(|(cell, span)| row(queue, cell, *span)).collect::<Vec<Row>>()
    });
    let mut output = Output::list(rows.collect());
    if is_cut {
        let counted = grouped(counted as u64);
        output
            .warnings
            .push(format!("only the newest {counted} recipients were counted; take a shorter span"));
    }
    Ok(output)
}

fn row(queue: &str, cell: &Cell, (start, end): (Timestamp, Timestamp)) -> Row {
    rows::row_of(json!({
        "NextHop": queue,
        "Start": start.to_string(),
        "End": end.to_string(),
        "Waiting": cell.waiting,
        "Passed": cell.passed,
    }))
}
