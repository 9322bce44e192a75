//! A sealed day: one immutable file of columns, dictionaries and compressed blocks, for a day nothing happens to any more.
//!
//! May touch: a file.
//! Messages are numbered from the newest to the oldest and rows in their order, so that every list of numbers is by
//! itself newest first. A column holds one property of all messages or rows; `by` columns hold the numbers of the
//! messages or rows sorted by a property, with where each value begins, so that a count needs no list.

mod blocks;
mod build;
mod conditions;
mod find;
mod layout;
mod lookup;
mod packed;
mod pages;
mod plan;
mod sets;
mod slim;
mod subject;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use world::{Disk, OpenMode};

use super::{Day, StoreError};
use crate::search::SubjectFold;
use blocks::{BlockTable, Blocks};
pub(crate) use build::SealWriter;
pub(crate) use find::SealedFilter;
use layout::{Directory, Part, TRAILER_BYTES, Trailer};
pub(crate) use lookup::EventReader;
use packed::{Column, Section};
pub(crate) use pages::PageCache;
use pages::{Keep, PagedFile};

/// Numbers files in the cache; a file sealed again is another file.
static FILES: AtomicU64 = AtomicU64::new(1);

/// What is wrong with a file.
pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::Damaged(what)
}

/// What is read of messages and rows to count them: senders are numbers plus one, nothing is 0.
pub(crate) struct TrafficColumns<'a> {
    pub(crate) row_start: Column<'a>,
    pub(crate) slot: Column<'a>,
    pub(crate) sender: Column<'a>,
    pub(crate) size: Column<'a>,
    pub(crate) address: Column<'a>,
    pub(crate) status: Column<'a>,
}

/// A sealed day, open for reading.
pub(crate) struct SealedDay {
    file: PagedFile,
    directory: Directory,
    fold: SubjectFold,
    dictionary: OnceLock<Option<zstd::dict::DecoderDictionary<'static>>>,
    /// First address of each block of the dictionary of addresses.
    address_index: OnceLock<Vec<String>>,
}

impl std::fmt::Debug for SealedDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedDay").field("day", &self.directory.day).finish_non_exhaustive()
    }
}

impl SealedDay {
    /// Opens a file and reads its directory.
    pub(crate) fn open(
        disk: &Disk,
        path: &Path,
        day: Day,
        cache: &Arc<PageCache>,
    ) -> Result<SealedDay, StoreError> {
        let file = disk.open(path, OpenMode::Read).map_err(StoreError::sealed)?;
        let len = file.len().map_err(StoreError::sealed)?;
        let start = len.checked_sub(TRAILER_BYTES).ok_or_else(|| damaged("it is too short"))?;
        let mut trailer = vec![0; usize::try_from(TRAILER_BYTES).unwrap_or(0)];
        file.read_exact_at(&mut trailer, start).map_err(StoreError::sealed)?;
        let trailer = Trailer::read(&trailer)?;
        let size = start.checked_sub(trailer.directory).ok_or_else(|| damaged("its directory is missing"))?;
        let mut tail = vec![0; usize::try_from(size).map_err(|_| damaged("its directory is too long"))?];
        file.read_exact_at(&mut tail, trailer.directory).map_err(StoreError::sealed)?;
        let (directory, sums) = trailer.check(&tail)?;
        if directory.day != day.0 {
            return Err(damaged("it holds another day than its name says"));
        }
        let id = FILES.fetch_add(1, Ordering::Relaxed);
        Ok(SealedDay {
            file: PagedFile::new(file, id, trailer.directory, sums, Arc::clone(cache)),
            directory,
            fold: trailer.fold,
            dictionary: OnceLock::new(),
            address_index: OnceLock::new(),
        })
    }

    /// Messages in it.
    pub(crate) fn messages(&self) -> u64 {
        self.directory.messages
    }

    /// Highest numbers of events applied, by node.
    pub(crate) fn applied(&self) -> &[(u16, u64)] {
        &self.directory.applied
    }

    /// When the last event in it happened, in microseconds since 1970.
    pub(crate) fn last_event_at(&self) -> i64 {
        self.directory.last_event_at
    }

    /// Rows by hour and status code.
    pub(crate) fn counters(&self) -> &[(u8, u8, u64)] {
        &self.directory.counters
    }

    /// Status codes of a message's rows.
    pub(crate) fn statuses(&self, message: u64) -> Result<Vec<u8>, StoreError> {
        let mut starts = self.column(Part::RowStart, Keep::Yes);
        let mut statuses = self.column(Part::Status, Keep::Yes);
        let rows = starts.get(message)?..starts.get(message.saturating_add(1))?;
        rows.map(|row| Ok(u8::try_from(statuses.get(row)?).unwrap_or(u8::MAX))).collect()
    }

    /// The columns that traffic is counted by.
    pub(crate) fn traffic_columns(&self) -> TrafficColumns<'_> {
        let column = |part| self.column(part, Keep::Yes);
        TrafficColumns {
            row_start: column(Part::RowStart),
            slot: column(Part::Slot),
            sender: column(Part::Sender),
            size: column(Part::Size),
            address: column(Part::Address),
            status: column(Part::Status),
        }
    }

    /// Name and bytes of each part.
    pub(crate) fn parts(&self) -> Vec<(String, u64)> {
        let sections = self.directory.sections.iter().map(|(code, section)| (*code, section.len));
        let tables = self.directory.tables.iter().map(|table| (table.part, table.bytes));
        let named = sections.chain(tables).map(|(code, bytes)| (Part::name(code).to_owned(), bytes));
        named.collect()
    }

    fn section(&self, part: Part) -> Section {
        let found = self.directory.sections.iter().find(|(code, _)| *code == part.code());
        found.map_or(Section::default(), |(_, section)| *section)
    }

    fn table(&self, part: Part) -> BlockTable {
        let found = self.directory.tables.iter().find(|table| table.part == part.code());
        found.copied().unwrap_or_default()
    }

    fn column(&self, part: Part, keep: Keep) -> Column<'_> {
        Column::new(&self.file, self.section(part), keep)
    }

    /// Bytes kept as they are.
    fn plain(&self, part: Part) -> Result<Vec<u8>, StoreError> {
        let section = self.section(part);
        self.file.bytes(section.offset, section.len)
    }

    fn blocks(&self, part: Part, keep: Keep) -> Result<Blocks<'_>, StoreError> {
        let dictionary = if part == Part::Events { self.dictionary()? } else { None };
        Ok(Blocks::new(&self.file, self.table(part), dictionary, keep))
    }

    fn dictionary(&self) -> Result<Option<&zstd::dict::DecoderDictionary<'static>>, StoreError> {
        if self.dictionary.get().is_none() {
            let bytes = self.plain(Part::EventsDictionary)?;
            let made = (!bytes.is_empty()).then(|| zstd::dict::DecoderDictionary::copy(&bytes));
            // Another reader may have been first; both made the same.
            let _ = self.dictionary.set(made);
        }
        Ok(self.dictionary.get().and_then(Option::as_ref))
    }
}

#[cfg(test)]
mod tests;
