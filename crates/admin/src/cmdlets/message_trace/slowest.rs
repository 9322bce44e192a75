//! Get-MessageTrace -Slowest: of all rows that match, those that took longest from reception to end.
//! May touch: trace (read).

use trace::search::RowOrder;
use trace::{Query, Status};

use super::{completeness, find, known, object};
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
    let answer = find::pages(trace, query, wanted).await?;
    if answer.total == 0 {
        known::check(context, &asked).await?;
    }
    let mut rows = Vec::new();
    for found in answer.rows.iter().take(wanted) {
        let mut row = object::row(found)?;
        if let Some(ended) = found.row.ended_at {
            let detail = row.get("Detail").and_then(serde_json::Value::as_str).unwrap_or_default();
            // What they are ordered by: from the first place that received it, which may be a gateway before us.
            let began = found.row.received_at.unwrap_or(found.received);
            let detail = format!("{:#}: {detail}", ended.duration_since(began));
            row.insert("Detail".to_owned(), detail.into());
        }
        rows.push(row);
    }
    let mut output = Output::list(rows);
    output.notes.push(format!("The slowest of {} rows", grouped(answer.total)));
    completeness::tell(&mut output, &answer.sources, &answer.gaps, "rows", arguments.zone());
    Ok(Some(output))
}
