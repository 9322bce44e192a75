//! Joins the events of one batch: which hops are of one message, and what of the store moves with them.
//!
//! May touch: the index of hops and the store, through what it is given.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use events::{Event, EventId, NextHop};
use jiff::Timestamp;
use mail::NetworkMessageId;

use super::super::identity::{is_made, number};
use super::super::index::{CANDIDATES_MAX, JoinIndex, MemoryIndex};
use super::super::joins::{
    Basis, Edge, Hop, QUEUE_MICROS, WINDOW_MICROS, edge, hop_key, name_own_id, place_of, queue_id_key,
};
use super::Joined;
use super::forest::{Found, Sets, compared, forest};
use super::hop_of::Among;
use super::next_hop::tell;
use crate::status::{EventKey, address_key};
use crate::store::{Day, Gone, StoreError};

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

/// Hops of one group whose joins are all looked at anew; of a larger group only what is new is added.
const COMPARED_MAX: usize = 64;
/// Rounds of looking further where a group fell apart.
const ROUNDS_MAX: usize = 4;

/// Joins the events of one batch.
pub(super) struct Joiner<'a> {
    pub(crate) index: &'a mut dyn JoinIndex,
    pub(crate) shelf: &'a dyn Shelf,
    /// The name of this server.
    pub(crate) own: &'a str,
    pub(super) hops: HashMap<u128, Hop>,
    /// Hops that are not in the index as they are here.
    pub(super) changed: HashSet<u128>,
    /// Hops that were known before and tell more now: hand-ons by them, or to them, may be told otherwise.
    grown: HashSet<u128>,
    /// Our own hops by their Message-IDs, of those that the batch has.
    own_hops: HashMap<u64, Vec<u128>>,
    /// When hops that were known before the batch had been heard of last.
    was_last: HashMap<u128, i64>,
}

/// What is to be written.
pub(super) struct Plan {
    pub(crate) put: Vec<(EventKey, Event)>,
    /// How many of them were kept before, under another id or without their place.
    pub(crate) moved: usize,
    pub(crate) gone: Vec<Gone>,
    pub(crate) hops: Vec<Hop>,
    pub(crate) joined: Joined,
    /// Lines that say something of all that wait, where nobody is known.
    pub(crate) alone: u64,
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
            grown: HashSet::new(),
            own_hops: HashMap::new(),
            was_last: HashMap::new(),
        }
    }

    /// Finds what the events belong to. Nothing is written.
    pub(crate) fn plan(mut self, events: Vec<(EventKey, Event)>) -> Result<Plan, StoreError> {
        let touched = self.absorb(&events)?;
        self.plan_of(events, touched)
    }

    /// Finds anew what hops of the index belong to. Nothing is written.
    pub(crate) fn plan_again(mut self, hops: BTreeSet<u128>) -> Result<Plan, StoreError> {
        for key in &hops {
            self.load(*key)?;
        }
        self.plan_of(Vec::new(), hops)
    }

    fn plan_of(
        mut self,
        mut events: Vec<(EventKey, Event)>,
        touched: BTreeSet<u128>,
    ) -> Result<Plan, StoreError> {
        let mut joined = Joined::default();
        let mut settled: BTreeSet<u128> = touched.clone();
        let mut restamped: BTreeSet<u128> = BTreeSet::new();
        let mut looked: BTreeSet<u128> = touched.clone();
        for _ in 0..ROUNDS_MAX {
            self.seek_own(&looked)?;
            let known = self.with_numbers_of(&looked)?;
            let mut found = Vec::new();
            for key in &looked {
                self.find(*key, known.get(key).map_or(&[][..], Vec::as_slice), &mut found)?;
            }
            let mut apart = BTreeSet::new();
            for (hops, edges) in self.clusters(&looked, found) {
                self.unite(&hops, edges, &mut joined, &mut restamped, &mut apart);
                settled.extend(hops);
            }
            if apart.is_empty() {
                break;
            }
            // What a group held back may be taken now by those who left it, and they by others.
            looked = apart;
        }
        let last = std::mem::take(&mut self.was_last);
        let (named, alone) = self.name_waiting(&events, &last)?;
        events.extend(named);
        let (moves, moved) = self.settle(&settled, &restamped);
        let mut gone = Vec::new();
        let mut moved_events = 0;
        for (id, received) in moves {
            let kept = self.shelf.peek(id, received)?;
            moved_events += kept.len();
            let first = events.len();
            events.extend(kept);
            gone.push((day_of(received), id, first..events.len()));
        }
        let targets = self.targets(&moved, &touched);
        self.rewrite(&mut events, &targets);
        self.mark_stored(&targets);
        let gone = gone.into_iter().map(|(day, id, kept)| {
            let kept = events.get(kept).unwrap_or_default();
            Gone::of(day, id, kept)
        });
        let gone = gone.collect();
        let Joiner { mut hops, changed, .. } = self;
        hops.retain(|key, _| changed.contains(key));
        let mut hops: Vec<Hop> = hops.into_values().collect();
        hops.sort_by_key(|hop| (hop.first, hop.id));
        Ok(Plan { put: events, moved: moved_events, gone, hops, joined, alone })
    }

    /// Takes the events into their hops; gives the keys of those.
    fn absorb(&mut self, events: &[(EventKey, Event)]) -> Result<BTreeSet<u128>, StoreError> {
        let key_of = |event: &Event| hop_key(event.network_message_id, place_of(event, self.own));
        let touched: BTreeSet<u128> = events.iter().map(|(_, event)| key_of(event)).collect();
        let size = |hop: &Hop| (hop.recipients.len(), hop.queue_ids.len(), hop.came());
        let mut before = Vec::new();
        for key in &touched {
            if self.load(*key)? {
                before.extend(self.hops.get(key).map(|hop| (*key, size(hop))));
                self.was_last.extend(self.hops.get(key).map(|hop| (*key, hop.last)));
            }
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
        let grown = before.into_iter().filter(|(key, was)| self.hops.get(key).map(size) != Some(*was));
        self.grown.extend(grown.map(|(key, _)| key));
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

    /// Hops of this batch and of the index that have a number in common with one of this batch, by that one.
    fn with_numbers_of(&mut self, touched: &BTreeSet<u128>) -> Result<HashMap<u128, Vec<u128>>, StoreError> {
        let mut asked: Vec<(u64, u128, i64, i64)> = Vec::with_capacity(touched.len().saturating_mul(3));
        for (key, hop) in touched.iter().filter_map(|key| Some((*key, self.hops.get(key)?))) {
            let from = hop.first.saturating_sub(QUEUE_MICROS);
            let to = hop.last.saturating_add(WINDOW_MICROS);
            asked.extend(hop.keys().into_iter().map(|number| (number, key, from, to)));
            // What went on in that queue may have been read before its beginning.
            let later = hop.first.saturating_add(QUEUE_MICROS).max(to);
            let pieces = hop.queue_ids.iter().filter(|_| is_made(hop.id) && hop.received.is_some());
            asked.extend(pieces.map(|id| (queue_id_key(id), key, to.saturating_add(1), later)));
        }
        // In the order of the index: neighbours are on the same page while it is at hand.
        asked.sort_unstable();
        let mut found: HashMap<u128, Vec<u128>> = HashMap::new();
        for same in asked.chunk_by(|one, next| one.0 == next.0).filter(|same| same.len() > 1) {
            for (_, key, ..) in same {
                let others = same.iter().map(|(_, other, ..)| *other).take(CANDIDATES_MAX);
                found.entry(*key).or_default().extend(others);
            }
        }
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
        let mut candidates: BTreeSet<u128> = known.iter().copied().collect();
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
            self.grown.insert(key);
        }
    }

    /// Our own hops that this one may be of the same message with.
    fn own_of(&self, key: u128) -> Vec<u128> {
        let hop = self.hops.get(&key).filter(|hop| !hop.is_own);
        let known = hop.and_then(|hop| self.own_hops.get(&hop.message_id?));
        known.cloned().unwrap_or_default()
    }

    /// The hops that may be one message, with the joins found: whole groups as they are now, and what they are joined by.
    fn clusters(&self, looked: &BTreeSet<u128>, found: Vec<Found>) -> Vec<(Vec<u128>, Vec<Found>)> {
        let root = |key: u128| self.hops.get(&key).map_or(key, |hop| hop.root);
        let mut sets = Sets::default();
        for one in &found {
            sets.unite(root(one.a), root(one.b));
        }
        let mut roots: BTreeSet<u128> = found.iter().flat_map(|one| [root(one.a), root(one.b)]).collect();
        // A group whose joins are gone is none any more.
        let members = |key: u128| self.hops.get(&key).map_or(&[][..], |hop| hop.members.as_slice());
        roots.extend(looked.iter().map(|key| root(*key)).filter(|root| members(*root).len() > 1));
        let mut clusters: BTreeMap<u128, (Vec<u128>, Vec<Found>)> = BTreeMap::new();
        for root in roots {
            let (hops, _) = clusters.entry(sets.of(root)).or_default();
            hops.extend(members(root).iter().filter(|key| self.hops.contains_key(key)));
        }
        for one in found {
            if let Some((_, edges)) = clusters.get_mut(&sets.of(root(one.a))) {
                edges.push(one);
            }
        }
        clusters.into_values().collect()
    }

    /// Joins the hops of a cluster as they are to be, and notes which handed to which. Hops of a group that fell apart
    /// are told.
    fn unite(
        &mut self,
        hops: &[u128],
        mut edges: Vec<Found>,
        joined: &mut Joined,
        restamped: &mut BTreeSet<u128>,
        apart: &mut BTreeSet<u128>,
    ) {
        let root = |key: u128| self.hops.get(&key).map_or(key, |hop| hop.root);
        let mut before = Sets::default();
        hops.iter().for_each(|key| {
            before.unite(root(*key), *key);
        });
        let is_whole = hops.len() <= COMPARED_MAX;
        if is_whole {
            edges = compared(hops, &self.hops);
        } else {
            // Too many to compare: what was joined stays so.
            let kept = Edge { basis: Basis::Certain, skew: None, forward: true };
            edges.extend(hops.iter().map(|key| Found { a: root(*key), b: *key, edge: kept }));
            edges.retain(|one| one.a != one.b);
        }
        let is_own = |key: u128| self.hops.get(&key).is_some_and(|hop| hop.is_own);
        let (taken, groups) = forest(hops, edges.clone(), is_own);
        for one in taken {
            if before.unite(one.a, one.b) {
                let count = match one.edge.basis {
                    Basis::Certain => &mut joined.certain,
                    Basis::Probable => &mut joined.probable,
                };
                *count = count.saturating_add(1);
            }
        }
        let mut group_of: HashMap<u128, usize> = HashMap::new();
        for (number, group) in groups.iter().enumerate() {
            group_of.extend(group.iter().map(|key| (*key, number)));
        }
        let mut handed: HashMap<u128, BTreeSet<u128>> = HashMap::new();
        for one in edges.iter().filter(|one| one.edge.skew.is_some()) {
            let (from, to) = one.way();
            if group_of.get(&from) == group_of.get(&to) {
                handed.entry(from).or_default().insert(to);
            }
        }
        let left = hops.iter().filter(|key| group_of.get(*key) != group_of.get(&root(**key)));
        let left: BTreeSet<u128> = left.flat_map(|key| [*key, root(*key)]).collect();
        if !left.is_empty() {
            apart.extend(hops);
        }
        for group in &groups {
            self.set_group(group);
        }
        for key in hops {
            let Some(hop) = self.hops.get_mut(key) else { continue };
            let mut to = handed.remove(key).unwrap_or_default();
            // Of those that are not looked at here nothing new is known.
            to.extend(hop.handed_to.iter().filter(|to| !is_whole || !group_of.contains_key(to)));
            let tells_more = (self.grown.contains(key) && hop.is_own && !to.is_empty())
                || to.iter().any(|to| self.grown.contains(to));
            if tells_more {
                restamped.insert(*key);
            }
            if !to.iter().eq(hop.handed_to.iter().collect::<BTreeSet<_>>()) {
                hop.handed_to = to.into_iter().collect();
                self.changed.insert(*key);
                restamped.insert(*key);
            }
        }
    }

    /// Makes one group of these, if they are not one already.
    fn set_group(&mut self, group: &[u128]) {
        let Some(first) = group.first() else { return };
        let root = self.hops.get(first).map_or(*first, |hop| hop.root);
        let members = self.hops.get(&root).map(|hop| hop.members.as_slice()).unwrap_or_default();
        let same = members.len() == group.len() && group.iter().all(|key| members.contains(key));
        if !same {
            self.set_root(*first, group);
        }
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

    /// Chooses the id all members share; gives what is kept under another id or is to be told otherwise, and the hops it
    /// is of.
    fn settle(
        &mut self,
        settled: &BTreeSet<u128>,
        restamped: &BTreeSet<u128>,
    ) -> (BTreeSet<(NetworkMessageId, i64)>, Vec<u128>) {
        let roots: BTreeSet<u128> =
            settled.iter().filter_map(|key| self.hops.get(key).map(|hop| hop.root)).collect();
        let mut moves = BTreeSet::new();
        let mut all: Vec<u128> = Vec::new();
        for root in roots {
            let members = self.hops.get(&root).map(|hop| hop.members.clone()).unwrap_or_default();
            let known = members.iter().filter_map(|key| self.hops.get(key));
            let Some(best) = known.min_by_key(|hop| hop.rank()) else { continue };
            let (best_key, kept) = (best.key(), self.kept(best, &members));
            if best_key != root {
                self.set_root(best_key, &members);
            }
            for hop in members.iter().filter_map(|key| self.hops.get(key)) {
                moves.extend(hop.stored.filter(|stored| *stored != kept || restamped.contains(&hop.key())));
            }
            all.extend(members);
        }
        // Whatever else is kept with what moves.
        let moved = all.into_iter().filter(|key| {
            self.hops.get(key).and_then(|hop| hop.stored).is_some_and(|stored| moves.contains(&stored))
        });
        let moved = moved.collect();
        (moves, moved)
    }

    /// Under what id and time the events of joined hops are kept: under the id of the best of them, and at the time when
    /// the first of the places took the message. One of ours keeps its own time.
    fn kept(&self, best: &Hop, members: &[u128]) -> (NetworkMessageId, i64) {
        let first = members.iter().filter_map(|key| self.hops.get(key)).map(Hop::came).min();
        let came =
            if best.is_own { best.came() } else { first.map_or(best.came(), |first| first.min(best.came())) };
        (best.id, came)
    }

    /// Where the events of each touched or moved hop go.
    fn targets(&self, moved: &[u128], touched: &BTreeSet<u128>) -> HashMap<u128, (NetworkMessageId, i64)> {
        let keys = touched.iter().chain(moved);
        let roots: BTreeSet<u128> = keys.filter_map(|key| self.hops.get(key).map(|hop| hop.root)).collect();
        let mut targets = HashMap::new();
        for root in roots {
            let Some(hop) = self.hops.get(&root) else { continue };
            let kept = self.kept(hop, &hop.members);
            targets.extend(hop.members.iter().map(|member| (*member, kept)));
        }
        targets
    }

    /// Gives every event the id and the day of its message, and hand-ons the place they went to.
    fn rewrite(&self, events: &mut [(EventKey, Event)], targets: &HashMap<u128, (NetworkMessageId, i64)>) {
        // Moved events carry the id they were kept under; the members of its root tell which hop they are of.
        let mut by_kept: HashMap<NetworkMessageId, Among<'_>> = HashMap::new();
        for hop in targets.keys().filter_map(|key| self.hops.get(key)) {
            if let Some((id, _)) = hop.stored {
                by_kept.entry(id).or_default().add(hop);
            }
        }
        for (_, event) in events {
            let direct = hop_key(event.network_message_id, place_of(event, self.own));
            let key = match by_kept.get(&event.network_message_id) {
                Some(among) => among.hop_of(event, self.own, (direct, self.hops.get(&direct))),
                None => direct,
            };
            let Some((id, received)) = targets.get(&key) else { continue };
            event.network_message_id = *id;
            if let Some(hop) = self.hops.get(&key) {
                name_own_id(event, hop.id);
            }
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
        let next = next.map(|to| {
            if to.place == from.place { NextHop::Internal } else { NextHop::Place(to.place.clone()) }
        });
        tell(event, next);
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
