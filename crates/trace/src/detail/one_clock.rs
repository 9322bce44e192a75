//! The events of a message by one clock, where those of its places are seen to differ.
//!
//! May touch: nothing (pure).

use std::borrow::Cow;

use events::{Event, EventId, Source};
use jiff::{SignedDuration, Timestamp};

use super::in_order;
use crate::places::Join;
use crate::search::TraceRow;
use crate::status::address_key;

/// The events in their order, and when the row ended.
pub(super) fn of<'a>(row: &TraceRow, events: &'a [Event]) -> (Cow<'a, [Event]>, Option<Timestamp>) {
    let ended = row.row.ended_at;
    if row.hops.iter().all(|hop| hop.clock.is_zero()) {
        return (Cow::Borrowed(events), ended);
    }
    let names = |event: &Event| event.recipients.iter().any(|one| address_key(&one.address) == row.row.key);
    let last = events.iter().rev().find(|event| Some(event.at) == ended && names(event));
    let ended =
        ended.map(|ended| told(ended, last.map_or(SignedDuration::ZERO, |last| ahead(&row.hops, last))));
    let mut timed: Vec<(usize, Event)> = events
        .iter()
        .map(|event| {
            let ahead = ahead(&row.hops, event);
            let mut event = event.clone();
            event.at = told(event.at, ahead);
            event.detail.next_retry = event.detail.next_retry.map(|due| told(due, ahead));
            (row.hops.iter().position(|hop| hop.is_of(&event)).unwrap_or(0), event)
        })
        .collect();
    // Who handed it on goes first: the next one is taken to have it in the same moment.
    timed.sort_by_key(|(hop, event)| {
        let (at, late) = in_order(event);
        (at, *hop, late)
    });
    (timed.into_iter().map(|(_, event)| event).collect(), ended)
}

/// A time of a clock that is so far ahead.
pub(super) fn told(at: Timestamp, ahead: SignedDuration) -> Timestamp {
    at.checked_sub(ahead).unwrap_or(at)
}

/// By how much the clock of an event is ahead.
pub(super) fn ahead(hops: &[Join], event: &Event) -> SignedDuration {
    hops.iter().find(|hop| hop.is_of(event)).map_or(SignedDuration::ZERO, |hop| hop.clock)
}

/// What is to be said where a place takes the message that has another clock than the one before.
pub(super) fn difference(hops: &[Join], event: &Event) -> Option<String> {
    let hop = hops
        .iter()
        .find(|hop| hop.is_of(event))
        .filter(|_| event.event_id == EventId::Receive && event.source != Source::Queue)?;
    let before = hops.iter().take_while(|other| *other != hop);
    let from = before.filter(|other| Some(&other.place) == hop.from.as_ref()).last()?;
    let by = hop.clock.checked_sub(from.clock).filter(|by| by.as_millis() != 0)?;
    let (secs, millis) = (by.unsigned_abs().as_secs(), by.unsigned_abs().subsec_millis());
    let side = if by.is_negative() { "behind" } else { "ahead of" };
    Some(format!("No time: the clock of {} is {secs}.{millis:03} s {side} that of {}", hop.place, from.place))
}
