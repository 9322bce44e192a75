//! Where a search goes on that names the last row by its time as it was shown: to the millisecond, or to the second.
//! May touch: trace (read).

use jiff::Timestamp;
use trace::search::PAGE_SIZE_MAX;
use trace::{Query, Trace};

use crate::error::CmdletError;

/// Puts the exact time of the row meant in the place of the end. Rows have microseconds; where less was given and no row
/// of the recipient has just that time, the newest of that millisecond, or second, is meant: rather rows again than none.
pub(super) async fn settle(trace: &Trace, query: &mut Query) -> Result<(), CmdletError> {
    let (Some(end), Some(address)) = (query.end, query.starting_recipient.clone()) else { return Ok(()) };
    let micros = end.as_microsecond();
    let width = match micros {
        micros if micros % 1_000_000 == 0 => 1_000_000,
        micros if micros % 1_000 == 0 => 1_000,
        _ => return Ok(()),
    };
    let Ok(behind) = Timestamp::from_microsecond(micros.saturating_add(width)) else { return Ok(()) };
    // What is no address is of no row.
    let Ok(recipient) = address.parse() else { return Ok(()) };
    let row = Query {
        start: Some(end),
        end: Some(behind),
        starting_recipient: None,
        cursor: None,
        page_size: PAGE_SIZE_MAX,
        also_recipients: Vec::from([recipient]),
        ..query.clone()
    };
    let found = trace.search(row).await?.rows;
    if found.iter().all(|row| row.received != end) {
        query.end = found.first().map_or(query.end, |row| Some(row.received));
    }
    Ok(())
}
