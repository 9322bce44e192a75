//! Get-MessageTrace -Slowest: of all rows that match, those that took longest from reception to end.
//! May touch: trace (read).

use jiff::SignedDuration;
use trace::search::RowOrder;
use trace::{Query, Status, TraceRow};

use super::{completeness, find, interval, known, object};
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, grouped};
use crate::privacy;

/// The slowest rows; `None` where they were not asked for.
pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let Some(wanted) = arguments.int("Slowest").and_then(|wanted| usize::try_from(wanted).ok()) else {
        return Ok(None);
    };
    for name in ["Cursor", "StartingRecipientAddress"] {
        if arguments.is_given(name) {
            return Err(usage(
                arguments.cmdlet(),
                name,
                "goes on in order of time; give it without -Slowest",
            ));
        }
    }
    let trace = context.services.trace()?;
    let mut query =
        Query { order: RowOrder::Slowest, ..find::conditions_of(arguments, &context.directory.snapshot())? };
    privacy::confine(context.granted()?, &mut query);
    if query.statuses.is_empty() {
        query.statuses = Vec::from([Status::Delivered]);
    }
    let asked = query.facets.clone();
    // -ResultSize, or V1's name for it, may ask for fewer than the search is saved with.
    let sizes = [arguments.is_given("ResultSize").then(|| arguments.result_size()), page_size(arguments)];
    let wanted = sizes.into_iter().flatten().fold(wanted, usize::min);
    let mut answer = find::pages(trace, query, wanted).await?;
    // They are found by milliseconds, and shown to the microsecond.
    answer.rows.sort_by_key(|row| std::cmp::Reverse(took(row)));
    if answer.total == 0 {
        known::check(context, &asked).await?;
    }
    let mut rows = Vec::new();
    for found in answer.rows.iter().take(wanted) {
        let mut row = object::row(found)?;
        if let Some(took) = took(found) {
            let detail = row.get("Detail").and_then(serde_json::Value::as_str).unwrap_or_default();
            let clocks = found.row.clocks_differ.map(|by| match by.is_negative() {
                true => format!(", {:#} more than its times say because clocks differ", by.abs()),
                false => format!(", clocks that differ by {by:#} left out"),
            });
            let detail = format!("{took:#}{}: {detail}", clocks.unwrap_or_default());
            row.insert("Detail".to_owned(), detail.into());
        }
        rows.push(row);
    }
    let mut output = Output::list(rows);
    output.notes.push(format!("The slowest of {} rows", grouped(answer.total)));
    output.notes.push(interval::in_words(answer.start, answer.end, arguments.zone()));
    completeness::tell(&mut output, &answer.sources, &answer.gaps, "rows", arguments.zone());
    Ok(Some(output))
}

/// What they are ordered by: from the first place that received it, which may be a gateway before us, to its end; less
/// what is seen to be clocks that differ.
fn took(row: &TraceRow) -> Option<SignedDuration> {
    let began = row.row.received_at.unwrap_or(row.received);
    let whole = row.row.ended_at.map(|ended| ended.duration_since(began))?;
    Some(whole.saturating_sub(row.row.clocks_differ.unwrap_or_default()))
}

fn page_size(arguments: &Arguments) -> Option<usize> {
    arguments.int("PageSize").and_then(|size| usize::try_from(size).ok())
}
