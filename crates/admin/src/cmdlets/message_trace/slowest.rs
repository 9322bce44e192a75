//! Get-MessageTrace -Slowest: of all rows that match, those that took longest from reception to end.
//! May touch: trace (read).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use trace::search::PAGE_SIZE_MAX;
use trace::{Status, TraceRow};

use super::{find, object};
use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;

/// Rows looked through; a longer search says that it was cut.
const ROWS_MAX: u64 = 2_000_000;

/// One row of the slowest ones, the fastest of them on top of the heap.
struct Slow {
    micros: i64,
    number: u64,
    row: Box<TraceRow>,
}

impl PartialEq for Slow {
    fn eq(&self, other: &Slow) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Slow {}

impl PartialOrd for Slow {
    fn partial_cmp(&self, other: &Slow) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slow {
    fn cmp(&self, other: &Slow) -> std::cmp::Ordering {
        (self.micros, Reverse(self.number)).cmp(&(other.micros, Reverse(other.number)))
    }
}

/// The slowest rows; `None` where they were not asked for.
pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let Some(wanted) = arguments.int("Slowest").and_then(|wanted| usize::try_from(wanted).ok()) else {
        return Ok(None);
    };
    let trace = context.services.trace()?;
    let mut query = find::conditions_of(arguments)?;
    query.page_size = PAGE_SIZE_MAX;
    if query.statuses.is_empty() {
        query.statuses = Vec::from([Status::Delivered]);
    }
    let mut slowest: BinaryHeap<Reverse<Slow>> = BinaryHeap::new();
    let mut read = 0_u64;
    let mut answer = trace.search(query.clone()).await?;
    let total = answer.total;
    let facts = loop {
        for row in std::mem::take(&mut answer.rows) {
            read = read.saturating_add(1);
            let Some(ended) = row.row.ended_at else { continue };
            let micros = ended.as_microsecond().saturating_sub(row.received.as_microsecond());
            slowest.push(Reverse(Slow { micros, number: read, row: Box::new(row) }));
            if slowest.len() > wanted {
                slowest.pop();
            }
        }
        match answer.next.clone() {
            Some(next) if read < ROWS_MAX => {
                query.cursor = Some(next);
                let gaps = std::mem::take(&mut answer.gaps);
                answer = trace.search(query.clone()).await?;
                if answer.gaps.is_empty() {
                    answer.gaps = gaps;
                }
            }
            _ => break answer,
        }
    };
    let mut rows = Vec::new();
    for Reverse(slow) in slowest.into_sorted_vec() {
        let mut row = object::row(&slow.row)?;
        let took = jiff::SignedDuration::from_micros(slow.micros);
        let detail = row.get("Detail").and_then(serde_json::Value::as_str).unwrap_or_default();
        let detail = format!("{took:#}: {detail}");
        row.insert("Detail".to_owned(), detail.into());
        rows.push(row);
    }
    let mut output = Output::list(rows);
    output.notes.push(format!("The slowest of {} rows", crate::output::grouped(total)));
    if read < total {
        output.warnings.push(format!(
            "only the newest {} of {} rows were looked through; search a shorter time",
            crate::output::grouped(read),
            crate::output::grouped(total)
        ));
    }
    for gap in &facts.gaps {
        output.warnings.push(format!("rows may be missing: {}", gap.cause));
    }
    Ok(Some(output))
}
