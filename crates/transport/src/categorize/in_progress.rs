//! Remembers, over a death of the process, which messages the categorizer was working on: the suspects of a poison message.
//!
//! May touch: one small file beside the spool. It is written and not synced: it is there after the process died, which
//! is what it is for; after a power cut there are no suspects.
//!
//! Many messages share a commit, so many are suspected at first; suspects are then categorized one at a time by one
//! task, so that at the next death only the guilty one is counted again.

use std::io;
use std::path::Path;

use spool::MessageNo;
use world::{Disk, DiskFile, OpenMode};

use super::worker::{CATEGORIZERS, MESSAGES_PER_COMMIT_MAX};

/// Octets of one task's part: a count, then message numbers.
const PART_OCTETS: usize = 8 + 8 * MESSAGES_PER_COMMIT_MAX;
/// One part per task, and one for the task that takes suspects.
const PARTS: usize = CATEGORIZERS + 1;
/// The part of the task that takes suspects.
pub(crate) const SUSPECTS_PART: usize = CATEGORIZERS;

/// The file.
pub(crate) struct InProgress(DiskFile);

impl InProgress {
    /// Opens the file and reads what was in progress when the process died.
    pub(crate) fn open(disk: &Disk, path: &Path) -> io::Result<(Self, Vec<MessageNo>)> {
        let file = disk.open(path, OpenMode::CreateOrOpen)?;
        let mut octets = vec![0; PART_OCTETS.saturating_mul(PARTS)];
        let read = file.read_at(&mut octets, 0)?;
        octets.truncate(read);
        let suspects = octets.chunks(PART_OCTETS).flat_map(numbers).collect();
        Ok((Self(file), suspects))
    }

    /// Task `part` begins with these messages.
    pub(crate) fn begin(&self, part: usize, messages: impl Iterator<Item = MessageNo>) {
        let numbers: Vec<u64> = messages.map(|no| no.0).take(MESSAGES_PER_COMMIT_MAX).collect();
        let mut octets = Vec::with_capacity(PART_OCTETS);
        octets.extend_from_slice(&(numbers.len() as u64).to_le_bytes());
        for number in numbers {
            octets.extend_from_slice(&number.to_le_bytes());
        }
        self.write(part, &octets);
    }

    /// Task `part` is done with them.
    pub(crate) fn end(&self, part: usize) {
        self.write(part, &0_u64.to_le_bytes());
    }

    /// The suspects are known to this process: a death before anything is in progress again must not count them once more.
    pub(crate) fn forget(&self) {
        (0..PARTS).for_each(|part| self.end(part));
    }

    fn write(&self, part: usize, octets: &[u8]) {
        let at = part.saturating_mul(PART_OCTETS) as u64;
        if let Err(error) = self.0.write_all_at(octets, at) {
            // Mail goes on; only a poison message would not be recognized.
            tracing::warn!(%error, "messages in progress cannot be noted");
        }
    }
}

fn numbers(part: &[u8]) -> Vec<MessageNo> {
    let mut words = part.chunks_exact(8).filter_map(|word| word.try_into().ok().map(u64::from_le_bytes));
    let count = usize::try_from(words.next().unwrap_or(0)).unwrap_or(0);
    words.take(count.min(MESSAGES_PER_COMMIT_MAX)).map(MessageNo).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_and_not_ended_is_suspect() {
        let sim = world::sim::SimWorld::new(1);
        let disk = sim.disk().disk();
        let path = Path::new("/in-progress");
        let (file, suspects) = InProgress::open(&disk, path).unwrap();
        assert!(suspects.is_empty());
        file.begin(0, [MessageNo(7), MessageNo(9)].into_iter());
        file.begin(2, [MessageNo(8)].into_iter());
        file.begin(1, [MessageNo(5)].into_iter());
        file.end(1);
        let (_, suspects) = InProgress::open(&disk, path).unwrap();
        assert_eq!(suspects, [MessageNo(7), MessageNo(9), MessageNo(8)]);
        file.forget();
        let (_, suspects) = InProgress::open(&disk, path).unwrap();
        assert!(suspects.is_empty());
    }

    #[test]
    fn rubbish_is_bounded() {
        assert!(numbers(&[0xff; PART_OCTETS]).len() <= MESSAGES_PER_COMMIT_MAX);
        assert!(numbers(b"abc").is_empty());
    }
}
