//! Sendmail logs, and the same lines as Proofpoint's `maillog` hands them out.
//!
//! May touch: nothing (pure).

use events::{EventId, EventRecipient, Reason, RefusedStep, Source};
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};

use super::build::{At, Builder, Fate, Hand, REPORTS_ON, facts, host_and_ip};
use super::open::{OpenId, OpenTable};
use super::tally::{Heard, Sink};

/// Recipients of one line.
const RECIPIENTS_MAX: usize = 1_000;

#[derive(Debug)]
struct Open {
    received: Timestamp,
    message_id: Option<MessageId>,
}

/// The reader of one log.
#[derive(Debug)]
pub(crate) struct Sendmail {
    build: Builder,
    open: OpenTable<Open>,
}

/// One line: its queue id and its fields.
#[derive(Debug, Default)]
pub(crate) struct SendmailLine<'a> {
    pub(crate) queue_id: &'a str,
    pub(crate) fields: Vec<(&'a str, &'a str)>,
}

impl<'a> SendmailLine<'a> {
    /// `QUEUEID: name=value, name=value`; `None` if it has no queue id.
    pub(crate) fn split(text: &'a str) -> Option<(SendmailLine<'a>, &'a str)> {
        let (queue_id, rest) = text.split_once(": ")?;
        let is_id = (8..=40).contains(&queue_id.len())
            && queue_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && queue_id.bytes().any(|b| b.is_ascii_digit());
        is_id.then(|| (SendmailLine { queue_id, fields: fields(rest) }, rest))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The fields: a value goes on to the next `, name=`, for replies hold commas.
fn fields(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::with_capacity(12);
    let mut rest = text;
    while let Some((name, value)) = rest.split_once('=') {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            break;
        }
        // The reason is the last field and may hold anything.
        let end = if matches!(name, "stat" | "reject") { value.len() } else { field_end(value) };
        let (value, after) = value.split_at_checked(end).unwrap_or((value, ""));
        found.push((name, value));
        rest = after.strip_prefix(", ").unwrap_or_default();
    }
    found
}

fn field_end(value: &str) -> usize {
    let mut from = 0;
    while let Some(at) = value.get(from..).and_then(|rest| rest.find(", ")) {
        let place = from.saturating_add(at);
        let next = value.get(place.saturating_add(2)..).unwrap_or_default();
        let name = next.split('=').next().unwrap_or_default();
        if next.contains('=')
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return place;
        }
        from = place.saturating_add(2);
    }
    value.len()
}

impl Sendmail {
    pub(crate) fn new(build: Builder, open_max: usize) -> Sendmail {
        Sendmail { build, open: OpenTable::new(open_max) }
    }

    pub(crate) fn open(&self) -> (usize, u64) {
        (self.open.len(), self.open.closed_early())
    }

    /// The id of the message with this queue id; queue ids of Sendmail do not come again within sixty years.
    pub(crate) fn hop(build: &Builder, queue_id: &str) -> NetworkMessageId {
        build.place.hop(&[b"sendmail", queue_id.as_bytes()])
    }

    /// A line of a log, without its head.
    pub(crate) fn line(&mut self, at: Timestamp, host: &str, text: &str, sink: &mut Sink) -> Heard {
        if text.starts_with("NOQUEUE: ") || text.starts_with("ruleset=") {
            let rest = text.strip_prefix("NOQUEUE: ").unwrap_or(text);
            let line = SendmailLine { queue_id: "", fields: fields(rest) };
            return self.fields(at, host, text, &line, sink);
        }
        let Some((line, rest)) = SendmailLine::split(text) else { return Heard::Idle };
        if rest.starts_with("done; ") {
            if let Some(id) = OpenId::new(0, line.queue_id) {
                self.open.end(&id);
            }
            return Heard::Taken;
        }
        if let Some((report, reason)) = rest.split_once(": ")
            && (reason.starts_with("DSN: ")
                || reason.starts_with("sender notify: ")
                || reason.starts_with("return to sender: "))
        {
            return self.report(at, host, text, (line.queue_id, report), sink);
        }
        self.fields(at, host, text, &line, sink)
    }

    /// A line of whose fields are known.
    pub(crate) fn fields(
        &mut self,
        at: Timestamp,
        host: &str,
        text: &str,
        line: &SendmailLine<'_>,
        sink: &mut Sink,
    ) -> Heard {
        if let Some(reject) = line.get("reject") {
            return self.refused(at, host, text, line, reject, sink);
        }
        if line.get("from").is_some() && line.get("nrcpts").is_some() {
            return self.entered(at, host, text, line, sink);
        }
        match (line.get("to"), line.get("stat")) {
            (Some(to), Some(stat)) => self.delivered(at, host, text, line, (to, stat), sink),
            _ => Heard::Idle,
        }
    }

    fn entered(
        &mut self,
        at: Timestamp,
        host: &str,
        text: &str,
        line: &SendmailLine<'_>,
        sink: &mut Sink,
    ) -> Heard {
        let message_id = line.get("msgid").and_then(|id| MessageId::parse(id).ok());
        if let Some(id) = OpenId::new(0, line.queue_id) {
            let open = self.open.get_or_begin(id, || Open { received: at, message_id: None });
            open.received = at;
            open.message_id.clone_from(&message_id);
        }
        let of = At {
            id: Self::hop(&self.build, line.queue_id),
            received: at,
            message_id: message_id.as_ref(),
            queue_id: line.queue_id,
            host,
        };
        let mut event = self.build.event(&of, at, EventId::Receive, Source::Smtp);
        let sender = bare(line.get("from").unwrap_or_default());
        let (peer, ip) = relay(line.get("relay").unwrap_or_default());
        let is_ours = line.get("auth").is_some() || peer.ends_with("@localhost");
        let size = line.get("size").and_then(|size| size.parse().ok()).unwrap_or(0);
        event.message = Some(facts(sender, size, self.build.direction(sender, is_ours)));
        event.client_ip = ip;
        event.client_hostname = Some(peer.to_owned()).filter(|peer| !peer.is_empty());
        sink.put(self.build.key(at, host, text, 0), event);
        Heard::Taken
    }

    fn delivered(
        &mut self,
        at: Timestamp,
        host: &str,
        text: &str,
        line: &SendmailLine<'_>,
        (to, stat): (&str, &str),
        sink: &mut Sink,
    ) -> Heard {
        let fate = match fate(line, stat) {
            Some(Some(fate)) => fate,
            Some(None) => return Heard::Idle,
            None => return Heard::Unknown("a stat= that is not known".to_owned()),
        };
        let open = OpenId::new(0, line.queue_id)
            .and_then(|id| self.open.get(&id).map(|open| (open.received, open.message_id.clone())));
        let (received, message_id) = open.unwrap_or((at, None));
        let of = At {
            id: Self::hop(&self.build, line.queue_id),
            received,
            message_id: message_id.as_ref(),
            queue_id: line.queue_id,
            host,
        };
        let (name, ip) = relay(line.get("relay").unwrap_or_default());
        // `Sent (…)` holds the reply; other words are the reason.
        let said = stat.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(stat);
        // The status says that it was put off.
        let said = said.strip_prefix("Deferred").map_or(said, |why| why.trim_start_matches([':', ' ']));
        for (number, recipient) in to
            .split(',')
            .map(|one| bare(one.trim()))
            .filter(|one| !one.is_empty())
            .take(RECIPIENTS_MAX)
            .enumerate()
        {
            let hand = Hand {
                recipient,
                host: name,
                ip,
                text: said,
                code: line.get("dsn").unwrap_or_default(),
                tls: None,
            };
            let mut event = self.build.fate(&of, at, fate, &hand);
            if stat.starts_with("User unknown") {
                event.detail.reason = Some(Reason::RecipientNotFound);
            }
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            let key = self.build.place.key(&[
                &at.as_microsecond().to_le_bytes(),
                text.as_bytes(),
                recipient.as_bytes(),
                &[number],
            ]);
            sink.put(key, event);
        }
        Heard::Taken
    }

    fn report(
        &mut self,
        at: Timestamp,
        host: &str,
        text: &str,
        (parent, report): (&str, &str),
        sink: &mut Sink,
    ) -> Heard {
        let parent_id = OpenId::new(0, parent).and_then(|id| self.open.get(&id)?.message_id.clone());
        let of =
            At { id: Self::hop(&self.build, report), received: at, message_id: None, queue_id: report, host };
        let mut event = self.build.event(&of, at, EventId::Dsn, Source::Dsn);
        event.message = Some(facts("", 0, events::Directionality::Originating));
        event.custom_data.push((REPORTS_ON.to_owned(), parent.to_owned()));
        event.reference = parent_id.map(|id| id.as_str().to_owned()).into_iter().collect();
        sink.put(self.build.key(at, host, text, 0), event);
        Heard::Taken
    }

    fn refused(
        &mut self,
        at: Timestamp,
        host: &str,
        text: &str,
        line: &SendmailLine<'_>,
        reject: &str,
        sink: &mut Sink,
    ) -> Heard {
        let id = if line.queue_id.is_empty() {
            self.build.place.hop(&[&at.as_microsecond().to_le_bytes(), text.as_bytes()])
        } else {
            Self::hop(&self.build, line.queue_id)
        };
        let of = At { id, received: at, message_id: None, queue_id: "", host };
        let mut event = self.build.event(&of, at, EventId::Refused, Source::Smtp);
        let step = match line.get("ruleset").unwrap_or_default() {
            "check_rcpt" => RefusedStep::Rcpt,
            "check_mail" => RefusedStep::Mail,
            "check_relay" => RefusedStep::Connect,
            _ => RefusedStep::Data,
        };
        let (name, ip) = relay(line.get("relay").unwrap_or_default());
        let argument = bare(line.get("arg1").unwrap_or_default());
        event.client_ip = ip;
        event.client_hostname = Some(name.to_owned()).filter(|name| !name.is_empty());
        let sender =
            if step == RefusedStep::Mail { argument } else { bare(line.get("from").unwrap_or_default()) };
        event.message = Some(facts(sender, 0, events::Directionality::Incoming));
        let address = if step == RefusedStep::Rcpt { argument } else { "" };
        event.recipients =
            Vec::from([EventRecipient { address: address.to_owned(), status: reject.to_owned() }]);
        event.detail.step = Some(step);
        if reject.contains("Relaying denied") {
            event.detail.reason = Some(Reason::RelayDenied);
        }
        sink.put(self.build.key(at, host, text, 0), event);
        Heard::Taken
    }
}

/// What the status says; the inner `None` is a state that is no outcome.
fn fate(line: &SendmailLine<'_>, stat: &str) -> Option<Option<Fate>> {
    let mailer = line.get("mailer").unwrap_or_default();
    let is_local = matches!(mailer, "local" | "prog" | "*file*" | "*include*" | "lmtp");
    if stat.starts_with("Sent") {
        return Some(Some(if is_local { Fate::Delivered } else { Fate::HandedOn }));
    }
    if stat == "queued" || stat.starts_with("queued") {
        return Some(None);
    }
    if stat.starts_with("Deferred") || stat.starts_with("Transient parse error") {
        return Some(Some(Fate::Deferred));
    }
    if stat.starts_with("discard") {
        return Some(Some(Fate::Dropped));
    }
    if stat.starts_with("Cannot send message for") || stat.contains("timed out; returned") {
        return Some(Some(Fate::Expired));
    }
    match line.get("dsn").and_then(|dsn| dsn.bytes().next()) {
        Some(b'2') => Some(Some(if is_local { Fate::Delivered } else { Fate::HandedOn })),
        Some(b'4') => Some(Some(Fate::Deferred)),
        Some(b'5') => Some(Some(Fate::Failed)),
        _ => None,
    }
}

/// An address without its brackets.
fn bare(text: &str) -> &str {
    text.trim().trim_start_matches('<').trim_end_matches('>')
}

/// `mx.b.example. [192.0.2.9] (may be forged)`.
fn relay(text: &str) -> (&str, Option<std::net::IpAddr>) {
    let (host, ip) = host_and_ip(text);
    (host.trim().trim_end_matches('.'), ip)
}
