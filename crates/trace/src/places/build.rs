//! Events of foreign messages: what every reader writes alike.
//!
//! May touch: nothing (pure).

use std::net::IpAddr;
use std::sync::Arc;

use events::{Directionality, DomainKind, Event, EventId, MessageFacts, NextHop, Reason, Source};
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};

use super::identity::Place;
use super::reply;
use super::surroundings::Surroundings;
use crate::status::EventKey;

/// The pair of custom-data that holds the id a message has in the queue of its place.
pub(crate) const QUEUE_ID: &str = crate::gateway::QUEUE_ID;

/// The pair of custom-data of a report that holds the queue id of the message it reports on, as the log states it.
pub(crate) const REPORTS_ON: &str = "ReportsOn";

/// The id the message of an event had in its place's queue.
pub(crate) fn queue_id_of(event: &Event) -> Option<&str> {
    event.custom_data.iter().find(|(name, _)| name == QUEUE_ID).map(|(_, id)| id.as_str())
}

/// What the readers of one place share.
#[derive(Debug, Clone)]
pub(crate) struct Builder {
    pub(crate) place: Place,
    pub(crate) around: Arc<Surroundings>,
}

/// A message as one place knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) id: NetworkMessageId,
    pub(crate) received: Timestamp,
    pub(crate) message_id: Option<&'a MessageId>,
    pub(crate) queue_id: &'a str,
    pub(crate) host: &'a str,
}

/// What a log says became of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Stored by this very system.
    Delivered,
    /// Taken by another host.
    HandedOn,
    Deferred,
    Failed,
    /// Failed because its time in the queue was over.
    Expired,
    Dropped,
    /// An administrator removed it.
    Removed,
    /// Held until an administrator lets it go on.
    Held,
}

/// The rest of a delivery line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hand<'a> {
    pub(crate) recipient: &'a str,
    /// The next host, as named.
    pub(crate) host: &'a str,
    pub(crate) ip: Option<IpAddr>,
    /// The reply or the reason given.
    pub(crate) text: &'a str,
    /// Enhanced status code, if the log names it apart.
    pub(crate) code: &'a str,
    pub(crate) tls: Option<&'a str>,
}

impl Builder {
    /// An event of a message with what all of them have.
    pub(crate) fn event(&self, of: &At<'_>, at: Timestamp, event_id: EventId, source: Source) -> Event {
        let mut event = Event::new(at, event_id, source, of.id);
        event.received = of.received;
        event.message_id = of.message_id.cloned();
        event.server_hostname = Some(of.host.to_owned()).filter(|host| !host.is_empty());
        if !of.queue_id.is_empty() {
            event.custom_data = Vec::from([(QUEUE_ID.to_owned(), of.queue_id.to_owned())]);
        }
        event.detail.place = Some(self.place.name().to_owned());
        event
    }

    /// The key of the event a line makes.
    pub(crate) fn key(&self, at: Timestamp, host: &str, text: &str, number: u8) -> EventKey {
        let label = host.split('.').next().unwrap_or_default();
        let at = at.as_microsecond().to_le_bytes();
        self.place.key(&[&at, label.as_bytes(), text.as_bytes(), &[number]])
    }

    /// The event of a recipient's fate.
    pub(crate) fn fate(&self, of: &At<'_>, at: Timestamp, fate: Fate, hand: &Hand<'_>) -> Event {
        let domain = self.around.domain(hand.recipient);
        let next_hop = self.around.next_hop(hand.host, hand.ip);
        let (event_id, source) = match fate {
            Fate::Delivered => (EventId::Deliver, Source::StoreDriver),
            Fate::HandedOn if next_hop == NextHop::Outside && domain != Some(DomainKind::Authoritative) => {
                (EventId::SendExternal, Source::Smtp)
            }
            Fate::HandedOn => (EventId::Send, Source::Smtp),
            Fate::Deferred => (EventId::Defer, Source::Smtp),
            Fate::Failed => (EventId::Fail, Source::Smtp),
            Fate::Expired => (EventId::Fail, Source::Queue),
            Fate::Dropped => (EventId::Drop, Source::Routing),
            Fate::Removed => (EventId::Fail, Source::Admin),
            Fate::Held => (EventId::Suppressed, Source::Queue),
        };
        let mut event = self.event(of, at, event_id, source);
        let status = status_text(hand);
        event.recipients = Vec::from([events::EventRecipient { address: hand.recipient.to_owned(), status }]);
        event.detail.domain = domain;
        event.detail.tls = hand.tls.map(str::to_owned);
        if !hand.host.is_empty() {
            event.detail.remote_host = Some(hand.host.to_owned());
        }
        let quoted = reply::quoted(hand.text);
        match fate {
            Fate::HandedOn | Fate::Delivered => {
                if fate == Fate::HandedOn {
                    event.detail.next_hop = Some(next_hop);
                    event.server_ip = hand.ip;
                }
                let (id, _) = reply::remote_id(hand.text);
                event.detail.remote_queue_id = id.map(str::to_owned);
                // What a program of the place itself says of a delivery, "delivered to maildir", is no reply.
                let is_reply = fate == Fate::HandedOn || starts_with_code(hand.text);
                event.detail.remote_reply =
                    Some(hand.text.to_owned()).filter(|text| is_reply && !text.is_empty());
            }
            Fate::Expired => event.detail.reason = Some(Reason::QueueExpired),
            Fate::Removed => event.detail.reason = Some(Reason::RemovedByAdministrator),
            _ => {
                event.detail.reason = reply::reason(hand.text);
                event.detail.remote_reply = quoted.map(str::to_owned);
            }
        }
        event
    }

    /// Notes whose recipients did not get it: what a place says of its own ones is its own word.
    pub(crate) fn note_domain(&self, event: &mut Event) {
        let only = event.recipients.first().filter(|_| event.event_id == EventId::Fail);
        if event.detail.domain.is_none() {
            event.detail.domain = only.and_then(|recipient| self.around.domain(&recipient.address));
        }
    }

    /// Which way a message goes that came in like this.
    pub(crate) fn direction(&self, sender: &str, is_ours: bool) -> Directionality {
        let by_domain = self.around.domain(sender) == Some(DomainKind::Authoritative);
        if is_ours || by_domain { Directionality::Originating } else { Directionality::Incoming }
    }

    /// The event that an address stands for another: an alias, a mapping.
    pub(crate) fn resolved(&self, of: &At<'_>, at: Timestamp, from: &str, to: &str) -> (EventKey, Event) {
        let mut event = self.event(of, at, EventId::Resolve, Source::Routing).recipient(to, "");
        event.related_recipient_address = Some(from.to_owned());
        let id = of.id.0.as_bytes().as_slice();
        (self.place.key(&[b"resolve", id, from.as_bytes(), to.as_bytes()]), event)
    }
}

/// Facts of a message whose envelope sender is known.
pub(crate) fn facts(return_path: &str, size: u64, direction: Directionality) -> MessageFacts {
    let return_path = if return_path.is_empty() { "<>" } else { return_path };
    MessageFacts {
        sender_address: return_path.to_owned(),
        return_path: return_path.to_owned(),
        total_bytes: size,
        directionality: direction,
        ..MessageFacts::default()
    }
}

fn starts_with_code(text: &str) -> bool {
    text.as_bytes().first_chunk::<3>().is_some_and(|head| head.iter().all(u8::is_ascii_digit))
}

/// The reply where there is one, else the code and the reason.
fn status_text(hand: &Hand<'_>) -> String {
    let text = reply::quoted(hand.text).unwrap_or(hand.text);
    if hand.code.is_empty() || starts_with_code(text) {
        text.to_owned()
    } else {
        let mut status = String::with_capacity(hand.code.len().saturating_add(text.len()).saturating_add(1));
        status.push_str(hand.code);
        status.push(' ');
        status.push_str(text);
        status
    }
}

/// `host[192.0.2.1]:25` apart; the port is not kept.
pub(crate) fn host_and_ip(text: &str) -> (&str, Option<IpAddr>) {
    let Some((host, rest)) = text.split_once('[') else { return (text, None) };
    let Some((ip, _)) = rest.split_once(']') else { return (host, None) };
    let ip = ip.strip_prefix("IPv6:").unwrap_or(ip);
    (host, ip.split('%').next().and_then(|ip| ip.parse().ok()))
}
