//! The queues in memory: which message may go where and when. Pure state; the spool keeps what must survive.
//!
//! May touch: nothing (pure but for waking workers; the present time is an argument).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::MessageNo;
use tokio::sync::Notify;
use trace::Cause;

use super::held::Held;
use super::key::{DeliveryType, QueueKey};
use super::rate::Rate;
use super::schedule::RetrySchedule;
pub use super::slot::{ItemState, Pending, RemoveReport, Slot};
use super::slot::{join, state_of};
use crate::envelope::Hold;
use crate::item::{Item, later};

/// A hop that took no further connection while others worked is not asked for more within this time.
const CONNECTION_AGAIN: Duration = Duration::from_secs(60);

/// What a connection that did not come about means for its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconnected {
    /// Other connections work.
    Enough,
    /// The queue is in Retry until then.
    Retry(Option<Timestamp>),
}

/// Why a queue waits.
#[derive(Debug, Clone)]
pub struct InRetry {
    /// As the tracking log has it.
    pub cause: Cause,
    /// The error of the last attempt.
    pub error: String,
    /// When the next one is due.
    pub next_retry: Timestamp,
}

/// The number `Get-Queue` shows for a queue; new with each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u32);

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
    /// The same as the tracking log has it, for messages that come while the queue is in Retry.
    pub last_cause: Option<Cause>,
    /// Workers at it.
    pub workers: u32,
    /// Workers that have a connection to the next hop.
    pub connected: u32,
    /// The next hop took no further connection while others worked: no more are tried before this time.
    pub enough_until: Option<Timestamp>,
    /// Wakes workers that wait with an open connection.
    pub(crate) arrived: Arc<Notify>,
    /// Messages that came in, over the last minute.
    pub incoming: Rate,
    /// Messages that went out, over the last minute.
    pub outgoing: Rate,
    empty_since: Option<Timestamp>,
    /// By ticket, so that one can be taken out of the middle of a long queue.
    ready: BTreeMap<u64, MessageNo>,
    last_ticket: u64,
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
            last_cause: None,
            workers: 0,
            connected: 0,
            enough_until: None,
            arrived: Arc::default(),
            incoming: Rate::default(),
            outgoing: Rate::default(),
            empty_since: Some(now),
            ready: BTreeMap::new(),
            last_ticket: 0,
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
        slots.sort_by_key(|slot| slot.no);
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
        let Some(slot) = self.slots.get_mut(&no) else { return };
        slot.state = state;
        match state {
            ItemState::Ready => {
                self.last_ticket = self.last_ticket.saturating_add(1);
                slot.ticket = self.last_ticket;
                self.ready.insert(slot.ticket, no);
                self.arrived.notify_one();
            }
            ItemState::Retry(at) => {
                self.retry.insert((at, no));
            }
            ItemState::Active | ItemState::Suspended => {}
        }
    }

    /// Makes a message Active and hands it out. One that cannot be read stays, as one that an administrator holds: it is
    /// still in the spool, and the next start says what is wrong with it.
    fn activate(&mut self, no: MessageNo) -> Option<Arc<Item>> {
        let slot = self.slots.get_mut(&no)?;
        let item = slot.item();
        slot.state = if item.is_some() { ItemState::Active } else { ItemState::Suspended };
        item
    }

    fn unplace(&mut self, no: MessageNo) {
        let Some(slot) = self.slots.get(&no) else { return };
        match slot.state {
            ItemState::Ready => {
                self.ready.remove(&slot.ticket);
            }
            ItemState::Retry(at) => {
                self.retry.remove(&(at, no));
            }
            ItemState::Active | ItemState::Suspended => {}
        }
    }

    /// Takes a message out, wherever it is placed.
    fn remove(&mut self, no: MessageNo, now: Timestamp) -> Option<Slot> {
        self.unplace(no);
        let slot = self.slots.remove(&no);
        if self.slots.is_empty() {
            self.empty_since.get_or_insert(now);
        }
        slot
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
    /// Where the message is in the queue already, its recipients join; one in other hands gets them when it is given
    /// back.
    pub fn enqueue(&mut self, key: &QueueKey, item: Item, deadline: Timestamp, now: Timestamp) -> QueueId {
        let id = self.open(key, now);
        let no = item.no;
        let Some(queue) = self.queues.get_mut(&id) else { return id };
        queue.empty_since = None;
        queue.incoming.add(now, 1);
        let (item, deadline) = match queue.slots.get_mut(&no) {
            Some(slot) if slot.state == ItemState::Active => {
                join(&mut slot.joining, item.entries);
                let earlier = deadline.min(slot.deadline);
                self.set_deadline(id, no, earlier);
                return id;
            }
            Some(slot) => {
                let mut entries = slot.item().map(|item| item.entries.clone()).unwrap_or_default();
                join(&mut entries, item.entries);
                (Item { entries, ..item }, deadline.min(slot.deadline))
            }
            None => (item, deadline),
        };
        self.take_out(id, no, now);
        self.put_in(id, item, deadline, now);
        id
    }

    fn put_in(&mut self, id: QueueId, item: Item, deadline: Timestamp, now: Timestamp) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let (no, state) = (item.no, state_of(&item, now));
        let held = Held::new(&Arc::new(item), queue.slots.len());
        let slot = Slot { no, held, state, pending: None, joining: Vec::new(), ticket: 0, deadline };
        queue.empty_since = None;
        queue.slots.insert(no, slot);
        queue.place(no, state);
        self.deadlines.insert((deadline, id, no));
    }

    fn take_out(&mut self, id: QueueId, no: MessageNo, now: Timestamp) -> Option<Slot> {
        let slot = self.queues.get_mut(&id)?.remove(no, now)?;
        self.deadlines.remove(&(slot.deadline, id, no));
        Some(slot)
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

    /// Up to `max` messages that may go now; they are Active until [`Self::give_back`].
    pub fn take(&mut self, id: QueueId, max: usize, now: Timestamp) -> Vec<Arc<Item>> {
        let Some(queue) = self.queues.get_mut(&id) else { return Vec::new() };
        queue.wake_due(now);
        if !queue.may_send(now) {
            return Vec::new();
        }
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some((_, no)) = queue.ready.pop_first() else { break };
            taken.extend(queue.activate(no));
        }
        taken
    }

    /// The last of those that wait in the queue now; see [`Self::take_through`].
    #[must_use]
    pub fn last_ticket(&self, id: QueueId) -> u64 {
        self.queues.get(&id).map_or(0, |queue| queue.last_ticket)
    }

    /// Up to `max` of the messages that were ready when [`Self::last_ticket`] was asked, though the queue is in Retry;
    /// they are Active until [`Self::give_back`], and stand behind the ticket then.
    pub fn take_through(&mut self, id: QueueId, last: u64, max: usize) -> Vec<Arc<Item>> {
        let Some(queue) = self.queues.get_mut(&id) else { return Vec::new() };
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(first) = queue.ready.first_entry().filter(|first| *first.key() <= last) else { break };
            let no = first.remove();
            taken.extend(queue.activate(no));
        }
        taken
    }

    /// Takes one waiting message into the caller's hands, so that nobody else changes what becomes of it: it is Active
    /// until [`Self::give_back`]. Nothing where it is not there, or in other hands already.
    pub fn claim(&mut self, id: QueueId, no: MessageNo) -> Option<Arc<Item>> {
        let queue = self.queues.get_mut(&id)?;
        if queue.slots.get(&no)?.state == ItemState::Active {
            return None;
        }
        queue.unplace(no);
        queue.activate(no)
    }

    /// Returns a message with the recipients that are left; with none, and none that joined, it leaves the queue. What
    /// an administrator asked for meanwhile comes back with the message, which then stays in the caller's hands.
    pub fn give_back(&mut self, id: QueueId, item: Item, now: Timestamp) -> Option<(Pending, Arc<Item>)> {
        let queue = self.queues.get_mut(&id)?;
        let (no, queue_len) = (item.no, queue.slots.len());
        let slot = queue.slots.get_mut(&no)?;
        let mut item = item;
        join(&mut item.entries, std::mem::take(&mut slot.joining));
        if item.entries.is_empty() {
            queue.outgoing.add(now, 1);
            self.take_out(id, no, now);
            return None;
        }
        let pending = slot.pending.take();
        let state = if pending.is_some() { ItemState::Active } else { state_of(&item, now) };
        let item = Arc::new(item);
        slot.held = Held::new(&item, queue_len);
        queue.place(no, state);
        pending.map(|pending| (pending, item))
    }

    /// Notes a wish for a message that is in other hands. Returns false where it is in nobody's, or the wish comes too
    /// late: a removal that somebody was promised stands.
    pub fn set_pending(&mut self, id: QueueId, no: MessageNo, wish: Pending) -> bool {
        let removed = |slot: &&mut Slot| matches!(slot.pending, Some(Pending::Remove(..)));
        let slot = self.active(id, no).filter(|slot| !removed(slot));
        slot.map(|slot| slot.pending = Some(wish)).is_some()
    }

    /// Takes back the wish to suspend a message. Returns whether there was one.
    pub fn withdraw_suspension(&mut self, id: QueueId, no: MessageNo) -> bool {
        let slot = self.active(id, no).filter(|slot| slot.pending == Some(Pending::Suspend));
        slot.map(|slot| slot.pending = None).is_some()
    }

    fn active(&mut self, id: QueueId, no: MessageNo) -> Option<&mut Slot> {
        let slot = self.queues.get_mut(&id)?.slots.get_mut(&no)?;
        (slot.state == ItemState::Active).then_some(slot)
    }

    /// The hop took no connection. While other connections to it work that is no more than its limit, and only further
    /// connections wait; with none the whole queue waits as the schedule says.
    pub fn connection_failed(
        &mut self,
        id: QueueId,
        error: &str,
        schedule: &RetrySchedule,
        now: Timestamp,
    ) -> Unconnected {
        let Some(queue) = self.queues.get_mut(&id) else { return Unconnected::Retry(None) };
        queue.last_error = Some(error.to_owned());
        if queue.connected > 0 {
            queue.enough_until = Some(later(now, CONNECTION_AGAIN));
            return Unconnected::Enough;
        }
        // Several workers may fail at the same hop at once: that is one failure.
        if queue.next_retry.is_none_or(|at| at <= now) {
            queue.failures = queue.failures.saturating_add(1);
            let wait = schedule.wait_after(queue.failures);
            queue.next_retry = Some(later(now, wait));
        }
        queue.first_retry.get_or_insert(now);
        queue.last_retry = Some(now);
        Unconnected::Retry(queue.next_retry)
    }

    /// Why the queue with this key is in Retry and until when, if it is.
    #[must_use]
    pub fn in_retry(&self, key: &QueueKey, now: Timestamp) -> Option<InRetry> {
        let queue = self.queues.get(self.by_key.get(key)?)?;
        let next_retry = queue.next_retry.filter(|at| *at > now)?;
        Some(InRetry { cause: queue.last_cause.clone()?, error: queue.last_error.clone()?, next_retry })
    }

    /// The hop answers again, on one connection more.
    pub fn connected(&mut self, id: QueueId, now: Timestamp) {
        if let Some(queue) = self.queues.get_mut(&id) {
            // The attempt of a queue in Retry that went well is its last one.
            if queue.last_retry.is_some() {
                queue.last_retry = Some(now);
            }
            queue.connected = queue.connected.saturating_add(1);
            queue.failures = 0;
            queue.next_retry = None;
            queue.first_retry = None;
            queue.last_error = None;
            queue.last_cause = None;
        }
    }

    /// One connection to the hop less.
    pub fn disconnected(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.connected = queue.connected.saturating_sub(1);
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

    /// Takes every waiting, unsuspended message that is `wanted` out of a queue, to categorize it again.
    pub fn drain(
        &mut self,
        id: QueueId,
        now: Timestamp,
        wanted: impl Fn(MessageNo) -> bool,
    ) -> Vec<Arc<Item>> {
        let Some(queue) = self.queues.get(&id) else { return Vec::new() };
        let free: Vec<MessageNo> = queue
            .slots
            .values()
            .filter(|slot| matches!(slot.state, ItemState::Ready | ItemState::Retry(_)))
            .map(|slot| slot.no)
            .filter(|no| wanted(*no))
            .collect();
        free.into_iter().filter_map(|no| self.take_out(id, no, now)?.item()).collect()
    }

    /// Messages in the poison queue.
    pub fn poison(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.poison.values()
    }

    /// Puts a message into the poison queue.
    pub fn add_poison(&mut self, item: Item) {
        // Copies of one message may come from several queues.
        match self.poison.get_mut(&item.no) {
            Some(known) => join(&mut Arc::make_mut(known).entries, item.entries),
            None => {
                self.poison.insert(item.no, Arc::new(item));
            }
        }
    }

    /// Takes a message out of the poison queue.
    pub fn take_poison(&mut self, no: MessageNo) -> Option<Arc<Item>> {
        self.poison.remove(&no)
    }
}

mod due;
#[cfg(test)]
pub(crate) mod tests;
