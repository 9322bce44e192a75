//! Which file is which: a file is known again by what was read of it, whatever it is called now.
//!
//! May touch: open files.
//! The first octets of two logs may be the same, such as the header of every CSV. So a file is taken for a known one
//! only if the octets before the place where reading stopped are the same too, and no two files for the same one.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use world::DiskFile;

/// Octets at a file's beginning, and before the place where reading stopped, by which it is known again.
pub(super) const WINDOW_BYTES: usize = 4_096;
/// Files remembered that are not in the folder any more; the ones not seen for longest are forgotten first.
const GONE_MAX: usize = 4_096;
/// Version of what is kept.
const VERSION: u32 = 2;

/// What is remembered of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// What it was called last.
    name: String,
    /// Hash of the first octets, and how many they are.
    head: u64,
    head_len: usize,
    /// Hash of the octets before `offset`, and how many they are.
    tail: u64,
    tail_len: usize,
    /// Octets read, before compression.
    pub(super) offset: u64,
    /// Its format, if it has one.
    pub(super) format: Option<String>,
    /// Its length as it lies on disk, if nothing more is expected: it is compressed, or of no known format.
    done: Option<u64>,
    /// The look at the folder that saw it last.
    #[serde(skip)]
    seen: u64,
}

impl Known {
    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }
}

/// A file as it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) len: u64,
    pub(super) modified: Timestamp,
}

/// What is kept with the trace.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    files: Vec<Known>,
}

/// The files of one folder.
#[derive(Debug, Default)]
pub(super) struct KnownFiles {
    files: BTreeMap<u64, Known>,
    /// Numbers of files by length and hash of their first octets.
    by_head: BTreeMap<(usize, u64), Vec<u64>>,
    next: u64,
    /// Which look at the folder this is.
    turn: u64,
    /// Files as they were when they were read last: what is still so is not opened.
    looks: HashMap<String, (Look, Option<u64>)>,
    /// What was changed in this turn, as it was before.
    before: HashMap<u64, Option<Known>>,
}

impl KnownFiles {
    /// As they were kept. What another version kept is forgotten, which costs a reading.
    pub(super) fn from_kept(bytes: &[u8]) -> KnownFiles {
        let mut own = KnownFiles::default();
        let kept = serde_json::from_slice::<Kept>(bytes).ok().filter(|kept| kept.version == VERSION);
        for known in kept.into_iter().flat_map(|kept| kept.files) {
            own.insert(known);
        }
        own
    }

    /// To be kept.
    pub(super) fn to_kept(&self) -> serde_json::Result<Vec<u8>> {
        let mut files: Vec<&Known> = self.files.values().collect();
        // The ones seen last stand last, which is the order after a restart.
        files.sort_by_key(|known| known.seen);
        serde_json::to_vec(&Kept { version: VERSION, files: files.into_iter().cloned().collect() })
    }

    /// Begins a look at the folder.
    pub(super) fn begin(&mut self) {
        self.turn = self.turn.saturating_add(1);
        self.before.clear();
    }

    /// Whether a file is as it was when it was read last; then it counts as seen.
    pub(super) fn is_unchanged(&mut self, name: &str, look: Look) -> bool {
        let Some((_, id)) = self.looks.get(name).filter(|(known, _)| *known == look) else { return false };
        if let Some(known) = id.and_then(|id| self.files.get_mut(&id)) {
            known.seen = self.turn;
        }
        true
    }

    /// Notes that a file was read as far as there is anything.
    pub(super) fn looked(&mut self, name: &str, look: Look, id: Option<u64>) {
        self.looks.insert(name.to_owned(), (look, id));
    }

    /// Ends a look at a folder of these files: what is not there any more is forgotten at some time.
    pub(super) fn end(&mut self, is_there: impl Fn(&str) -> bool) {
        self.looks.retain(|name, _| is_there(name));
        let gone = self.files.iter().filter(|(_, known)| known.seen != self.turn);
        let mut gone: Vec<(u64, u64)> = gone.map(|(id, known)| (known.seen, *id)).collect();
        gone.sort_unstable();
        let most = gone.len().saturating_sub(GONE_MAX);
        for (_, id) in gone.into_iter().take(most) {
            self.remove(id);
        }
    }

    /// Whether something is to be kept.
    pub(super) fn is_changed(&self) -> bool {
        !self.before.is_empty()
    }

    /// Takes back what was changed in this turn; every file is looked at anew.
    pub(super) fn undo(&mut self) {
        for (id, before) in std::mem::take(&mut self.before) {
            self.remove(id);
            if let Some(known) = before {
                self.put(id, known);
            }
        }
        self.before.clear();
        self.looks.clear();
    }

    /// The file with this number.
    pub(super) fn get(&self, id: u64) -> Option<&Known> {
        self.files.get(&id)
    }

    /// The number of a file, which is new if nothing known fits. `head` are its first octets, unpacked if need be.
    pub(super) fn identify(
        &mut self,
        name: &str,
        (head, packed): (&[u8], bool),
        file: &DiskFile,
    ) -> std::io::Result<u64> {
        let len = file.len()?;
        let mut best: Option<(bool, u64, u64)> = None;
        for id in self.with_head(head) {
            let Some(known) = self.files.get(&id).filter(|known| known.seen != self.turn) else { continue };
            let rank = (known.name == name, known.offset, id);
            if best.is_none_or(|best| rank > best) && is_it(known, (head, packed), file, len)? {
                best = Some(rank);
            }
        }
        let (hashed, head_len) = (hash(head), head.len());
        let Some((_, _, id)) = best else {
            let new = Known {
                name: name.to_owned(),
                head: hashed,
                head_len,
                tail: hash(&[]),
                tail_len: 0,
                offset: 0,
                format: None,
                done: None,
                seen: self.turn,
            };
            let id = self.insert(new);
            self.before.insert(id, None);
            return Ok(id);
        };
        if let Some(known) = self.files.get_mut(&id) {
            known.seen = self.turn;
        }
        self.change(id, |known| {
            (known.head, known.head_len) = (hashed, head_len);
            name.clone_into(&mut known.name);
        });
        Ok(id)
    }

    /// Notes how far a file was read.
    pub(super) fn read_to(
        &mut self,
        id: u64,
        offset: u64,
        file: &DiskFile,
        format: Option<String>,
    ) -> std::io::Result<()> {
        let (tail, tail_len) = tail(file, offset)?;
        self.change(id, |known| {
            (known.offset, known.format) = (offset, format);
            (known.tail, known.tail_len) = (tail, tail_len);
        });
        Ok(())
    }

    /// Notes that nothing more is expected of a file of this length.
    pub(super) fn finish(&mut self, id: u64, len: u64) {
        self.change(id, |known| known.done = Some(len));
    }

    /// Files whose first octets these are, as far as they were there when they were looked at.
    fn with_head(&self, head: &[u8]) -> Vec<u64> {
        let (mut found, mut from) = (Vec::new(), 0);
        // From one length to the next that any file has: most have the whole window.
        while let Some(((len, _), _)) = self.by_head.range((from, 0)..).next() {
            let Some(same) = head.get(..*len) else { break };
            found.extend(self.by_head.get(&(*len, hash(same))).into_iter().flatten());
            from = len.saturating_add(1);
        }
        found
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut Known)) {
        let Some(known) = self.files.get(&id) else { return };
        let mut changed = known.clone();
        change(&mut changed);
        if changed != *known {
            let known = known.clone();
            self.before.entry(id).or_insert(Some(known));
            self.remove(id);
            self.put(id, changed);
        }
    }

    fn insert(&mut self, known: Known) -> u64 {
        let id = self.next;
        self.next = self.next.saturating_add(1);
        self.put(id, known);
        id
    }

    fn put(&mut self, id: u64, known: Known) {
        self.by_head.entry((known.head_len, known.head)).or_default().push(id);
        self.files.insert(id, known);
    }

    fn remove(&mut self, id: u64) {
        let Some(known) = self.files.remove(&id) else { return };
        let key = (known.head_len, known.head);
        if let Some(ids) = self.by_head.get_mut(&key) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_head.remove(&key);
            }
        }
    }
}

/// Whether a file that begins like a known one is that.
fn is_it(known: &Known, (head, packed): (&[u8], bool), file: &DiskFile, len: u64) -> std::io::Result<bool> {
    if let Some(done) = known.done {
        return Ok(done == len && head.len() == known.head_len);
    }
    if packed {
        // It was compressed since. What was read is no longer there to be compared; the window is.
        let covered = u64::try_from(known.head_len).unwrap_or(u64::MAX);
        return Ok(known.head_len == WINDOW_BYTES || known.offset <= covered);
    }
    // Shorter than what was read: cut, and written anew.
    Ok(known.offset <= len && tail(file, known.offset)? == (known.tail, known.tail_len))
}

/// Hash and number of the octets before a place in a file.
fn tail(file: &DiskFile, offset: u64) -> std::io::Result<(u64, usize)> {
    let len = usize::try_from(offset).unwrap_or(usize::MAX).min(WINDOW_BYTES);
    let mut bytes = vec![0_u8; len];
    let read = file.read_at(&mut bytes, offset.saturating_sub(u64::try_from(len).unwrap_or(0)))?;
    bytes.truncate(read);
    Ok((hash(&bytes), bytes.len()))
}

fn hash(bytes: &[u8]) -> u64 {
    blake3::hash(bytes).as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(number: u64) -> Known {
        Known {
            name: number.to_string(),
            head: number,
            head_len: WINDOW_BYTES,
            tail: 0,
            tail_len: 0,
            offset: 0,
            format: None,
            done: None,
            seen: 0,
        }
    }

    #[test]
    fn files_that_are_there_are_not_forgotten_however_many() {
        let look = Look { len: 1, modified: Timestamp::UNIX_EPOCH };
        let mut files = KnownFiles::default();
        for number in 0..15_000 {
            let id = files.insert(known(number));
            // Of these the first ones are there; they are the oldest.
            if number < 5_000 {
                files.looked(&number.to_string(), look, Some(id));
            }
        }
        files.begin();
        assert!((0..5_000).all(|number: u64| files.is_unchanged(&number.to_string(), look)));
        files.end(|_| true);
        let left: Vec<u64> = files.files.keys().copied().collect();
        let newest = 15_000 - u64::try_from(GONE_MAX).unwrap();
        assert_eq!(left, (0..5_000).chain(newest..15_000).collect::<Vec<u64>>());
        assert!(!files.is_unchanged("1", Look { len: 2, ..look }));
        let again = KnownFiles::from_kept(&files.to_kept().unwrap());
        assert_eq!(again.files.len(), left.len());
    }
}
