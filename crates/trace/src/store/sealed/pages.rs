//! A file read in pages of fixed size, each checked against its checksum when it is read, with a bounded cache.
//!
//! May touch: a file.

use std::sync::Arc;

use parking_lot::Mutex;
use world::DiskFile;

use super::damaged;
use crate::store::StoreError;
use crate::store::dictionary::Recent;

/// Bytes checked and cached together.
pub(crate) const PAGE_BYTES: usize = 32 * 1_024;
/// [`PAGE_BYTES`] as an offset.
const PAGE: u64 = PAGE_BYTES as u64;
/// Bytes of each of the two generations of the cache: the words of 90 days with half a million rows each fit into one,
/// beside the pages that a search by recipient, subject and status touches of them.
const CACHE_BYTES: usize = 104 << 20;
/// Entries of each generation, whatever their size.
const CACHE_ENTRIES: usize = 16_384;

/// What the cache holds: a page of a file, or a block of it as unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CacheKey {
    /// File and page.
    Page(u64, u64),
    /// File, section and block.
    Block(u64, u16, u64),
}

/// Pages and unpacked blocks of all sealed days, bounded by bytes.
#[derive(Debug)]
pub(crate) struct PageCache(Mutex<Recent<CacheKey, Arc<[u8]>>>);

impl PageCache {
    pub(crate) fn new() -> PageCache {
        PageCache(Mutex::new(Recent::new(CACHE_ENTRIES).with_weight(CACHE_BYTES)))
    }

    pub(crate) fn get(&self, key: CacheKey) -> Option<Arc<[u8]>> {
        self.0.lock().fetch(&key, |bytes| bytes.len())
    }

    pub(crate) fn put(&self, key: CacheKey, bytes: &Arc<[u8]>) {
        self.0.lock().insert_weighing(key, Arc::clone(bytes), bytes.len());
    }
}

/// Whether what is read stays in the cache: a look-up's pages do, a scan's do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Yes,
    No,
}

/// An immutable file with a checksum for each page.
#[derive(Debug)]
pub(crate) struct PagedFile {
    file: DiskFile,
    /// Tells it from every other file in the cache.
    id: u64,
    /// Bytes the checksums cover.
    len: u64,
    sums: Vec<u32>,
    cache: Arc<PageCache>,
}

impl PagedFile {
    pub(crate) fn new(file: DiskFile, id: u64, len: u64, sums: Vec<u32>, cache: Arc<PageCache>) -> PagedFile {
        PagedFile { file, id, len, sums, cache }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn cache(&self) -> &PageCache {
        &self.cache
    }

    /// Bytes of the pages together.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// A page, from the cache if it is there.
    pub(crate) fn page(&self, number: u64, keep: Keep) -> Result<Arc<[u8]>, StoreError> {
        let key = CacheKey::Page(self.id, number);
        if let Some(page) = self.cache.get(key) {
            return Ok(page);
        }
        let start = number.saturating_mul(PAGE);
        let size = usize::try_from(self.len.saturating_sub(start).min(PAGE)).unwrap_or(0);
        let mut bytes = vec![0; size];
        self.file.read_exact_at(&mut bytes, start).map_err(StoreError::sealed)?;
        self.check(number, &bytes)?;
        let page: Arc<[u8]> = bytes.into();
        if keep == Keep::Yes {
            self.cache.put(key, &page);
        }
        Ok(page)
    }

    fn check(&self, number: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let sum = usize::try_from(number).ok().and_then(|at| self.sums.get(at));
        if sum.copied() == Some(crc32fast::hash(bytes)) {
            return Ok(());
        }
        Err(damaged("a page of it does not have its checksum"))
    }

    /// Bytes from anywhere, past the cache: for what is read in one go.
    pub(crate) fn bytes(&self, offset: u64, len: u64) -> Result<Vec<u8>, StoreError> {
        let end = offset.checked_add(len).filter(|end| *end <= self.len);
        let end = end.ok_or_else(|| damaged("it points behind its end"))?;
        if len == 0 {
            return Ok(Vec::new());
        }
        let first = offset / PAGE;
        let start = first.saturating_mul(PAGE);
        let stop = end.div_ceil(PAGE).saturating_mul(PAGE).min(self.len);
        let size = usize::try_from(stop.saturating_sub(start)).map_err(|_| damaged("it is too long"))?;
        let mut whole = vec![0; size];
        self.file.read_exact_at(&mut whole, start).map_err(StoreError::sealed)?;
        for (number, page) in (first..).zip(whole.chunks(PAGE_BYTES)) {
            self.check(number, page)?;
        }
        let skip = usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
        let size = usize::try_from(len).unwrap_or(usize::MAX);
        whole.truncate(skip.saturating_add(size));
        whole.drain(..skip.min(whole.len()));
        Ok(whole)
    }
}

/// Writes a file from its start to its end, and notes the checksums of its pages.
pub(crate) struct PageWriter {
    file: DiskFile,
    buffer: Vec<u8>,
    /// Bytes in the file, without the buffer.
    written: u64,
    sums: Vec<u32>,
}

/// Pages written at once.
const WRITE_PAGES: usize = 32;

impl PageWriter {
    pub(crate) fn new(file: DiskFile) -> PageWriter {
        PageWriter { file, buffer: Vec::new(), written: 0, sums: Vec::new() }
    }

    /// Where the next byte goes.
    pub(crate) fn offset(&self) -> u64 {
        self.written.saturating_add(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= WRITE_PAGES.saturating_mul(PAGE_BYTES) {
            let whole = self.buffer.len() / PAGE_BYTES * PAGE_BYTES;
            let rest = self.buffer.split_off(whole);
            let full = std::mem::replace(&mut self.buffer, rest);
            self.put(&full)?;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.sums.extend(bytes.chunks(PAGE_BYTES).map(crc32fast::hash));
        self.file.write_all_at(bytes, self.written).map_err(StoreError::sealed)?;
        self.written = self.written.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Writes what is left; returns the file, the bytes in it and the checksums.
    pub(crate) fn finish(mut self) -> Result<(DiskFile, u64, Vec<u32>), StoreError> {
        let rest = std::mem::take(&mut self.buffer);
        self.put(&rest)?;
        Ok((self.file, self.written, self.sums))
    }
}
