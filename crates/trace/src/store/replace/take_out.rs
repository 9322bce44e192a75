//! Taking the records of one place out of messages, and finding the messages that have any.
//!
//! May touch: the disk.

use std::collections::{HashMap, HashSet};

use events::Event;
use mail::NetworkMessageId;

use super::{Gone, steps};
use crate::places::place_key;
use crate::status::EventKey;
use crate::store::{Day, Lookup, Store, StoreError};

/// What of a day tells of a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct TellsOf {
    /// The ids its messages are kept under.
    pub(crate) ids: Vec<NetworkMessageId>,
    /// Events of the place.
    pub(crate) events: u64,
}

impl Store {
    /// The days that may hold records of places: a sealed file holds none.
    pub(crate) fn open_days(&self) -> Vec<Day> {
        let days = self.0.days.read();
        days.iter().filter(|(_, forms)| forms.sqlite).map(|(day, _)| *day).collect()
    }

    /// The messages of a day that have events of a place. `go_on` is asked now and then. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`] if `go_on` said no.
    pub(crate) fn tells_of(
        &self,
        day: Day,
        place: &str,
        go_on: &dyn Fn() -> bool,
    ) -> Result<TellsOf, StoreError> {
        let mut found = TellsOf::default();
        self.view(day, |view| {
            view.each_message(&mut |_, events| {
                if !go_on() {
                    return Err(StoreError::Cancelled);
                }
                let of_place = events.iter().filter(|(_, event)| is_of(event, place)).count();
                if let (1.., Some((_, first))) = (of_place, events.first()) {
                    found.ids.push(first.network_message_id);
                    found.events = found.events.saturating_add(u64::try_from(of_place).unwrap_or(0));
                }
                Ok(())
            })
        })?;
        Ok(found)
    }

    /// Takes events out of messages for good, and puts others in. A message in `gone` loses the events in `dropped` and those
    /// that `put` has anew; its others stay. Between any two transactions each event that is not dropped is in some file;
    /// doing it again after a crash completes it. Blocks.
    pub(crate) fn take_out(
        &self,
        gone: &[(Day, NetworkMessageId)],
        dropped: &[EventKey],
        put: &[(EventKey, Event)],
    ) -> Result<(), StoreError> {
        let anew: HashMap<EventKey, &Event> = put.iter().map(|(key, event)| (*key, event)).collect();
        let mut moving: HashSet<EventKey> = dropped.iter().copied().chain(anew.keys().copied()).collect();
        // What the feed writes waits, so that nothing comes between the look and the change.
        let mut writers = self.0.writers.lock();
        let (mut left, mut all) = (Vec::new(), put.to_vec());
        for (day, id) in gone {
            let Some(message) = self.message(*day, *id)? else { continue };
            let mut now = Vec::new();
            for (key, event) in message {
                match anew.get(&key) {
                    Some(event) => now.push((key, (*event).clone())),
                    None if moving.contains(&key) => {}
                    None => {
                        all.push((key, event.clone()));
                        now.push((key, event));
                    }
                }
            }
            left.push(Gone::of(*day, *id, &now));
        }
        moving.extend(all.iter().map(|(key, _)| *key));
        for step in steps(&left, all) {
            self.step(&mut writers, &step, &moving)?;
        }
        Ok(())
    }

    fn message(&self, day: Day, id: NetworkMessageId) -> Result<Option<Vec<(EventKey, Event)>>, StoreError> {
        let found = self.view(day, |view| {
            let slot = view.look_up(Lookup::NetworkId(id))?.first().copied();
            slot.map(|slot| view.events(slot)).transpose()
        })?;
        Ok(found.flatten())
    }
}

/// Whether an event is of a place, by its key.
pub(crate) fn is_of(event: &Event, place: &str) -> bool {
    event.detail.place.as_deref().is_some_and(|of| place_key(of) == place)
}
