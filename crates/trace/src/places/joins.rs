//! Joining: which hops of different places are of the same message, and on what that rests.
//!
//! May touch: nothing (pure).
//! Whether two hops belong together is told from these two alone, so that the order in which records come cannot
//! change what is joined. Message-ID alone never joins: programs repeat it, and lists return it.

use events::{Event, EventId, Source};

use mail::NetworkMessageId;
use serde::{Deserialize, Serialize};

use super::build::queue_id_of;
use super::identity::{is_made, number};
use crate::status::address_key;
use crate::store::message_id_number;

/// Clocks of two places may differ, and a hand-on may take, this long together, in microseconds.
pub(crate) const WINDOW_MICROS: i64 = 15 * 60 * 1_000_000;
/// A message stays in a queue at most this long, in microseconds.
pub(crate) const QUEUE_MICROS: i64 = 6 * 86_400 * 1_000_000;
/// Recipients and hand-ons remembered of a hop.
pub(crate) const REMEMBERED_MAX: usize = 2_000;
/// Own ids remembered of a hop.
const IDS_MAX: usize = 8;

/// What a join rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// Message-ID, recipient and a time that fits.
    Probable,
    /// An id that names the message: the network message id, or the queue id the next server replied with.
    Certain,
}

impl Basis {
    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Probable => "Probable",
            Basis::Certain => "Certain",
        }
    }
}

/// A recipient handed to another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) recipient: u64,
    pub(crate) at: i64,
    /// The next server's id of the message, as it replied.
    pub(crate) remote_id: Option<Box<str>>,
    /// The next server's name, first label, lower case.
    pub(crate) host: Option<Box<str>>,
}

/// A message at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hop {
    /// Its id there: the network message id, or one made from the queue id.
    pub(crate) id: NetworkMessageId,
    /// The place, or the server of ours.
    pub(crate) place: String,
    /// Whether it is one of ours.
    pub(crate) is_own: bool,
    /// Its ids in the place's queue.
    pub(crate) queue_ids: Vec<Box<str>>,
    /// When the place received it; `None` if the record begins later.
    pub(crate) received: Option<i64>,
    /// Its first event, in microseconds since 1970.
    pub(crate) first: i64,
    /// Its last event.
    pub(crate) last: i64,
    pub(crate) server: Option<Box<str>>,
    /// As the store numbers it.
    pub(crate) message_id: Option<u64>,
    pub(crate) recipients: Vec<u64>,
    pub(crate) sent: Vec<Sent>,
    /// Hop that stands for all that are joined with this one.
    pub(crate) root: u128,
    /// All that are joined, itself included; on the root only.
    pub(crate) members: Vec<u128>,
    /// Hops it handed the message to, as far as its events say so.
    pub(crate) handed_to: Vec<u128>,
    /// Under what id and time its events are stored.
    pub(crate) stored: Option<(NetworkMessageId, i64)>,
}

/// The key of a hop: several places may know a message by the same network message id.
pub(crate) fn hop_key(id: NetworkMessageId, place: &str) -> u128 {
    if is_made(id) {
        return id.0.as_u128();
    }
    let place = number(b'p', place);
    id.0.as_u128() ^ (u128::from(place) | (u128::from(place.rotate_left(32)) << 64))
}

/// The place an event tells of; our own servers are places too.
pub(crate) fn place_of<'a>(event: &'a Event, own: &'a str) -> &'a str {
    event.detail.place.as_deref().unwrap_or(own)
}

impl Hop {
    pub(crate) fn new(id: NetworkMessageId, place: &str, is_own: bool, at: i64) -> Hop {
        let key = hop_key(id, place);
        Hop {
            id,
            place: place.to_owned(),
            is_own,
            queue_ids: Vec::new(),
            received: None,
            first: at,
            last: at,
            server: None,
            message_id: None,
            recipients: Vec::new(),
            sent: Vec::new(),
            root: key,
            members: Vec::from([key]),
            handed_to: Vec::new(),
            stored: None,
        }
    }

    pub(crate) fn key(&self) -> u128 {
        hop_key(self.id, &self.place)
    }

    /// Takes an event in. The order of events does not matter.
    pub(crate) fn absorb(&mut self, event: &Event) {
        let at = event.at.as_microsecond();
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        let entered =
            matches!(event.event_id, EventId::Receive | EventId::Dsn) && event.source != Source::Queue;
        if entered {
            self.received = Some(self.received.map_or(at, |known| known.min(at)));
        }
        if let Some(id) = &event.message_id {
            let id = message_id_number(id).cast_unsigned();
            // Of several the same one, whichever came first.
            self.message_id = Some(self.message_id.map_or(id, |known| known.min(id)));
        }
        self.absorb_ids(event);
        if event.event_id == EventId::Refused {
            return;
        }
        let hands_on = matches!(event.event_id, EventId::Send | EventId::SendExternal);
        let remote = remote_id(event);
        for recipient in &event.recipients {
            let recipient = number(b'a', &address_key(&recipient.address));
            remember(&mut self.recipients, recipient);
            if (hands_on || remote.is_some()) && self.sent.len() < REMEMBERED_MAX {
                let host = event.detail.remote_host.as_deref().map(label);
                let sent = Sent { recipient, at, remote_id: remote.clone(), host };
                if !self.sent.contains(&sent) {
                    self.sent.push(sent);
                }
            }
        }
    }

    fn absorb_ids(&mut self, event: &Event) {
        let host = event.server_hostname.as_deref().map(label);
        let hop = matches!(event.event_id, EventId::Send | EventId::SendExternal);
        if self.server.is_none() && !hop {
            self.server.clone_from(&host);
        }
        let queue_id = queue_id_of(event).map(Into::into);
        let server = if self.is_own { Some(label(&self.place)) } else { host.filter(|_| !hop) };
        let internal =
            event.internal_message_id.zip(server).map(|(id, server)| format!("{id}@{server}").into());
        for id in [queue_id, internal].into_iter().flatten() {
            if !self.queue_ids.contains(&id) && self.queue_ids.len() < IDS_MAX {
                self.queue_ids.push(id);
            }
        }
    }

    /// Whether it knows what the same hop knows now.
    pub(crate) fn tells(&self, now: &Hop) -> bool {
        self.first <= now.first
            && self.last >= now.last
            && now.queue_ids.iter().all(|id| self.queue_ids.contains(id))
            && now.recipients.iter().all(|one| self.recipients.contains(one))
            && now.sent.iter().all(|one| self.sent.contains(one))
            && (self.message_id.is_some() || now.message_id.is_none())
    }

    /// Takes what the same hop knows now; how it is joined stays.
    pub(crate) fn take_over(&mut self, now: &Hop) {
        let Hop { first, last, queue_ids, server, message_id, recipients, sent, .. } = now.clone();
        self.first = self.first.min(first);
        self.last = self.last.max(last);
        self.queue_ids = queue_ids;
        self.server = server.or(self.server.take());
        self.message_id = message_id.or(self.message_id);
        self.recipients = recipients;
        self.sent = sent;
    }

    /// The numbers it may be found by.
    pub(crate) fn keys(&self) -> Vec<u64> {
        let own = self.queue_ids.iter().map(|id| queue_id_key(id));
        let remote = self.sent.iter().filter_map(|sent| sent.remote_id.as_deref()).map(queue_id_key);
        let native = (!is_made(self.id)).then(|| network_key(self.id));
        let message = self.message_id;
        let mut keys: Vec<u64> = own.chain(remote).chain(native).chain(message).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Which of several joined hops gives its id to all: ours, then one with a network message id, then the first.
    pub(crate) fn rank(&self) -> (bool, bool, bool, i64, NetworkMessageId) {
        let received = self.received.unwrap_or(self.first);
        (!self.is_own, is_made(self.id), self.received.is_none(), received, self.id)
    }

    /// When it came, as far as is known.
    pub(crate) fn came(&self) -> i64 {
        self.received.unwrap_or(self.first)
    }
}

/// The numbers by which other places may know the message of an event of ours.
pub(crate) fn numbers_of(event: &Event, own: &str) -> Vec<u64> {
    let mut hop = Hop::new(event.network_message_id, own, true, event.at.as_microsecond());
    hop.absorb_ids(event);
    hop.message_id = event.message_id.as_ref().map(|id| message_id_number(id).cast_unsigned());
    let mut numbers = hop.keys();
    numbers.extend(remote_id(event).map(|id| queue_id_key(&id)));
    numbers
}

/// The number a network message id is found by.
pub(crate) fn network_key(id: NetworkMessageId) -> u64 {
    let digest = blake3::hash(id.0.as_bytes());
    digest.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
}

/// The number a queue id is found by, the place's own and the next one's alike.
pub(crate) fn queue_id_key(id: &str) -> u64 {
    number(b'q', id)
}

fn remember(known: &mut Vec<u64>, one: u64) {
    if known.len() < REMEMBERED_MAX && !known.contains(&one) {
        known.push(one);
    }
}

/// The next server's id as this event has it; internal ids are numbers, so their server belongs to them.
fn remote_id(event: &Event) -> Option<Box<str>> {
    let id = event.detail.remote_queue_id.as_deref()?;
    let reply = event.detail.remote_reply.as_deref().unwrap_or_default();
    match reply.split_once("Hostname=") {
        Some((_, host)) if reply.contains("InternalId=") => {
            Some(format!("{id}@{}", label(host.split([']', ',', ' ']).next()?)).into())
        }
        _ => Some(id.into()),
    }
}

/// The id by which its place knows the message, in the events kept under another one that name no queue id.
const OWN_ID: &str = "OwnNetworkMessageId";

/// The id by which the place of an event knows its message, where it stands in the event.
pub(crate) fn own_id(event: &Event) -> Option<NetworkMessageId> {
    event.custom_data.iter().find(|(name, _)| name == OWN_ID)?.1.parse().ok()
}

/// Notes its place's own id of the message in an event that is kept under another one.
pub(crate) fn name_own_id(event: &mut Event, own: NetworkMessageId) {
    event.custom_data.retain(|(name, _)| name != OWN_ID);
    // Ids that were made of a queue id are of one place.
    let is_told = event.network_message_id == own || queue_id_of(event).is_some();
    if event.detail.place.is_some() && !is_told {
        event.custom_data.push((OWN_ID.to_owned(), own.to_string()));
    }
}

/// The first label of a host's name, in lower case: logs write the name short or whole.
pub(crate) fn label(host: &str) -> Box<str> {
    host.split('.').next().unwrap_or_default().to_ascii_lowercase().into()
}

/// How two hops are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) basis: Basis,
    /// The clock of the one that received, less that of the one that sent, in microseconds.
    pub(crate) skew: Option<i64>,
    /// Whether the first of the two handed the message to the second.
    pub(crate) forward: bool,
}

/// Whether two hops are of the same message. The same for (a, b) and (b, a), but for `forward`.
pub(crate) fn edge(a: &Hop, b: &Hop) -> Option<Edge> {
    if a.is_own && b.is_own {
        return None;
    }
    if a.id == b.id || is_piece(a, b) {
        let forward = (a.came(), a.key()) <= (b.came(), b.key());
        return Some(Edge { basis: Basis::Certain, skew: None, forward });
    }
    let there = directed(a, b).map(|(basis, skew)| Edge { basis, skew: Some(skew), forward: true });
    let back = directed(b, a).map(|(basis, skew)| Edge { basis, skew: Some(skew), forward: false });
    match (there, back) {
        // Both fit: the one that names the other handed it on, else the one that came first, whichever of them is asked.
        (Some(there), Some(back)) if back.basis == there.basis => match (names(a, b), names(b, a)) {
            (true, false) => Some(there),
            (false, true) => Some(back),
            _ => Some(if (a.came(), a.key()) <= (b.came(), b.key()) { there } else { back }),
        },
        (Some(there), Some(back)) if back.basis > there.basis => Some(back),
        (there, back) => there.or(back),
    }
}

/// Whether a hop names the server of another as the one it handed the message to.
pub(crate) fn names(a: &Hop, b: &Hop) -> bool {
    b.server.is_some() && a.sent.iter().any(|sent| sent.host == b.server)
}

/// Whether two Message-IDs are known and differ.
fn differ(a: &Hop, b: &Hop) -> bool {
    a.message_id.zip(b.message_id).is_some_and(|(one, other)| one != other)
}

/// A queue id that is a number of a server's database. Another database counts from the start again, so that such a
/// number says nothing against what names the message itself.
fn is_internal(queue_id: &str) -> bool {
    queue_id.contains('@')
}

/// Pieces of one message at one place: the log was cut in its middle, and one of them has no beginning.
fn is_piece(a: &Hop, b: &Hop) -> bool {
    let shares =
        |id: &str| b.queue_ids.iter().any(|other| other.as_ref() == id) && !(is_internal(id) && differ(a, b));
    a.place == b.place
        && (is_made(a.id) || is_made(b.id))
        && (a.received.is_none() || b.received.is_none())
        && a.queue_ids.iter().any(|id| shares(id))
        && a.came().abs_diff(b.came()) <= QUEUE_MICROS.unsigned_abs()
        && a.received.is_none_or(|at| at <= b.first)
        && b.received.is_none_or(|at| at <= a.first)
}

/// Whether two hops are pieces of different messages after all, because `other` began between them in their queue: ids
/// of a queue are used again.
pub(crate) fn parts(other: &Hop, a: &Hop, b: &Hop) -> bool {
    let Some(began) = other.received.filter(|_| other.place == a.place && is_piece(a, b)) else {
        return false;
    };
    let (early, late) = if a.came() <= b.came() { (a, b) } else { (b, a) };
    let shares = |hop: &Hop| hop.queue_ids.iter().any(|id| other.queue_ids.contains(id));
    early.came() < began && began <= late.first && shares(early) && shares(late)
}

/// Whether `a` handed the message to `b`, and how far apart their clocks are.
pub(crate) fn directed(a: &Hop, b: &Hop) -> Option<(Basis, i64)> {
    let same_id = match (a.message_id, b.message_id) {
        (Some(one), Some(other)) => Some(one == other),
        _ => None,
    };
    let came = b.came();
    let in_time = |sent: &&Sent| match b.received {
        Some(came) => sent.at.abs_diff(came) <= WINDOW_MICROS.unsigned_abs(),
        // Without its beginning all that is known is that it came before.
        None => sent.at <= came.saturating_add(WINDOW_MICROS) && came.saturating_sub(sent.at) <= QUEUE_MICROS,
    };
    let nearest = |sent: &&Sent| sent.at.abs_diff(came);
    let by_id = a.sent.iter().filter(in_time).filter(|sent| {
        let named =
            sent.remote_id.as_deref().is_some_and(|id| b.queue_ids.iter().any(|own| own.as_ref() == id));
        let same_host = sent.host.is_some() && sent.host == b.server;
        let names_other = sent.remote_id.as_deref().is_some_and(is_internal) && differ(a, b);
        named
            && (same_id == Some(true)
                || (same_host && !names_other)
                || (same_id.is_none() && b.recipients.contains(&sent.recipient)))
    });
    if let Some(sent) = by_id.min_by_key(nearest) {
        return Some((Basis::Certain, came.saturating_sub(sent.at)));
    }
    if same_id != Some(true) || a.place == b.place || b.received.is_none() {
        return None;
    }
    let by_recipient = a.sent.iter().filter(in_time).filter(|sent| {
        // The very server named another id: this is another copy.
        let other = sent.host.is_some()
            && sent.host == b.server
            && sent.remote_id.is_some()
            && !b.queue_ids.is_empty();
        !other && b.recipients.contains(&sent.recipient)
    });
    by_recipient.min_by_key(nearest).map(|sent| (Basis::Probable, came.saturating_sub(sent.at)))
}
