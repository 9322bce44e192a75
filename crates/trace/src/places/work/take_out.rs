//! Takes a place out of the trace again: what is left is as if it had never been imported.
//!
//! May touch: the store, the refusals, the index of hops, the disk.
//!
//! Whatever is joined with a hop of the place is taken apart, and what is not of the place is joined anew, as at its
//! import: a join depends on nothing but the hops there are, so the rest comes out as without the place. Each piece of
//! the work is recorded before it is done, see [`Removal`].

use std::collections::{BTreeSet, HashMap, HashSet};

use events::{Event, NextHop};
use mail::NetworkMessageId;

use super::super::identity::place_key;
use super::super::index::{JoinIndex, SqliteIndex};
use super::super::joins::{Hop, hop_key, name_own_id, place_of};
use super::hop_of::Among;
use super::joiner::{Joiner, Shelf, Sought, TakesOwn, day_of};
use super::next_hop::tell;
use super::removal::Removal;
use super::{ImportError, Places, Stop};
use crate::feeder::{Bulletin, Change};
use crate::status::EventKey;
use crate::store::{Day, StoreError, is_of};

#[cfg(test)]
mod tests;

/// Hops of the place, or messages, that are taken out in one piece.
const AT_ONCE: usize = 500;

/// What was taken out, or is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenOut {
    /// Messages that had records of the place.
    pub messages: u64,
    /// Events of the place.
    pub events: u64,
    /// Refusals it recorded.
    pub refusals: u64,
}

impl TakenOut {
    /// All records.
    pub fn records(&self) -> u64 {
        self.events.saturating_add(self.refusals)
    }
}

/// Where a message is kept.
type Kept = (Day, NetworkMessageId);

/// What is taken apart in one piece.
struct Chosen {
    /// Hops of the place, with all that are joined with them.
    hops: HashMap<u128, Hop>,
    /// Messages with events of the place whose hop is not known.
    strays: Vec<Kept>,
    /// The row of the index to go on behind.
    next: Option<i64>,
}

/// One piece of the work as it is to be done.
struct Planned {
    removal: Removal,
    /// Messages with events of the place.
    messages: u64,
    /// Events of the place.
    events: u64,
    /// What a search that stays open is told.
    changed: Vec<Change>,
}

impl Places {
    /// Counts what [`Places::take_out`] would take. `go_on` is asked now and then. Blocks.
    ///
    /// # Errors
    /// If the trace cannot be read, or `go_on` said no.
    pub fn count_of(&self, place: &str, go_on: &dyn Fn() -> bool) -> Result<TakenOut, StoreError> {
        let place = place_key(place);
        let refusals = self.0.refusals.count_of(&place, go_on)?;
        let mut counted = TakenOut { refusals, ..TakenOut::default() };
        for day in self.0.store.open_days() {
            let found = self.0.store.tells_of(day, &place, go_on)?;
            counted.messages = counted.messages.saturating_add(u64::try_from(found.ids.len()).unwrap_or(0));
            counted.events = counted.events.saturating_add(found.events);
        }
        Ok(counted)
    }

    /// Takes every record of a place out of the trace; `go_on` is told how far it is, and `false` stops between two
    /// pieces. Doing it again does the rest. Blocks.
    ///
    /// # Errors
    /// If the trace cannot be written, or `go_on` said no: what was taken out by then is gone.
    pub(crate) fn take_out(
        &self,
        place: &str,
        go_on: &dyn Fn(&TakenOut) -> bool,
    ) -> Result<TakenOut, ImportError> {
        self.take_out_by(AT_ONCE, place, go_on)
    }

    /// The same, so many hops or messages in one piece.
    fn take_out_by(
        &self,
        at_once: usize,
        place: &str,
        go_on: &dyn Fn(&TakenOut) -> bool,
    ) -> Result<TakenOut, ImportError> {
        let place = place_key(place);
        let mut done = TakenOut::default();
        let mut after = Some(i64::MIN);
        while let Some(row) = after {
            check(&done, &place, go_on)?;
            after = self.piece(&place, &mut done, &mut |index, this| {
                let found = index.of_place(&place, row, at_once)?;
                let hops = this.joined_with(index, &found.hops)?;
                Ok(Chosen { hops, strays: Vec::new(), next: found.next })
            })?;
        }
        // Events whose hop is not known any more, or was never noted.
        for day in self.0.store.open_days() {
            let found = self.0.store.tells_of(day, &place, &|| go_on(&done));
            let found = match found {
                Err(StoreError::Cancelled) => return Err(stopped(&done, &place)),
                other => other?,
            };
            for ids in found.ids.chunks(at_once) {
                check(&done, &place, go_on)?;
                self.piece(&place, &mut done, &mut |_, _| {
                    let strays = ids.iter().map(|id| (day, *id)).collect();
                    Ok(Chosen { hops: HashMap::new(), strays, next: None })
                })?;
            }
        }
        let so_far = done;
        match self.0.refusals.take_out(&place, &|| go_on(&so_far)) {
            Err(StoreError::Cancelled) => Err(stopped(&done, &place)),
            refusals => Ok(TakenOut { refusals: refusals?, ..done }),
        }
    }

    /// One piece of the work, while no import goes on. Gives the row of the index behind which the next one begins.
    fn piece(
        &self,
        place: &str,
        done: &mut TakenOut,
        choose: &mut dyn FnMut(&mut SqliteIndex, &Places) -> Result<Chosen, StoreError>,
    ) -> Result<Option<i64>, StoreError> {
        let mut open = self.0.index.lock();
        let index = self.open(&mut open)?;
        let Chosen { hops, strays, next } = choose(index, self)?;
        if hops.is_empty() && strays.is_empty() {
            return Ok(next);
        }
        let planned = self.plan_removal(index, place, hops, strays)?;
        let removed = self.remove(index, &planned.removal);
        if removed.is_err() {
            // Opened anew it completes what was recorded.
            *open = None;
        }
        removed?;
        drop(open);
        self.0.news.tell(planned.changed);
        done.messages = done.messages.saturating_add(planned.messages);
        done.events = done.events.saturating_add(planned.events);
        Ok(next)
    }

    /// These hops with all that are joined with them, by key.
    fn joined_with(&self, index: &mut SqliteIndex, hops: &[Hop]) -> Result<HashMap<u128, Hop>, StoreError> {
        let mut all: HashMap<u128, Hop> = HashMap::new();
        for hop in hops {
            let members = match index.hop(hop.root)? {
                Some(root) => root.members,
                None => Vec::new(),
            };
            for key in members.into_iter().chain([hop.key()]) {
                if !all.contains_key(&key)
                    && let Some(found) = index.hop(key)?
                {
                    all.insert(key, found);
                }
            }
        }
        Ok(all)
    }

    /// What is to be done so that these hops, and these messages, are as without the place.
    fn plan_removal(
        &self,
        index: &mut SqliteIndex,
        place: &str,
        hops: HashMap<u128, Hop>,
        strays: Vec<Kept>,
    ) -> Result<Planned, StoreError> {
        let kept: BTreeSet<Kept> = hops
            .values()
            .filter_map(|hop| hop.stored.map(|(id, at)| (day_of(at), id)))
            .chain(strays)
            .collect();
        let mut parts = Parts::default();
        let mut by_kept: HashMap<NetworkMessageId, Vec<&Hop>> = HashMap::new();
        for hop in hops.values() {
            by_kept.entry(hop.stored.map_or(hop.id, |(id, _)| id)).or_default().push(hop);
        }
        for (day, id) in &kept {
            let found = self.0.store.look_up_between(crate::store::Lookup::NetworkId(*id), *day, *day)?;
            let events: Vec<_> = found.into_iter().flat_map(|message| message.events).collect();
            let here = by_kept.get(id).map(Vec::as_slice).unwrap_or_default();
            parts.sort(events, here, &self.0.own, place);
        }
        let seen = parts.rest.iter().chain(&parts.own).chain(&parts.dropped).map(|(_, event)| event);
        let changed = Bulletin::of(seen);
        let (messages, events) = (parts.messages, u64::try_from(parts.dropped.len()).unwrap_or(u64::MAX));
        let forgotten: Vec<u128> = hops.keys().copied().collect();
        let mut removal = Removal { forgotten, ..Removal::default() };
        let mut put = Vec::new();
        let mut gone = kept.clone();
        if !parts.rest.is_empty() {
            let hidden: HashSet<u128> = hops.into_keys().collect();
            let mut rest = Without { index, hidden };
            let shelf = Apart { places: self, kept: &kept };
            let plan = Joiner::new(&mut rest, &shelf, &self.0.own).plan(parts.rest)?;
            gone.extend(plan.gone.iter().map(|one| (one.day, one.id)));
            removal.hops = plan.hops;
            put = plan.put;
        }
        let known: HashSet<EventKey> = put.iter().map(|(key, _)| *key).collect();
        put.extend(parts.own.into_iter().filter(|(key, _)| !known.contains(key)));
        removal.dropped = parts.dropped.into_iter().map(|(key, _)| key).collect();
        removal.gone = gone.into_iter().collect();
        removal.put_events(&put);
        Ok(Planned { removal, messages, events, changed })
    }
}

fn check(done: &TakenOut, place: &str, go_on: &dyn Fn(&TakenOut) -> bool) -> Result<(), ImportError> {
    if go_on(done) { Ok(()) } else { Err(stopped(done, place)) }
}

fn stopped(done: &TakenOut, place: &str) -> ImportError {
    let file = place.to_owned();
    let stop = Stop { file, lines: 0, events: done.events, new: 0, first: None, last: None };
    ImportError::Stopped(Box::new(stop))
}

/// The events of messages that are taken apart.
#[derive(Debug, Default)]
struct Parts {
    messages: u64,
    /// Of the place.
    dropped: Vec<(EventKey, Event)>,
    /// Our own, as they were before anything was joined with them.
    own: Vec<(EventKey, Event)>,
    /// Of other places, under the ids by which these know the message.
    rest: Vec<(EventKey, Event)>,
    seen: HashSet<EventKey>,
}

impl Parts {
    /// Sorts the events of one message, which are of these hops.
    fn sort(&mut self, events: Vec<(EventKey, Event)>, hops: &[&Hop], own: &str, place: &str) {
        let before = self.dropped.len();
        let mut among = Among::default();
        hops.iter().for_each(|hop| among.add(hop));
        let by_key: HashMap<u128, &Hop> = hops.iter().map(|hop| (hop.key(), *hop)).collect();
        for (key, mut event) in events {
            if is_of(&event, place) {
                self.dropped.push((key, event));
                continue;
            }
            if !self.seen.insert(key) {
                continue;
            }
            if event.detail.place.is_none() {
                // Of a stray nothing is joined anew: what another place says of it stays.
                if !hops.is_empty() || goes_to(&event, place) {
                    tell(&mut event, None);
                    self.own.push((key, event));
                }
                continue;
            }
            let direct = hop_key(event.network_message_id, place_of(&event, own));
            let key_of = among.hop_of(&event, own, (direct, None));
            // What is of none of the hops stays where it is.
            if let Some(hop) = by_key.get(&key_of) {
                // As its reader gave it.
                tell(&mut event, None);
                event.network_message_id = hop.id;
                name_own_id(&mut event, hop.id);
                self.rest.push((key, event));
            }
        }
        self.messages = self.messages.saturating_add(u64::from(self.dropped.len() > before));
    }
}

/// Whether a join with a hop of the place says where the event's message went.
fn goes_to(event: &Event, place: &str) -> bool {
    matches!(&event.detail.next_hop, Some(NextHop::Place(to)) if place_key(to) == place)
}

/// The index of hops without some of them.
struct Without<'a> {
    index: &'a mut SqliteIndex,
    hidden: HashSet<u128>,
}

impl JoinIndex for Without<'_> {
    fn hop(&mut self, key: u128) -> Result<Option<Hop>, StoreError> {
        if self.hidden.contains(&key) { Ok(None) } else { self.index.hop(key) }
    }

    fn with_number(&mut self, number: u64, from: i64, to: i64) -> Result<Vec<u128>, StoreError> {
        let mut found = self.index.with_number(number, from, to)?;
        found.retain(|key| !self.hidden.contains(key));
        Ok(found)
    }

    fn save(&mut self, _: &[&Hop]) -> Result<(), StoreError> {
        Err(StoreError::Inconsistent("hops are saved when their removal is recorded"))
    }

    fn forget_before(&mut self, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The store, in which the messages that are taken apart have our own events only.
struct Apart<'a> {
    places: &'a Places,
    kept: &'a BTreeSet<Kept>,
}

impl Shelf for Apart<'_> {
    fn own(&self, sought: &[Sought], take: &mut TakesOwn<'_>) -> Result<(), StoreError> {
        self.places.own(sought, take)
    }

    fn peek(&self, id: NetworkMessageId, received: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let mut events = self.places.peek(id, received)?;
        if self.kept.contains(&(day_of(received), id)) {
            events.retain(|(_, event)| event.detail.place.is_none());
            events.iter_mut().for_each(|(_, event)| tell(event, None));
        }
        Ok(events)
    }
}
