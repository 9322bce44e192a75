//! The places a message passed, and which of them the copy for one recipient did.
//!
//! May touch: nothing (pure).

use std::collections::{HashMap, HashSet};

use events::{Event, EventId};
use jiff::{SignedDuration, Timestamp};
use mail::NetworkMessageId;
use serde::Serialize;

use super::build::queue_id_of;
use super::identity::number;
use super::joins::{Basis, Edge, Hop, REMEMBERED_MAX, directed, edge, own_id, place_of};
use crate::status::{EventKey, address_key};

/// A hop of a message, and how it is joined to the one before it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Join {
    /// The place, or the server of ours.
    pub place: String,
    /// Its ids there.
    pub queue_ids: Vec<String>,
    /// Its first event.
    pub first: Timestamp,
    /// Its last event.
    pub last: Timestamp,
    /// The place it came from; `None` for the first, and for one whose way here is not known.
    pub from: Option<String>,
    /// What that rests on.
    pub basis: Option<Basis>,
    /// The clock here less the clock there, the time of the transfer included; in seconds in JSON.
    #[serde(rename = "SkewSeconds", serialize_with = "as_seconds")]
    pub skew: Option<SignedDuration>,
    /// The place's own id of the message, where its events name it.
    #[serde(skip)]
    own_id: Option<NetworkMessageId>,
}

fn as_seconds<S: serde::Serializer>(skew: &Option<SignedDuration>, serializer: S) -> Result<S::Ok, S::Error> {
    match skew {
        Some(skew) => serializer.serialize_some(&skew.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}

/// Hops that the copy of one recipient is told to have passed.
const HOPS_MAX: usize = 64;

/// A hop, with the place's own id of the message where its events name that.
type Seen = (Hop, Option<NetworkMessageId>);

/// The hops of one message, and who became whom on the way.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Passed {
    /// In the order of their times.
    hops: Vec<Seen>,
    /// Recipients by the one they were made of, as a group of its members.
    became: HashMap<u64, Vec<u64>>,
    /// The same the other way.
    came_of: HashMap<u64, Vec<u64>>,
}

impl Passed {
    /// From the events of the message; `own` names this server.
    pub(crate) fn of(events: &[(EventKey, Event)], own: &str) -> Passed {
        let mut passed = Passed { hops: gathered(events, own), ..Passed::default() };
        let replaces = |id| matches!(id, EventId::Expand | EventId::Resolve | EventId::Redirect);
        for (_, event) in events.iter().filter(|(_, event)| replaces(event.event_id)) {
            let Some(from) = event.related_recipient_address.as_deref().map(address_number) else { continue };
            for to in event.recipients.iter().map(|recipient| address_number(&recipient.address)) {
                passed.became.entry(from).or_default().push(to);
                passed.came_of.entry(to).or_default().push(from);
            }
        }
        passed
    }

    /// All hops.
    #[cfg(test)]
    pub(crate) fn all(&self) -> Vec<Join> {
        joined(&self.hops.iter().collect::<Vec<_>>())
    }

    /// The hops that the copy for a recipient passed: those that knew it, or what it was made of or became, those that
    /// handed the message to them, and those that took it under another address.
    pub(crate) fn by(&self, recipient: &str) -> Vec<Join> {
        let start = address_number(recipient);
        let mut names = closure(start, &self.came_of);
        names.extend(closure(start, &self.became));
        let knows = |(hop, _): &Seen| {
            hop.recipients.is_empty()
                || hop.recipients.len() >= REMEMBERED_MAX
                || hop.recipients.iter().any(|one| names.contains(one))
        };
        let (mut passed, mut others): (Vec<&Seen>, Vec<&Seen>) =
            self.hops.iter().partition(|seen| knows(seen));
        passed.truncate(HOPS_MAX);
        // Each round finds one more, or is the last.
        while passed.len() < HOPS_MAX {
            let leads = |seen: &Seen| {
                passed
                    .iter()
                    .any(|(known, _)| before(&seen.0, known).is_some() || takes(&seen.0, known, &names))
            };
            let Some(next) = others.iter().position(|seen| leads(seen)) else { break };
            passed.push(others.swap_remove(next));
        }
        passed.sort_by_key(|(hop, _)| (hop.came(), &hop.place));
        joined(&passed)
    }
}

impl Join {
    /// Whether an event is of this hop.
    pub(crate) fn has(&self, event: &Event, own: &str) -> bool {
        self.place == place_of(event, own)
            && match queue_id_of(event) {
                Some(id) => self.queue_ids.is_empty() || self.queue_ids.iter().any(|known| known == id),
                None => self.own_id == own_id(event),
            }
    }
}

/// Whether a hop took the message of one of these recipients from another, whatever it calls them.
fn takes(hop: &Hop, other: &Hop, names: &HashSet<u64>) -> bool {
    let mut sent = other.sent.iter().filter(|sent| names.contains(&sent.recipient));
    sent.any(|sent| {
        sent.remote_id.as_deref().is_some_and(|id| hop.queue_ids.iter().any(|own| own.as_ref() == id))
    })
}

/// All that is reached from one.
fn closure(start: u64, steps: &HashMap<u64, Vec<u64>>) -> HashSet<u64> {
    let mut reached = HashSet::from([start]);
    let mut open = Vec::from([start]);
    while let Some(at) = open.pop() {
        for next in steps.get(&at).into_iter().flatten() {
            if reached.len() < REMEMBERED_MAX && reached.insert(*next) {
                open.push(*next);
            }
        }
    }
    reached
}

fn address_number(address: &str) -> u64 {
    number(b'a', &address_key(address))
}

/// The hops the events tell of, in the order of their times.
fn gathered(events: &[(EventKey, Event)], own: &str) -> Vec<Seen> {
    let mut found: Vec<Seen> = Vec::new();
    for (_, event) in events {
        let (place, queue_id, told) = (place_of(event, own), queue_id_of(event), own_id(event));
        let same = |(hop, known): &&mut Seen| {
            hop.place == place
                && match queue_id {
                    Some(id) => {
                        hop.queue_ids.is_empty() || hop.queue_ids.iter().any(|own| own.as_ref() == id)
                    }
                    None => *known == told,
                }
        };
        let at = event.at.as_microsecond();
        match found.iter_mut().find(same) {
            Some((hop, _)) => hop.absorb(event),
            None => {
                let mut hop = Hop::new(event.network_message_id, place, event.detail.place.is_none(), at);
                hop.id = match (told, queue_id) {
                    (Some(id), _) => id,
                    // Of its place alone: the id they share says nothing of how they were joined.
                    (None, Some(_)) => NetworkMessageId(uuid::Uuid::from_u128(found.len() as u128)),
                    (None, None) => event.network_message_id,
                };
                hop.absorb(event);
                found.push((hop, told));
            }
        }
    }
    found.sort_by_key(|(hop, _)| (hop.came(), hop.place.clone()));
    found
}

/// Each with how it is joined to the one before it.
fn joined(found: &[&Seen]) -> Vec<Join> {
    let shown = found.iter().enumerate().map(|(at, (hop, own_id))| {
        let others = found.iter().enumerate().filter(|(other, _)| *other != at);
        let best = others.filter_map(|(_, (other, _))| Some((other, before(other, hop)?))).max_by_key(
            |(other, edge)| {
                let closeness = edge.skew.map(|skew| std::cmp::Reverse(skew.unsigned_abs()));
                (edge.basis, other.place == hop.place, closeness, other.came())
            },
        );
        let moment = |at: i64| Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        Join {
            place: hop.place.clone(),
            queue_ids: hop.queue_ids.iter().map(|id| id.to_string()).collect(),
            first: moment(hop.first),
            last: moment(hop.last),
            from: best.map(|(other, _)| other.place.clone()),
            basis: best.map(|(_, edge)| edge.basis),
            skew: best.and_then(|(_, edge)| edge.skew).map(SignedDuration::from_micros),
            own_id: *own_id,
        }
    });
    shown.collect()
}

/// How a hop came after another one, if it did. Where an id says that they are of one message, the clocks are compared by
/// the hand-on all the same.
fn before(other: &Hop, hop: &Hop) -> Option<Edge> {
    let mut edge = edge(other, hop).filter(|edge| edge.forward)?;
    if edge.skew.is_none() {
        edge.skew = directed(other, hop).map(|(_, skew)| skew);
    }
    Some(edge)
}
