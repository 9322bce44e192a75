//! Exim main logs, as files of their own or through syslog.
//!
//! May touch: nothing (pure).

use events::{EventId, EventRecipient, Reason, RefusedStep, Source};
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};

use super::asides;
use super::build::{At, Builder, Fate, Hand, REPORTS_ON, facts};
use super::exim_line::{addresses, field, host, is_message_id, remote_reply};
use super::open::{OpenId, OpenTable};
use super::tally::{Heard, Sink};

/// Recipients remembered as waiting, per message.
const WAITING_MAX: usize = 1_000;

#[derive(Debug)]
struct Open {
    received: Timestamp,
    message_id: Option<MessageId>,
    waiting: Vec<Box<str>>,
}

/// The reader of one log.
#[derive(Debug)]
pub(crate) struct Exim {
    build: Builder,
    open: OpenTable<Open>,
}

/// A line apart.
struct Line<'a> {
    at: Timestamp,
    host: &'a str,
    /// With the message id.
    text: &'a str,
    id: NetworkMessageId,
    queue_id: &'a str,
}

impl Exim {
    pub(crate) fn new(build: Builder, open_max: usize) -> Exim {
        Exim { build, open: OpenTable::new(open_max) }
    }

    pub(crate) fn open(&self) -> (usize, u64) {
        (self.open.len(), self.open.closed_early())
    }

    /// A line without its time.
    pub(crate) fn line(&mut self, at: Timestamp, log_host: &str, text: &str, sink: &mut Sink) -> Heard {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        if !is_message_id(word) {
            return self.session(at, log_host, text, None, sink);
        }
        let Some(open_id) = OpenId::new(0, word) else {
            return Heard::Unknown("the message id is too long".into());
        };
        let id = self.build.place.hop(&[word.as_bytes()]);
        let line = Line { at, host: log_host, text, id, queue_id: word };
        let (sign, detail) = rest.split_once(' ').unwrap_or((rest, ""));
        match sign {
            "<=" => self.entered(&line, open_id, detail, sink),
            "=>" | "->" | ">>" | "*>" => self.delivered(&line, open_id, detail, sink),
            "**" => self.ended(&line, open_id, detail, Fate::Failed, sink),
            "==" => self.ended(&line, open_id, detail, Fate::Deferred, sink),
            "Completed" => {
                self.open.end(&open_id);
                Heard::Taken
            }
            "Frozen" | "frozen" => self.waiting(&line, open_id, Fate::Held, "frozen", sink),
            "removed" | "cancelled" => {
                let heard = self.waiting(&line, open_id, Fate::Removed, rest, sink);
                self.open.end(&open_id);
                heard
            }
            _ => self.session(at, log_host, rest, Some(&line), sink),
        }
    }

    fn entered(&mut self, line: &Line<'_>, open_id: OpenId, detail: &str, sink: &mut Sink) -> Heard {
        let (sender, rest) = detail.split_once(' ').unwrap_or((detail, ""));
        let message_id = field(rest, "id").and_then(|id| MessageId::parse(id).ok());
        let open = self.open.get_or_begin(open_id, || Open {
            received: line.at,
            message_id: None,
            waiting: Vec::new(),
        });
        open.received = line.at;
        open.message_id.clone_from(&message_id);
        let of = self.of(line, open_id);
        let parent = field(rest, "R").filter(|_| sender == "<>");
        let (event_id, source) = match parent {
            Some(_) => (EventId::Dsn, Source::Dsn),
            None if field(rest, "P") == Some("local") => (EventId::Receive, Source::Pickup),
            None => (EventId::Receive, Source::Smtp),
        };
        let mut event = self.build.event(&at_of(&of, message_id.as_ref(), line), line.at, event_id, source);
        let account = field(rest, "A").or_else(|| field(rest, "U")).map(str::to_owned);
        let sender = if sender == "<>" { "" } else { sender };
        let direction = self.build.direction(sender, account.is_some());
        let size = field(rest, "S").and_then(|size| size.parse().ok()).unwrap_or(0);
        let mut facts = facts(sender, size, direction);
        facts.subject = field(rest, "T").unwrap_or_default().replace("\\\"", "\"");
        facts.authenticated_as = account;
        event.message = Some(facts);
        let (name, helo, ip) = host(rest);
        event.client_ip = ip;
        event.client_hostname = Some(name).filter(|name| !name.is_empty()).or(helo).map(str::to_owned);
        event.detail.tls = field(rest, "X").map(str::to_owned);
        if let Some(parent) = parent {
            // The id of the queue says which message; its Message-ID is what messages are linked by.
            event.custom_data.push((REPORTS_ON.to_owned(), parent.to_owned()));
            let known = OpenId::new(0, parent).and_then(|id| self.open.get(&id)?.message_id.clone());
            event.reference.push(parent.to_owned());
            event.reference.extend(known.map(|id| id.as_str().to_owned()));
        }
        if let Some((_, recipients)) = rest.rsplit_once(" for ") {
            let named = recipients.split(' ').filter(|address| address.contains('@'));
            event.recipients = named
                .map(|address| EventRecipient { address: address.into(), status: String::new() })
                .collect();
        }
        sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        Heard::Taken
    }

    /// What is known of the message: when it came, its Message-ID.
    fn of(&mut self, line: &Line<'_>, open_id: OpenId) -> (Timestamp, Option<MessageId>) {
        let found = self.open.get(&open_id);
        found.map_or((line.at, None), |open| (open.received, open.message_id.clone()))
    }

    fn delivered(&mut self, line: &Line<'_>, open_id: OpenId, detail: &str, sink: &mut Sink) -> Heard {
        let Some((first, original, rest)) = addresses(detail) else {
            return Heard::Unknown("a delivery without an address".to_owned());
        };
        let known = self.of(line, open_id);
        let of = at_of(&known, known.1.as_ref(), line);
        let (name, _, ip) = host(rest);
        let is_remote = !name.is_empty() || ip.is_some();
        let (recipient, alias) = recipient(first, original);
        let fate = match first {
            ":blackhole:" => Fate::Dropped,
            _ if is_remote => Fate::HandedOn,
            _ => Fate::Delivered,
        };
        if let Some(alias) = alias {
            let (key, event) = self.build.resolved(&of, of.received, alias, recipient);
            sink.put(key, event);
        }
        let hand = Hand {
            recipient,
            host: name,
            ip,
            text: field(rest, "C").unwrap_or_default(),
            code: "",
            tls: field(rest, "X"),
        };
        let mut event = self.build.fate(&of, line.at, fate, &hand);
        if fate == Fate::Delivered && first.starts_with('/') {
            event.detail.folder = Some(first.to_owned());
        }
        sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        self.forget(open_id, recipient);
        Heard::Taken
    }

    fn ended(
        &mut self,
        line: &Line<'_>,
        open_id: OpenId,
        detail: &str,
        fate: Fate,
        sink: &mut Sink,
    ) -> Heard {
        let Some((first, original, rest)) = addresses(detail) else {
            return Heard::Unknown("an outcome without an address".to_owned());
        };
        let known = self.of(line, open_id);
        let of = at_of(&known, known.1.as_ref(), line);
        let (recipient, alias) = recipient(first, original);
        if let Some(alias) = alias {
            let (key, event) = self.build.resolved(&of, of.received, alias, recipient);
            sink.put(key, event);
        }
        let text = match fate {
            Fate::Deferred => rest
                .split_once(" defer ")
                .map_or(rest, |(_, text)| text.split_once("): ").map_or(text, |(_, text)| text)),
            _ if detail.split(' ').next().is_some_and(|word| word.ends_with(':')) => rest,
            _ => rest.split_once(": ").map_or(rest, |(_, text)| text),
        };
        let expired = fate == Fate::Failed
            && (text.contains("retry timeout exceeded") || text.contains("retry time not reached"));
        let fate = if expired { Fate::Expired } else { fate };
        let (name, _, ip) = host(rest);
        let name = name.trim_end_matches(':');
        let reply = remote_reply(rest);
        let hand = Hand { recipient, host: name, ip, text: reply.unwrap_or(text), code: "", tls: None };
        let mut event = self.build.fate(&of, line.at, fate, &hand);
        if let Some(reply) = reply {
            event.detail.remote_reply = Some(reply.to_owned());
            let temporary = reply.starts_with('4');
            event.detail.reason = event.detail.reason.or(Some(if temporary {
                Reason::RemoteTransient
            } else {
                Reason::RemotePermanent
            }));
        }
        sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        if fate == Fate::Deferred {
            let open = self.open.get_or_begin(open_id, || Open {
                received: line.at,
                message_id: None,
                waiting: Vec::new(),
            });
            if open.waiting.len() < WAITING_MAX
                && !open.waiting.iter().any(|known| known.as_ref() == recipient)
            {
                open.waiting.push(recipient.into());
            }
        } else {
            self.forget(open_id, recipient);
        }
        Heard::Taken
    }

    fn forget(&mut self, open_id: OpenId, recipient: &str) {
        if let Some(open) = self.open.get(&open_id) {
            open.waiting.retain(|known| known.as_ref() != recipient);
        }
    }

    fn waiting(
        &mut self,
        line: &Line<'_>,
        open_id: OpenId,
        fate: Fate,
        text: &str,
        sink: &mut Sink,
    ) -> Heard {
        let known = self.of(line, open_id);
        let waiting = self.open.get(&open_id).map(|open| open.waiting.clone()).unwrap_or_default();
        for recipient in &waiting {
            let hand = Hand { recipient, text, ..Hand::default() };
            let event = self.build.fate(&at_of(&known, known.1.as_ref(), line), line.at, fate, &hand);
            let key = self.build.place.key(&[
                &line.at.as_microsecond().to_le_bytes(),
                line.text.as_bytes(),
                recipient.as_bytes(),
            ]);
            sink.put(key, event);
        }
        Heard::Taken
    }

    /// Lines of a session: refusals, and much that tells nothing of a message.
    fn session(
        &mut self,
        at: Timestamp,
        log_host: &str,
        text: &str,
        of: Option<&Line<'_>>,
        sink: &mut Sink,
    ) -> Heard {
        const STEPS: [(&str, RefusedStep); 7] = [
            ("rejected RCPT", RefusedStep::Rcpt),
            ("rejected after DATA", RefusedStep::Data),
            ("rejected DATA", RefusedStep::Data),
            ("rejected MAIL", RefusedStep::Mail),
            ("rejected connection", RefusedStep::Connect),
            ("rejected EHLO", RefusedStep::Ehlo),
            ("rejected HELO", RefusedStep::Ehlo),
        ];
        let refused = STEPS.iter().find_map(|(words, step)| Some((text.find(words)?, words.len(), *step)));
        let Some((start, length, step)) = refused else {
            let unknown = || Heard::Unknown("no line that is known of Exim".to_owned());
            return if asides::is_exim(text) { Heard::Idle } else { unknown() };
        };
        let (Some(head), Some(rest)) = (text.get(..start), text.get(start.saturating_add(length)..)) else {
            return Heard::Idle;
        };
        let id = of.map_or_else(
            || self.build.place.hop(&[&at.as_microsecond().to_le_bytes(), text.as_bytes()]),
            |line| line.id,
        );
        let of = At { id, received: at, message_id: None, queue_id: "", host: log_host };
        let mut event = self.build.event(&of, at, EventId::Refused, Source::Smtp);
        let (named, reply) = rest.split_once(": ").unwrap_or((rest, ""));
        let address = named.trim().trim_start_matches('<').trim_end_matches('>');
        let (name, helo, ip) = host(head);
        event.client_ip = ip;
        event.client_hostname = helo.or(Some(name).filter(|name| !name.is_empty())).map(str::to_owned);
        let sender = field(head, "F").map(|from| from.trim_start_matches('<').trim_end_matches('>'));
        event.message = Some(facts(sender.unwrap_or_default(), 0, self.build.direction("", false)));
        let code = if head.contains("temporarily ") { "451 " } else { "550 " };
        let recipient = if step == RefusedStep::Rcpt { address } else { "" };
        event.recipients =
            Vec::from([EventRecipient { address: recipient.to_owned(), status: format!("{code}{reply}") }]);
        event.detail.step = Some(step);
        let lower = reply.to_ascii_lowercase();
        event.detail.reason = match () {
            () if lower.contains("relay not permitted") => Some(Reason::RelayDenied),
            () if lower.contains("unrouteable") || lower.contains("unknown user") => {
                Some(Reason::RecipientNotFound)
            }
            () if lower.contains("blacklist") || lower.contains("blocklist") => Some(Reason::SourceBlocked),
            () => None,
        };
        sink.put(self.build.key(at, log_host, text, 0), event);
        Heard::Taken
    }
}

fn at_of<'a>(
    known: &(Timestamp, Option<MessageId>),
    message_id: Option<&'a MessageId>,
    line: &Line<'a>,
) -> At<'a> {
    At { id: line.id, received: known.0, message_id, queue_id: line.queue_id, host: line.host }
}

/// Who a delivery was for, and the address that was replaced by it.
fn recipient<'a>(first: &'a str, original: Option<&'a str>) -> (&'a str, Option<&'a str>) {
    match original {
        // Local deliveries name the local part, a file or a pipe first.
        Some(original) if !first.contains('@') || first.starts_with(['/', '|']) => (original, None),
        Some(original) if !original.eq_ignore_ascii_case(first) => (first, Some(original)),
        _ => (first, None),
    }
}
