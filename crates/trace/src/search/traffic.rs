//! Random traffic for tests: messages of every shape, their events in commit order, from a seed.
//!
//! May touch: nothing (tests).

use std::net::{IpAddr, Ipv4Addr};

use events::{Directionality, Event, EventId, EventRecipient, MessageFacts, Source};
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

pub(crate) const PEOPLE: &[&str] =
    &["anna@contoso.example", "Bert@contoso.example", "carla@mail.contoso.example", "dora@fabrikam.example", "emil@Fabrikam.example"];
pub(crate) const GROUPS: &[&str] = &["sales@contoso.example", "all@contoso.example"];
pub(crate) const SENDERS: &[&str] = &["kj@movetocloud.example", "Mimi@movetocloud.example", "news@shop.example", "<>"];
pub(crate) const SUBJECTS: &[&str] =
    &["Test mail flow", "Rechnung Nr. 17", "Übersicht der ÄNDERUNGEN", "re: test", "50% off \"today\"", "", "ab"];

/// A message and its events as the pipeline would write them; times within `days` days from [`MIDNIGHT`] on.
pub(crate) fn message(dice: &mut Dice, number: u64, days: u64) -> Vec<Event> {
    // Coarse times, so that messages often share a microsecond.
    let second = MIDNIGHT + i64::try_from(dice.roll(days * 86_400 / 900) * 900).unwrap();
    let received = Timestamp::from_second(second).unwrap();
    let id = NetworkMessageId(Uuid::from_u128(u128::from(number) + 1));
    let from_address = if dice.roll(3) == 0 { Some(dice.pick(PEOPLE).to_owned()) } else { None };
    let return_path = dice.pick(SENDERS);
    let mut events = Vec::new();
    let mut add = |id_of_event: EventId, source: Source, after: i64, recipients: &[&str], related: Option<&str>| {
        let mut event = Event::new(received + jiff::SignedDuration::from_secs(after), id_of_event, source, id);
        event.received = received;
        event.internal_message_id = Some(InternalMessageId(number * 7));
        event.recipients = recipients
            .iter()
            .map(|address| EventRecipient { address: (*address).to_owned(), status: String::new() })
            .collect();
        event.related_recipient_address = related.map(ToOwned::to_owned);
        events.push(event);
        events.len() - 1
    };
    let first = dice.pick(PEOPLE);
    let group = dice.pick(GROUPS);
    let shape = dice.roll(8);
    let outside = ["x@outside.example"];
    match shape {
        0 => {
            add(EventId::Receive, Source::Smtp, 0, &[first], None);
            add(EventId::Queued, Source::Queue, 1, &[first], None);
            add(EventId::Deliver, Source::StoreDriver, 2, &[first], None);
        }
        1 => {
            add(EventId::Receive, Source::Smtp, 0, &[group, first], None);
            add(EventId::Expand, Source::Routing, 1, PEOPLE, Some(group));
            add(EventId::Deliver, Source::StoreDriver, 3, &PEOPLE[..3], None);
            add(EventId::Fail, Source::Routing, 4, &PEOPLE[3..4], None);
        }
        2 => {
            add(EventId::Receive, Source::Smtp, 0, &["proxy@contoso.example"], None);
            add(EventId::Resolve, Source::Routing, 1, &[first], Some("proxy@contoso.example"));
            add(EventId::Deliver, Source::StoreDriver, 2, &[first], None);
        }
        3 => {
            add(EventId::Receive, Source::Smtp, 0, &outside, None);
            add(EventId::Defer, Source::Smtp, 60, &outside, None);
            let end = add(EventId::SendExternal, Source::Smtp, 86_400, &outside, None);
            events[end].server_ip = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));
        }
        4 => {
            add(EventId::Receive, Source::Smtp, 0, &[first], None);
        }
        5 => {
            add(EventId::Receive, Source::Smtp, 0, PEOPLE, None);
            add(EventId::Queued, Source::Queue, 1, PEOPLE, None);
            for person in PEOPLE {
                add(EventId::Deliver, Source::StoreDriver, 5, &[person], None);
            }
        }
        6 => {
            add(EventId::Receive, Source::Smtp, 0, &[first], None);
            add(EventId::Fail, Source::Queue, 172_800, &[first], None);
        }
        _ => {
            add(EventId::Receive, Source::Smtp, 0, &[first], None);
            add(EventId::Quarantine, Source::Agent, 1, &[first], None);
        }
    }
    let head = &mut events[0];
    head.message_id = Some(MessageId::parse(&format!("<m{}@movetocloud.example>", number % 50)).unwrap());
    head.client_ip = Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, u8::try_from(dice.roll(4)).unwrap())));
    head.message = Some(MessageFacts {
        subject: dice.pick(SUBJECTS).to_owned(),
        sender_address: from_address.clone().unwrap_or_else(|| return_path.to_owned()),
        from_address,
        return_path: return_path.to_owned(),
        total_bytes: 100 + dice.roll(1_000),
        directionality: dice.pick(&[Directionality::Incoming, Directionality::Originating]),
        ..MessageFacts::default()
    });
    events
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
