//! Who follows the feed: told which messages changed, without holding it up.
//!
//! May touch: nothing (pure but for waiting).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use mail::NetworkMessageId;

use super::{Feed, Shared};
use crate::store::Incoming;

/// Changed messages remembered for those who follow the trace; who is slower than that is told what was missed.
pub const CHANGES_KEPT_MAX: usize = 20_000;

/// The messages that changed last. Shared by all who follow, so that a slow one costs nothing.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// How many changes were before the first that is kept.
    before: u64,
    kept: VecDeque<Change>,
    pub(super) followers: usize,
}

impl Changes {
    fn end(&self) -> u64 {
        self.before.saturating_add(u64::try_from(self.kept.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn add(&mut self, changed: Vec<Change>) {
        self.kept.extend(changed);
        let kept_max = if self.followers == 0 { 0 } else { CHANGES_KEPT_MAX };
        let gone = self.kept.len().saturating_sub(kept_max);
        self.kept.drain(..gone);
        self.before = self.before.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
    }
}

/// A message of which events were applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub network_message_id: NetworkMessageId,
    /// The time of the earliest of these events.
    pub since: Timestamp,
}

/// What changed since somebody looked last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The messages, in the order their events were applied; one may be there several times.
    pub messages: Vec<Change>,
    /// Changes that were forgotten before they were asked for.
    pub missed: u64,
}

/// Somebody who follows what is fed.
#[derive(Debug)]
pub struct Follower {
    shared: Arc<Shared>,
    next: u64,
}

impl Follower {
    /// Waits for changes and gives up to `most` of them; `None` when the feed has ended. They can be found in a search.
    pub async fn changed(&mut self, most: usize) -> Option<Changed> {
        let mut progress = self.shared.progress.subscribe();
        loop {
            let is_ended = progress.borrow_and_update().ended;
            if let Some(changed) = self.take(most) {
                return Some(changed);
            }
            if is_ended || progress.changed().await.is_err() {
                return None;
            }
        }
    }

    fn take(&mut self, most: usize) -> Option<Changed> {
        let changes = self.shared.changes.lock();
        let missed = changes.before.saturating_sub(self.next);
        let first = self.next.saturating_sub(changes.before);
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let messages: Vec<Change> = changes.kept.iter().skip(first).take(most).copied().collect();
        let taken = u64::try_from(messages.len()).unwrap_or(u64::MAX);
        self.next = self.next.max(changes.before).saturating_add(taken);
        (missed > 0 || !messages.is_empty()).then_some(Changed { messages, missed })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut changes = self.shared.changes.lock();
        changes.followers = changes.followers.saturating_sub(1);
        changes.add(Vec::new());
    }
}

impl Feed {
    /// Follows what is fed from now on.
    pub fn follow(&self) -> Follower {
        let mut changes = self.shared.changes.lock();
        changes.followers = changes.followers.saturating_add(1);
        Follower { shared: Arc::clone(&self.shared), next: changes.end() }
    }
}

/// Each message once, with its earliest event.
pub(super) fn changes_of(incoming: &[Incoming]) -> Vec<Change> {
    let mut places: HashMap<NetworkMessageId, usize> = HashMap::new();
    let mut changes: Vec<Change> = Vec::new();
    for one in incoming {
        let (id, at) = (one.event.network_message_id, one.event.at);
        let place = *places.entry(id).or_insert(changes.len());
        match changes.get_mut(place) {
            Some(known) => known.since = known.since.min(at),
            None => changes.push(Change { network_message_id: id, since: at }),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::Progress;
    use super::*;
    use parking_lot::Mutex;
    use tokio::sync::watch;

    fn change(number: u128) -> Change {
        let id = NetworkMessageId(uuid::Uuid::from_u128(number));
        Change { network_message_id: id, since: Timestamp::UNIX_EPOCH }
    }

    fn shared() -> Arc<Shared> {
        Arc::new(Shared {
            progress: watch::Sender::new(Progress::default()),
            stop: watch::Sender::new(false),
            failure: Mutex::new(None),
            changes: Mutex::new(Changes { followers: 1, ..Changes::default() }),
        })
    }

    #[test]
    fn a_slow_follower_is_told_what_it_missed_and_nothing_is_kept_for_it() {
        let shared = shared();
        let mut follower = Follower { shared: Arc::clone(&shared), next: 0 };
        assert_eq!(follower.take(10), None);
        let add = |numbers: std::ops::Range<u128>| shared.changes.lock().add(numbers.map(change).collect());
        add(0..3);
        assert_eq!(follower.take(2).unwrap().messages, [change(0), change(1)]);
        assert_eq!(follower.take(2), Some(Changed { messages: vec![change(2)], missed: 0 }));
        let many = u128::try_from(CHANGES_KEPT_MAX).unwrap();
        add(3..3 + many + 7);
        assert_eq!(shared.changes.lock().kept.len(), CHANGES_KEPT_MAX);
        let changed = follower.take(1).unwrap();
        assert_eq!((changed.missed, changed.messages), (7, vec![change(10)]));
        assert_eq!(follower.take(1), Some(Changed { messages: vec![change(11)], missed: 0 }));
        drop(follower);
        assert_eq!(shared.changes.lock().kept.len(), 0, "nobody follows");
        add(0..5);
        let changes = shared.changes.lock();
        assert_eq!((changes.kept.len(), changes.end()), (0, 3 + 20_007 + 5));
    }
}
