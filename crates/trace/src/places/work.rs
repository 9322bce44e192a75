//! The work of an import: events of hops become events of messages, joined with what is there already.
//!
//! May touch: the store, the refusals, the index of hops.

mod durable;
mod ids;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use events::{Event, EventId, NextHop};
use jiff::Timestamp;
use mail::NetworkMessageId;
use parking_lot::Mutex;
use world::Disk;

use super::build::QUEUE_ID;
use super::identity::{is_nil, number};
use super::index::{CANDIDATES_MAX, JoinIndex, MemoryIndex, SqliteIndex};
use super::joins::{Basis, Edge, Hop, QUEUE_MICROS, WINDOW_MICROS, edge, hop_key, place_of};
use super::tally::AHEAD;
use crate::feeder::Bulletin;
use crate::refusals::RefusalStore;
use crate::status::{EventKey, address_key};
use crate::store::{Day, Lookup, Store, StoreError};

/// Name of the file with the hops.
const INDEX_FILE: &str = "hops.sqlite";
/// Events applied in one piece.
pub(crate) const EVENTS_AT_ONCE: usize = 10_000;

/// What has been joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Joined {
    /// Joins that rest on an id.
    pub certain: u64,
    /// Joins that rest on Message-ID, recipient and time.
    pub probable: u64,
}

/// What became of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Events, and refusals, that were not there before.
    pub new: u64,
    /// Events older than anything is kept; left out.
    pub too_old: u64,
    /// Events more than a day ahead of the clock; left out. Readers refuse such lines before.
    pub too_new: u64,
    /// Joins found.
    pub joined: Joined,
}

impl Imported {
    /// Both together.
    pub fn add(&mut self, other: Imported) {
        self.new = self.new.saturating_add(other.new);
        self.too_old = self.too_old.saturating_add(other.too_old);
        self.too_new = self.too_new.saturating_add(other.too_new);
        self.joined.certain = self.joined.certain.saturating_add(other.joined.certain);
        self.joined.probable = self.joined.probable.saturating_add(other.joined.probable);
    }
}

/// Why an import did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The record is not what it should be.
    #[error(transparent)]
    Format(#[from] super::WrongFormat),
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The trace could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

/// A Message-ID asked for, as the store numbers it, with the days on which it may have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sought {
    pub(crate) message_id: u64,
    pub(crate) from: Day,
    pub(crate) to: Day,
}

/// Takes the events of a message that was sought.
pub(crate) type TakesOwn<'a> = dyn FnMut(u64, Vec<(EventKey, Event)>) + 'a;

/// What joining needs of the store.
pub(crate) trait Shelf {
    /// Gives our own messages with these Message-IDs, each with its events. `sought` is sorted: look-ups in the order
    /// of an index find its pages in memory, and a day is opened once for all of them.
    fn own(&self, sought: &[Sought], take: &mut TakesOwn<'_>) -> Result<(), StoreError>;

    /// The events kept under an id that was received at this time.
    fn peek(&self, id: NetworkMessageId, received: i64) -> Result<Vec<(EventKey, Event)>, StoreError>;
}

/// Hops by the one that handed the message to them.
type Handed = HashMap<u128, BTreeSet<u128>>;

/// A join found: which hops, and how.
#[derive(Debug, Clone, Copy)]
struct Found {
    a: u128,
    b: u128,
    edge: Edge,
}

/// Joins the events of one batch.
struct Joiner<'a> {
    pub(crate) index: &'a mut dyn JoinIndex,
    pub(crate) shelf: &'a dyn Shelf,
    /// The name of this server.
    pub(crate) own: &'a str,
    hops: HashMap<u128, Hop>,
    /// Hops that are not in the index as they are here.
    changed: HashSet<u128>,
    /// The hops of this batch by their numbers.
    numbers: HashMap<u64, Vec<u128>>,
    /// Our own hops by their Message-IDs, of those that the batch has.
    own_hops: HashMap<u64, Vec<u128>>,
}

/// What is to be written.
struct Plan {
    pub(crate) put: Vec<(EventKey, Event)>,
    /// How many of them were kept before, under another id or without their place.
    pub(crate) moved: usize,
    pub(crate) gone: Vec<(Day, NetworkMessageId)>,
    pub(crate) hops: Vec<Hop>,
    pub(crate) joined: Joined,
}

fn day_of(received: i64) -> Day {
    Day::of(Timestamp::from_microsecond(received).unwrap_or(Timestamp::UNIX_EPOCH))
}

impl<'a> Joiner<'a> {
    pub(crate) fn new(index: &'a mut dyn JoinIndex, shelf: &'a dyn Shelf, own: &'a str) -> Joiner<'a> {
        Joiner {
            index,
            shelf,
            own,
            hops: HashMap::new(),
            changed: HashSet::new(),
            numbers: HashMap::new(),
            own_hops: HashMap::new(),
        }
    }

    /// Finds what the events belong to. Nothing is written.
    pub(crate) fn plan(mut self, mut events: Vec<(EventKey, Event)>) -> Result<Plan, StoreError> {
        let touched = self.absorb(&events)?;
        for hop in touched.iter().filter_map(|key| self.hops.get(key)) {
            for number in hop.keys() {
                self.numbers.entry(number).or_default().push(hop.key());
            }
        }
        self.seek_own(&touched)?;
        let known = self.in_index(&touched)?;
        let mut found = Vec::new();
        for key in &touched {
            self.find(*key, known.get(key).map_or(&[][..], Vec::as_slice), &mut found)?;
        }
        let (joined, handed) = self.unite(&found)?;
        let roots: BTreeSet<u128> =
            touched.iter().filter_map(|key| self.hops.get(key).map(|hop| hop.root)).collect();
        let mut moves: BTreeSet<(NetworkMessageId, i64)> = BTreeSet::new();
        let mut moved: Vec<u128> = Vec::new();
        for root in roots {
            self.settle(root, &handed, &mut moves, &mut moved)?;
        }
        let mut gone = Vec::new();
        let mut moved_events = 0;
        for (id, received) in moves {
            let kept = self.shelf.peek(id, received)?;
            moved_events += kept.len();
            events.extend(kept);
            gone.push((day_of(received), id));
        }
        let targets = self.targets(&moved, &touched);
        self.rewrite(&mut events, &targets);
        self.mark_stored(&targets);
        let Joiner { mut hops, changed, .. } = self;
        hops.retain(|key, _| changed.contains(key));
        let mut hops: Vec<Hop> = hops.into_values().collect();
        hops.sort_by_key(|hop| (hop.first, hop.id));
        Ok(Plan { put: events, moved: moved_events, gone, hops, joined })
    }

    /// Takes the events into their hops; gives the keys of those.
    fn absorb(&mut self, events: &[(EventKey, Event)]) -> Result<BTreeSet<u128>, StoreError> {
        let key_of = |event: &Event| hop_key(event.network_message_id, place_of(event, self.own));
        let touched: BTreeSet<u128> = events.iter().map(|(_, event)| key_of(event)).collect();
        for key in &touched {
            self.load(*key)?;
        }
        for (_, event) in events {
            let place = place_of(event, self.own);
            let key = hop_key(event.network_message_id, place);
            if !self.hops.contains_key(&key) {
                let at = event.at.as_microsecond();
                let hop = Hop::new(event.network_message_id, place, event.detail.place.is_none(), at);
                self.hops.insert(key, hop);
            }
            if let Some(hop) = self.hops.get_mut(&key) {
                hop.absorb(event);
            }
            self.changed.insert(key);
        }
        Ok(touched)
    }

    /// Brings a hop and all joined with it into memory; `false` if there is none.
    fn load(&mut self, key: u128) -> Result<bool, StoreError> {
        if self.hops.contains_key(&key) {
            return Ok(true);
        }
        let Some(hop) = self.index.hop(key)? else { return Ok(false) };
        let root = hop.root;
        self.hops.insert(key, hop);
        if root != key && !self.hops.contains_key(&root) {
            match self.index.hop(root)? {
                Some(found) => {
                    self.hops.insert(root, found);
                }
                // The root was forgotten with age: the hop stands for itself again.
                None => {
                    if let Some(hop) = self.hops.get_mut(&key) {
                        hop.root = key;
                        hop.members = Vec::from([key]);
                    }
                }
            }
        }
        let members = self.hops.get(&root).map(|hop| hop.members.clone()).unwrap_or_default();
        for member in members {
            if !self.hops.contains_key(&member)
                && let Some(found) = self.index.hop(member)?
            {
                self.hops.insert(member, found);
            }
        }
        Ok(true)
    }

    /// Hops of the index that have a number in common with one of this batch, by that one.
    fn in_index(&mut self, touched: &BTreeSet<u128>) -> Result<HashMap<u128, Vec<u128>>, StoreError> {
        let mut asked: Vec<(u64, u128, i64, i64)> = Vec::new();
        for (key, hop) in touched.iter().filter_map(|key| Some((*key, self.hops.get(key)?))) {
            let from = hop.first.saturating_sub(QUEUE_MICROS);
            let to = hop.last.saturating_add(WINDOW_MICROS);
            asked.extend(hop.keys().into_iter().map(|number| (number, key, from, to)));
        }
        // In the order of the index: neighbours are on the same page while it is at hand.
        asked.sort_unstable();
        let mut found: HashMap<u128, Vec<u128>> = HashMap::new();
        for (number, key, from, to) in asked {
            let others = self.index.with_number(number, from, to)?;
            if !others.is_empty() {
                found.entry(key).or_default().extend(others);
            }
        }
        Ok(found)
    }

    /// The hops that belong to this one.
    fn find(&mut self, key: u128, known: &[u128], found: &mut Vec<Found>) -> Result<(), StoreError> {
        let Some(hop) = self.hops.get(&key) else { return Ok(()) };
        let mut candidates: BTreeSet<u128> = known.iter().copied().collect();
        candidates.extend(self.in_batch(&hop.keys()));
        candidates.extend(self.own_of(key));
        for other in candidates {
            if other == key || !self.load(other)? {
                continue;
            }
            let (Some(a), Some(b)) = (self.hops.get(&key), self.hops.get(&other)) else { continue };
            if let Some(edge) = edge(a, b) {
                found.push(Found { a: key, b: other, edge });
            }
        }
        Ok(())
    }

    /// Hops of this batch are not in the index yet.
    fn in_batch(&self, numbers: &[u64]) -> Vec<u128> {
        let known = numbers.iter().filter_map(|number| self.numbers.get(number));
        known.flat_map(|keys| keys.iter().copied().take(CANDIDATES_MAX)).collect()
    }

    /// Brings our own messages that the hops of this batch may be of into memory.
    fn seek_own(&mut self, touched: &BTreeSet<u128>) -> Result<(), StoreError> {
        let foreign = touched.iter().filter_map(|key| self.hops.get(key)).filter(|hop| !hop.is_own);
        // A Message-ID that many messages share is sought once.
        let mut spans: BTreeMap<u64, (Day, Day)> = BTreeMap::new();
        for hop in foreign {
            let Some(message_id) = hop.message_id else { continue };
            let from = day_of(hop.first.saturating_sub(QUEUE_MICROS));
            let to = day_of(hop.last.saturating_add(WINDOW_MICROS));
            let span = spans.entry(message_id).or_insert((from, to));
            *span = (span.0.min(from), span.1.max(to));
        }
        let sought = spans.into_iter().map(|(message_id, (from, to))| Sought { message_id, from, to });
        let sought: Vec<Sought> = sought.collect();
        let mut found: Vec<(u64, Hop)> = Vec::new();
        self.shelf.own(&sought, &mut |message_id, events| {
            found.extend(own_hop(&events, self.own).map(|hop| (message_id, hop)));
        })?;
        for (message_id, hop) in found {
            let key = hop.key();
            if self.load(key)? {
                self.renew(key, &hop);
            } else {
                self.hops.insert(key, hop);
            }
            let known = self.own_hops.entry(message_id).or_default();
            if !known.contains(&key) {
                known.push(key);
            }
        }
        Ok(())
    }

    /// Events of ours go on after a hop was first looked at; what they tell is taken over.
    fn renew(&mut self, key: u128, now: &Hop) {
        let Some(hop) = self.hops.get_mut(&key) else { return };
        if !hop.tells(now) {
            hop.take_over(now);
            self.changed.insert(key);
        }
    }

    /// Our own hops that this one may be of the same message with.
    fn own_of(&self, key: u128) -> Vec<u128> {
        let hop = self.hops.get(&key).filter(|hop| !hop.is_own);
        let known = hop.and_then(|hop| self.own_hops.get(&hop.message_id?));
        known.cloned().unwrap_or_default()
    }

    /// Joins, and notes which hop handed to which.
    fn unite(&mut self, found: &[Found]) -> Result<(Joined, Handed), StoreError> {
        let (mut joined, mut handed) = (Joined::default(), Handed::new());
        for one in found {
            let (from, to) = if one.edge.forward { (one.a, one.b) } else { (one.b, one.a) };
            let roots =
                (self.hops.get(&one.a).map(|hop| hop.root), self.hops.get(&one.b).map(|hop| hop.root));
            let (Some(first), Some(second)) = roots else { continue };
            if first != second {
                let members =
                    |root: u128| self.hops.get(&root).map(|hop| hop.members.clone()).unwrap_or_default();
                let mut all = members(first);
                all.extend(members(second));
                let own = all.iter().filter(|key| self.hops.get(key).is_some_and(|hop| hop.is_own)).count();
                if own > 1 {
                    // Two of our own messages stay two: their events are written under their own ids.
                    continue;
                }
                self.set_root(first, &all);
                let count = match one.edge.basis {
                    Basis::Certain => &mut joined.certain,
                    Basis::Probable => &mut joined.probable,
                };
                *count = count.saturating_add(1);
            }
            if one.edge.skew.is_some() {
                handed.entry(from).or_default().insert(to);
            }
        }
        Ok((joined, handed))
    }

    fn set_root(&mut self, root: u128, members: &[u128]) {
        for key in members {
            if let Some(hop) = self.hops.get_mut(key) {
                hop.root = root;
                hop.members = if *key == root { members.to_vec() } else { Vec::new() };
                self.changed.insert(*key);
            }
        }
    }

    /// Chooses the id all members share, and finds what is kept under another.
    fn settle(
        &mut self,
        root: u128,
        handed: &Handed,
        moves: &mut BTreeSet<(NetworkMessageId, i64)>,
        moved: &mut Vec<u128>,
    ) -> Result<(), StoreError> {
        let members = self.hops.get(&root).map(|hop| hop.members.clone()).unwrap_or_default();
        let known = members.iter().filter_map(|key| self.hops.get(key));
        let Some(best) = known.min_by_key(|hop| hop.rank()) else { return Ok(()) };
        let (best_key, kept) = (best.key(), (best.id, best.came()));
        if best_key != root {
            self.set_root(best_key, &members);
        }
        for key in &members {
            let Some(hop) = self.hops.get_mut(key) else { continue };
            let new = handed.get(key).into_iter().flatten();
            let fresh: Vec<u128> = new.filter(|to| !hop.handed_to.contains(to)).copied().collect();
            let restamp = !fresh.is_empty();
            hop.handed_to.extend(fresh);
            if restamp {
                self.changed.insert(*key);
            }
            if let Some(stored) = hop.stored
                && (stored != kept || restamp)
            {
                moves.insert(stored);
                moved.push(*key);
            }
        }
        Ok(())
    }

    /// Where the events of each touched or moved hop go.
    fn targets(&self, moved: &[u128], touched: &BTreeSet<u128>) -> HashMap<u128, (NetworkMessageId, i64)> {
        let keys = touched.iter().chain(moved);
        let roots: BTreeSet<u128> = keys.filter_map(|key| self.hops.get(key).map(|hop| hop.root)).collect();
        let mut targets = HashMap::new();
        for root in roots {
            let Some(hop) = self.hops.get(&root) else { continue };
            let kept = (hop.id, hop.came());
            targets.extend(hop.members.iter().map(|member| (*member, kept)));
        }
        targets
    }

    /// Gives every event the id and the day of its message, and hand-ons the place they went to.
    fn rewrite(&self, events: &mut [(EventKey, Event)], targets: &HashMap<u128, (NetworkMessageId, i64)>) {
        // Moved events carry the id they were kept under; the members of its root tell which hop they are of.
        let mut by_kept: HashMap<NetworkMessageId, Vec<u128>> = HashMap::new();
        for key in targets.keys() {
            if let Some((id, _)) = self.hops.get(key).and_then(|hop| hop.stored) {
                by_kept.entry(id).or_default().push(*key);
            }
        }
        for (_, event) in events {
            let place = place_of(event, self.own);
            let direct = hop_key(event.network_message_id, place);
            let queue_id =
                event.custom_data.iter().find(|(name, _)| name == QUEUE_ID).map(|(_, id)| id.as_str());
            let is_of = |key: &&u128| {
                self.hops.get(key).is_some_and(|hop| {
                    hop.place == place
                        && queue_id.is_none_or(|id| hop.queue_ids.iter().any(|known| known.as_ref() == id))
                })
            };
            let among =
                by_kept.get(&event.network_message_id).and_then(|keys| keys.iter().find(is_of)).copied();
            let key = if self.hops.get(&direct).is_some_and(|_| is_of(&&direct)) {
                direct
            } else {
                among.unwrap_or(direct)
            };
            let Some((id, received)) = targets.get(&key) else { continue };
            event.network_message_id = *id;
            event.received = Timestamp::from_microsecond(*received).unwrap_or(event.received);
            if matches!(event.event_id, EventId::Send | EventId::SendExternal)
                && let Some(hop) = self.hops.get(&key)
            {
                self.stamp(hop, event);
            }
        }
    }

    /// A hand-on to a place whose record is here is no end: the place decides.
    fn stamp(&self, from: &Hop, event: &mut Event) {
        let recipients: Vec<u64> =
            event.recipients.iter().map(|recipient| number(b'a', &address_key(&recipient.address))).collect();
        let remote = event.detail.remote_queue_id.as_deref();
        let next = from.handed_to.iter().filter_map(|key| self.hops.get(key)).find(|to| {
            let named = remote.is_some_and(|id| {
                to.queue_ids.iter().any(|own| own.as_ref() == id || own.split('@').next() == Some(id))
            });
            named || recipients.iter().any(|recipient| to.recipients.contains(recipient))
        });
        if let Some(to) = next {
            event.detail.next_hop = Some(if to.place == from.place {
                NextHop::Internal
            } else {
                NextHop::Place(to.place.clone())
            });
        }
    }

    fn mark_stored(&mut self, targets: &HashMap<u128, (NetworkMessageId, i64)>) {
        for (key, kept) in targets {
            if let Some(hop) = self.hops.get_mut(key)
                && hop.stored != Some(*kept)
            {
                hop.stored = Some(*kept);
                self.changed.insert(*key);
            }
        }
    }
}

/// Our own message as a hop, from its events.
fn own_hop(events: &[(EventKey, Event)], own: &str) -> Option<Hop> {
    let (_, first) = events.first()?;
    let received = first.received.as_microsecond();
    let mut hop = Hop::new(first.network_message_id, own, true, first.at.as_microsecond());
    let ours = events.iter().filter(|(_, event)| event.detail.place.is_none());
    ours.for_each(|(_, event)| hop.absorb(event));
    // Ours stays where the feed put it.
    hop.received = Some(received);
    hop.stored = Some((hop.id, received));
    Some(hop)
}

/// A store that holds nothing.
struct Empty;

impl Shelf for Empty {
    fn own(&self, _: &[Sought], _: &mut TakesOwn<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn peek(&self, _: NetworkMessageId, _: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        Ok(Vec::new())
    }
}

/// Joins events without a store, to measure what joining costs; gives them with the ids of their messages.
///
/// # Errors
/// If the index fails.
pub fn join_in_memory(
    index: &mut MemoryIndex,
    events: Vec<(EventKey, Event)>,
) -> Result<Vec<(EventKey, Event)>, StoreError> {
    let plan = Joiner::new(index, &Empty, "").plan(events)?;
    index.save(&plan.hops.iter().collect::<Vec<_>>())?;
    Ok(plan.put)
}

/// The trace of places: imports, joins, and the ids that others gave a message. Cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Inner>);

struct Inner {
    disk: Disk,
    dir: PathBuf,
    store: Store,
    refusals: RefusalStore,
    own: String,
    retention_days: u32,
    news: Bulletin,
    index: Mutex<Option<SqliteIndex>>,
    /// Hops before this day were forgotten.
    oldest: Mutex<Day>,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("dir", &self.0.dir).finish_non_exhaustive()
    }
}

impl Places {
    pub(crate) fn new(
        disk: &Disk,
        dir: PathBuf,
        store: Store,
        refusals: RefusalStore,
        own: &str,
        retention_days: u32,
        news: Bulletin,
    ) -> Places {
        Places(Arc::new(Inner {
            disk: disk.clone(),
            dir,
            store,
            refusals,
            own: own.to_owned(),
            retention_days,
            news,
            index: Mutex::new(None),
            oldest: Mutex::new(Day(i32::MIN)),
        }))
    }

    /// The disk the places are on.
    pub(crate) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    /// The folder of the trace, out of which nothing is imported.
    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.0.dir
    }

    /// Takes events of places in; each once, in any order. Blocks.
    ///
    /// # Errors
    /// If they cannot be written; doing the same again is harmless.
    pub fn import(&self, events: Vec<(EventKey, Event)>, now: Timestamp) -> Result<Imported, StoreError> {
        let oldest =
            Day(Day::of(now).0.saturating_sub(i32::try_from(self.0.retention_days).unwrap_or(i32::MAX)));
        let newest = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        let mut done = Imported::default();
        let (mut kept, mut refused) = (Vec::with_capacity(events.len()), Vec::new());
        for (key, event) in events {
            if Day::of(event.at) < oldest || is_nil(event.network_message_id) {
                done.too_old = done.too_old.saturating_add(1);
            } else if event.at.max(event.received) > newest {
                done.too_new = done.too_new.saturating_add(1);
            } else if event.event_id == EventId::Refused {
                refused.push(event);
            } else {
                kept.push((key, event));
            }
        }
        if !refused.is_empty() {
            done.new = self.0.refusals.import(&refused, now)?;
        }
        let mut index = self.0.index.lock();
        let index = self.open(&mut index)?;
        if std::mem::replace(&mut *self.0.oldest.lock(), oldest) != oldest {
            index.forget_before(oldest.midnight())?;
        }
        while !kept.is_empty() {
            let rest = kept.split_off(kept.len().min(EVENTS_AT_ONCE));
            let batch = std::mem::replace(&mut kept, rest);
            let plan = Joiner::new(index, self, &self.0.own).plan(batch)?;
            let changed = self.0.news.of(plan.put.iter().map(|(_, event)| event));
            let written = self.0.store.replace(&plan.gone, plan.put)?;
            self.0.news.tell(changed);
            let new = u64::try_from(written.saturating_sub(plan.moved)).unwrap_or(0);
            index.save(&plan.hops.iter().collect::<Vec<_>>())?;
            done.add(Imported { new, joined: plan.joined, ..Imported::default() });
        }
        Ok(done)
    }

    fn open<'a>(&self, index: &'a mut Option<SqliteIndex>) -> Result<&'a mut SqliteIndex, StoreError> {
        if index.is_none() {
            *index = Some(SqliteIndex::open(&self.0.disk, &self.0.dir.join(INDEX_FILE))?);
        }
        index.as_mut().ok_or(StoreError::Inconsistent("no index of hops"))
    }
}

impl Shelf for Places {
    fn own(&self, sought: &[Sought], take: &mut TakesOwn<'_>) -> Result<(), StoreError> {
        let (Some(from), Some(to)) =
            (sought.iter().map(|one| one.from).min(), sought.iter().map(|one| one.to).max())
        else {
            return Ok(());
        };
        for day in self.0.store.days().into_iter().filter(|day| (from..=to).contains(day)) {
            let here = sought.iter().filter(|one| (one.from..=one.to).contains(&day));
            self.0.store.view(day, |view| {
                for one in here {
                    for slot in view.look_up(Lookup::MessageId(one.message_id.cast_signed()))? {
                        let events = view.events(slot)?;
                        if events.iter().any(|(_, event)| event.detail.place.is_none()) {
                            take(one.message_id, events);
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn peek(&self, id: NetworkMessageId, received: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let day = day_of(received);
        let found = self.0.store.look_up_between(Lookup::NetworkId(id), day, day)?;
        Ok(found.into_iter().flat_map(|message| message.events).collect())
    }
}
