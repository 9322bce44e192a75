//! Makes the day files durable, and says how far they are.
//!
//! May touch: the disk.
//!
//! After a sync that failed the kernel may have dropped what was to be written, and reports success the next time. So a
//! file that failed is closed, and in doubt until all of its log has been copied into the database: a new write, and a
//! new sync. What the log itself has lost by then is applied again, as the feed begins again at the low-water mark. A
//! log that is found at the start is in doubt too: nothing is known of the syncs before.

use rusqlite::{ErrorCode, Row};

use super::day::DayFile;
use super::schema::CHECKPOINT_PAGES;
use super::{Day, LowWater, NodeId, POSITION_FILE, Store, StoreError, WRITERS_MAX, Writers};

/// Whether nothing has to be applied again before a mark may be set.
fn is_certain(writers: &Writers) -> Result<(), StoreError> {
    match &writers.begin_again {
        Some(cause) => Err(StoreError::InDoubt { cause: cause.clone() }),
        None => Ok(()),
    }
}

impl Store {
    /// Makes everything applied so far durable. Blocks. [`StoreError::InDoubt`]: see [`Store::begin_again`].
    pub(crate) fn sync_days(&self) -> Result<(), StoreError> {
        let mut writers = self.0.writers.lock();
        is_certain(&writers)?;
        self.sync_files(&mut writers)
    }

    /// Both of it, as the feed does where nothing was joined.
    #[cfg(test)]
    pub(crate) fn make_durable(&self, mark: LowWater) -> Result<(), StoreError> {
        self.sync_days()?;
        self.set_low_water(mark)
    }

    /// Records the low-water mark, once all up to it is durable. Blocks. [`StoreError::InDoubt`]: the mark is where it
    /// was, see [`Store::begin_again`].
    pub(crate) fn set_low_water(&self, mark: LowWater) -> Result<(), StoreError> {
        is_certain(&self.0.writers.lock())?;
        let io = |source| StoreError::Io { path: self.0.dir.clone(), source };
        let text = format!("postroom trace position 1\n{}\n", mark.seq);
        self.0.disk.write_atomic(&self.0.dir.join(POSITION_FILE), text.as_bytes()).map_err(io)
    }

    /// The highest event number of a node that any of the newest day files with events of its holds; the spool numbers
    /// on above it. Days that hold only records of other systems are passed over.
    pub(crate) fn highest_applied(&self, node: NodeId) -> Result<u64, StoreError> {
        let mut writers = self.0.writers.lock();
        let (mut highest, mut own_days) = (0, 0);
        for day in self.days().into_iter().rev() {
            if own_days >= WRITERS_MAX {
                break;
            }
            let forms = self.0.days.read().get(&day).cloned().unwrap_or_default();
            if !forms.sqlite {
                let applied = forms.sealed.iter().flat_map(|sealed| sealed.applied());
                let own = applied.filter(|(of, _)| *of == node.0).map(|(_, seq)| *seq).max();
                own_days += usize::from(own.is_some());
                highest = highest.max(own.unwrap_or(0));
                continue;
            }
            match self.writer(&mut writers, day) {
                Ok(file) => {
                    let own = file.applied(node);
                    own_days += usize::from(own.is_some());
                    highest = highest.max(own.unwrap_or(0));
                }
                Err(error) if error.is_damage() => {
                    // Named in the service log and as a gap; the start goes on without this day.
                    self.set_aside(&mut writers, day, &error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(highest)
    }

    /// How often a file was lost or in doubt so far: asked before something is imported, and shown to [`Store::sync`].
    pub(crate) fn losses(&self) -> u64 {
        self.0.writers.lock().losses
    }

    /// Makes what was imported durable. The low-water mark stays: it is the spool's. Blocks.
    ///
    /// [`StoreError::TakeInAgain`]: some of what was imported since `losses` was asked may be lost.
    pub(crate) fn sync(&self, losses: u64) -> Result<(), StoreError> {
        let mut writers = self.0.writers.lock();
        self.sync_files(&mut writers)?;
        if writers.losses == losses {
            return Ok(());
        }
        Err(StoreError::TakeInAgain)
    }

    /// Makes every file durable, and the names of new ones.
    pub(super) fn sync_files(&self, writers: &mut Writers) -> Result<(), StoreError> {
        self.settle_doubts(writers)?;
        let days: Vec<Day> = writers.open.iter().map(|(day, _)| *day).collect();
        for day in days {
            self.with_open(writers, day, DayFile::make_durable)?;
        }
        if writers.new_names {
            let io = |source| StoreError::Io { path: self.0.dir.clone(), source };
            self.0.disk.sync_dir(&self.0.dir).map_err(io)?;
            self.list_days(writers)?;
            writers.new_names = false;
        }
        Ok(())
    }

    /// The low-water mark as last recorded; zero for a new store. Blocks.
    pub fn low_water(&self) -> Result<LowWater, StoreError> {
        let path = self.0.dir.join(POSITION_FILE);
        let io = |source| StoreError::Io { path: path.clone(), source };
        if !self.0.disk.exists(&path).map_err(io)? {
            return Ok(LowWater::default());
        }
        let bytes = self.0.disk.read(&path).map_err(io)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let seq = lines.next().and_then(|line| line.parse().ok());
        match (head, seq) {
            ("postroom trace position 1", Some(seq)) => Ok(LowWater { seq }),
            _ => Err(StoreError::Inconsistent(
                "the position file is not readable; remove it to apply the spool's events again",
            )),
        }
    }

    /// The low-water mark, from which on events are now applied again. Blocks.
    pub(crate) fn begin_again(&self) -> Result<LowWater, StoreError> {
        let mark = self.low_water()?;
        self.0.writers.lock().begin_again = None;
        Ok(mark)
    }

    /// Opens the files in doubt, which settles them.
    fn settle_doubts(&self, writers: &mut Writers) -> Result<(), StoreError> {
        let days: Vec<Day> = writers.doubtful.iter().copied().collect();
        for day in days {
            if !self.0.days.read().get(&day).is_some_and(|forms| forms.sqlite) {
                writers.doubtful.remove(&day);
            } else if let Err(error) = self.writer(writers, day).map(|_| ()) {
                return Err(self.failed(writers, day, error));
            }
        }
        Ok(())
    }

    /// Does `work` to an open file; one it fails for is in doubt.
    pub(super) fn with_open(
        &self,
        writers: &mut Writers,
        day: Day,
        work: impl FnOnce(&mut DayFile) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some((_, file)) = writers.open.iter_mut().find(|(open, _)| *open == day) else { return Ok(()) };
        work(file).map_err(|error| self.doubt(writers, day, &error))
    }

    /// What a failure means for the file of a day: damaged it is set aside, and it is in doubt after a disk's error.
    pub(super) fn failed(&self, writers: &mut Writers, day: Day, error: StoreError) -> StoreError {
        if error.is_damage() {
            self.set_aside(writers, day, &error)
        } else if error.is_of_disk() {
            self.doubt(writers, day, &error)
        } else {
            error
        }
    }

    /// Closes a file of which nobody knows what the disk holds. Opened again it is read from its log anew, with every
    /// checksum, unless a search has it open.
    fn doubt(&self, writers: &mut Writers, day: Day, cause: &StoreError) -> StoreError {
        self.0.readers.lock().retain(|(open, _)| *open != day);
        if let Some(at) = writers.open.iter().position(|(open, _)| *open == day) {
            writers.open.remove(at).1.close_in_doubt();
        }
        writers.doubtful.insert(day);
        writers.losses = writers.losses.saturating_add(1);
        let cause = format!("{}: {cause}", day.file_name());
        writers.begin_again = Some(cause.clone());
        StoreError::InDoubt { cause }
    }
}

impl DayFile {
    /// Makes everything committed so far durable.
    ///
    /// With `synchronous=NORMAL` a commit reaches the write-ahead log without a sync; one commit with `FULL` syncs
    /// the log with everything that stands before it.
    pub(crate) fn make_durable(&mut self) -> Result<(), StoreError> {
        if !self.dirty {
            return Ok(());
        }
        self.connection().pragma_update(None, "synchronous", "FULL")?;
        let mut saved =
            self.connection().prepare_cached("INSERT OR REPLACE INTO fact VALUES ('last_event_at', ?1)")?;
        let done = saved.execute([self.last_event_at]);
        drop(saved);
        self.connection().pragma_update(None, "synchronous", "NORMAL")?;
        done?;
        self.dirty = false;
        Ok(())
    }

    /// Makes the file durable and empties its log, as far as readers let it: for a file that is left for newer days.
    pub(crate) fn settle(&mut self) -> Result<(), StoreError> {
        self.make_durable()?;
        let mut checkpoint = self.connection().prepare("PRAGMA wal_checkpoint(TRUNCATE)")?;
        checkpoint.query_row([], |_| Ok(()))?;
        Ok(())
    }

    /// Copies a long log into the database, as far as readers let it; the next transaction then starts it anew.
    pub(super) fn shorten_log(&self) -> Result<(), StoreError> {
        let measure = |row: &Row<'_>| row.get::<_, i64>(1);
        let pages =
            self.connection().prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], measure)?;
        if pages < CHECKPOINT_PAGES {
            return Ok(());
        }
        match self.connection().prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], measure) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => Err(error.into()),
            // What else keeps it from being copied leaves it as it is, until the next transaction.
            _ => Ok(()),
        }
    }

    /// Copies the whole log into the database, which is durable then.
    pub(super) fn empty_log(&mut self) -> Result<(), StoreError> {
        let mut checkpoint = self.connection().prepare("PRAGMA wal_checkpoint(TRUNCATE)")?;
        match checkpoint.query_row([], |row| row.get::<_, i64>(0))? {
            0 => Ok(()),
            _ => Err(StoreError::InDoubt { cause: "a search holds the log of a file in doubt".to_owned() }),
        }
    }

    /// Closes the file without touching its log.
    pub(super) fn close_in_doubt(self) {
        let keep = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        if let Err(error) = self.connection().set_db_config(keep, true) {
            tracing::error!(%error, "cannot keep the log of a trace file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Store {
        /// Days with commits that a power cut may take back, or whose file it may.
        pub(crate) fn undurable(&self) -> Vec<Day> {
            let writers = self.0.writers.lock();
            let open = writers.open.iter();
            open.filter(|(_, file)| file.dirty || writers.new_names).map(|(day, _)| *day).collect()
        }

        /// Files that somebody else has locked are a failure at once.
        pub(crate) fn without_patience(&self) {
            for (_, file) in &self.0.writers.lock().open {
                file.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
            }
        }
    }
}
