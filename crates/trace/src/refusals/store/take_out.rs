//! Taking the refusals that one place recorded out again.
//!
//! May touch: the disk.

use rusqlite::Connection;
use world::SqliteMode;

use super::RefusalStore;
use super::prepare;
use crate::store::{Day, StoreError, is_of};

/// Rows looked at, or removed, in one piece.
const ROWS_AT_ONCE: i64 = 5_000;

impl RefusalStore {
    /// Counts the refusals of a place; `place` is in lower case. Recording goes on meanwhile. Blocks.
    ///
    /// # Errors
    /// If a file cannot be read; [`StoreError::Cancelled`] if `go_on` said no.
    pub(crate) fn count_of(&self, place: &str, go_on: &dyn Fn() -> bool) -> Result<u64, StoreError> {
        let mut count = 0_u64;
        for day in self.days() {
            let mut after = Some(i64::MIN);
            while let Some(row) = after {
                let piece = self.piece_of(day, place, row, go_on)?;
                count = count.saturating_add(u64::try_from(piece.rows.len()).unwrap_or(u64::MAX));
                after = piece.next;
            }
        }
        Ok(count)
    }

    /// Removes the refusals of a place; gives how many they were. Recording waits for one piece at a time. Blocks.
    ///
    /// # Errors
    /// As [`RefusalStore::count_of`]; doing the same again removes the rest.
    pub(crate) fn take_out(&self, place: &str, go_on: &dyn Fn() -> bool) -> Result<u64, StoreError> {
        let mut count = 0_u64;
        for day in self.days() {
            let mut after = Some(i64::MIN);
            while let Some(row) = after {
                let piece = self.piece_of(day, place, row, go_on)?;
                if !piece.rows.is_empty() {
                    self.delete_rows(day, &piece.rows)?;
                }
                count = count.saturating_add(u64::try_from(piece.rows.len()).unwrap_or(u64::MAX));
                after = piece.next;
            }
        }
        Ok(count)
    }

    /// The place's rows among some behind a row of a day.
    fn piece_of(
        &self,
        day: Day,
        place: &str,
        after: i64,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Piece, StoreError> {
        if !go_on() {
            return Err(StoreError::Cancelled);
        }
        let piece = self.read(day, |connection| piece(connection, place, after))?;
        Ok(piece.unwrap_or_default())
    }

    fn delete_rows(&self, day: Day, rows: &[i64]) -> Result<(), StoreError> {
        // The writer of today is opened again by the next refusal.
        let mut open = self.0.writer.lock();
        *open = None;
        let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadWriteCreate)?;
        prepare(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = connection.unchecked_transaction()?;
        for row in rows {
            connection.prepare_cached("DELETE FROM refusal WHERE id = ?1")?.execute([row])?;
        }
        Ok(transaction.commit()?)
    }
}

/// Rows of a place, and behind which row to go on.
#[derive(Debug, Default)]
struct Piece {
    rows: Vec<i64>,
    next: Option<i64>,
}

fn piece(connection: &Connection, place: &str, after: i64) -> Result<Piece, StoreError> {
    let mut piece = Piece::default();
    let mut find =
        connection.prepare_cached("SELECT id, event FROM refusal WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut rows = find.query([after, ROWS_AT_ONCE])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        piece.next = Some(id);
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let event = events::decode(bytes).map_err(|error| StoreError::Events(error.to_string()))?;
        if is_of(&event, place) {
            piece.rows.push(id);
        }
    }
    Ok(piece)
}
