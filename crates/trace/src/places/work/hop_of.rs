//! Which hop an event is of, where several are kept under one id.
//!
//! May touch: nothing (pure).

use std::collections::HashMap;

use events::{Event, EventRecipient};

use super::super::build::queue_id_of;
use super::super::identity::number;
use super::super::joins::{Hop, own_id, place_of};
use crate::status::address_key;

/// Hops that are kept under one id, ready to be asked of many events.
#[derive(Debug, Default)]
pub(super) struct Among<'a> {
    by_place: HashMap<&'a str, Vec<&'a Hop>>,
    by_queue_id: HashMap<(&'a str, &'a str), Vec<&'a Hop>>,
}

impl<'a> Among<'a> {
    pub(super) fn add(&mut self, hop: &'a Hop) {
        self.by_place.entry(&hop.place).or_default().push(hop);
        for id in &hop.queue_ids {
            self.by_queue_id.entry((&hop.place, id)).or_default().push(hop);
        }
    }

    /// The key of the hop an event is of; that of `direct`, which may be none of these, if it is of none of them. `own` is
    /// the name of this server.
    pub(super) fn hop_of(&self, event: &Event, own: &str, direct: (u128, Option<&Hop>)) -> u128 {
        let place = place_of(event, own);
        let (direct, direct_hop) = direct;
        let queue_id = queue_id_of(event);
        let here = match queue_id {
            Some(id) => self.by_queue_id.get(&(place, id)),
            None => self.by_place.get(place),
        };
        let here = here.map(Vec::as_slice).unwrap_or_default().iter().copied();
        let direct_hop = direct_hop.filter(|hop| {
            hop.place == place
                && queue_id.is_none_or(|id| hop.queue_ids.iter().any(|known| known.as_ref() == id))
        });
        let named = own_id(event);
        let mut among = here.chain(direct_hop).filter(|hop| named.is_none_or(|id| hop.id == id));
        let Some(first) = among.next() else { return direct };
        let Some(second) = among.next() else { return first.key() };
        // Of several at one place, which may name none of its ids, the one that knows the event.
        let at = event.at.as_microsecond();
        let fits = |hop: &Hop| {
            let knows = |recipient: &EventRecipient| {
                hop.recipients.contains(&number(b'a', &address_key(&recipient.address)))
            };
            (hop.first..=hop.last).contains(&at) && event.recipients.iter().all(knows)
        };
        let all = [first, second].into_iter().chain(among);
        let best = all.min_by_key(|hop| (!fits(hop), hop.key() != direct, hop.key()));
        best.map_or(direct, Hop::key)
    }
}
