//! The queues in memory: which message may go where and when. Pure state; the spool keeps what must survive.
//!
//! May touch: nothing (pure; the present time is an argument).

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::MessageNo;

use super::key::{DeliveryType, QueueKey};
use super::rate::Rate;
use super::schedule::RetrySchedule;
use crate::envelope::Hold;
use crate::item::{Item, later};

/// The number `Get-Queue` shows for a queue; new with each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u32);

/// What an item is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// May go.
    Ready,
    /// A worker has it.
    Active,
    /// Waits for its own next attempt.
    Retry(Timestamp),
    /// Held by an administrator.
    Suspended,
}

/// What an administrator asked of an item while a worker had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Suspend it if it comes back.
    Suspend,
    /// Remove it if it comes back.
    Remove(RemoveReport),
}

/// Whether a removal sends a non-delivery report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveReport {
    /// -WithNDR $true.
    WithNdr,
    /// -WithNDR $false.
    Silent,
}

/// An item and its state.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The message.
    pub item: Arc<Item>,
    /// What it is doing.
    pub state: ItemState,
    /// What is to happen when a worker gives it back.
    pub pending: Option<Pending>,
}

/// One queue.
#[derive(Debug)]
pub struct Queue {
    /// Its number.
    pub id: QueueId,
    /// Its identity.
    pub key: QueueKey,
    /// Suspend-Queue.
    pub hold: Hold,
    /// Failed connections in a row.
    pub failures: u32,
    /// Not before this time, after a failed connection.
    pub next_retry: Option<Timestamp>,
    /// When the last attempt ended.
    pub last_retry: Option<Timestamp>,
    /// When the first attempt of this series ended.
    pub first_retry: Option<Timestamp>,
    /// The error of the last attempt.
    pub last_error: Option<String>,
    /// Workers at it.
    pub workers: u32,
    /// Messages that came in, over the last minute.
    pub incoming: Rate,
    /// Messages that went out, over the last minute.
    pub outgoing: Rate,
    empty_since: Option<Timestamp>,
    ready: VecDeque<MessageNo>,
    retry: BTreeSet<(Timestamp, MessageNo)>,
    slots: HashMap<MessageNo, Slot>,
}

impl Queue {
    fn new(id: QueueId, key: QueueKey, now: Timestamp) -> Self {
        Self {
            id,
            key,
            hold: Hold::Free,
            failures: 0,
            next_retry: None,
            last_retry: None,
            first_retry: None,
            last_error: None,
            workers: 0,
            incoming: Rate::default(),
            outgoing: Rate::default(),
            empty_since: Some(now),
            ready: VecDeque::new(),
            retry: BTreeSet::new(),
            slots: HashMap::new(),
        }
    }

    /// Messages in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Messages that wait for their own retry.
    #[must_use]
    pub fn deferred(&self) -> usize {
        self.retry.len()
    }

    /// Messages a worker may take at once.
    #[must_use]
    pub fn ready_len(&self) -> usize {
        self.ready.len()
    }

    /// The slots in the order of their message numbers.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = self.slots.values().cloned().collect();
        slots.sort_by_key(|slot| slot.item.no);
        slots
    }

    /// One slot.
    #[must_use]
    pub fn slot(&self, no: MessageNo) -> Option<&Slot> {
        self.slots.get(&no)
    }

    /// Whether messages may leave now.
    #[must_use]
    pub fn may_send(&self, now: Timestamp) -> bool {
        self.hold == Hold::Free
            && self.key.delivery_type != DeliveryType::Unreachable
            && self.next_retry.is_none_or(|at| at <= now)
    }

    fn place(&mut self, no: MessageNo, state: ItemState) {
        match state {
            ItemState::Ready => self.ready.push_back(no),
            ItemState::Retry(at) => {
                self.retry.insert((at, no));
            }
            ItemState::Active | ItemState::Suspended => {}
        }
        if let Some(slot) = self.slots.get_mut(&no) {
            slot.state = state;
        }
    }

    fn unplace(&mut self, no: MessageNo) {
        match self.slots.get(&no).map(|slot| slot.state) {
            Some(ItemState::Ready) => self.ready.retain(|other| *other != no),
            Some(ItemState::Retry(at)) => {
                self.retry.remove(&(at, no));
            }
            _ => {}
        }
    }

    fn wake_due(&mut self, now: Timestamp) {
        while let Some(&(at, no)) = self.retry.first() {
            if at > now {
                break;
            }
            self.retry.pop_first();
            self.place(no, ItemState::Ready);
        }
    }
}

/// All queues of this server but Submission.
#[derive(Debug, Default)]
pub struct QueueSet {
    queues: BTreeMap<QueueId, Queue>,
    by_key: HashMap<QueueKey, QueueId>,
    deadlines: BTreeSet<(Timestamp, QueueId, MessageNo)>,
    poison: HashMap<MessageNo, Arc<Item>>,
    last_id: u32,
}

impl QueueSet {
    /// The queue with this key, made when there is none.
    pub fn open(&mut self, key: &QueueKey, now: Timestamp) -> QueueId {
        if let Some(&id) = self.by_key.get(key) {
            return id;
        }
        self.last_id = self.last_id.saturating_add(1);
        let id = QueueId(self.last_id);
        self.queues.insert(id, Queue::new(id, key.clone(), now));
        self.by_key.insert(key.clone(), id);
        id
    }

    /// Puts a message into the queue with this key. `deadline` is the next time at which a notice or the expiry is due.
    pub fn enqueue(&mut self, key: &QueueKey, item: Item, deadline: Timestamp, now: Timestamp) -> QueueId {
        let id = self.open(key, now);
        let no = item.no;
        let state = state_of(&item, now);
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.empty_since = None;
            queue.incoming.add(now, 1);
            let item = match queue.slots.remove(&no) {
                // A second fork of the same message for the same hop joins the first.
                Some(old) => merge(&old.item, item),
                None => item,
            };
            queue.unplace(no);
            queue.slots.insert(no, Slot { item: Arc::new(item), state, pending: None });
            queue.place(no, state);
        }
        self.deadlines.insert((deadline, id, no));
        id
    }

    /// The queue with this number.
    #[must_use]
    pub fn get(&self, id: QueueId) -> Option<&Queue> {
        self.queues.get(&id)
    }

    /// The queue with this number, to change its counters.
    pub fn get_mut(&mut self, id: QueueId) -> Option<&mut Queue> {
        self.queues.get_mut(&id)
    }

    /// All queues in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Queue> {
        self.queues.values()
    }

    /// Messages in all queues together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queues.values().map(Queue::len).sum()
    }

    /// Whether all queues are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to `max` messages that may go now; they are Active until [`Self::done`] or [`Self::give_back`].
    pub fn take(&mut self, id: QueueId, max: usize, now: Timestamp) -> Vec<Arc<Item>> {
        let Some(queue) = self.queues.get_mut(&id) else { return Vec::new() };
        queue.wake_due(now);
        if !queue.may_send(now) {
            return Vec::new();
        }
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(no) = queue.ready.pop_front() else { break };
            if let Some(slot) = queue.slots.get_mut(&no) {
                slot.state = ItemState::Active;
                taken.push(Arc::clone(&slot.item));
            }
        }
        taken
    }

    /// All recipients of the message in this queue have reached their end, or moved on.
    pub fn done(&mut self, id: QueueId, no: MessageNo, now: Timestamp) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.unplace(no);
            if queue.slots.remove(&no).is_some() {
                queue.outgoing.add(now, 1);
            }
            if queue.slots.is_empty() {
                queue.empty_since = Some(now);
            }
        }
    }

    /// A worker returns a message with the recipients that are left; the pending wish of an administrator comes back.
    pub fn give_back(&mut self, id: QueueId, item: Item, now: Timestamp) -> Option<Pending> {
        let queue = self.queues.get_mut(&id)?;
        let no = item.no;
        let slot = queue.slots.get_mut(&no)?;
        let pending = slot.pending.take();
        let state = match pending {
            Some(Pending::Suspend) => ItemState::Suspended,
            _ => state_of(&item, now),
        };
        slot.item = Arc::new(item);
        queue.place(no, state);
        pending
    }

    /// Replaces the recipients of a waiting message (a notice was sent, a hold set) and places it anew.
    pub fn replace(&mut self, id: QueueId, item: Item, now: Timestamp) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let no = item.no;
        if queue.slots.get(&no).is_none_or(|slot| slot.state == ItemState::Active) {
            return;
        }
        queue.unplace(no);
        let state = state_of(&item, now);
        if let Some(slot) = queue.slots.get_mut(&no) {
            slot.item = Arc::new(item);
        }
        queue.place(no, state);
    }

    /// Notes a wish for a message that a worker has. Returns false when no worker has it.
    pub fn set_pending(&mut self, id: QueueId, no: MessageNo, wish: Pending) -> bool {
        match self.queues.get_mut(&id).and_then(|queue| queue.slots.get_mut(&no)) {
            Some(slot) if slot.state == ItemState::Active => {
                slot.pending = Some(wish);
                true
            }
            _ => false,
        }
    }

    /// The hop cannot be reached: the whole queue waits as the schedule says. Returns the time of the next attempt.
    pub fn connection_failed(
        &mut self,
        id: QueueId,
        error: &str,
        schedule: &RetrySchedule,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let queue = self.queues.get_mut(&id)?;
        // Several workers may fail at the same hop at once: that is one failure.
        if queue.next_retry.is_none_or(|at| at <= now) {
            queue.failures = queue.failures.saturating_add(1);
            let wait = schedule.wait_after(queue.failures);
            queue.next_retry = Some(later(now, wait));
        }
        queue.first_retry.get_or_insert(now);
        queue.last_retry = Some(now);
        queue.last_error = Some(error.to_owned());
        queue.next_retry
    }

    /// The hop answers again.
    pub fn connected(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.failures = 0;
            queue.next_retry = None;
            queue.first_retry = None;
            queue.last_error = None;
        }
    }

    /// Queues that have something to send now.
    pub fn due(&mut self, now: Timestamp) -> Vec<QueueId> {
        let mut due = Vec::new();
        for queue in self.queues.values_mut() {
            queue.wake_due(now);
            if queue.may_send(now) && !queue.ready.is_empty() {
                due.push(queue.id);
            }
        }
        due
    }

    /// The next time at which [`Self::due`] or [`Self::past_deadline`] can have more to say.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let queues = self.queues.values().filter(|queue| queue.hold == Hold::Free).filter_map(|queue| {
            let item = queue.retry.first().map(|(at, _)| *at);
            let hop = queue.next_retry.filter(|_| !queue.ready.is_empty());
            earliest(item, hop)
        });
        earliest(queues.min(), self.deadlines.first().map(|(at, _, _)| *at))
    }

    /// Messages whose deadline has come; each is named once, so the caller sets the next one.
    pub fn past_deadline(&mut self, now: Timestamp, max: usize) -> Vec<(QueueId, Slot)> {
        let mut due = Vec::new();
        while due.len() < max {
            let Some(&(at, id, no)) = self.deadlines.first() else { break };
            if at > now {
                break;
            }
            self.deadlines.pop_first();
            if let Some(slot) = self.queues.get(&id).and_then(|queue| queue.slots.get(&no)) {
                due.push((id, slot.clone()));
            }
        }
        due
    }

    /// Sets the next deadline of a message.
    pub fn set_deadline(&mut self, id: QueueId, no: MessageNo, at: Timestamp) {
        self.deadlines.insert((at, id, no));
    }

    /// Drops queues that have been empty for longer than `idle_max` and have no worker.
    pub fn drop_idle(&mut self, idle_max: Duration, now: Timestamp) {
        let old = |queue: &Queue| {
            queue.workers == 0
                && queue.hold == Hold::Free
                && queue.empty_since.is_some_and(|since| later(since, idle_max) <= now)
        };
        let gone: Vec<QueueId> =
            self.queues.values().filter(|queue| old(queue)).map(|queue| queue.id).collect();
        for id in gone {
            if let Some(queue) = self.queues.remove(&id) {
                self.by_key.remove(&queue.key);
            }
        }
    }

    /// Makes a queue in Retry try again at once. Returns whether it was in Retry.
    pub fn retry_now(&mut self, id: QueueId, now: Timestamp) -> bool {
        let Some(queue) = self.queues.get_mut(&id) else { return false };
        let waiting: Vec<(Timestamp, MessageNo)> = queue.retry.iter().copied().collect();
        let was = queue.next_retry.is_some_and(|at| at > now) || !waiting.is_empty();
        queue.next_retry = None;
        for (_, no) in waiting {
            queue.unplace(no);
            queue.place(no, ItemState::Ready);
        }
        was
    }

    /// Takes every waiting, unsuspended message out of a queue, to categorize it again.
    pub fn drain(&mut self, id: QueueId) -> Vec<Arc<Item>> {
        let Some(queue) = self.queues.get_mut(&id) else { return Vec::new() };
        let free: Vec<MessageNo> = queue
            .slots
            .values()
            .filter(|slot| matches!(slot.state, ItemState::Ready | ItemState::Retry(_)))
            .map(|slot| slot.item.no)
            .collect();
        free.into_iter()
            .filter_map(|no| {
                queue.unplace(no);
                queue.slots.remove(&no).map(|slot| slot.item)
            })
            .collect()
    }

    /// Messages in the poison queue.
    pub fn poison(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.poison.values()
    }

    /// Puts a message into the poison queue.
    pub fn add_poison(&mut self, item: Item) {
        self.poison.insert(item.no, Arc::new(item));
    }

    /// Takes a message out of the poison queue.
    pub fn take_poison(&mut self, no: MessageNo) -> Option<Arc<Item>> {
        self.poison.remove(&no)
    }
}

fn state_of(item: &Item, now: Timestamp) -> ItemState {
    if item.entries.iter().any(|(_, entry)| entry.hold == Hold::Suspended) {
        return ItemState::Suspended;
    }
    let retry = item.entries.iter().filter_map(|(_, entry)| entry.next_retry).min();
    match retry {
        Some(at) if at > now => ItemState::Retry(at),
        _ => ItemState::Ready,
    }
}

fn merge(old: &Item, new: Item) -> Item {
    let mut entries = old.entries.clone();
    for (no, entry) in new.entries {
        entries.retain(|(other, _)| *other != no);
        entries.push((no, entry));
    }
    Item { no: new.no, envelope: new.envelope, entries }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
