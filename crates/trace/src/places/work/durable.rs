//! Makes what was imported durable: before anybody remembers that it was read, or answers that it is kept.
//!
//! May touch: the store, the index of hops, the disk.

use super::super::index::SqliteIndex;
use super::Places;
use crate::store::StoreError;

impl Places {
    /// Asked before records are read, and shown to [`Places::sync`] after they were imported.
    pub(crate) fn losses(&self) -> u64 {
        self.0.store.losses()
    }

    /// Makes what was imported durable: the day files, then the index, so that no hop is kept whose events are not.
    /// Blocks.
    ///
    /// # Errors
    /// If some of what was imported since `losses` was asked may be lost; importing it again is harmless.
    pub(crate) fn sync(&self, losses: u64) -> Result<(), StoreError> {
        self.0.store.sync(losses)?;
        self.sync_index()
    }

    /// Makes the index of hops durable, once the day files are. Blocks.
    ///
    /// # Errors
    /// If what was joined lately may be lost; joining it again is harmless.
    pub(crate) fn sync_index(&self) -> Result<(), StoreError> {
        let mut index = self.0.index.lock();
        let Some(done) = index.as_mut().map(SqliteIndex::make_durable) else { return Ok(()) };
        if done.is_err() {
            *index = None;
            drop(index);
            // Opened anew it is read from its log, with every checksum, once nobody has it open.
            let mut reader = self.0.reader.lock();
            (*reader, *self.0.index.lock()) = (None, None);
        }
        if done? {
            let io = |source| StoreError::Io { path: self.0.dir.clone(), source };
            self.0.disk.sync_dir(&self.0.dir).map_err(io)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    impl Places {
        /// Nobody joins anything while this lives.
        pub(crate) fn hold_index(&self) -> impl Sized + '_ {
            self.0.index.lock()
        }

        /// An index that somebody else has locked is a failure at once.
        pub(crate) fn without_patience(&self) {
            if let Some(index) = &*self.0.index.lock() {
                index.without_patience();
            }
        }

        /// Databases with commits that a power cut may take back.
        pub(crate) fn undurable(&self) -> Vec<PathBuf> {
            let mut found: Vec<PathBuf> =
                self.0.store.undurable().into_iter().map(|day| self.0.dir.join(day.file_name())).collect();
            if self.0.index.lock().as_ref().is_some_and(SqliteIndex::is_dirty) {
                found.push(self.0.dir.join(super::super::INDEX_FILE));
            }
            found
        }
    }
}
