//! Reading a day file: the packed events of messages.
//!
//! May touch: a SQLite connection.

use events::Event;
use mail::NetworkMessageId;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::format;
use super::schema::{ORDINAL_BITS, ORDINAL_MAX};
use crate::status::EventKey;

/// The packed events of a message: those beside the row, then the parts.
pub(crate) fn blobs(connection: &Connection, slot: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut message = connection.prepare_cached("SELECT events, parts FROM message WHERE id = ?1")?;
    let found =
        message.query_row([slot], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let Some((inline, parts)) = found else { return Ok(Vec::new()) };
    let mut blobs = Vec::from([inline]);
    if parts > 0 {
        let mut part =
            connection.prepare_cached("SELECT events FROM part WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
        let first = slot << ORDINAL_BITS;
        for blob in part.query_map(params![first, first | ORDINAL_MAX], |row| row.get(0))? {
            blobs.push(blob?);
        }
    }
    Ok(blobs)
}

/// What a message is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    NetworkId(NetworkMessageId),
    /// See [`super::message_id_number`].
    MessageId(i64),
    /// Messages that came from what this number names, see [`super::reference_number`].
    Reference(i64),
    InternalId(u64),
}

/// Messages looked up at once; a Message-ID that a program repeats for ever has more.
pub(crate) const LOOKUP_MAX: usize = 100;

/// The row ids of the messages meant, oldest first.
pub(crate) fn look_up(connection: &Connection, what: Lookup) -> Result<Vec<i64>, StoreError> {
    let (sql, value) = match what {
        Lookup::NetworkId(id) => {
            ("SELECT id FROM message WHERE network_id = ?1", Value::Blob(id.0.as_bytes().to_vec()))
        }
        Lookup::MessageId(number) => {
            ("SELECT id FROM message WHERE message_id = ?1 ORDER BY id", Value::Integer(number))
        }
        Lookup::Reference(number) => {
            ("SELECT message FROM link WHERE reference = ?1 ORDER BY message", Value::Integer(number))
        }
        Lookup::InternalId(number) => (
            "SELECT id FROM message WHERE internal_id = ?1 ORDER BY id",
            Value::Integer(number.cast_signed()),
        ),
    };
    let mut find = connection.prepare_cached(sql)?;
    let found = find.query_map([value], |row| row.get(0))?.take(LOOKUP_MAX).collect::<Result<_, _>>()?;
    Ok(found)
}

/// The events of a message in the order in which they came, each once.
pub(crate) fn events(connection: &Connection, slot: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
    let mut events = Vec::new();
    for blob in blobs(connection, slot)? {
        format::unpack(&blob, &mut events)?;
    }
    Ok(events)
}
