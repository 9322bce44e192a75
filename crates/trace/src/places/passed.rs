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
use super::joins::{Basis, Edge, Hop, REMEMBERED_MAX, directed, edge, names, own_id, place_of};
use super::one_clock::{Came, by_hand_over};
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
    /// By how much its clock is seen to be ahead of this server's, where that is on the way, else of the first place's.
    #[serde(skip)]
    pub clock: SignedDuration,
    /// The place's own id of the message, where its events name it.
    #[serde(skip)]
    own_id: Option<NetworkMessageId>,
    /// Whether it is this server.
    #[serde(skip)]
    is_own: bool,
}

fn as_seconds<S: serde::Serializer>(skew: &Option<SignedDuration>, serializer: S) -> Result<S::Ok, S::Error> {
    match skew {
        Some(skew) => serializer.serialize_some(&skew.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}

/// Hops that the copy of one recipient is told to have passed.
const HOPS_MAX: usize = 64;

/// A hop, with what only this message's events say of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) hop: Hop,
    /// The place's own id of the message where its events name that.
    own_id: Option<NetworkMessageId>,
    /// When it first did something with the message, in microseconds since 1970.
    pub(super) acted: Option<i64>,
}

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
        let knows = |Seen { hop, .. }: &Seen| {
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
                    .any(|Seen { hop, .. }| before(&seen.hop, hop).is_some() || takes(&seen.hop, hop, &names))
            };
            let Some(next) = others.iter().position(|seen| leads(seen)) else { break };
            passed.push(others.swap_remove(next));
        }
        passed.sort_by_key(|Seen { hop, .. }| (hop.came(), &hop.place));
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

    /// The same, for whom this server's name does not matter.
    pub(crate) fn is_of(&self, event: &Event) -> bool {
        let is_here = event.detail.place.is_some() || self.is_own;
        is_here && self.has(event, &self.place)
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
        let same = |Seen { hop, own_id: known, .. }: &&mut Seen| {
            hop.place == place
                && match queue_id {
                    Some(id) => {
                        hop.queue_ids.is_empty() || hop.queue_ids.iter().any(|own| own.as_ref() == id)
                    }
                    None => *known == told,
                }
        };
        let at = event.at.as_microsecond();
        let acted = acts(event.event_id).then_some(at);
        match found.iter_mut().find(same) {
            Some(seen) => {
                seen.hop.absorb(event);
                seen.acted = [seen.acted, acted].into_iter().flatten().min();
            }
            None => {
                let mut hop = Hop::new(event.network_message_id, place, event.detail.place.is_none(), at);
                hop.id = match (told, queue_id) {
                    (Some(id), _) => id,
                    // Of its place alone: the id they share says nothing of how they were joined.
                    (None, Some(_)) => NetworkMessageId(uuid::Uuid::from_u128(found.len() as u128)),
                    (None, None) => event.network_message_id,
                };
                hop.absorb(event);
                found.push(Seen { hop, own_id: told, acted });
            }
        }
    }
    found.sort_by_key(|Seen { hop, .. }| (hop.came(), hop.place.clone()));
    found
}

/// Whether a place does this only with a message that it has.
fn acts(id: EventId) -> bool {
    matches!(
        id,
        EventId::Deliver
            | EventId::DuplicateDeliver
            | EventId::Send
            | EventId::SendExternal
            | EventId::Defer
            | EventId::Fail
    )
}

/// Each with how it is joined to the one before it, in the order in which they handed the message on.
fn joined(found: &[&Seen]) -> Vec<Join> {
    let edges: Vec<Vec<Option<Edge>>> = found
        .iter()
        .enumerate()
        .map(|(to, Seen { hop, .. })| {
            let others = found.iter().enumerate();
            others.map(|(at, other)| before(&other.hop, hop).filter(|_| at != to)).collect()
        })
        .collect();
    // Who handed it to another for certain is no likely one to have handed it here too.
    let went_elsewhere = |from: usize, to: usize| {
        let ways = edges.iter().enumerate().filter(|(at, _)| *at != to);
        let mut ways = ways.filter_map(|(_, ways)| ways.get(from).copied().flatten());
        ways.any(|way| way.basis == Basis::Certain && way.skew.is_some())
    };
    let from = |to: usize, hop: &Hop| {
        let ways = edges.get(to).into_iter().flatten().enumerate();
        let ways = ways.zip(found).filter_map(|((at, way), other)| Some((at, (*way)?, &other.hop)));
        let best = ways.max_by_key(|(at, way, other)| {
            let closeness = way.skew.map(|skew| std::cmp::Reverse(skew.unsigned_abs()));
            let is_nearest = names(other, hop) || !went_elsewhere(*at, to);
            (way.basis, is_nearest, other.place == hop.place, closeness, other.came())
        });
        best.map(|(number, edge, _)| (number, edge))
    };
    let came: Vec<Came<'_>> =
        found.iter().enumerate().map(|(at, seen)| Came { seen, from: from(at, &seen.hop) }).collect();
    let moment = |at: i64| Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let shown = by_hand_over(&came).into_iter().filter_map(|(at, clock)| {
        let Came { seen: Seen { hop, own_id, .. }, from } = came.get(at)?;
        Some(Join {
            place: hop.place.clone(),
            queue_ids: hop.queue_ids.iter().map(|id| id.to_string()).collect(),
            first: moment(hop.first),
            last: moment(hop.last),
            from: from.and_then(|(other, _)| found.get(other)).map(|other| other.hop.place.clone()),
            basis: from.map(|(_, edge)| edge.basis),
            skew: from.and_then(|(_, edge)| edge.skew).map(SignedDuration::from_micros),
            clock: SignedDuration::from_micros(clock),
            own_id: *own_id,
            is_own: hop.is_own,
        })
    });
    shown.collect()
}

/// How a hop came after another one, if it did. Where an id says that they are of one message, who handed it on says which
/// came first, and the clocks are compared by the hand-on all the same.
fn before(other: &Hop, hop: &Hop) -> Option<Edge> {
    let mut edge = edge(other, hop)?;
    if edge.skew.is_none() {
        let there = directed(other, hop);
        let basis = |way: Option<(Basis, i64)>| way.map(|(basis, _)| basis);
        let back = basis(directed(hop, other));
        if basis(there) != back && other.place != hop.place {
            edge.forward = basis(there) > back;
        }
        edge.skew = there.map(|(_, skew)| skew);
    }
    Some(edge).filter(|edge| edge.forward)
}
