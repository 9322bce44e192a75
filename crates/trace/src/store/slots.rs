//! Free row ids of one day: the first from a wanted time on.
//!
//! May touch: a SQLite connection.
//! Logs have times of whole seconds, so that thousands of records want the same id. Which ids stand one behind the other
//! is remembered; else each of them would look through all that came before it.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::StoreError;
use super::day::DAY_MICROS;

/// Runs of taken ids that are remembered; to forget them costs time only.
const RUNS_MAX: usize = 1_024;
/// Runs gone through for one id. Each is joined with the one before, so that more would be a file of single free ids.
const STEPS_MAX: usize = 100_000;

/// The ids of one table of a day file that are known to be taken.
#[derive(Debug)]
pub(crate) struct Slots {
    /// Asks for the ids from one on, and for those up to one, downwards.
    upwards: &'static str,
    downwards: &'static str,
    /// First id of a run, and the one behind its last; no two of them touch.
    runs: BTreeMap<i64, i64>,
    #[cfg(test)]
    pub(crate) looked_at: u64,
}

impl Slots {
    /// Of the messages of a day file.
    pub(crate) fn of_messages() -> Slots {
        Slots::new(
            "SELECT id FROM message WHERE id >= ?1 ORDER BY id",
            "SELECT id FROM message WHERE id <= ?1 ORDER BY id DESC",
        )
    }

    /// Of the refusals of a day.
    pub(crate) fn of_refusals() -> Slots {
        Slots::new(
            "SELECT id FROM refusal WHERE id >= ?1 ORDER BY id",
            "SELECT id FROM refusal WHERE id <= ?1 ORDER BY id DESC",
        )
    }

    fn new(upwards: &'static str, downwards: &'static str) -> Slots {
        Slots {
            upwards,
            downwards,
            runs: BTreeMap::new(),
            #[cfg(test)]
            looked_at: 0,
        }
    }

    /// The first id from this one on that is not known to be taken, without a look at the file.
    pub(crate) fn likely(&self, wanted: i64) -> i64 {
        self.run_with(wanted).map_or(wanted, |(_, behind)| behind)
    }

    /// Takes note that an id is taken, or is not to be given.
    pub(crate) fn take(&mut self, id: i64) {
        self.join(id, id.saturating_add(1));
    }

    /// The first id from the wanted one on that the file does not have; an earlier one only when the day is full to its
    /// end.
    pub(crate) fn free(&mut self, connection: &Connection, wanted: i64) -> Result<i64, StoreError> {
        for _ in 0..STEPS_MAX {
            let up = self.likely(wanted);
            if up < DAY_MICROS {
                let behind = self.end_of_run(connection, up, 1)?;
                if behind == up {
                    return Ok(up);
                }
                self.join(up, behind);
                continue;
            }
            let down = self.run_with(wanted).map_or(wanted, |(first, _)| first).saturating_sub(1);
            if down < 0 {
                break;
            }
            let before = self.end_of_run(connection, down, -1)?;
            if before == down {
                return Ok(down);
            }
            self.join(before.saturating_add(1), down.saturating_add(1));
        }
        Err(StoreError::TooMuch("no free row id near the receive time"))
    }

    /// The run that holds an id.
    fn run_with(&self, id: i64) -> Option<(i64, i64)> {
        let (first, behind) = self.runs.range(..=id).next_back()?;
        (*behind > id).then_some((*first, *behind))
    }

    /// Goes through the ids of the file from one on as long as they stand side by side; gives the first that is missing.
    fn end_of_run(&mut self, connection: &Connection, from: i64, step: i64) -> Result<i64, StoreError> {
        let sql = if step > 0 { self.upwards } else { self.downwards };
        let mut find = connection.prepare_cached(sql)?;
        let mut rows = find.query([from])?;
        let mut next = from;
        // As many as a day has ids at most.
        while let Some(row) = rows.next()? {
            #[cfg(test)]
            {
                self.looked_at += 1;
            }
            if row.get::<_, i64>(0)? != next {
                break;
            }
            next = next.saturating_add(step);
        }
        Ok(next)
    }

    /// Adds a run, and makes one of all that it touches.
    fn join(&mut self, first: i64, behind: i64) {
        let (mut first, mut behind) = (first, behind);
        while let Some((start, end)) =
            self.runs.range(..=behind).next_back().map(|(start, end)| (*start, *end))
            && end >= first
        {
            self.runs.remove(&start);
            (first, behind) = (first.min(start), behind.max(end));
        }
        if self.runs.len() >= RUNS_MAX {
            self.runs.clear();
        }
        self.runs.insert(first, behind);
    }
}

#[cfg(test)]
mod tests {
    use world::{Disk, SqliteMode};

    use super::*;

    fn file(ids: impl IntoIterator<Item = i64>) -> Connection {
        let dir = tempfile::tempdir().unwrap();
        let connection =
            Disk::real().sqlite(&dir.path().join("day.sqlite"), SqliteMode::ReadWriteCreate).unwrap();
        // The file goes with its name; what is open stays.
        connection.execute_batch("PRAGMA journal_mode=OFF; BEGIN").unwrap();
        connection.execute_batch("CREATE TABLE message(id INTEGER PRIMARY KEY)").unwrap();
        ids.into_iter().for_each(|id| put(&connection, id));
        connection
    }

    fn put(connection: &Connection, id: i64) {
        connection.execute("INSERT INTO message VALUES (?1)", [id]).unwrap();
    }

    #[test]
    fn the_first_free_id_behind_the_wanted_one() {
        let connection = file([10, 11, 12, 14, 20]);
        let mut slots = Slots::of_messages();
        for (wanted, free) in [(9, 9), (10, 13), (11, 13), (12, 13), (13, 13), (14, 15), (20, 21)] {
            assert_eq!(slots.free(&connection, wanted).unwrap(), free, "{wanted}");
            assert_eq!(
                Slots::of_messages().free(&connection, wanted).unwrap(),
                free,
                "{wanted}, nothing known"
            );
        }
        put(&connection, 13);
        slots.take(13);
        assert_eq!(slots.likely(10), 15);
        assert_eq!(slots.free(&connection, 10).unwrap(), 15);
    }

    #[test]
    fn a_day_full_to_its_end_gives_earlier_ids_and_never_those_of_the_next() {
        let end = DAY_MICROS;
        let connection = file([end - 1, end - 2, end - 4, 0, 1]);
        let mut slots = Slots::of_messages();
        assert_eq!(slots.free(&connection, end - 1).unwrap(), end - 3);
        put(&connection, end - 3);
        slots.take(end - 3);
        assert_eq!(slots.free(&connection, end - 1).unwrap(), end - 5);
        assert_eq!(slots.free(&connection, end - 4).unwrap(), end - 5);
        slots.join(2, end);
        assert!(matches!(slots.free(&connection, 7), Err(StoreError::TooMuch(_))));
    }

    #[test]
    fn many_of_one_second_look_at_each_id_about_once() {
        let count = 20_000;
        let connection = file(0..1_000);
        let mut slots = Slots::of_messages();
        for number in 0..count {
            // Some logs have milliseconds: they want ids in the middle of the run.
            let id = slots.free(&connection, (number % 10) * 1_000).unwrap();
            put(&connection, id);
            slots.take(id);
        }
        assert!(slots.looked_at <= 3 * 20_000, "{}", slots.looked_at);
        assert!(slots.runs.len() < 20, "{}", slots.runs.len());
    }
}
