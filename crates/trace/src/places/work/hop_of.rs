//! Which hop an event is of, where several are kept under one id.
//!
//! May touch: nothing (pure).

use events::{Event, EventRecipient};

use super::super::build::queue_id_of;
use super::super::identity::number;
use super::super::joins::{Hop, own_id, place_of};
use crate::status::address_key;

/// The key of the hop an event is of, among hops that may be kept under its id; `direct` if it is of none of them. `own`
/// is the name of this server.
pub(super) fn hop_of(event: &Event, own: &str, direct: u128, mut among: Vec<&Hop>) -> u128 {
    let place = place_of(event, own);
    let queue_id = queue_id_of(event);
    let named = own_id(event);
    among.retain(|hop| {
        hop.place == place
            && named.is_none_or(|id| hop.id == id)
            && queue_id.is_none_or(|id| hop.queue_ids.iter().any(|known| known.as_ref() == id))
    });
    // Of several at one place, which may name none of its ids, the one that knows the event.
    let at = event.at.as_microsecond();
    let fits = |hop: &Hop| {
        let knows = |recipient: &EventRecipient| {
            hop.recipients.contains(&number(b'a', &address_key(&recipient.address)))
        };
        (hop.first..=hop.last).contains(&at) && event.recipients.iter().all(knows)
    };
    match among[..] {
        [] => direct,
        [one] => one.key(),
        _ => {
            let best = among.into_iter().min_by_key(|hop| (!fits(hop), hop.key() != direct, hop.key()));
            best.map_or(direct, Hop::key)
        }
    }
}
