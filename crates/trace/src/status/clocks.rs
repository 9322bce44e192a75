//! How far the clocks of two places are seen to differ: nobody receives a message after having said that it has it.
//!
//! May touch: nothing (pure).

use events::{Event, EventId, NextHop, Source};

use super::state::{EventKey, NodeId};

/// Arrivals and hand-ons of one message that are remembered.
const KEPT_MAX: usize = 64;
/// Hand-ons followed back from an end.
const HOPS_MAX: usize = 16;
/// What a time that names no fraction of a second leaves open, in microseconds.
const WHOLE_SECOND: i64 = 1_000_000;
/// What a place does with a message so long before its 250 was noted shows a clock, in microseconds.
pub(crate) const REPLY_MICROS: i64 = 5_000_000;

/// When a place took the message, and the names it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: i64,
    node: NodeId,
    names: Names,
}

/// When a place was told by another that it has the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct HandOn {
    at: i64,
    node: NodeId,
    to: Names,
}

/// A server and its id of the message, as numbers; 0 where one is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Names {
    server: u64,
    id: u64,
}

impl Names {
    fn of(server: Option<&str>, id: Option<&str>) -> Names {
        let label = server.and_then(|server| server.split('.').next()).map(str::to_ascii_lowercase);
        Names { server: label.as_deref().map_or(0, number), id: id.map_or(0, number) }
    }

    /// Whether both are of one server: it answered with the id it has the message by, or by its own name.
    fn fits(self, other: Names) -> bool {
        self.id != 0 && self.id == other.id || self.server != 0 && self.server == other.server
    }
}

/// FNV-1a: names are only compared within one message.
fn number(name: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix) | 1
}

fn arrival_names(event: &Event) -> Names {
    let internal = event.internal_message_id.map(|id| id.0.to_string());
    let id = crate::places::queue_id_of(event).or(internal.as_deref());
    Names::of(event.server_hostname.as_deref(), id)
}

fn hand_on_names(event: &Event) -> Names {
    let host = event.detail.remote_host.as_deref().or(event.server_hostname.as_deref());
    Names::of(host, event.detail.remote_queue_id.as_deref())
}

fn arrives(event: &Event) -> bool {
    event.event_id == EventId::Receive && event.source != Source::Queue
}

fn hands_on(event: &Event) -> bool {
    matches!(event.event_id, EventId::Send | EventId::SendExternal)
        && matches!(event.detail.next_hop, Some(NextHop::Place(_)))
}

/// By how much the clock of the one that received is ahead of that of the one that handed on, both in microseconds;
/// `None` where their times do not show it.
fn ahead(handed_on: i64, received: i64) -> Option<i64> {
    Some(received.saturating_sub(handed_on)).filter(|gap| *gap > time_left_open(handed_on))
}

/// How much later than it says a time in microseconds may be.
pub(crate) fn time_left_open(at: i64) -> i64 {
    if at.rem_euclid(WHOLE_SECOND) == 0 { WHOLE_SECOND } else { 0 }
}

/// The hand-on that an arrival is stamped later than, though its host had said then that it has the message; by how
/// much, in microseconds.
pub(crate) fn ahead_of<'a>(arrival: &Event, before: &[&'a Event]) -> Option<(&'a Event, i64)> {
    let (at, names) = (arrival.at.as_microsecond(), arrival_names(arrival));
    if !arrives(arrival) {
        return None;
    }
    let leads = |event: &&&Event| {
        hands_on(event) && event.detail.place != arrival.detail.place && hand_on_names(event).fits(names)
    };
    let last = before.iter().filter(leads).max_by_key(|event| event.at)?;
    ahead(last.at.as_microsecond(), at).map(|gap| (*last, gap))
}

/// Whether an event hands on what was received there already, by these events before it.
pub(crate) fn is_there_already(event: &Event, before: &[&Event]) -> bool {
    let names = hand_on_names(event);
    let is_it = |other: &&Event| {
        arrives(other) && other.detail.place != event.detail.place && names.fits(arrival_names(other))
    };
    hands_on(event) && before.iter().any(is_it)
}

/// What is known of the clocks that a message passed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    arrivals: Vec<Arrival>,
    handed_on: Vec<HandOn>,
}

impl Clocks {
    pub(super) fn absorb(&mut self, key: EventKey, event: &Event) {
        let (at, node) = (event.at.as_microsecond(), key.node);
        if arrives(event) && self.arrivals.len() < KEPT_MAX {
            self.arrivals.push(Arrival { at, node, names: arrival_names(event) });
        } else if hands_on(event) && self.handed_on.len() < KEPT_MAX {
            self.handed_on.push(HandOn { at, node, to: hand_on_names(event) });
        }
    }

    /// By so many microseconds the time from `received`, the first time of all, to an end at a place is longer than what
    /// passed, because clocks differ; below zero where it is shorter.
    pub(super) fn within(&self, node: NodeId, end: i64, received: i64) -> i64 {
        let (mut node, mut until, mut all, mut is_behind) = (node, end, 0_i64, false);
        let mut began = received;
        for _ in 0..HOPS_MAX {
            let Some(arrival) = self.arrival(node, until) else { break };
            began = arrival.at;
            let led = self.handed_on.iter().filter(|one| one.node != node && one.to.fits(arrival.names));
            let Some(last) = led.max() else { break };
            if let Some(gap) = ahead(last.at, arrival.at) {
                all = all.saturating_add(gap);
            } else if self.is_behind(arrival, last, until) {
                all = all.saturating_sub(last.at.saturating_sub(arrival.at));
                is_behind = true;
            }
            (node, until) = (last.node, last.at);
        }
        // The first time of all may be that of a clock that is behind.
        if is_behind { all.saturating_add(began.saturating_sub(received)) } else { all }
    }

    /// Where the message arrived that was handed on then, if that host has it by the id it answered with.
    pub(super) fn arrived(&self, node: NodeId, handed_on: i64) -> Option<NodeId> {
        let led = self.handed_on.iter().find(|one| one.node == node && one.at == handed_on)?;
        let has = |one: &&Arrival| one.node != node && led.to.id != 0 && one.names.id == led.to.id;
        self.arrivals.iter().find(has).map(|one| one.node)
    }

    /// The last arrival at a place up to then.
    fn arrival(&self, node: NodeId, until: i64) -> Option<Arrival> {
        self.arrivals.iter().filter(|one| one.node == node && one.at <= until).max().copied()
    }

    /// Whether a place took the message before the one that handed it on had it, or was done with it long before it said
    /// that it has it.
    fn is_behind(&self, arrival: Arrival, led: &HandOn, done: i64) -> bool {
        let had = self.arrival(led.node, led.at);
        had.is_some_and(|had| ahead(arrival.at, had.at).is_some())
            || led.to.id != 0 && led.to.id == arrival.names.id && led.at.saturating_sub(done) > REPLY_MICROS
    }
}
