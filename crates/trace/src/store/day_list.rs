//! A list of the days there are files of, beside the files: a day whose files somebody took away is missed.
//!
//! May touch: the disk (one small file).

use std::collections::BTreeSet;

use super::{Day, Store, StoreError, Writers};

/// Name of the file: a line per day, `2026-11-20`, and behind it the word below where its files were not there.
const FILE: &str = "days";
const MISSING: &str = "missing";

/// The days of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DayList {
    days: BTreeSet<Day>,
    missing: BTreeSet<Day>,
}

impl DayList {
    fn parse(text: &str) -> DayList {
        let mut list = DayList::default();
        for line in text.lines() {
            let (date, word) = line.split_once(' ').unwrap_or((line, ""));
            let Some(day) = Day::parse_with(date, "") else { continue };
            if word == MISSING {
                list.missing.insert(day)
            } else {
                list.days.insert(day)
            };
        }
        list
    }

    fn text(&self) -> String {
        let days = self.days.iter().map(|day| format!("{}\n", day.date()));
        let missing = self.missing.iter().map(|day| format!("{} {MISSING}\n", day.date()));
        days.chain(missing).collect()
    }

    /// What is there now; what was and is not is missing from then on.
    fn take(&mut self, there: &BTreeSet<Day>) {
        self.missing.extend(self.days.difference(there).copied());
        self.days.clone_from(there);
    }
}

impl Store {
    /// Compares the list with the days there are and were set aside, at the start. Blocks.
    pub(super) fn miss_days(&self) -> Result<(), StoreError> {
        let path = self.0.dir.join(FILE);
        let io = |source| StoreError::Io { path: path.clone(), source };
        let mut writers = self.0.writers.lock();
        if self.0.disk.exists(&path).map_err(io)? {
            let bytes = self.0.disk.read(&path).map_err(io)?;
            writers.list = DayList::parse(&String::from_utf8_lossy(&bytes));
            *self.0.missing.write() = writers.list.missing.iter().copied().collect();
        }
        let known = writers.list.missing.len();
        self.list_days(&mut writers)?;
        if writers.list.missing.len() > known {
            let days: Vec<String> = writers.list.missing.iter().map(|day| day.date().to_string()).collect();
            tracing::error!(
                days = days.join(", "),
                "files of these days of the trace are not there any more"
            );
        }
        Ok(())
    }

    /// Notes the days there are.
    pub(super) fn list_days(&self, writers: &mut Writers) -> Result<(), StoreError> {
        let mut there: BTreeSet<Day> = self.days().into_iter().collect();
        // Of these it is said that a file was damaged.
        there.extend(self.0.damaged.read().iter().filter(|day| writers.list.days.contains(day)).copied());
        let mut list = writers.list.clone();
        list.take(&there);
        self.keep_list(writers, list)
    }

    /// Forgets days that retention deletes, before their files are.
    pub(super) fn unlist_before(&self, writers: &mut Writers, oldest: Day) -> Result<(), StoreError> {
        let mut list = writers.list.clone();
        list.days.retain(|day| *day >= oldest);
        list.missing.retain(|day| *day >= oldest);
        self.keep_list(writers, list)
    }

    fn keep_list(&self, writers: &mut Writers, list: DayList) -> Result<(), StoreError> {
        if list == writers.list {
            return Ok(());
        }
        let path = self.0.dir.join(FILE);
        let io = |source| StoreError::Io { path: path.clone(), source };
        self.0.disk.write_atomic(&path, list.text().as_bytes()).map_err(io)?;
        *self.0.missing.write() = list.missing.iter().copied().collect();
        writers.list = list;
        Ok(())
    }

    /// Days of which there was a file that somebody took away, oldest first.
    pub(crate) fn missing_days(&self) -> Vec<Day> {
        self.0.missing.read().clone()
    }
}

#[cfg(test)]
mod tests {
    use crate::search::model::Bench;
    use crate::search::traffic::traffic;
    use crate::search::{Answer, Query};
    use crate::store::LowWater;
    use world::Disk;

    fn lost(answer: &Answer) -> Vec<String> {
        let lost = answer.gaps.iter().filter(|gap| gap.cause.contains("not there any more"));
        lost.map(|gap| gap.start.unwrap().to_string()).collect()
    }

    #[test]
    fn a_day_whose_file_was_taken_away_is_a_gap_until_it_is_too_old() {
        let bench = Bench::new();
        bench.feed(&traffic(7, 200, 4));
        bench.store.sync_days().unwrap();
        bench.store.set_low_water(LowWater { seq: 1 }).unwrap();
        let days = bench.store.days();
        assert_eq!(days.len(), 4);
        let query = || Query { start: jiff::Timestamp::from_second(0).ok(), ..Query::default() };
        let bench = bench.reopened();
        assert_eq!(lost(&bench.search(&query())), Vec::<String>::new());
        Disk::real().remove_file(&bench.dir().join(days[1].file_name())).unwrap();
        let bench = bench.reopened();
        let expected = jiff::Timestamp::from_microsecond(days[1].midnight()).unwrap();
        assert_eq!(lost(&bench.ask(&query())), [expected.to_string()]);
        // A search of another time has no gap, and late news of the day do not bring back what is gone.
        let later = jiff::Timestamp::from_microsecond(days[2].midnight()).ok();
        assert_eq!(lost(&bench.search(&Query { start: later, ..Query::default() })), Vec::<String>::new());
        bench.feed(&traffic(8, 20, 4));
        bench.store.sync_days().unwrap();
        let bench = bench.reopened();
        assert_eq!(lost(&bench.ask(&query())).len(), 1);
        bench.store.delete_before(days[2]).unwrap();
        let bench = bench.reopened();
        assert_eq!(lost(&bench.search(&query())), Vec::<String>::new());
    }
}
