//! Joins the events of one batch: which hops are of one message, and what of the store moves with them.
//!
//! May touch: the index of hops and the store, through what it is given.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use events::{Event, EventId, NextHop};
use jiff::Timestamp;
use mail::NetworkMessageId;

use super::super::build::QUEUE_ID;
use super::super::identity::number;
use super::super::index::{CANDIDATES_MAX, JoinIndex, MemoryIndex};
use super::super::joins::{Basis, Edge, Hop, QUEUE_MICROS, WINDOW_MICROS, edge, hop_key, place_of};
use super::Joined;
use crate::status::{EventKey, address_key};
use crate::store::{Day, StoreError};

/// A Message-ID asked for, as the store numbers it, with the days on which it may have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sought {
    pub(crate) message_id: u64,
    pub(crate) from: Day,
    pub(crate) to: Day,
}

/// Takes the events of a message that was sought.
pub(super) type TakesOwn<'a> = dyn FnMut(u64, Vec<(EventKey, Event)>) + 'a;

/// What joining needs of the store.
pub(super) trait Shelf {
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
pub(super) struct Joiner<'a> {
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
pub(super) struct Plan {
    pub(crate) put: Vec<(EventKey, Event)>,
    /// How many of them were kept before, under another id or without their place.
    pub(crate) moved: usize,
    pub(crate) gone: Vec<(Day, NetworkMessageId)>,
    pub(crate) hops: Vec<Hop>,
    pub(crate) joined: Joined,
}

pub(super) fn day_of(received: i64) -> Day {
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
        // What is certain goes first, and then the closest in time: a join that is refused because our message has one
        // already must not depend on the order of the records.
        let closeness = |one: &Found| one.edge.skew.map_or(u64::MAX, i64::unsigned_abs);
        found
            .sort_by_key(|one| (Reverse(one.edge.basis), closeness(one), one.a.min(one.b), one.a.max(one.b)));
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
            let hop = self.hops.entry(key).or_insert_with(|| {
                let at = event.at.as_microsecond();
                Hop::new(event.network_message_id, place, event.detail.place.is_none(), at)
            });
            hop.absorb(event);
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
        let handed = || from.handed_to.iter().filter_map(|key| self.hops.get(key));
        let is_named = |to: &&Hop| {
            remote.is_some_and(|id| {
                to.queue_ids.iter().any(|own| own.as_ref() == id || own.split('@').next() == Some(id))
            })
        };
        // The id it answered with tells more than a recipient, whom later hops have too; of these the first is next.
        let next = handed().find(is_named).or_else(|| {
            let has = |to: &&Hop| recipients.iter().any(|recipient| to.recipients.contains(recipient));
            handed().filter(has).min_by_key(|to| (to.came(), to.key()))
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
