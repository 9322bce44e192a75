//! One simulated file's bytes: what is read, what is durable, and the changes in between.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use parking_lot::Mutex;

use super::PowerCut;
use crate::Chance;

/// A disk writes a sector whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A file of the simulated disk, whatever names lead to it.
pub(super) struct FileNode {
    pub(super) content: Mutex<Content>,
    /// Bytes used on the whole disk.
    used: Arc<AtomicU64>,
}

impl FileNode {
    pub(super) fn new(used: &Arc<AtomicU64>, now: Timestamp) -> Self {
        let content = Content { live: Vec::new(), durable: Vec::new(), unsynced: Vec::new(), modified: now };
        Self { content: Mutex::new(content), used: Arc::clone(used) }
    }
}

impl Drop for FileNode {
    fn drop(&mut self) {
        self.used.fetch_sub(as_u64(self.content.lock().live.len()), Ordering::Relaxed);
    }
}

pub(super) struct Content {
    pub(super) live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    pub(super) modified: Timestamp,
}

/// A change since the last sync.
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

pub(super) fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn as_usize(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}

impl FileNode {
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.content.lock();
        let rest = content.live.get(as_usize(offset)?..).unwrap_or_default();
        let count = rest.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    pub(super) fn write_at(
        &self,
        bytes: &[u8],
        offset: u64,
        capacity: u64,
        now: Timestamp,
    ) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let offset = as_usize(offset)?;
        let end =
            offset.checked_add(bytes.len()).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let mut content = self.content.lock();
        if end > content.live.len() {
            self.grow(as_u64(end - content.live.len()), capacity)?;
        }
        put(&mut content.live, offset, bytes);
        content.unsynced.push(Change::Write { offset, bytes: bytes.to_vec() });
        content.modified = now;
        Ok(())
    }

    pub(super) fn set_len(&self, len: u64, capacity: u64, now: Timestamp) -> io::Result<()> {
        let len = as_usize(len)?;
        let mut content = self.content.lock();
        let old = content.live.len();
        if len > old {
            self.grow(as_u64(len - old), capacity)?;
        } else {
            self.used.fetch_sub(as_u64(old - len), Ordering::Relaxed);
        }
        content.live.resize(len, 0);
        content.unsynced.push(Change::SetLen(len));
        content.modified = now;
        Ok(())
    }

    fn grow(&self, by: u64, capacity: u64) -> io::Result<()> {
        if self.used.load(Ordering::Relaxed).saturating_add(by) > capacity {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.used.fetch_add(by, Ordering::Relaxed);
        Ok(())
    }

    /// Everything written is durable from here on.
    pub(super) fn sync(&self) {
        let content = &mut *self.content.lock();
        for change in content.unsynced.drain(..) {
            change.apply(&mut content.durable);
        }
    }

    /// A sync that failed: as Linux does, the changes are taken for written and never will be.
    pub(super) fn lose_unsynced(&self) {
        self.content.lock().unsynced.clear();
    }

    /// What is read after a power cut.
    pub(super) fn cut(&self, cut: PowerCut, chance: &Chance) {
        let content = &mut *self.content.lock();
        let before = as_u64(content.live.len());
        let unsynced = std::mem::take(&mut content.unsynced);
        match cut {
            PowerCut::LoseAll => {}
            PowerCut::KeepAll => unsynced.iter().for_each(|change| change.apply(&mut content.durable)),
            PowerCut::Random => match chance.below(4) {
                0 => {}
                1 => unsynced.iter().for_each(|change| change.apply(&mut content.durable)),
                _ => content.durable = torn(&content.durable, &unsynced, chance),
            },
        }
        content.live.clone_from(&content.durable);
        self.used.fetch_sub(before, Ordering::Relaxed);
        self.used.fetch_add(as_u64(content.live.len()), Ordering::Relaxed);
    }
}

fn put(target: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if target.len() < end {
        target.resize(end, 0);
    }
    if let Some(place) = target.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

impl Change {
    fn apply(&self, target: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => put(target, *offset, bytes),
            Self::SetLen(len) => target.resize(*len, 0),
        }
    }

    fn len_after(&self, before: usize) -> usize {
        match self {
            Self::Write { offset, bytes } => before.max(offset + bytes.len()),
            Self::SetLen(len) => *len,
        }
    }

    /// The bytes it changes; `before` is the length before it.
    fn range(&self, before: usize) -> std::ops::Range<usize> {
        match self {
            Self::Write { offset, bytes } => *offset..offset + bytes.len(),
            Self::SetLen(len) => (*len).min(before)..before,
        }
    }

    /// Applies what concerns one sector, which starts at `start`.
    fn apply_to_sector(&self, sector: &mut [u8], start: usize, before: usize) {
        let range = self.range(before);
        for (at, byte) in (start..).zip(sector.iter_mut()) {
            if range.contains(&at) {
                *byte = match self {
                    Self::Write { offset, bytes } => bytes.get(at - offset).copied().unwrap_or(0),
                    Self::SetLen(_) => 0,
                };
            }
        }
    }
}

/// The file after a power cut in the middle of writing it back: the disk takes sectors in any order, so each sector
/// independently shows one of the contents it had since the last sync, and the length is one of those it had.
fn torn(durable: &[u8], unsynced: &[Change], chance: &Chance) -> Vec<u8> {
    let mut lens = vec![durable.len()];
    let mut by_sector: BTreeMap<usize, Vec<(&Change, usize)>> = BTreeMap::new();
    let mut len = durable.len();
    for change in unsynced {
        let range = change.range(len);
        if !range.is_empty() {
            for sector in range.start / SECTOR_BYTES..=(range.end - 1) / SECTOR_BYTES {
                by_sector.entry(sector).or_default().push((change, len));
            }
        }
        len = change.len_after(len);
        lens.push(len);
    }
    let mut result = durable.to_vec();
    for (sector, changes) in by_sector {
        let start = sector * SECTOR_BYTES;
        let written = pick(chance, changes.len() + 1);
        let mut bytes = durable.get(start..).unwrap_or_default().to_vec();
        bytes.resize(SECTOR_BYTES, 0);
        for (change, before) in changes.into_iter().take(written) {
            change.apply_to_sector(&mut bytes, start, before);
        }
        put(&mut result, start, &bytes);
    }
    let chosen = lens.get(pick(chance, lens.len())).copied().unwrap_or(durable.len());
    result.resize(chosen, 0);
    result
}

fn pick(chance: &Chance, count: usize) -> usize {
    usize::try_from(chance.below(as_u64(count))).unwrap_or(0)
}
