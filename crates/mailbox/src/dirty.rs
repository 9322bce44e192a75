//! Knows which mailbox files hold deliveries that a power cut could still take back, and from which spool position.
//!
//! May touch: nothing (pure); the time arrives as a parameter.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// A position in the transport spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SpoolPosition(pub u64);

/// Deliveries applied to one file since its last checkpoint began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dirty {
    /// The lowest position handed in; the spool must keep everything behind it.
    first: SpoolPosition,
    /// The highest position handed in.
    last: SpoolPosition,
    commits: u32,
    since: Timestamp,
}

impl Dirty {
    fn merged(self, other: Dirty) -> Dirty {
        Dirty {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            commits: self.commits.saturating_add(other.commits),
            since: self.since.min(other.since),
        }
    }
}

/// The dirty files of a store. Bounded by the number of mailboxes; [`DirtyFiles::is_due`] keeps it small.
#[derive(Debug, Default)]
pub(crate) struct DirtyFiles {
    /// Deliveries handed in and not yet applied, by position.
    in_flight: BTreeMap<SpoolPosition, usize>,
    waiting: HashMap<Uuid, Dirty>,
    /// Files whose checkpoint is running.
    running: HashMap<Uuid, Dirty>,
    /// Files whose checkpoint failed for good; they hold the spool until the next start.
    broken: HashMap<Uuid, Dirty>,
}

/// When a checkpoint is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DueBounds {
    pub(crate) interval: Duration,
    pub(crate) files_max: usize,
    pub(crate) commits_max: u32,
}

impl DirtyFiles {
    /// A delivery was handed in.
    pub(crate) fn begin(&mut self, position: SpoolPosition) {
        *self.in_flight.entry(position).or_default() += 1;
    }

    /// A delivery handed in came to its end, applied or not.
    pub(crate) fn end(&mut self, position: SpoolPosition) {
        if let Some(count) = self.in_flight.get_mut(&position) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.in_flight.remove(&position);
            }
        }
    }

    /// A commit changed the file; the deliveries in it were handed in from `first` to `last`.
    pub(crate) fn applied(
        &mut self,
        mailbox: Uuid,
        first: SpoolPosition,
        last: SpoolPosition,
        now: Timestamp,
    ) {
        let new = Dirty { first, last, commits: 1, since: now };
        self.waiting.entry(mailbox).and_modify(|dirty| *dirty = dirty.merged(new)).or_insert(new);
    }

    /// A commit without a delivery changed the file; the spool need not keep anything for it.
    pub(crate) fn changed(&mut self, mailbox: Uuid, now: Timestamp) {
        self.applied(mailbox, SpoolPosition(u64::MAX), SpoolPosition(0), now);
    }

    /// Whether files wait for a checkpoint that is due by age, number or length.
    pub(crate) fn is_due(&self, now: Timestamp, bounds: DueBounds) -> bool {
        self.waiting.len() >= bounds.files_max
            || self.waiting.values().any(|dirty| {
                dirty.commits >= bounds.commits_max
                    || now.duration_since(dirty.since).unsigned_abs() >= bounds.interval
            })
    }

    /// Whether a checkpoint is due that cannot wait for the interval.
    pub(crate) fn is_urgent(&self, mailbox: Uuid, bounds: DueBounds) -> bool {
        self.waiting.len() >= bounds.files_max
            || self.waiting.get(&mailbox).is_some_and(|dirty| dirty.commits >= bounds.commits_max)
    }

    /// Whether nothing waits.
    pub(crate) fn is_clean(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes every waiting file for a checkpoint, those with the oldest position first, except those whose checkpoint
    /// is running. Each must be given back by [`DirtyFiles::checkpointed`], [`DirtyFiles::failed`] or
    /// [`DirtyFiles::broke`].
    pub(crate) fn take(&mut self) -> Vec<Uuid> {
        let mut taken: Vec<(SpoolPosition, Uuid)> =
            self.waiting.iter().map(|(mailbox, dirty)| (dirty.first, *mailbox)).collect();
        taken.sort_unstable();
        taken.retain(|(_, mailbox)| self.take_one(*mailbox));
        taken.into_iter().map(|(_, mailbox)| mailbox).collect()
    }

    /// The same for one file; `false` if it does not wait or its checkpoint is running.
    pub(crate) fn take_one(&mut self, mailbox: Uuid) -> bool {
        if self.running.contains_key(&mailbox) {
            return false;
        }
        let Some(dirty) = self.waiting.remove(&mailbox) else { return false };
        self.running.insert(mailbox, dirty);
        true
    }

    /// Commits to the file since its last checkpoint began.
    pub(crate) fn commits(&self, mailbox: Uuid) -> u32 {
        self.waiting.get(&mailbox).map_or(0, |dirty| dirty.commits)
    }

    /// The file's checkpoint is durable.
    pub(crate) fn checkpointed(&mut self, mailbox: Uuid) {
        self.running.remove(&mailbox);
    }

    /// Writing or syncing the file failed. That is final: the kernel may have dropped the data, and another sync would
    /// report success.
    pub(crate) fn broke(&mut self, mailbox: Uuid) {
        if let Some(dirty) = self.running.remove(&mailbox) {
            self.broken.insert(mailbox, dirty);
        }
    }

    /// Whether the file must not be written any more.
    pub(crate) fn is_broken(&self, mailbox: Uuid) -> bool {
        self.broken.contains_key(&mailbox)
    }

    /// The file's checkpoint did not finish: it waits again.
    pub(crate) fn failed(&mut self, mailbox: Uuid) {
        if let Some(dirty) = self.running.remove(&mailbox) {
            self.waiting.entry(mailbox).and_modify(|newer| *newer = newer.merged(dirty)).or_insert(dirty);
        }
    }

    /// The file was removed.
    pub(crate) fn forget(&mut self, mailbox: Uuid) {
        self.waiting.remove(&mailbox);
        self.running.remove(&mailbox);
        self.broken.remove(&mailbox);
    }

    /// The position up to which every recorded delivery is durable: the lowest one that is not, else `now`.
    pub(crate) fn low_water(&self, now: SpoolPosition) -> SpoolPosition {
        let in_flight = self.in_flight.keys().next().copied();
        let files = self.waiting.values().chain(self.running.values()).chain(self.broken.values());
        let files = files.map(|dirty| dirty.first).min();
        in_flight.into_iter().chain(files).fold(now, SpoolPosition::min)
    }

    /// Files waiting or being checkpointed, and the highest position among them.
    pub(crate) fn extent(&self) -> (usize, Option<SpoolPosition>) {
        let last = self.waiting.values().chain(self.running.values()).map(|dirty| dirty.last).max();
        (self.waiting.len() + self.running.len(), last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);
    const NOW: SpoolPosition = SpoolPosition(100);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_low_water_mark_waits_for_the_slowest() {
        let mut dirty = DirtyFiles::default();
        assert_eq!(dirty.low_water(NOW), NOW);
        dirty.begin(SpoolPosition(10));
        dirty.begin(SpoolPosition(10));
        dirty.begin(SpoolPosition(20));
        dirty.applied(A, SpoolPosition(10), SpoolPosition(10), at(0));
        dirty.end(SpoolPosition(10));
        dirty.applied(B, SpoolPosition(20), SpoolPosition(20), at(0));
        dirty.end(SpoolPosition(20));
        assert_eq!(dirty.low_water(NOW), SpoolPosition(10));
        assert_eq!(dirty.take(), [A, B]);
        dirty.checkpointed(A);
        assert_eq!(dirty.low_water(NOW), SpoolPosition(10), "one at 10 is still in flight");
        dirty.end(SpoolPosition(10));
        assert_eq!(dirty.low_water(NOW), SpoolPosition(20), "B's checkpoint is still running");
        dirty.applied(B, SpoolPosition(30), SpoolPosition(40), at(1));
        assert!(dirty.take().is_empty(), "the running checkpoint does not cover it");
        dirty.checkpointed(B);
        assert_eq!(dirty.low_water(NOW), SpoolPosition(30), "what came during the checkpoint is not covered");
        assert_eq!(dirty.take(), [B]);
        dirty.failed(B);
        assert_eq!(dirty.low_water(NOW), SpoolPosition(30));
        assert_eq!(dirty.extent(), (1, Some(SpoolPosition(40))));
        assert_eq!(dirty.take(), [B]);
        dirty.checkpointed(B);
        assert_eq!(dirty.low_water(NOW), NOW);
        assert!(dirty.is_clean());
    }

    #[test]
    fn a_broken_file_holds_the_spool_and_other_changes_do_not() {
        let mut dirty = DirtyFiles::default();
        dirty.changed(A, at(0));
        assert_eq!(dirty.low_water(NOW), NOW);
        dirty.applied(A, SpoolPosition(5), SpoolPosition(5), at(0));
        assert_eq!(dirty.take(), [A]);
        dirty.broke(A);
        assert!(dirty.is_broken(A));
        dirty.applied(A, SpoolPosition(50), SpoolPosition(50), at(0));
        assert_eq!(dirty.take(), [A]);
        dirty.checkpointed(A);
        assert_eq!(dirty.low_water(NOW), SpoolPosition(5));
        dirty.forget(A);
        assert_eq!(dirty.low_water(NOW), NOW);
    }

    #[test]
    fn due_by_age_number_or_length() {
        let bounds = DueBounds { interval: Duration::from_secs(30), files_max: 2, commits_max: 3 };
        let mut dirty = DirtyFiles::default();
        assert!(!dirty.is_due(at(1000), bounds));
        dirty.applied(A, NOW, NOW, at(0));
        assert!(!dirty.is_due(at(29), bounds));
        assert!(dirty.is_due(at(30), bounds));
        dirty.applied(A, NOW, NOW, at(1));
        dirty.applied(A, NOW, NOW, at(1));
        assert!(dirty.is_due(at(2), bounds), "three commits");
        assert!(dirty.is_urgent(A, bounds) && !dirty.is_urgent(B, bounds));
        let mut dirty = DirtyFiles::default();
        dirty.applied(A, NOW, NOW, at(0));
        dirty.applied(B, NOW, NOW, at(0));
        assert!(dirty.is_due(at(0), bounds), "two files");
    }
}
