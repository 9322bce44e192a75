//! From events of the tracking log to the ways mail took: from where, over which connector, to where, how much.
//! May touch: nothing (pure).

use std::collections::{HashMap, HashSet};

use events::{Directionality, Event, EventId, Source};
use jiff::Timestamp;
use mail::NetworkMessageId;

/// Next hops told apart; the mail of further ones is counted together.
pub(super) const NEXT_HOPS_MAX: usize = 200;
/// Connectors told apart of each kind; there are fewer, but names change.
const CONNECTORS_MAX: usize = 500;
/// What stands for those beyond a bound.
pub(super) const OTHERS: &str = "(others)";
/// What stands for a connector or host the event does not name.
const UNNAMED: &str = "(not named)";

/// What a place on the map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Who handed mail in.
    Clients,
    ReceiveConnector,
    Server,
    SendConnector,
    /// A host mail was handed to, or was to be.
    NextHop,
    Mailboxes,
    /// The end of what failed here.
    NotDelivered,
    /// The end of what nobody was told of.
    Dropped,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Clients => "Clients",
            Kind::ReceiveConnector => "ReceiveConnector",
            Kind::Server => "Server",
            Kind::SendConnector => "SendConnector",
            Kind::NextHop => "NextHop",
            Kind::Mailboxes => "Mailboxes",
            Kind::NotDelivered => "NotDelivered",
            Kind::Dropped => "Dropped",
        }
    }
}

type Place = (Kind, String);

/// One way, and what went along it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: Place,
    pub(super) to: Place,
    /// Messages that were carried, each once.
    pub(super) messages: u64,
    pub(super) recipients: u64,
    /// Messages with recipients that failed or were dropped on it, each once, and attempts that were refused: most of
    /// these come before there is a message.
    pub(super) failed: u64,
    /// Those recipients; of an attempt that named none, one.
    pub(super) failed_recipients: u64,
    /// Messages that were put off on it, each once however often.
    pub(super) deferred: u64,
    /// How often.
    pub(super) attempts: u64,
    pub(super) last: Timestamp,
}

/// What an event means for a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Carried,
    Failed,
    Deferred,
}

/// A way, and which messages it counts already. There are no more of them than events are read.
struct Counting {
    edge: Edge,
    seen: HashSet<(Counted, NetworkMessageId)>,
}

/// The map so far.
pub(super) struct Map {
    server: String,
    edges: HashMap<(Place, Place), Counting>,
    known: HashMap<Kind, Vec<String>>,
}

impl Map {
    pub(super) fn new(server: &str) -> Map {
        Map { server: server.to_owned(), edges: HashMap::new(), known: HashMap::new() }
    }

    /// The event ids that say anything about a way.
    pub(super) const EVENTS: &'static [EventId] = &[
        EventId::Receive,
        EventId::Dsn,
        EventId::Refused,
        EventId::Deliver,
        EventId::Send,
        EventId::SendExternal,
        EventId::Defer,
        EventId::Fail,
        EventId::Drop,
    ];

    /// Adds an event. What another system recorded is not on this server's map.
    pub(super) fn add(&mut self, event: &Event) {
        if event.detail.place.is_some() {
            return;
        }
        match event.event_id {
            EventId::Receive if event.source == Source::Smtp => self.came(event, Counted::Carried),
            EventId::Refused => self.came(event, Counted::Failed),
            EventId::Receive | EventId::Dsn => {
                let from = (Kind::Clients, "This server itself".to_owned());
                let to = self.server();
                self.count(from, to, event, Counted::Carried);
            }
            EventId::Deliver => {
                let from = self.server();
                self.count(from, (Kind::Mailboxes, "Mailboxes".to_owned()), event, Counted::Carried);
            }
            EventId::Send | EventId::SendExternal => self.went(event, Counted::Carried),
            EventId::Defer => self.went(event, Counted::Deferred),
            EventId::Fail if event.connector_id.is_some() => self.went(event, Counted::Failed),
            EventId::Fail => {
                let from = self.server();
                self.count(from, (Kind::NotDelivered, "Not delivered".to_owned()), event, Counted::Failed);
            }
            EventId::Drop => {
                let from = self.server();
                self.count(from, (Kind::Dropped, "Dropped silently".to_owned()), event, Counted::Failed);
            }
            _ => {}
        }
    }

    fn server(&self) -> Place {
        (Kind::Server, self.server.clone())
    }

    fn came(&mut self, event: &Event, counted: Counted) {
        let direction = event.message.as_ref().map(|facts| facts.directionality);
        let from = match direction {
            Some(Directionality::Originating) => "Own senders",
            _ => "Senders outside",
        };
        let connector = self.known(Kind::ReceiveConnector, event.connector_id.as_deref(), CONNECTORS_MAX);
        self.count((Kind::Clients, from.to_owned()), connector.clone(), event, counted);
        if counted == Counted::Carried {
            let to = self.server();
            self.count(connector, to, event, counted);
        }
    }

    fn went(&mut self, event: &Event, counted: Counted) {
        // A deferral without a connector waits for one: it took no way.
        if event.connector_id.is_none() && counted != Counted::Carried {
            return;
        }
        // Of what was not handed on, the server named is this one.
        let server = event.server_hostname.as_deref().filter(|_| counted == Counted::Carried);
        let host = event.detail.remote_host.as_deref().or(server).or(event.detail.queue.as_deref());
        let connector = self.known(Kind::SendConnector, event.connector_id.as_deref(), CONNECTORS_MAX);
        let hop = self.known(Kind::NextHop, host, NEXT_HOPS_MAX);
        let from = self.server();
        self.count(from, connector.clone(), event, counted);
        self.count(connector, hop, event, counted);
    }

    /// A place of that name, or the one that stands for all beyond the bound.
    fn known(&mut self, kind: Kind, name: Option<&str>, most: usize) -> Place {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(UNNAMED);
        let known = self.known.entry(kind).or_default();
        if !known.iter().any(|one| one == name) {
            if known.len() >= most {
                return (kind, OTHERS.to_owned());
            }
            known.push(name.to_owned());
        }
        (kind, name.to_owned())
    }

    fn count(&mut self, from: Place, to: Place, event: &Event, counted: Counted) {
        // Of many refusals alike one event has the number: each further one was an attempt of its own.
        let further = match event.event_id {
            EventId::Refused => u64::from(event.detail.count.saturating_sub(1)),
            _ => 0,
        };
        let recipients = (event.recipients.len().max(1) as u64).saturating_add(further);
        let known = self.edges.entry((from.clone(), to.clone())).or_insert_with(|| Counting {
            edge: Edge {
                from,
                to,
                messages: 0,
                recipients: 0,
                failed: 0,
                failed_recipients: 0,
                deferred: 0,
                attempts: 0,
                last: event.at,
            },
            seen: HashSet::new(),
        });
        let is_new = known.seen.insert((counted, event.network_message_id));
        let edge = &mut known.edge;
        let (messages, parts, by) = match counted {
            Counted::Carried => (&mut edge.messages, &mut edge.recipients, recipients),
            Counted::Failed => (&mut edge.failed, &mut edge.failed_recipients, recipients),
            Counted::Deferred => (&mut edge.deferred, &mut edge.attempts, 1),
        };
        *messages = messages.saturating_add(u64::from(is_new)).saturating_add(further);
        *parts = parts.saturating_add(by);
        edge.last = edge.last.max(event.at);
    }

    /// The ways in the order mail takes them, the busiest first.
    pub(super) fn sorted(self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self.edges.into_values().map(|counting| counting.edge).collect();
        edges.sort_by(|one, other| {
            let way = |edge: &Edge| (edge.from.0, edge.to.0);
            let busy = |edge: &Edge| edge.messages.saturating_add(edge.failed).saturating_add(edge.deferred);
            way(one)
                .cmp(&way(other))
                .then_with(|| busy(other).cmp(&busy(one)))
                .then_with(|| (&one.from.1, &one.to.1).cmp(&(&other.from.1, &other.to.1)))
        });
        edges
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use events::{EventRecipient, MessageFacts};
    use uuid::Uuid;

    use super::*;

    static NEXT: AtomicU64 = AtomicU64::new(1);

    fn event(id: EventId, connector: Option<&str>, host: Option<&str>) -> Event {
        let at = "2026-11-20T09:00:00Z".parse().unwrap();
        let mut event = Event::new(at, id, Source::Smtp, NetworkMessageId(Uuid::nil()));
        // Each its own message, where a test does not say otherwise.
        event.network_message_id =
            NetworkMessageId(Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into()));
        event.connector_id = connector.map(str::to_owned);
        event.detail.remote_host = host.map(str::to_owned);
        let recipient = |address: &str| EventRecipient { address: address.to_owned(), status: String::new() };
        event.recipients = vec![recipient("a@contoso.example"), recipient("b@contoso.example")];
        event
    }

    fn shown(events: &[Event]) -> Vec<String> {
        let mut map = Map::new("mx1");
        events.iter().for_each(|event| map.add(event));
        let line = |edge: &Edge| {
            format!(
                "{} > {}: {} {} {} {}",
                edge.from.1, edge.to.1, edge.messages, edge.recipients, edge.failed, edge.deferred
            )
        };
        map.sorted().iter().map(line).collect()
    }

    #[test]
    fn each_event_is_counted_on_the_ways_it_is_about() {
        let mut own = event(EventId::Receive, Some("Client"), None);
        own.message =
            Some(MessageFacts { directionality: Directionality::Originating, ..MessageFacts::default() });
        let mut notice = event(EventId::Receive, None, None);
        notice.source = Source::Admin;
        let mut elsewhere = event(EventId::Deliver, None, None);
        elsewhere.detail.place = Some("gateway".to_owned());
        let internet = Some("Internet");
        let lines = shown(&[
            event(EventId::Receive, Some("Default"), None),
            event(EventId::Refused, Some("Default"), None),
            own,
            notice,
            elsewhere,
            event(EventId::Deliver, None, None),
            event(EventId::SendExternal, internet, Some("mx.fabrikam.example")),
            event(EventId::Defer, internet, Some("mx.fabrikam.example")),
            event(EventId::Fail, internet, Some("mx.tailspin.example")),
            event(EventId::Fail, None, None),
            event(EventId::Drop, None, None),
            event(EventId::Defer, None, None),
        ]);
        assert_eq!(
            lines,
            [
                "Senders outside > Default: 1 2 1 0",
                "Own senders > Client: 1 2 0 0",
                "This server itself > mx1: 1 2 0 0",
                "Client > mx1: 1 2 0 0",
                "Default > mx1: 1 2 0 0",
                "mx1 > Internet: 1 2 1 1",
                "mx1 > Mailboxes: 1 2 0 0",
                "mx1 > Not delivered: 0 0 1 0",
                "mx1 > Dropped silently: 0 0 1 0",
                "Internet > mx.fabrikam.example: 1 2 0 1",
                "Internet > mx.tailspin.example: 0 0 1 0",
            ]
        );
    }

    /// A message stays one however often it is tried, and however many of its recipients fail.
    #[test]
    fn messages_are_counted_and_not_attempts() {
        let put_off = event(EventId::Defer, Some("Internet"), Some("mx.fabrikam.example"));
        let mut later = put_off.clone();
        later.at = "2026-11-20T09:05:00Z".parse().unwrap();
        let mut carried = later.clone();
        carried.event_id = EventId::SendExternal;
        let refused = event(EventId::Refused, Some("Default"), None);
        let mut map = Map::new("mx1");
        [&put_off, &later, &later, &carried, &carried, &refused, &refused]
            .into_iter()
            .for_each(|one| map.add(one));
        let edges = map.sorted();
        let of = |to: &str| edges.iter().find(|edge| edge.to.1 == to).unwrap();
        let hop = of("mx.fabrikam.example");
        assert_eq!((hop.messages, hop.recipients, hop.deferred, hop.attempts), (1, 4, 1, 3));
        let refused = of("Default");
        assert_eq!((refused.failed, refused.failed_recipients), (1, 4));
    }

    /// The eleventh of a minute and all after it stand in one event.
    #[test]
    fn refusals_that_were_only_counted_count() {
        let mut folded = event(EventId::Refused, Some("Default"), None);
        folded.recipients.truncate(1);
        folded.detail.count = 1_000;
        // The same message has a row of its own for its other recipient.
        let mut own = folded.clone();
        own.detail.count = 1;
        let mut map = Map::new("mx1");
        [&folded, &own, &own].into_iter().for_each(|one| map.add(one));
        let edges = map.sorted();
        assert_eq!((edges[0].failed, edges[0].failed_recipients), (1_000, 1_002));
    }

    #[test]
    fn hosts_beyond_the_bound_are_counted_together() {
        let hosts: Vec<String> = (0..NEXT_HOPS_MAX + 5).map(|number| format!("mx{number}.example")).collect();
        let events: Vec<Event> =
            hosts.iter().map(|host| event(EventId::SendExternal, Some("Internet"), Some(host))).collect();
        let lines = shown(&events);
        assert_eq!(lines.len(), NEXT_HOPS_MAX + 2);
        assert!(lines.contains(&"Internet > (others): 5 10 0 0".to_owned()), "{lines:?}");
    }
}
