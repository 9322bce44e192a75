//! Taking the refusals that one place recorded out again.
//!
//! May touch: the disk.

use rusqlite::Connection;
use world::SqliteMode;

use super::RefusalStore;
use super::prepare;
use crate::store::{Day, StoreError, is_of};

/// Rows looked at in one piece.
const ROWS_AT_ONCE: i64 = 5_000;

impl RefusalStore {
    /// Counts the refusals of a place; `place` is in lower case. Blocks.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn count_of(&self, place: &str) -> Result<u64, StoreError> {
        self.each_of(place, &|_, _| Ok(()))
    }

    /// Removes the refusals of a place; gives how many they were. Blocks.
    ///
    /// # Errors
    /// If a file cannot be written; doing the same again removes the rest.
    pub(crate) fn take_out(&self, place: &str) -> Result<u64, StoreError> {
        self.each_of(place, &|connection, id| {
            connection.prepare_cached("DELETE FROM refusal WHERE id = ?1")?.execute([id])?;
            Ok(())
        })
    }

    fn each_of(
        &self,
        place: &str,
        work: &dyn Fn(&Connection, i64) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        let mut count = 0_u64;
        // The writer of today is opened again by the feed.
        let mut open = self.0.writer.lock();
        *open = None;
        for day in self.days() {
            count = count.saturating_add(self.each_of_day(day, place, work)?);
        }
        Ok(count)
    }

    fn each_of_day(
        &self,
        day: Day,
        place: &str,
        work: &dyn Fn(&Connection, i64) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        let path = self.path(day);
        if !self.0.disk.exists(&path).unwrap_or(false) {
            return Ok(0);
        }
        let connection = self.0.disk.sqlite(&path, SqliteMode::ReadWriteCreate)?;
        prepare(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = connection.unchecked_transaction()?;
        let (mut count, mut after) = (0_u64, i64::MIN);
        loop {
            let mut found = Vec::new();
            let mut seen = false;
            let mut find = connection
                .prepare_cached("SELECT id, event FROM refusal WHERE id > ?1 ORDER BY id LIMIT ?2")?;
            let mut rows = find.query([after, ROWS_AT_ONCE])?;
            while let Some(row) = rows.next()? {
                (after, seen) = (row.get(0)?, true);
                let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                let event = events::decode(bytes).map_err(|error| StoreError::Events(error.to_string()))?;
                if is_of(&event, place) {
                    found.push(after);
                }
            }
            drop(rows);
            drop(find);
            for id in &found {
                work(&connection, *id)?;
            }
            count = count.saturating_add(u64::try_from(found.len()).unwrap_or(0));
            if !seen {
                break;
            }
        }
        transaction.commit()?;
        Ok(count)
    }
}
