//! Messages written before a question could be asked that they have no answer for: their place, or the network of the
//! next host.
//!
//! May touch: a SQLite connection.

use rusqlite::Connection;

use super::{ORDINAL_BITS, Window, list};
use crate::search::names_place;
use crate::store::StoreError;

/// Whether messages of the window have values that name no place.
pub(crate) fn lacks_places(connection: &Connection, window: Window) -> Result<bool, StoreError> {
    let mut sets = connection.prepare_cached("SELECT id, facets FROM facet_set")?;
    let mut sets = sets.query([])?;
    let mut without: Vec<i64> = Vec::new();
    while let Some(row) = sets.next()? {
        if !names_place(row.get_ref(1)?.as_blob().unwrap_or_default()) {
            without.push(row.get(0)?);
        }
    }
    if without.is_empty() {
        return Ok(false);
    }
    let (low, high) = (window.low, window.high);
    // A set that no message has any more stays in the file.
    let sql = format!(
        "SELECT EXISTS(SELECT 1 FROM message WHERE id >= {low} AND id < {high} AND facets IN ({}))",
        list(&without)
    );
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// Whether rows of the window were handed on to IPv6 addresses of which only the number is known, so that no network
/// finds them.
pub(crate) fn lacks_networks(connection: &Connection, window: Window) -> Result<bool, StoreError> {
    let (low, high) = (window.low << ORDINAL_BITS, window.high << ORDINAL_BITS);
    // Numbers of IPv6 addresses are negative.
    let sql = format!(
        "SELECT EXISTS(SELECT 1 FROM recipient WHERE id >= {low} AND id < {high} AND to_ip < 0
           AND NOT EXISTS (SELECT 1 FROM ip6 WHERE ip6.id = to_ip))"
    );
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}
