//! What the events of a message say of the message as a whole, whatever the order in which they come.
//!
//! May touch: nothing (pure).
//!
//! A message that passed several places is described by each of them, and each leaves out what it does not log. Every
//! fact is taken from the nearest witness that states it: our own record before another place's, the one of its
//! receiving before others (in Exchange logs HAREDIRECT stands before RECEIVE and knows less), the earlier before the
//! later.

use std::net::IpAddr;

use events::{Directionality, Event, EventId, MessageFacts, NextHop};
use mail::{InternalMessageId, MessageId};

use crate::status::EventKey;

/// Places told apart for where the message entered.
const PLACES_MAX: usize = 16;

/// How good a witness an event is: the lowest is taken.
type Witness = (bool, bool, i64, EventKey);

/// A fact and who states it.
#[derive(Debug, Clone)]
struct Known<T>(Option<(Witness, T)>);

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(None)
    }
}

impl<T> Known<T> {
    /// Takes a fact from a better witness; says whether it did.
    fn offer(&mut self, by: Witness, fact: Option<T>) -> bool {
        let Some(fact) = fact.filter(|_| self.0.as_ref().is_none_or(|(known, _)| by < *known)) else {
            return false;
        };
        self.0 = Some((by, fact));
        true
    }

    /// The same for a text, which is copied only if it is taken; an empty one states nothing.
    fn offer_text(&mut self, by: Witness, text: &str) -> bool
    where
        T: for<'a> From<&'a str>,
    {
        !text.is_empty()
            && self.0.as_ref().is_none_or(|(known, _)| by < *known)
            && self.offer(by, Some(T::from(text)))
    }

    fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, fact)| fact)
    }
}

/// Where a place took the message from.
#[derive(Debug, Clone)]
struct Entry {
    /// None is this server.
    place: Option<Box<str>>,
    from: Known<IpAddr>,
}

/// The facts of one message so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathered {
    /// The witness of those facts that always have a value.
    witness: Known<()>,
    subject: Known<String>,
    sender: Known<String>,
    from: Known<String>,
    return_path: Known<String>,
    size: Known<u64>,
    direction: Known<Directionality>,
    account: Known<String>,
    original_client_ip: Known<IpAddr>,
    original_server_ip: Known<IpAddr>,
    message_id: Known<MessageId>,
    internal_id: Known<InternalMessageId>,
    server: Known<String>,
    references: Known<Vec<String>>,
    entries: Vec<Entry>,
    /// Places the message was handed to, and whether another place than this server did.
    handed_to: Vec<(Box<str>, bool)>,
}

impl Gathered {
    /// Of all events of a message.
    pub(crate) fn of(events: &[(EventKey, Event)]) -> Gathered {
        let mut gathered = Gathered::default();
        for (key, event) in events {
            gathered.note(*key, event);
        }
        gathered
    }

    /// Takes an event in; says whether any fact is another one now.
    pub(crate) fn note(&mut self, key: EventKey, event: &Event) -> bool {
        let enters = matches!(event.event_id, EventId::Receive | EventId::Dsn | EventId::Refused);
        let by = (event.detail.place.is_some(), !enters, event.at.as_microsecond(), key);
        let mut better = false;
        if let Some(id) = &event.message_id
            && self.message_id.0.as_ref().is_none_or(|(known, _)| by < *known)
        {
            better |= self.message_id.offer(by, Some(id.clone()));
        }
        better |= self.internal_id.offer(by, event.internal_message_id);
        better |= self.note_way(by, event, enters);
        let Some(facts) = &event.message else { return better };
        if self.witness.offer(by, Some(())) {
            better = true;
            self.references.0 = Some((by, event.reference.clone()));
        }
        better |= self.subject.offer_text(by, &facts.subject);
        better |= self.sender.offer_text(by, &facts.sender_address);
        better |= self.return_path.offer_text(by, &facts.return_path);
        better |= self.from.offer_text(by, facts.from_address.as_deref().unwrap_or_default());
        better |= self.account.offer_text(by, facts.authenticated_as.as_deref().unwrap_or_default());
        better |= self.server.offer_text(by, event.server_hostname.as_deref().unwrap_or_default());
        better |= self.size.offer(by, Some(facts.total_bytes).filter(|size| *size > 0));
        let direction = facts.directionality;
        better |=
            self.direction.offer(by, Some(direction).filter(|known| *known != Directionality::Undefined));
        better |= self.original_client_ip.offer(by, facts.original_client_ip);
        better | self.original_server_ip.offer(by, facts.original_server_ip)
    }

    /// Notes from where the event's place took the message, and to which it gave it.
    fn note_way(&mut self, by: Witness, event: &Event, enters: bool) -> bool {
        let mut better = false;
        let by_another = event.detail.place.is_some();
        if let Some(NextHop::Place(to)) = &event.detail.next_hop
            && event.detail.place.as_deref() != Some(to)
            && self.handed_to.len() < PLACES_MAX
            && !self.handed_to.iter().any(|(known, by)| known.as_ref() == to && *by == by_another)
        {
            self.handed_to.push((to.as_str().into(), by_another));
            better = true;
        }
        // The client of a hand-on is the server itself.
        let client = event.client_ip.filter(|_| enters || event.event_id == EventId::Submit);
        let from = event.message.as_ref().and_then(|facts| facts.original_client_ip).or(client);
        let Some(from) = from else { return better };
        let place = event.detail.place.as_deref();
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.place.as_deref() == place) {
            return better | entry.from.offer(by, Some(from));
        }
        if self.entries.len() < PLACES_MAX {
            let entry = Entry { place: place.map(Into::into), from: Known(Some((by, from))) };
            self.entries.push(entry);
            better = true;
        }
        better
    }

    /// The host that gave the message to the first of the places it passed.
    ///
    /// The clocks of places differ, so a place that another one handed it to is not the first, whatever its times.
    pub(crate) fn client_ip(&self) -> Option<IpAddr> {
        let is_place = |name: &str| self.entries.iter().any(|entry| entry.place.as_deref() == Some(name));
        let was_given = |entry: &Entry| match entry.place.as_deref() {
            Some(name) => self.handed_to.iter().any(|(to, _)| to.as_ref() == name),
            // A name that no record carries is that of this server.
            None => self.handed_to.iter().any(|(to, by_another)| *by_another && !is_place(to)),
        };
        let first = |entry: &&Entry| entry.from.0.as_ref().map(|((_, _, at, key), _)| (*at, *key));
        let fresh = self.entries.iter().filter(|entry| !was_given(entry)).min_by_key(first);
        fresh.or_else(|| self.entries.iter().min_by_key(first)).and_then(|entry| entry.from.get().copied())
    }

    /// What the message as a whole is; `None` if no event says anything of it.
    pub(crate) fn facts(&self) -> Option<MessageFacts> {
        self.witness.get()?;
        let text = |known: &Known<String>| known.get().cloned().unwrap_or_default();
        Some(MessageFacts {
            subject: text(&self.subject),
            sender_address: text(&self.sender),
            from_address: self.from.get().cloned(),
            return_path: text(&self.return_path),
            total_bytes: self.size.get().copied().unwrap_or(0),
            directionality: self.direction.get().copied().unwrap_or_default(),
            original_client_ip: self.original_client_ip.get().copied(),
            original_server_ip: self.original_server_ip.get().copied(),
            authenticated_as: self.account.get().cloned(),
        })
    }

    pub(crate) fn message_id(&self) -> Option<&MessageId> {
        self.message_id.get()
    }

    pub(crate) fn internal_id(&self) -> Option<InternalMessageId> {
        self.internal_id.get().copied()
    }

    /// The server that received it.
    pub(crate) fn server(&self) -> Option<&str> {
        self.server.get().map(String::as_str)
    }

    /// The subject as it was written.
    pub(crate) fn subject(&self) -> &str {
        self.subject.get().map_or("", String::as_str)
    }

    /// What the message came from, as the event says that describes it best.
    pub(crate) fn references(&self) -> &[String] {
        self.references.get().map_or(&[], Vec::as_slice)
    }
}
