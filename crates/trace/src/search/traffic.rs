//! Random traffic for tests: messages of every shape, their events in commit order, from a seed.
//!
//! May touch: nothing (tests).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use events::{Directionality, DomainKind, Event, EventId, EventRecipient, MessageFacts, NextHop, Source};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use uuid::Uuid;

use crate::status::{EventKey, NodeId};

/// 2026-11-20 00:00 UTC.
pub(crate) const MIDNIGHT: i64 = 1_795_132_800;

/// A small generator: the same seed gives the same traffic everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

pub(crate) const PEOPLE: &[&str] = &[
    "anna@contoso.example",
    "Bert@contoso.example",
    "carla@mail.contoso.example",
    "dora@fabrikam.example",
    "emil@Fabrikam.example",
];
pub(crate) const GROUPS: &[&str] = &["sales@contoso.example", "all@contoso.example"];
pub(crate) const SENDERS: &[&str] =
    &["kj@movetocloud.example", "Mimi@movetocloud.example", "news@shop.example", "<>"];
pub(crate) const SUBJECTS: &[&str] = &[
    "Test mail flow",
    "Rechnung Nr. 17",
    "Übersicht der ÄNDERUNGEN",
    "今日の会議 ΟΔΟΣ",
    "re: test",
    "50% off \"today\"",
    "",
    "ab",
];

/// A message in the making.
struct Draft {
    id: NetworkMessageId,
    number: u64,
    received: Timestamp,
    events: Vec<Event>,
}

impl Draft {
    fn add(
        &mut self,
        event_id: EventId,
        source: Source,
        after: i64,
        recipients: &[&str],
        related: Option<&str>,
    ) -> &mut Event {
        let mut event =
            Event::new(self.received + jiff::SignedDuration::from_secs(after), event_id, source, self.id);
        event.received = self.received;
        event.internal_message_id = Some(InternalMessageId(self.number * 7));
        let named = recipients
            .iter()
            .map(|address| EventRecipient { address: (*address).to_owned(), status: String::new() });
        event.recipients = named.collect();
        event.related_recipient_address = related.map(ToOwned::to_owned);
        self.events.push(event);
        self.events.last_mut().unwrap()
    }

    /// One of nine ways through the pipeline.
    fn run(&mut self, dice: &mut Dice) {
        use EventId::{Defer, Deliver, Expand, Fail, Quarantine, Queued, Receive, Resolve, SendExternal};
        use Source::{Agent, Queue, Routing, Smtp, StoreDriver};
        let (one, group, proxy, outside) =
            (dice.pick(PEOPLE), dice.pick(GROUPS), "proxy@contoso.example", "x@outside.example");
        match dice.roll(9) {
            0 => {
                self.add(Receive, Smtp, 0, &[one], None);
                self.add(Queued, Queue, 1, &[one], None);
                self.add(Deliver, StoreDriver, 2, &[one], None);
            }
            1 => {
                self.add(Receive, Smtp, 0, &[group, one], None);
                self.add(Expand, Routing, 1, PEOPLE, Some(group));
                self.add(Deliver, StoreDriver, 3, &PEOPLE[..3], None);
                self.add(Fail, Routing, 4, &PEOPLE[3..4], None);
            }
            2 => {
                self.add(Receive, Smtp, 0, &[proxy], None);
                self.add(Resolve, Routing, 1, &[one], Some(proxy));
                self.add(Deliver, StoreDriver, 2, &[one], None);
            }
            3 => {
                let number = self.number;
                self.add(Receive, Smtp, 0, &[outside], None);
                self.add(Defer, Smtp, 60, &[outside], None);
                let end = self.add(SendExternal, Smtp, 86_400, &[outside], None);
                end.server_ip = Some(next_hop(number));
                end.connector_id = Some("Internet".into());
            }
            4 => {
                self.add(Receive, Smtp, 0, &[one], None);
            }
            5 => {
                self.add(Receive, Smtp, 0, PEOPLE, None);
                self.add(Queued, Queue, 1, PEOPLE, None);
                for person in PEOPLE {
                    self.add(Deliver, StoreDriver, 5, &[person], None);
                }
            }
            7 => {
                self.add(Receive, Smtp, 0, &[one], None);
                let place = self.number.is_multiple_of(2);
                let on = self.add(SendExternal, Smtp, 2, &[one], None);
                on.detail.domain = Some(DomainKind::Authoritative);
                on.detail.next_hop = place.then(|| NextHop::Place("gateway".into()));
            }
            6 => {
                self.add(Receive, Smtp, 0, &[one], None);
                self.add(Fail, Queue, 172_800, &[one], None);
            }
            _ => {
                self.add(Receive, Smtp, 0, &[one], None);
                self.add(Quarantine, Agent, 1, &[one], None);
            }
        }
    }
}

/// Most go to one host, some to others of its network or by IPv6.
fn next_hop(number: u64) -> IpAddr {
    match number % 4 {
        0 => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, u16::try_from(number % 3).unwrap())),
        1 => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)),
        _ => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)),
    }
}

/// A message and its events as the pipeline would write them; received within `days` days from [`MIDNIGHT`] on.
pub(crate) fn message(dice: &mut Dice, number: u64, days: u64) -> Vec<Event> {
    // Coarse times, so that messages often share a microsecond.
    let second = MIDNIGHT + i64::try_from(dice.roll(days * 86_400 / 900) * 900).unwrap();
    let id = NetworkMessageId(Uuid::from_u128(u128::from(number) + 1));
    let received = Timestamp::from_second(second).unwrap();
    let mut draft = Draft { id, number, received, events: Vec::new() };
    draft.run(dice);
    let from_address = if dice.roll(3) == 0 { Some(dice.pick(PEOPLE).to_owned()) } else { None };
    let return_path = dice.pick(SENDERS);
    let head = &mut draft.events[0];
    head.message_id = Some(MessageId::parse(&format!("<m{}@movetocloud.example>", number % 50)).unwrap());
    head.client_ip = Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, u8::try_from(dice.roll(4)).unwrap())));
    if dice.roll(5) == 0 {
        head.client_ip = Some(IpAddr::V6(Ipv6Addr::new(
            0x2001,
            0xdb8,
            0,
            0,
            0,
            0,
            0,
            u16::try_from(dice.roll(4)).unwrap(),
        )));
    }
    head.connector_id = Some("Default Frontend mx1".into());
    head.detail.tls = (dice.roll(2) == 0).then(|| "TLS1_3".to_owned());
    head.custom_data = vec![("S:DMARC".into(), dice.pick(&["pass", "fail"]).to_owned())];
    head.message = Some(MessageFacts {
        subject: dice.pick(SUBJECTS).to_owned(),
        sender_address: from_address.clone().unwrap_or_else(|| return_path.to_owned()),
        from_address,
        return_path: return_path.to_owned(),
        total_bytes: 100 + dice.roll(1_000),
        directionality: dice.pick(&[Directionality::Incoming, Directionality::Originating]),
        ..MessageFacts::default()
    });
    draft.events
}

/// `count` messages' events, mixed as commits of many sessions mix them, and numbered.
pub(crate) fn traffic(seed: u64, count: u64, days: u64) -> Vec<(EventKey, Event)> {
    let mut dice = Dice::new(seed);
    let mut open: Vec<std::collections::VecDeque<Event>> = Vec::new();
    let mut out: Vec<(EventKey, Event)> = Vec::new();
    let mut number = 0;
    while number < count || !open.is_empty() {
        if number < count && (open.len() < 20 || dice.roll(2) == 0) {
            open.push(message(&mut dice, number, days).into());
            number += 1;
        }
        let at = usize::try_from(dice.roll(open.len() as u64)).unwrap();
        if let Some(event) = open[at].pop_front() {
            let seq = out.len() as u64 + 1;
            out.push((EventKey { node: NodeId(1), seq }, event));
        }
        if open[at].is_empty() {
            open.swap_remove(at);
        }
    }
    out
}
