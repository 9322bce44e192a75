//! What a log says of all recipients of a message that still wait in a queue, without naming one: that the message
//! expired, was removed, or is held.
//!
//! May touch: nothing (pure).
//! The line may stand in a later file than the deliveries that name the recipients, or be read before them. So it is
//! kept as an event of its own, and the event of each recipient is made of it wherever both are known.

use std::collections::BTreeMap;

use events::{Event, EventId, EventRecipient, Source};

use super::build::queue_id_of;
use super::identity::Place;
use crate::status::{EventKey, address_key};

/// What is said of each recipient of a message that expired.
pub(crate) const EXPIRED: &str = "message expired in the queue";
/// Of one that an administrator removed.
pub(crate) const REMOVED: &str = "removed by an administrator";
/// Of one that an administrator holds.
pub(crate) const HELD: &str = "held by an administrator";

/// Whether an event says something of all recipients that wait, and names none.
pub(crate) fn is_of_all_waiting(event: &Event) -> bool {
    event.recipients.is_empty()
        && event.detail.place.is_some()
        && matches!(event.event_id, EventId::Fail | EventId::Suppressed)
        && matches!(event.source, Source::Queue | Source::Admin)
        && queue_id_of(event).is_some()
}

/// Whether an event says that its recipients wait.
pub(crate) fn waits(event: &Event) -> bool {
    matches!(event.event_id, EventId::Defer | EventId::Suppressed) && !event.recipients.is_empty()
}

/// What an event of all that wait says of one of them; `known` is what was known of it there last.
pub(crate) fn of_one(all: &Event, known: &Event, address: &str) -> Option<(EventKey, Event)> {
    let place: Place = all.detail.place.as_deref()?.parse().ok()?;
    let text = match (all.event_id, all.source) {
        (EventId::Suppressed, _) => HELD,
        (_, Source::Admin) => REMOVED,
        _ => EXPIRED,
    };
    let line = all.source_context.as_deref().unwrap_or_default();
    let at = all.at.as_microsecond().to_le_bytes();
    let queue_id = queue_id_of(all)?;
    let key = place.key(&[&at, queue_id.as_bytes(), line.as_bytes(), address.as_bytes()]);
    let mut event = all.clone();
    event.source_context = None;
    event.message_id.clone_from(&known.message_id);
    event.detail.domain = known.detail.domain;
    event.recipients = Vec::from([EventRecipient { address: address.to_owned(), status: text.to_owned() }]);
    Some((key, event))
}

/// What an event of all that wait says of each of them, by what else is known of the message in that queue. `None` if
/// nothing is known there of any recipient.
pub(crate) fn of_each<'a>(
    all: &Event,
    others: impl Iterator<Item = &'a Event>,
) -> Option<Vec<(EventKey, Event)>> {
    // The last that was said of each until then; of two at one time that it came to an end.
    let mut last: BTreeMap<String, ((i64, bool), &str, &Event)> = BTreeMap::new();
    for event in others.filter(|event| event.at <= all.at && (waits(event) || ends(event.event_id))) {
        let order = (event.at.as_microsecond(), !waits(event));
        for recipient in &event.recipients {
            let address = recipient.address.as_str();
            let known = last.entry(address_key(address).into_owned()).or_insert((order, address, event));
            if known.0 < order {
                *known = (order, address, event);
            }
        }
    }
    if last.is_empty() {
        return None;
    }
    let waiting = last.into_values().filter(|(_, _, event)| waits(event));
    Some(waiting.filter_map(|(_, address, event)| of_one(all, event, address)).collect())
}

fn ends(id: EventId) -> bool {
    matches!(id, EventId::Deliver | EventId::Send | EventId::SendExternal | EventId::Fail | EventId::Drop)
}
