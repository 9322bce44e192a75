//! Sealing: a day to which nothing happens any more is written as one immutable file, and its SQLite file goes.
//!
//! May touch: the disk.
//! The order makes every crash harmless: the new file is complete and durable before it gets its name, and while both
//! files are there the SQLite file counts, which says the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::Event;
use world::OpenMode;

use crate::status::EventKey;

use super::day::DayFile;
use super::sealed::{SealWriter, SealedDay};
use super::{DAY_MICROS, Day, Forms, Incoming, Store, StoreError, remove_database, suffixed};

/// End of the name of a file that is being written.
pub(crate) const NEW: &str = ".sealed.new";

/// What became of an attempt to seal a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// It is sealed now.
    Done,
    /// It was sealed, and nothing has happened to it since.
    WasSealed,
    /// Something happened to it meanwhile, or a long search holds its log: to be tried again.
    Busy,
    /// It holds records of other places. A later record may still show that two of its messages are one, and a message
    /// of a sealed day can be added to, but not taken away.
    LeftOpen,
}

impl Store {
    /// The days before `before` that have a SQLite file and to which nothing has happened since the last call, oldest
    /// first. The first call after the start finds none.
    pub fn quiet_days(&self, before: Day) -> Vec<Day> {
        let open: Vec<Day> = {
            let days = self.0.days.read();
            days.iter().filter(|(day, forms)| **day < before && forms.sqlite).map(|(day, _)| *day).collect()
        };
        let mut writers = self.0.writers.lock();
        let mut quiet = Vec::new();
        for day in open {
            let now = writers.changes.get(&day).copied().unwrap_or(0);
            let is_quiet = writers.changes_seen.insert(day, now) == Some(now);
            if is_quiet && writers.left_open.get(&day) != Some(&now) {
                quiet.push(day);
            }
        }
        quiet
    }

    /// Seals a day, or seals it again with what came after. Searches go on meanwhile, and so do writes. Blocks.
    pub fn seal(&self, day: Day) -> Result<Sealing, StoreError> {
        let changes = {
            let mut writers = self.0.writers.lock();
            match self.0.days.read().get(&day) {
                Some(forms) if forms.sqlite => {}
                Some(_) => return Ok(Sealing::WasSealed),
                None => return Ok(Sealing::Busy),
            }
            // Opened and closed: its log is empty afterwards, whatever it held.
            if let Err(error) = self.writer(&mut writers, day).map(|_| ()) {
                return Err(self.failed(&mut writers, day, error));
            }
            self.with_open(&mut writers, day, DayFile::settle)?;
            writers.open.retain(|(open, _)| *open != day);
            writers.changes.get(&day).copied().unwrap_or(0)
        };
        let path = self.0.dir.join(format!(".{}.new", day.sealed_name()));
        if !self.write_sealed(day, &path)? {
            self.0.writers.lock().left_open.insert(day, changes);
            self.0.disk.remove_file(&path).map_err(|source| StoreError::Io { path, source })?;
            return Ok(Sealing::LeftOpen);
        }
        self.exchange(day, &path, changes)
    }

    /// Writes a whole day that the store has nothing of, sealed at once; each item is one message's events, the newest
    /// message first. Returns how many messages it has. Blocks.
    pub fn restore_day(
        &self,
        day: Day,
        newest_first: impl Iterator<Item = Vec<Incoming>>,
    ) -> Result<u64, StoreError> {
        let io = |source| StoreError::Io { path: self.0.dir.clone(), source };
        let mut writers = self.0.writers.lock();
        if self.0.days.read().contains_key(&day) {
            return Err(StoreError::Inconsistent("a day to be restored is there already"));
        }
        writers.open.retain(|(open, _)| *open != day);
        let path = self.0.dir.join(format!(".{}.new", day.sealed_name()));
        let file = self.0.disk.open(&path, OpenMode::CreateOrOpen).map_err(io)?;
        file.set_len(0).map_err(io)?;
        let mut writer = SealWriter::new(file, day)?;
        let mut applied: BTreeMap<u16, u64> = BTreeMap::new();
        let (mut last, mut count) = (DAY_MICROS, 0_u64);
        for events in newest_first {
            let Some(first) = events.first() else { continue };
            let received = first.event.received.as_microsecond().saturating_sub(day.midnight());
            let slot = received.min(last.saturating_sub(1)).max(0);
            let events: Vec<(EventKey, Event)> = events.into_iter().map(|one| (one.key, one.event)).collect();
            for (key, _) in &events {
                let highest = applied.entry(key.node.0).or_default();
                *highest = key.seq.max(*highest);
            }
            writer.add(slot, &events)?;
            last = slot;
            count = count.saturating_add(1);
        }
        writer.set_applied(applied);
        writer.finish()?;
        let target = self.0.dir.join(day.sealed_name());
        let mut days = self.0.days.write();
        self.0.disk.rename(&path, &target).map_err(io)?;
        self.0.disk.sync_dir(&self.0.dir).map_err(io)?;
        let sealed = SealedDay::open(&self.0.disk, &target, day, &self.0.pages)?;
        days.insert(day, Forms { sealed: Some(Arc::new(sealed)), sqlite: false });
        Ok(count)
    }

    /// Bytes of each part of a sealed day; empty if the day is not sealed.
    pub fn sealed_parts(&self, day: Day) -> Vec<(String, u64)> {
        let days = self.0.days.read();
        days.get(&day).and_then(|forms| forms.sealed.as_ref()).map_or_else(Vec::new, |sealed| sealed.parts())
    }

    /// Writes the day into a new file; `false`, and the file is of no use, where it holds records of other places.
    fn write_sealed(&self, day: Day, path: &std::path::Path) -> Result<bool, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let file = self.0.disk.open(path, OpenMode::CreateOrOpen).map_err(io)?;
        file.set_len(0).map_err(io)?;
        let written = self.view(day, |view| {
            let mut writer = SealWriter::new(file, day)?;
            writer.set_applied(view.applied()?);
            let mut is_own = true;
            view.each_message(&mut |slot, events| {
                is_own &= events.iter().all(|(_, event)| event.detail.place.is_none());
                if is_own { writer.add(slot, &events) } else { Ok(()) }
            })?;
            if is_own {
                writer.finish()?;
            }
            Ok(is_own)
        });
        written?.ok_or(StoreError::Inconsistent("a day to be sealed is gone"))
    }

    /// Gives the new file its name and removes the SQLite file, unless something happened to the day meanwhile.
    fn exchange(&self, day: Day, path: &std::path::Path, changes: u64) -> Result<Sealing, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let disk = &self.0.disk;
        let mut writers = self.0.writers.lock();
        let log = suffixed(&self.path(day), "-wal");
        let changed = writers.changes.get(&day).copied().unwrap_or(0) != changes;
        let held = disk.exists(&log).map_err(io)? && disk.metadata(&log).map_err(io)?.len > 0;
        if changed || held {
            disk.remove_file(path).map_err(io)?;
            return Ok(Sealing::Busy);
        }
        let target = self.0.dir.join(day.sealed_name());
        let mut days = self.0.days.write();
        if !days.contains_key(&day) {
            disk.remove_file(path).map_err(io)?;
            return Ok(Sealing::Busy);
        }
        disk.rename(path, &target).map_err(io)?;
        disk.sync_dir(&self.0.dir).map_err(io)?;
        let sealed = SealedDay::open(disk, &target, day, &self.0.pages)?;
        writers.open.retain(|(open, _)| *open != day);
        self.0.readers.lock().retain(|(open, _)| *open != day);
        if let Some(forms) = days.get_mut(&day) {
            forms.sealed = Some(Arc::new(sealed));
            forms.sqlite = false;
        }
        remove_database(disk, &self.path(day))?;
        Ok(Sealing::Done)
    }
}
