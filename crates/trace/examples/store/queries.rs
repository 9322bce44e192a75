//! What is asked: the queries of the figures, with keys drawn from the traffic.
//!
//! May touch: nothing (pure but for the search itself).

use events::Event;
use jiff::Timestamp;
use trace::search::{RowOrder, SubjectFilter, SubjectFilterType, Total};
use trace::{Query, Status, Trace};

use crate::traffic::{Dice, Traffic};
use crate::{Failure, Span};

/// The name of the question that is no search.
const COUNTS: &str = "counts by status and day, 90 days";
const PAGE: usize = 100;
const DAY_SECONDS: i64 = 86_400;

/// One question.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    /// What stands for the key in other programs.
    pub(crate) keys: Vec<(&'static str, String)>,
    query: Query,
}

impl Asked {
    /// The first page or the total: rows shown, and all there are as far as known.
    pub(crate) fn run(&self, trace: &Trace, total: Total) -> Result<(usize, u64), Failure> {
        if self.name == COUNTS {
            let (start, end) = (self.query.start.unwrap_or_default(), self.query.end.unwrap_or_default());
            let counts = trace.counts_blocking(start, end)?;
            return Ok((counts.len(), counts.iter().map(|(_, _, rows)| rows).sum()));
        }
        let answer = trace.search_blocking(&Query { total, ..self.query.clone() })?;
        if let Some(gap) = answer.gaps.first() {
            return Err(format!("{}: {}", self.name, gap.cause).into());
        }
        Ok((answer.rows.len(), answer.total))
    }
}

/// Every query, `rounds` times with another key, in turn.
pub(crate) fn all(traffic: &Traffic, span: Span, rounds: u64) -> Vec<Asked> {
    let mut dice = Dice::new(99);
    let mut asked = Vec::new();
    for _ in 0..rounds {
        asked.extend(round(traffic, span, &mut dice));
    }
    asked
}

fn round(traffic: &Traffic, span: Span, dice: &mut Dice) -> Vec<Asked> {
    let days = span.last - span.first + 1;
    let message = |dice: &mut Dice, back: i64| loop {
        let day = span.last - i64::try_from(dice.roll(back.min(days).cast_unsigned())).unwrap_or(0);
        let number = dice.roll(1 << 20);
        let found = traffic.day_message(day, number);
        if found.events.first().is_some_and(|head| head.message.is_some()) {
            return found.events;
        }
    };
    let mut out = Vec::new();
    let whole = base(span, days);
    let recent = message(dice, 2);
    let address = recipient(&recent);
    out.push(asked("recipient 2 days", base(span, 2), &[("recipient", &address)], |q| {
        q.recipients = Vec::from_iter(address.parse());
    }));
    let address = recipient(&message(dice, days));
    out.push(asked("recipient 90 days", whole.clone(), &[("recipient", &address)], |q| {
        q.recipients = Vec::from_iter(address.parse());
    }));
    let domain = format!("*@{}", traffic.domain(dice));
    out.push(asked("domain 90 days", whole.clone(), &[("domain", &domain)], |q| {
        q.recipients = Vec::from_iter(domain.parse());
    }));
    out.push(asked("failed 10 days", base(span, 10), &[("days", "10")], |q| {
        q.statuses = vec![Status::Failed]
    }));
    let id = message(dice, days).first().and_then(|head| head.message_id.clone());
    let text = id.as_ref().map_or(String::new(), ToString::to_string);
    out.push(asked("message id", whole.clone(), &[("message_id", &text)], |q| {
        q.message_ids = Vec::from_iter(id)
    }));
    let piece = piece(&message(dice, days), dice);
    out.push(asked("subject 90 days", whole.clone(), &[("subject", &piece)], |q| {
        q.subject = contains(&piece)
    }));
    let found = message(dice, days);
    let (address, piece) = (recipient(&found), self::piece(&found, dice));
    let keys = [("recipient", address.as_str()), ("subject", &piece), ("status", "Delivered")];
    out.push(asked("recipient subject status", whole.clone(), &keys, |q| {
        q.recipients = Vec::from_iter(address.parse());
        q.subject = contains(&piece);
        q.statuses = vec![Status::Delivered];
    }));
    let ip = loop {
        if let Some(ip) = message(dice, days).first().and_then(|head| head.client_ip) {
            break ip;
        }
    };
    out.push(asked(COUNTS, whole.clone(), &[("days", "90")], |_| {}));
    let network = format!("{ip}/26");
    out.push(asked("client network 90 days", whole.clone(), &[("network", &network)], |q| {
        q.from_networks = Vec::from_iter(network.parse());
    }));
    out.push(asked("slowest of a week", base(span, 7), &[("order", "slowest")], |q| {
        q.order = RowOrder::Slowest;
        q.statuses = vec![Status::Delivered];
    }));
    let sender =
        message(dice, days).first().and_then(|head| head.message.clone()).map(|facts| facts.return_path);
    let sender = sender.unwrap_or_default();
    out.push(asked("sender 90 days", whole, &[("sender", &sender)], |q| {
        q.senders = Vec::from_iter(sender.parse());
    }));
    out
}

fn base(span: Span, days: i64) -> Query {
    let end = (span.last + 1) * DAY_SECONDS;
    Query {
        start: Timestamp::from_second(end - days * DAY_SECONDS).ok(),
        end: Timestamp::from_second(end).ok(),
        page_size: PAGE,
        ..Query::default()
    }
}

fn asked(
    name: &'static str,
    mut query: Query,
    keys: &[(&'static str, &str)],
    set: impl FnOnce(&mut Query),
) -> Asked {
    let span = [("start", query.start), ("end", query.end)];
    let mut named: Vec<(&'static str, String)> =
        keys.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    named.extend(span.map(|(key, at)| (key, at.map_or(String::new(), |at| at.to_string()))));
    set(&mut query);
    Asked { name, keys: named, query }
}

fn contains(text: &str) -> Option<SubjectFilter> {
    Some(SubjectFilter { kind: SubjectFilterType::Contains, text: text.to_owned() })
}

fn recipient(events: &[Event]) -> String {
    let last = events.last().and_then(|event| event.recipients.first());
    last.map_or(String::new(), |recipient| recipient.address.clone())
}

/// Five characters or more out of one of the words of the subject.
fn piece(events: &[Event], dice: &mut Dice) -> String {
    let subject =
        events.first().and_then(|head| head.message.clone()).map_or(String::new(), |facts| facts.subject);
    let words: Vec<&str> = subject.split(' ').filter(|word| word.len() >= 5).collect();
    let at = usize::try_from(dice.roll(words.len() as u64)).unwrap_or(0);
    let word = words.get(at).copied().unwrap_or("brandei");
    let skip = usize::try_from(dice.roll(2)).unwrap_or(0).min(word.len().saturating_sub(5));
    word.chars().skip(skip).take(5 + usize::try_from(dice.roll(3)).unwrap_or(0)).collect()
}
