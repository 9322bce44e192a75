//! Who follows the trace: told which messages changed, fed or imported, without holding either up.
//!
//! May touch: nothing (pure but for waiting).

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::Arc;

use events::Event;
use futures::future::select;
use jiff::Timestamp;
use mail::NetworkMessageId;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{Feed, Shared};

/// Changed messages remembered for those who follow the trace; who is slower than that is told what was missed.
pub const CHANGES_KEPT_MAX: usize = 20_000;

/// The messages that changed last. Shared by all who follow, so that a slow one costs nothing.
#[derive(Debug, Default)]
struct Changes {
    /// How many changes were before the first that is kept.
    before: u64,
    kept: VecDeque<Change>,
    followers: usize,
}

impl Changes {
    fn end(&self) -> u64 {
        self.before.saturating_add(u64::try_from(self.kept.len()).unwrap_or(u64::MAX))
    }

    fn add(&mut self, changed: Vec<Change>) {
        self.kept.extend(changed);
        let kept_max = if self.followers == 0 { 0 } else { CHANGES_KEPT_MAX };
        let gone = self.kept.len().saturating_sub(kept_max);
        self.kept.drain(..gone);
        self.before = self.before.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
    }
}

/// Tells what changed to all who follow: of the feed, and of imports. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bulletin(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    changes: Mutex<Changes>,
    /// Wakes those who wait.
    count: watch::Sender<u64>,
}

impl Bulletin {
    /// What these events change. To be told when they can be found, to all who follow by then.
    pub(crate) fn of<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Change> {
        changes_of(events)
    }

    /// Tells them.
    pub(crate) fn tell(&self, changed: Vec<Change>) {
        if !changed.is_empty() {
            self.0.changes.lock().add(changed);
            self.0.count.send_modify(|count| *count = count.wrapping_add(1));
        }
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

/// Somebody who follows what is fed and imported.
#[derive(Debug)]
pub struct Follower {
    shared: Arc<Shared>,
    news: Bulletin,
    next: u64,
}

impl Follower {
    /// Waits for changes and gives up to `most` of them; `None` when the feed has ended. They can be found in a search.
    pub async fn changed(&mut self, most: usize) -> Option<Changed> {
        let (mut progress, mut told) = (self.shared.progress.subscribe(), self.news.0.count.subscribe());
        loop {
            let is_ended = progress.borrow_and_update().ended;
            told.borrow_and_update();
            if let Some(changed) = self.take(most) {
                return Some(changed);
            }
            if is_ended {
                return None;
            }
            // Neither sender can be gone: both are held here.
            select(pin!(told.changed()), pin!(progress.wait_for(|progress| progress.ended))).await;
        }
    }

    fn take(&mut self, most: usize) -> Option<Changed> {
        let changes = self.news.0.changes.lock();
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
        let mut changes = self.news.0.changes.lock();
        changes.followers = changes.followers.saturating_sub(1);
        changes.add(Vec::new());
    }
}

impl Feed {
    /// Follows what is fed and imported from now on.
    pub fn follow(&self) -> Follower {
        let news = self.shared.news.clone();
        let next = {
            let mut changes = news.0.changes.lock();
            changes.followers = changes.followers.saturating_add(1);
            changes.end()
        };
        Follower { shared: Arc::clone(&self.shared), news, next }
    }
}

/// Each message once, with its earliest event.
fn changes_of<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Change> {
    let mut places: HashMap<NetworkMessageId, usize> = HashMap::new();
    let mut changes: Vec<Change> = Vec::new();
    for event in events {
        // As it is stored: a search asked behind this compares with that.
        let at = Timestamp::from_microsecond(event.at.as_microsecond()).unwrap_or(event.at);
        let id = event.network_message_id;
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

    fn change(number: u128) -> Change {
        let id = NetworkMessageId(uuid::Uuid::from_u128(number));
        Change { network_message_id: id, since: Timestamp::UNIX_EPOCH }
    }

    fn shared() -> Arc<Shared> {
        Arc::new(Shared {
            progress: watch::Sender::new(Progress::default()),
            stop: watch::Sender::new(false),
            failure: Mutex::new(None),
            news: Bulletin::default(),
        })
    }

    #[test]
    fn a_change_is_told_with_the_time_its_row_has() {
        let at: Timestamp = "2026-11-22T12:00:00.123456789Z".parse().unwrap();
        let id = change(1).network_message_id;
        let event = Event::new(at, events::EventId::Refused, events::Source::Smtp, id);
        let since = changes_of([&event].into_iter())[0].since;
        assert_eq!(since, "2026-11-22T12:00:00.123456Z".parse().unwrap());
    }

    #[test]
    fn who_follows_before_events_are_told_is_told_of_them() {
        let shared = shared();
        let id = change(1).network_message_id;
        let event = Event::new(Timestamp::UNIX_EPOCH, events::EventId::Receive, events::Source::Smtp, id);
        // The feed makes its list, somebody opens a search that does not find the events yet, they are stored and told.
        let changed = Bulletin::of([&event].into_iter());
        shared.news.0.changes.lock().followers = 1;
        let mut follower = Follower { shared: Arc::clone(&shared), news: shared.news.clone(), next: 0 };
        shared.news.tell(changed);
        assert_eq!(follower.take(10).unwrap().messages, [change(1)]);
    }

    #[test]
    fn a_slow_follower_is_told_what_it_missed_and_nothing_is_kept_for_it() {
        let shared = shared();
        let news = shared.news.clone();
        news.0.changes.lock().followers = 1;
        let mut follower = Follower { shared: Arc::clone(&shared), news, next: 0 };
        assert_eq!(follower.take(10), None);
        let add =
            |numbers: std::ops::Range<u128>| shared.news.0.changes.lock().add(numbers.map(change).collect());
        add(0..3);
        assert_eq!(follower.take(2).unwrap().messages, [change(0), change(1)]);
        assert_eq!(follower.take(2), Some(Changed { messages: vec![change(2)], missed: 0 }));
        let many = u128::try_from(CHANGES_KEPT_MAX).unwrap();
        add(3..3 + many + 7);
        assert_eq!(shared.news.0.changes.lock().kept.len(), CHANGES_KEPT_MAX);
        let changed = follower.take(1).unwrap();
        assert_eq!((changed.missed, changed.messages), (7, vec![change(10)]));
        assert_eq!(follower.take(1), Some(Changed { messages: vec![change(11)], missed: 0 }));
        drop(follower);
        assert_eq!(shared.news.0.changes.lock().kept.len(), 0, "nobody follows");
        add(0..5);
        let changes = shared.news.0.changes.lock();
        assert_eq!((changes.kept.len(), changes.end()), (0, 3 + 20_007 + 5));
    }
}
