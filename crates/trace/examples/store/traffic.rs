//! Made-up traffic of an organization, the same for the same size: Zipf senders and recipients, groups, 9 statuses.
//!
//! May touch: nothing (pure).
//! A day can be made by itself, so that a key for a query can be drawn without keeping what was written.

use std::net::{IpAddr, Ipv4Addr};

use events::{
    Directionality, DomainKind, Event, EventId, EventRecipient, MessageFacts, NextHop, Reason, Source,
};
use jiff::{SignedDuration, Timestamp};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use uuid::Uuid;

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;
const SENDERS: usize = 20_000;
const RECIPIENTS: usize = 200_000;
const DOMAINS: usize = 2_000;
const WORDS: usize = 20_000;
const GROUPS: u64 = 2_000;
/// Rows of a message on average, as they come out below: messages of a day are counted by it.
const ROWS_A_MESSAGE: f64 = 1.75;

/// A small generator of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides.max(1)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Numbers of which the first come up most often.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(count: usize, exponent: f64) -> Zipf {
        let mut sum = 0.0;
        let mut sums: Vec<f64> = (1..=count)
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        sums.iter_mut().for_each(|upto| *upto /= sum);
        Zipf(sums)
    }

    fn draw(&self, dice: &mut Dice) -> usize {
        let share = dice.share();
        self.0.partition_point(|upto| *upto < share).min(self.0.len().saturating_sub(1))
    }
}

/// The organization and its correspondents.
pub(crate) struct Traffic {
    seed: u64,
    messages_a_day: u64,
    senders: (Zipf, Vec<String>),
    recipients: (Zipf, Vec<String>),
    words: (Zipf, Vec<String>),
    domains: Vec<String>,
}

/// One message: its events in the order in which they are committed.
pub(crate) struct Message {
    pub(crate) events: Vec<Event>,
}

impl Traffic {
    /// About `rows` recipient rows over `days` days.
    pub(crate) fn new(rows: u64, days: u64) -> Traffic {
        let mut dice = Dice::new(17);
        let words: Vec<String> = (0..WORDS).map(|_| word(&mut dice)).collect();
        let pick = |dice: &mut Dice, from: u64| {
            let at = usize::try_from(dice.roll(from)).unwrap_or(0);
            words.get(at).map_or("word", String::as_str)
        };
        let domains: Vec<String> = (0..DOMAINS)
            .map(|number| match number {
                0 => "contoso.example".to_owned(),
                1 => "fabrikam.example".to_owned(),
                _ => format!("{}{number}.example", pick(&mut dice, 20_000)),
            })
            .collect();
        let address = |dice: &mut Dice, number: usize| {
            let at = match dice.roll(3) {
                0 => 0,
                _ => usize::try_from(dice.roll(DOMAINS as u64)).unwrap_or(0),
            };
            let domain = domains.get(at).map_or("contoso.example", String::as_str);
            format!("{}.{}{number}@{domain}", pick(dice, 2_000), pick(dice, 20_000))
        };
        let senders = (0..SENDERS).map(|number| address(&mut dice, number)).collect();
        let recipients = (0..RECIPIENTS).map(|number| address(&mut dice, number)).collect();
        Traffic {
            seed: rows.wrapping_mul(31).wrapping_add(days),
            messages_a_day: ((rows as f64 / days as f64) / ROWS_A_MESSAGE).round() as u64,
            senders: (Zipf::new(SENDERS, 1.0), senders),
            recipients: (Zipf::new(RECIPIENTS, 0.9), recipients),
            words: (Zipf::new(WORDS, 1.0), words),
            domains,
        }
    }

    pub(crate) fn domain(&self, dice: &mut Dice) -> &str {
        let at = usize::try_from(dice.roll(self.domains.len() as u64)).unwrap_or(0);
        self.domains.get(at).map_or("contoso.example", String::as_str)
    }

    /// The messages of a day, oldest first. `day` counts from 1970.
    pub(crate) fn day(&self, day: i64) -> impl Iterator<Item = Message> + '_ {
        (0..self.messages_a_day).map(move |number| self.message(day, number))
    }

    /// The messages of a day, newest first.
    pub(crate) fn day_backwards(&self, day: i64) -> impl Iterator<Item = Message> + '_ {
        (0..self.messages_a_day).rev().map(move |number| self.message(day, number))
    }

    /// A message of the day, whatever the number.
    pub(crate) fn day_message(&self, day: i64, number: u64) -> Message {
        self.message(day, number % self.messages_a_day.max(1))
    }

    /// One message by its number of the day.
    pub(crate) fn message(&self, day: i64, number: u64) -> Message {
        let mut dice =
            Dice::new(self.seed ^ (day.cast_unsigned() << 40) ^ number.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let gap = DAY_MICROS / i64::try_from(self.messages_a_day.max(1)).unwrap_or(1);
        let within = i64::try_from(dice.roll(gap.cast_unsigned())).unwrap_or(0);
        let at = day * DAY_MICROS + gap * i64::try_from(number).unwrap_or(0) + within;
        let received = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let millis = u128::from((at / 1_000).cast_unsigned());
        let random = (u128::from(dice.next()) << 64) | u128::from(dice.next());
        let id = (millis << 80) | (7 << 76) | (random & 0x0fff_3fff_ffff_ffff_ffff) | (0x8 << 60);
        let internal = (day.cast_unsigned() << 24) + number;
        let mut draft = Draft {
            received,
            id: NetworkMessageId(Uuid::from_u128(id)),
            internal: InternalMessageId(internal),
            events: Vec::with_capacity(4),
        };
        self.run(&mut draft, &mut dice);
        Message { events: draft.events }
    }

    /// Who writes.
    pub(crate) fn sender(&self, dice: &mut Dice) -> &str {
        self.senders.1.get(self.senders.0.draw(dice)).map_or("", String::as_str)
    }

    pub(crate) fn recipient(&self, dice: &mut Dice) -> String {
        let at = self.recipients.0.draw(dice);
        self.recipients.1.get(at).cloned().unwrap_or_default()
    }

    fn subject(&self, dice: &mut Dice) -> String {
        let mut subject = match dice.roll(10) {
            0..=2 => "Re: ".to_owned(),
            3 => "Fwd: ".to_owned(),
            _ => String::new(),
        };
        for place in 0..3 + dice.roll(8) {
            let word = self.words.1.get(self.words.0.draw(dice)).map_or("", String::as_str);
            if place > 0 {
                subject.push(' ');
            }
            subject.push_str(word);
        }
        if dice.roll(8) == 0 {
            subject.push_str(&format!(" #{}", dice.roll(10_000_000)));
        }
        subject
    }

    fn head(&self, draft: &mut Draft, dice: &mut Dice, to: Vec<EventRecipient>) {
        let sender = self.sender(dice).to_owned();
        let author = match dice.roll(10) {
            0 => self.sender(dice).to_owned(),
            _ => sender.clone(),
        };
        let domain = sender.rsplit_once('@').map_or("contoso.example", |(_, domain)| domain);
        let (high, low) = (dice.next(), dice.next());
        // A domain sends from a few hosts.
        let net = domain.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let host =
            u32::try_from((net % 0xdf_ffff) << 3).unwrap_or(1) | u32::try_from(dice.roll(4)).unwrap_or(0);
        let subject = self.subject(dice);
        let own = domain == "contoso.example";
        let session = dice.next();
        let event = draft.add(EventId::Receive, Source::Smtp, 0);
        event.recipients = to;
        event.message_id = MessageId::parse(&format!("<{high:016x}.{:08x}@{domain}>", low >> 32)).ok();
        event.client_ip = Some(IpAddr::V4(Ipv4Addr::from_bits(host)));
        event.client_hostname = Some(format!("smtp{}.{domain}", host & 3));
        event.server_ip = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25)));
        event.server_hostname = Some("mx1.contoso.example".into());
        event.connector_id = Some(if own { "Client Frontend mx1" } else { "Default Frontend mx1" }.into());
        event.source_context = Some(format!("{session:016X};{};0", draft_time(event.at)));
        event.detail.tls =
            Some(if dice.roll(10) == 0 { "none" } else { "TLS1_3 TLS_AES_256_GCM_SHA384" }.into());
        event.message = Some(MessageFacts {
            subject,
            sender_address: author.clone(),
            from_address: Some(author),
            return_path: sender,
            total_bytes: 1_500 + (low & 0xffff) * (1 + (low >> 60)),
            directionality: if own { Directionality::Originating } else { Directionality::Incoming },
            ..MessageFacts::default()
        });
    }

    /// One of the ways through the pipeline.
    fn run(&self, draft: &mut Draft, dice: &mut Dice) {
        let kind = dice.roll(1_000);
        if kind < 40 {
            return self.group(draft, dice);
        }
        let mut to: Vec<String> = Vec::new();
        let count = 1 + dice.roll(6).saturating_sub(3).min(dice.roll(4));
        for _ in 0..count {
            let one = self.recipient(dice);
            if !to.contains(&one) {
                to.push(one);
            }
        }
        self.head(draft, dice, named(&to, ""));
        match kind {
            40..=42 => {}
            43..=59 => self.resolved(draft, dice, &to),
            60..=79 => {
                let end = draft.add(EventId::Quarantine, Source::Agent, 900_000);
                end.recipients = named(&to, "");
                end.detail.expires = Timestamp::from_second(end.at.as_second() + 15 * 86_400).ok();
            }
            80..=109 => {
                let end = draft.add(EventId::Fail, Source::Agent, 700_000);
                end.recipients = named(&to, "550 5.7.1 Message rejected as spam");
                end.detail.reason = Some(Reason::Spam);
            }
            110..=150 => {
                let end = draft.add(EventId::Fail, Source::Routing, 60_000);
                end.recipients = named(&to, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found");
            }
            151..=156 => {
                let end = draft.add(EventId::Recall, Source::StoreDriver, 90_000_000);
                end.recipients = named(&to, "250 2.0.0 Recalled");
            }
            157..=175 => self.deferred(draft, dice, &to),
            _ => self.delivered(draft, dice, &to),
        }
    }

    fn resolved(&self, draft: &mut Draft, dice: &mut Dice, to: &[String]) {
        let Some(proxy) = to.first() else { return };
        let primary = self.recipient(dice);
        let event = draft.add(EventId::Resolve, Source::Routing, 4_000);
        event.recipients = named(std::slice::from_ref(&primary), "");
        event.related_recipient_address = Some(proxy.clone());
        let mut rest: Vec<String> = to.iter().skip(1).cloned().collect();
        rest.insert(0, primary);
        self.delivered(draft, dice, &rest);
    }

    fn group(&self, draft: &mut Draft, dice: &mut Dice) {
        let group = format!("group{}@contoso.example", dice.roll(GROUPS));
        self.head(draft, dice, named(std::slice::from_ref(&group), ""));
        let mut members = Vec::new();
        for _ in 0..3 + dice.roll(16) {
            let one = self.recipient(dice);
            if !members.contains(&one) {
                members.push(one);
            }
        }
        let event = draft.add(EventId::Expand, Source::Routing, 5_000);
        event.recipients = named(&members, "");
        event.related_recipient_address = Some(group);
        self.delivered(draft, dice, &members);
    }

    fn deferred(&self, draft: &mut Draft, dice: &mut Dice, to: &[String]) {
        let event = draft.add(EventId::Defer, Source::Smtp, 2_000_000);
        event.recipients = named(to, "451 4.4.397 Error communicating with target host");
        event.detail.attempts = Some(1);
        event.detail.queue = Some("mx1\\14".into());
        if dice.roll(10) > 0 {
            let after = 60_000_000 * (1 + i64::try_from(dice.roll(dice.0 % 700 + 2)).unwrap_or(0));
            self.ended(draft, dice, to, after);
        }
    }

    fn delivered(&self, draft: &mut Draft, dice: &mut Dice, to: &[String]) {
        let event = draft.add(EventId::Queued, Source::Queue, 8_000);
        event.recipients = named(to, "");
        event.detail.queue = Some("mx1\\7".into());
        let slow = if dice.roll(50) == 0 { 20_000 } else { 200 };
        let after = 12_000 + 1_000 * i64::try_from(dice.roll(slow)).unwrap_or(0);
        self.ended(draft, dice, to, after);
    }

    fn ended(&self, draft: &mut Draft, dice: &mut Dice, to: &[String], after: i64) {
        let (inside, outside): (Vec<String>, Vec<String>) =
            to.iter().cloned().partition(|address| address.ends_with("@contoso.example"));
        if !inside.is_empty() {
            let item = i64::try_from(dice.roll(100_000)).unwrap_or(0);
            let event = draft.add(EventId::Deliver, Source::StoreDriver, after);
            event.recipients = named(&inside, "250 2.1.5 Recipient OK");
            event.detail.folder = Some(if item % 40 == 0 { "Junk Email" } else { "Inbox" }.into());
            event.detail.item_id = Some(item);
        }
        if let Some(first) = outside.first() {
            let domain = first.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
            let queue_id = format!("{:010X}", dice.next() >> 24);
            let net =
                domain.bytes().fold(3_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
            let event = draft.add(EventId::SendExternal, Source::Smtp, after + 40_000);
            event.recipients = named(&outside, "250 2.1.5 Recipient OK");
            event.server_ip = Some(IpAddr::V4(Ipv4Addr::from_bits(net | 0x4000_0000)));
            event.connector_id = Some("Internet".into());
            event.detail.next_hop = Some(NextHop::Outside);
            event.detail.domain = Some(DomainKind::Outside);
            event.detail.remote_reply = Some(format!("250 2.0.0 Ok: queued as {queue_id}"));
            event.detail.remote_host = Some(format!("mx.{domain}"));
            event.detail.remote_queue_id = Some(queue_id);
        }
    }
}

/// A message in the making.
struct Draft {
    received: Timestamp,
    id: NetworkMessageId,
    internal: InternalMessageId,
    events: Vec<Event>,
}

impl Draft {
    fn add(&mut self, id: EventId, source: Source, after: i64) -> &mut Event {
        let mut event = Event::new(self.received + SignedDuration::from_micros(after), id, source, self.id);
        event.received = self.received;
        event.internal_message_id = Some(self.internal);
        self.events.push(event);
        let last = self.events.len().saturating_sub(1);
        #[expect(clippy::indexing_slicing, reason = "pushed above")]
        &mut self.events[last]
    }
}

fn named(addresses: &[String], status: &str) -> Vec<EventRecipient> {
    addresses
        .iter()
        .map(|address| EventRecipient { address: address.clone(), status: status.to_owned() })
        .collect()
}

fn draft_time(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn word(dice: &mut Dice) -> String {
    const STARTS: &[&str] =
        &["b", "br", "d", "f", "g", "gr", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v"];
    const VOWELS: &[&str] = &["a", "e", "i", "o", "u", "ei", "ou"];
    let mut word = String::new();
    for _ in 0..2 + dice.roll(3) {
        for part in [STARTS, VOWELS] {
            let at = usize::try_from(dice.roll(part.len() as u64)).unwrap_or(0);
            word.push_str(part.get(at).copied().unwrap_or_default());
        }
    }
    if dice.roll(2) == 0 {
        word.push('n');
    }
    word
}
