//! Everything Get-MessageTrace takes beside conditions: saved searches, pasted text, reports, V1's pages.
//! May touch: trace (read), directory (read; autosaved searches are written), clock, executor.

use jiff::SignedDuration;

use super::find::{self, Version};
use super::{paste, report, saved, slowest};
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::privacy;
use crate::value::{Limit, Value};

/// How the warning ends that says how many rows of how many there are.
const SHOWN: &str = " shown";
/// V1's largest page number.
const PAGES_MAX: i64 = 1_000;

/// Conditions that saved searches have too.
pub(crate) const RELATIVE: &[Parameter] = &[
    Parameter::new(
        "Last",
        Kind::TimeSpan,
        "Only messages of so long a time up to now, such as 1.00:00:00 for a day; takes the place of -StartDate.",
    ),
    Parameter::new(
        "Slowest",
        Kind::Int { min: 1, max: 10_000 },
        "Only so many rows: those that took longest from reception to their end.",
    ),
];

/// What only the trace itself takes.
pub(super) const MORE: &[Parameter] = &[
    Parameter::new(
        "Query",
        Kind::Text,
        "A saved search, by its name; what is given beside it takes its place.",
    ),
    Parameter::new(
        "Paste",
        Kind::Text,
        "Text that names a message: a report, a header, the reply that accepted it, a queue id or any other id.",
    ),
    Parameter::new("PasteFile", Kind::InputFile, "The same from a file, such as an .eml."),
    Parameter::new(
        "ReportType",
        Kind::Enum(report::TYPES),
        "Writes a report to -Path: Summary, EnhancedSummary (one line per message) or Extended (one line per event).",
    ),
    Parameter::new(
        "ReportFormat",
        Kind::Enum(report::FORMATS),
        "Csv unless said otherwise, or JsonLines; both are UTF-8.",
    ),
    Parameter::new("Path", Kind::OutputFile, "The file a report is written to, or - for standard output."),
    Parameter::new(
        "Page",
        Kind::Int { min: 1, max: PAGES_MAX },
        "The page of -PageSize rows, as V1 counts them.",
    ),
    Parameter::new(
        "PageSize",
        Kind::Int { min: 1, max: 5_000 },
        "The rows of a page; the same as -ResultSize without -Page.",
    ),
    Parameter::new(
        "ProbeTag",
        Kind::Text,
        "Taken for scripts of V1; it has no effect, as in Exchange Online.",
    ),
];

/// Searches in whichever way was asked for.
pub(super) async fn run(
    context: &Context,
    given: &Arguments,
    version: Version,
) -> Result<Output, CmdletError> {
    let mut arguments = match given.text("Query") {
        Some(name) => {
            let whole = saved::with(context, given, name)?;
            // A saved search asks for no more than whoever runs it may.
            privacy::admit(context.granted()?, &whole, &context.directory.snapshot())?;
            whole
        }
        None => given.clone(),
    };
    relative(context, &mut arguments)?;
    if let Some(output) = paste::run(context, &arguments).await? {
        return Ok(output);
    }
    if let Some(output) = report::run(context, &arguments).await? {
        return Ok(output);
    }
    if let Some(output) = slowest::run(context, &arguments).await? {
        saved::keep(context, given);
        return Ok(output);
    }
    let skipped = page(&mut arguments)?;
    let mut output = find::run(context, &arguments, version).await?;
    if skipped > 0 {
        leave_out(&arguments, &mut output, skipped)?;
    }
    saved::keep(context, given);
    Ok(output)
}

/// Leaves the pages before the one asked for out, and what was said of the number of rows: not what may be missing.
fn leave_out(arguments: &Arguments, output: &mut Output, skipped: usize) -> Result<(), CmdletError> {
    if output.rows.len() <= skipped && output.next.is_some() {
        return Err(too_far(arguments));
    }
    output.rows.drain(..skipped.min(output.rows.len()));
    output.warnings.retain(|warning| !warning.ends_with(SHOWN));
    Ok(())
}

fn too_far(arguments: &Arguments) -> CmdletError {
    usage(
        arguments.cmdlet(),
        "Page",
        "lies too far back to be counted to; go on with -Cursor, or give -StartDate and -EndDate",
    )
}

/// -Last as the -StartDate it means now.
pub(crate) fn relative(context: &Context, arguments: &mut Arguments) -> Result<(), CmdletError> {
    let Some(span) = arguments.span("Last") else { return Ok(()) };
    if arguments.is_given("StartDate") {
        return Err(usage(arguments.cmdlet(), "Last", "takes the place of -StartDate; give one of them"));
    }
    if span <= SignedDuration::ZERO {
        return Err(usage(
            arguments.cmdlet(),
            "Last",
            "takes a time above zero, such as 7.00:00:00 for a week",
        ));
    }
    let start = context.world.clock.now().checked_sub(span).unwrap_or(jiff::Timestamp::MIN);
    if let Some(parameter) = arguments.cmdlet().parameter("StartDate") {
        arguments.set(parameter, Value::Time(start));
    }
    Ok(())
}

/// V1's pages as a number of rows to read, and how many of them to leave out.
fn page(arguments: &mut Arguments) -> Result<usize, CmdletError> {
    let number = |name: &str| arguments.int(name).and_then(|number| u64::try_from(number).ok());
    let (page, size) = (number("Page"), number("PageSize"));
    if (page, size) == (None, None) {
        return Ok(0);
    }
    if arguments.is_given("ResultSize") {
        return Err(usage(
            arguments.cmdlet(),
            "ResultSize",
            "and -PageSize are two names for one thing; give one of them",
        ));
    }
    let size = size.unwrap_or(crate::parameter::RESULT_SIZE_DEFAULT as u64);
    let page = page.unwrap_or(1);
    let skipped = page.saturating_sub(1).saturating_mul(size);
    if skipped.saturating_add(size) > find::ROWS_MAX as u64 {
        return Err(too_far(arguments));
    }
    if let Some(parameter) = arguments.cmdlet().parameter("ResultSize") {
        arguments.set(parameter, Value::Limit(Limit::Of(skipped.saturating_add(size))));
    }
    Ok(usize::try_from(skipped).unwrap_or(usize::MAX))
}
