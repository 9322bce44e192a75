//! Names the recipients that a line of another file means without naming them.
//!
//! May touch: the index of hops and the store, through the joiner.
//!
//! In whatever order a line that says something of all that wait, and those that name them, are read: the later one
//! finds the earlier in the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::Event;

use super::super::all_waiting::{is_of_all_waiting, of_each, waits};
use super::super::build::queue_id_of;
use super::super::joins::{hop_key, place_of};
use super::joiner::Joiner;
use crate::status::EventKey;
use crate::store::StoreError;

/// A message in one queue: the hop that stands for all joined ones, the place, and the id there.
type InQueue = (u128, String, String);

impl Joiner<'_> {
    /// Adds what lines say of recipients they do not name; gives how many lines of `batch` found none. `last` is when
    /// hops known before the batch were heard of last.
    pub(super) fn name_waiting(
        &mut self,
        batch: &[(EventKey, Event)],
        last: &HashMap<u128, i64>,
    ) -> Result<(Vec<(EventKey, Event)>, u64), StoreError> {
        let mut asked: BTreeMap<InQueue, u128> = BTreeMap::new();
        for (_, event) in batch {
            let Some((key, queue)) = self.in_queue(event) else { continue };
            if is_of_all_waiting(event) || waits(event) && self.is_late(&queue, event, last) {
                asked.entry(queue).or_insert(key);
            }
        }
        if asked.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let mut here: BTreeMap<InQueue, BTreeMap<EventKey, Event>> = BTreeMap::new();
        for (key, event) in batch {
            if let Some((_, queue)) = self.in_queue(event).filter(|(_, queue)| asked.contains_key(queue)) {
                here.entry(queue).or_default().insert(*key, event.clone());
            }
        }
        let (mut named, mut alone) = (Vec::new(), 0_u64);
        for (queue, key) in asked {
            let mut known = here.remove(&queue).unwrap_or_default();
            let new: BTreeSet<EventKey> = known.keys().copied().collect();
            self.add_stored(&queue, &mut known)?;
            for (all, event) in known.iter().filter(|(_, event)| is_of_all_waiting(event)) {
                match of_each(event, known.values()) {
                    Some(each) => {
                        let fresh = each.into_iter().filter(|(one, _)| !known.contains_key(one));
                        named.extend(fresh.map(|one| (key, one)));
                    }
                    None if new.contains(all) => alone = alone.saturating_add(1),
                    None => {}
                }
            }
        }
        let named = named.into_iter().map(|(hop, (key, event))| (key, self.taken_in(hop, event)));
        Ok((named.collect(), alone))
    }

    fn in_queue(&self, event: &Event) -> Option<(u128, InQueue)> {
        let queue_id = queue_id_of(event)?;
        let place = event.detail.place.as_deref()?;
        let key = hop_key(event.network_message_id, place_of(event, self.own));
        let root = self.hops.get(&key).map_or(key, |hop| hop.root);
        Some((key, (root, place.to_owned(), queue_id.to_owned())))
    }

    /// Whether something later was known of the queue before this event came.
    fn is_late(&self, (root, place, _): &InQueue, event: &Event, last: &HashMap<u128, i64>) -> bool {
        let members = self.hops.get(root).map(|hop| hop.members.as_slice()).unwrap_or_default();
        members.iter().filter_map(|key| Some((key, self.hops.get(key)?))).any(|(key, hop)| {
            hop.place == *place
                && hop.stored.is_some()
                && last.get(key).copied().unwrap_or(hop.last) >= event.at.as_microsecond()
        })
    }

    /// Adds what the store has of the message in that queue.
    fn add_stored(
        &self,
        (root, place, queue_id): &InQueue,
        known: &mut BTreeMap<EventKey, Event>,
    ) -> Result<(), StoreError> {
        let members = self.hops.get(root).map(|hop| hop.members.as_slice()).unwrap_or_default();
        let hops = members.iter().filter_map(|key| self.hops.get(key)).filter(|hop| hop.place == *place);
        let stored: BTreeSet<_> = hops.filter_map(|hop| hop.stored).collect();
        for (id, received) in stored {
            let kept = self.shelf.peek(id, received)?;
            known.extend(kept.into_iter().filter(|(_, event)| {
                event.detail.place.as_deref() == Some(place) && queue_id_of(event) == Some(queue_id)
            }));
        }
        Ok(())
    }

    /// The event as one of this hop, which knows of it now.
    fn taken_in(&mut self, key: u128, mut event: Event) -> Event {
        self.changed.insert(key);
        if let Some(hop) = self.hops.get_mut(&key) {
            event.network_message_id = hop.id;
            hop.absorb(&event);
        }
        event
    }
}
