//! Reading a day file: the packed events of messages.
//!
//! May touch: a SQLite connection.

use events::Event;
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::format;
use super::schema::{ORDINAL_BITS, ORDINAL_MAX};
use crate::status::EventKey;

/// The packed events of a message: those beside the row, then the parts.
pub(crate) fn blobs(connection: &Connection, slot: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut message = connection.prepare_cached("SELECT events, parts FROM message WHERE id = ?1")?;
    let found = message.query_row([slot], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let Some((inline, parts)) = found else { return Ok(Vec::new()) };
    let mut blobs = Vec::from([inline]);
    if parts > 0 {
        let mut part = connection.prepare_cached("SELECT events FROM part WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
        let first = slot << ORDINAL_BITS;
        for blob in part.query_map(params![first, first | ORDINAL_MAX], |row| row.get(0))? {
            blobs.push(blob?);
        }
    }
    Ok(blobs)
}

/// The events of a message in the order in which they came, each once.
pub(crate) fn events(connection: &Connection, slot: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
    let mut events = Vec::new();
    for blob in blobs(connection, slot)? {
        format::unpack(&blob, &mut events)?;
    }
    Ok(events)
}
