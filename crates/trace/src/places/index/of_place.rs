//! The hops of one place: found one after the other, and taken out.
//!
//! May touch: a SQLite connection.

use rusqlite::{OptionalExtension, params};

use super::{SqliteIndex, read};
use crate::places::joins::Hop;
use crate::places::place_key;
use crate::store::StoreError;

/// Rows looked at in one piece.
const ROWS_AT_ONCE: i64 = 20_000;

/// Some hops of a place.
pub(crate) struct OfPlace {
    /// The hops.
    pub(crate) hops: Vec<Hop>,
    /// The row to go on behind; `None` at the end.
    pub(crate) next: Option<i64>,
}

impl SqliteIndex {
    /// The hops of a place behind a row, about `max` of them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn of_place(&mut self, place: &str, after: i64, max: usize) -> Result<OfPlace, StoreError> {
        let place = place_key(place);
        let mut find =
            self.connection.prepare_cached("SELECT id, facts FROM hop WHERE id > ?1 ORDER BY id LIMIT ?2")?;
        let mut rows = find.query([after, ROWS_AT_ONCE])?;
        let mut found = OfPlace { hops: Vec::new(), next: None };
        while let Some(row) = rows.next()? {
            found.next = Some(row.get(0)?);
            let hop = read(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            if !hop.is_own && place_key(&hop.place) == place {
                found.hops.push(hop);
            }
            if found.hops.len() >= max {
                break;
            }
        }
        Ok(found)
    }

    /// Removes hops with the numbers they are found by. What is not there is passed over.
    ///
    /// # Errors
    /// If they cannot be removed; then none is.
    pub(crate) fn remove(&mut self, keys: &[u128]) -> Result<(), StoreError> {
        self.dirty = true;
        let transaction = self.connection.transaction()?;
        for key in keys {
            let key = key.to_be_bytes();
            let known: Option<(i64, Vec<u8>)> = transaction
                .prepare_cached("SELECT id, facts FROM hop WHERE key = ?1")?
                .query_row([key.as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((id, facts)) = known else { continue };
            let hop = read(&facts)?;
            let mut forget = transaction
                .prepare_cached("DELETE FROM number WHERE number = ?1 AND first = ?2 AND hop = ?3")?;
            for number in hop.keys() {
                forget.execute([number.cast_signed(), hop.first, id])?;
            }
            transaction.prepare_cached("DELETE FROM hop WHERE id = ?1")?.execute(params![id])?;
        }
        transaction.commit()?;
        Ok(())
    }
}
