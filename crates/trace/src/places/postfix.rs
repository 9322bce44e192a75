//! Postfix logs: lines of many processes put together to messages by queue id.
//!
//! May touch: nothing (pure).
//! Known gaps: a recipient is known from the first attempt to deliver only; Postfix logs none before.

use std::net::IpAddr;

use events::{Event, EventId, EventRecipient, MessageFacts, Reason, RefusedStep, Source};
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};

use super::all_waiting::of_one;
use super::asides;
use super::build::{At, Builder, Fate, Hand, REPORTS_ON, facts, host_and_ip};
use super::open::{OpenId, OpenTable};
use super::postfix_line::{
    About, DeliveryLine, RefusalLine, about, bracketed, delivery, is_short, plain, refusal,
};
use super::syslog::SyslogLine;
use super::tally::{Heard, Sink};

/// Recipients remembered as waiting, per message, for when it expires or is removed.
const WAITING_MAX: usize = 1_000;
/// Hosts told apart in one log; the rest share a number.
const HOSTS_MAX: usize = 255;

/// A message while its lines come in.
#[derive(Debug, Default)]
struct Open {
    id: NetworkMessageId,
    received: Timestamp,
    message_id: Option<MessageId>,
    client_ip: Option<IpAddr>,
    client_host: Option<Box<str>>,
    account: Option<Box<str>>,
    subject: Option<Box<str>>,
    /// Message-ID of the message this one reports on.
    reports_on: Option<Box<str>>,
    /// And the id it has in the queue.
    reports_on_queue_id: Option<Box<str>>,
    /// The address whose forwarding made it.
    forwards: Option<Box<str>>,
    source: Option<Source>,
    is_told: bool,
    /// Its envelope sender, if it was put on hold: the queue manager, which names the sender of others, may never see it.
    held_from: Option<Box<str>>,
    waiting: Vec<Box<str>>,
}

/// The reader of one log.
#[derive(Debug)]
pub(crate) struct Postfix {
    build: Builder,
    open: OpenTable<Open>,
    hosts: Vec<Box<str>>,
}

impl Postfix {
    pub(crate) fn new(build: Builder, open_max: usize) -> Postfix {
        Postfix { build, open: OpenTable::new(open_max), hosts: Vec::new() }
    }

    pub(crate) fn open(&self) -> (usize, u64) {
        (self.open.len(), self.open.closed_early())
    }

    pub(crate) fn line(&mut self, line: &SyslogLine<'_>, sink: &mut Sink) -> Heard {
        let daemon = line.program.rsplit('/').next().unwrap_or_default();
        match about(line.text) {
            About::Queue(queue_id, rest) => {
                let Some(id) = OpenId::new(self.host(line.host), queue_id) else {
                    return Heard::Unknown("the queue id is too long".to_owned());
                };
                self.about_message(line, daemon, (id, queue_id), rest, sink)
            }
            About::NoQueue(rest) => self.refused(line, None, rest, sink),
            About::Nothing => aside(line, line.text),
        }
    }

    fn host(&mut self, host: &str) -> u8 {
        let found = self.hosts.iter().position(|known| known.as_ref() == host);
        let at = found.unwrap_or_else(|| {
            if self.hosts.len() < HOSTS_MAX {
                self.hosts.push(host.into());
            }
            self.hosts.len().saturating_sub(1)
        });
        u8::try_from(at).unwrap_or(u8::MAX)
    }

    fn begin<'a>(
        build: &Builder,
        open: &'a mut OpenTable<Open>,
        line: &SyslogLine<'_>,
        (id, queue_id): (OpenId, &str),
    ) -> &'a mut Open {
        open.get_or_begin(id, || {
            let label = line.host.split('.').next().unwrap_or_default();
            let start = line.at.as_microsecond().to_le_bytes();
            // A long id never comes again; of a short one the first line tells which message is meant.
            let start: &[u8] = if is_short(queue_id) { &start } else { &[] };
            let id = build.place.hop(&[label.as_bytes(), queue_id.as_bytes(), start]);
            Open { id, received: line.at, ..Open::default() }
        })
    }

    fn about_message(
        &mut self,
        line: &SyslogLine<'_>,
        daemon: &str,
        id: (OpenId, &str),
        rest: &str,
        sink: &mut Sink,
    ) -> Heard {
        if rest.starts_with("to=<") {
            return match delivery(rest) {
                Some(found) => self.delivered(line, daemon, id, &found, sink),
                None => Heard::Unknown("a delivery without a status".to_owned()),
            };
        }
        match daemon {
            "qmgr" => self.queue_manager(line, id, rest, sink),
            "cleanup" => self.cleanup(line, id, rest, sink),
            "smtpd" | "qmqpd" | "pickup" => self.entered(line, daemon, id, rest, sink),
            "bounce" => self.reported(line, id, rest),
            "postsuper" => self.administered(line, id, rest, sink),
            _ => aside(line, rest),
        }
    }

    /// smtpd and pickup: who gives the message in.
    fn entered(
        &mut self,
        line: &SyslogLine<'_>,
        daemon: &str,
        id: (OpenId, &str),
        rest: &str,
        sink: &mut Sink,
    ) -> Heard {
        if let Some(client) = rest.strip_prefix("client=") {
            let (peer, _) = client.split_once(", ").unwrap_or((client, ""));
            let (host, ip) = host_and_ip(peer);
            // A short id that comes again is another message: the old one ended unseen.
            if self.open.get(&id.0).is_some_and(|open| open.is_told) {
                self.open.end(&id.0);
            }
            let open = Self::begin(&self.build, &mut self.open, line, id);
            open.client_ip = ip;
            open.client_host =
                Some(host).filter(|host| !host.is_empty() && *host != "unknown").map(Into::into);
            open.account = plain(rest, "sasl_username").map(Into::into);
            open.source = Some(Source::Smtp);
            return Heard::Taken;
        }
        if daemon == "pickup" && rest.starts_with("uid=") {
            if self.open.get(&id.0).is_some_and(|open| open.is_told) {
                self.open.end(&id.0);
            }
            let open = Self::begin(&self.build, &mut self.open, line, id);
            open.account = Some(rest.split(' ').next().unwrap_or_default().into());
            open.source = Some(Source::Pickup);
            return Heard::Taken;
        }
        self.refused(line, Some(id), rest, sink)
    }

    fn cleanup(&mut self, line: &SyslogLine<'_>, id: (OpenId, &str), rest: &str, sink: &mut Sink) -> Heard {
        let value = rest.strip_prefix("message-id=").or_else(|| rest.strip_prefix("resent-message-id="));
        if let Some(value) = value {
            // Reports and forwards have no smtpd line; this one is their first.
            if self.open.get(&id.0).is_some_and(|open| open.is_told) {
                self.open.end(&id.0);
            }
            let open = Self::begin(&self.build, &mut self.open, line, id);
            if open.message_id.is_none() {
                open.message_id = MessageId::parse(value).ok();
            }
            open.source = open.source.or(Some(Source::Routing));
            tell_held(&self.build, open, line, id.1, sink);
            return Heard::Taken;
        }
        if let Some(header) = rest.strip_prefix("warning: header Subject: ") {
            let subject = header.rsplit_once("; from=<").map_or(header, |(head, _)| head);
            let subject = subject.rsplit_once(" from ").map_or(subject, |(subject, _)| subject);
            Self::begin(&self.build, &mut self.open, line, id).subject = Some(subject.into());
            return Heard::Taken;
        }
        self.refused(line, Some(id), rest, sink)
    }

    fn queue_manager(
        &mut self,
        line: &SyslogLine<'_>,
        id: (OpenId, &str),
        rest: &str,
        sink: &mut Sink,
    ) -> Heard {
        if rest == "removed" {
            self.open.end(&id.0);
            return Heard::Taken;
        }
        let Some(from) = bracketed(rest, "from") else { return aside(line, rest) };
        if plain(rest, "status").is_some_and(|status| status.ends_with("expired")) {
            return self.all_waiting(line, id, Fate::Expired, sink);
        }
        let Some(size) = plain(rest, "size").and_then(|size| size.parse().ok()) else { return Heard::Idle };
        let open = Self::begin(&self.build, &mut self.open, line, id);
        if !open.is_told {
            open.is_told = true;
            let event = received(&self.build, open, line, id.1, from, size);
            sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        } else if open.held_from.take().is_some() {
            // It was told of without its size.
            let mut event = received(&self.build, open, line, id.1, from, size);
            (event.at, event.event_id, event.source) = (line.at, EventId::Submit, Source::Queue);
            sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        }
        Heard::Taken
    }

    fn delivered(
        &mut self,
        line: &SyslogLine<'_>,
        daemon: &str,
        id: (OpenId, &str),
        found: &DeliveryLine<'_>,
        sink: &mut Sink,
    ) -> Heard {
        let (host, ip) = host_and_ip(found.relay);
        let child = found.text.strip_prefix("forwarded as ");
        let fate = match found.status {
            "sent" if child.is_some() => None,
            "sent" => Some(sent(daemon, found, ip)),
            "deferred" | "softbounce" => Some(Fate::Deferred),
            "bounced" => Some(Fate::Failed),
            "expired" => Some(Fate::Expired),
            // Probes of an address, no messages.
            "deliverable" | "undeliverable" => return Heard::Idle,
            other => return Heard::Unknown(format!("status={other} is not known")),
        };
        let host =
            if fate == Some(Fate::HandedOn) || host != "none" && !is_agent(daemon) { host } else { "" };
        let open = Self::begin(&self.build, &mut self.open, line, id);
        let of = At {
            id: open.id,
            received: open.received,
            message_id: open.message_id.as_ref(),
            queue_id: id.1,
            host: line.host,
        };
        if let Some(from) =
            open.forwards.as_deref().or(found.original).filter(|from| !from.eq_ignore_ascii_case(found.to))
        {
            let (key, event) = self.build.resolved(&of, open.received, from, found.to);
            sink.put(key, event);
        }
        if let Some(fate) = fate {
            let hand = Hand { recipient: found.to, host, ip, text: found.text, code: found.dsn, tls: None };
            let mut event = self.build.fate(&of, line.at, fate, &hand);
            if fate == Fate::Failed && found.text.to_ascii_lowercase().contains("user unknown")
                || found.text.starts_with("unknown user")
            {
                event.detail.reason = Some(Reason::RecipientNotFound);
            }
            sink.put(self.build.key(line.at, line.host, line.text, 0), event);
        }
        let waits = open.waiting.iter().position(|known| known.as_ref() == found.to);
        match (fate, waits) {
            (Some(Fate::Deferred), None) if open.waiting.len() < WAITING_MAX => {
                open.waiting.push(found.to.into())
            }
            (Some(Fate::Deferred), _) | (_, None) => {}
            (_, Some(at)) => {
                open.waiting.swap_remove(at);
            }
        }
        if let Some(child) = child.and_then(|child| OpenId::new(id.0.host(), child.trim()))
            && let Some(child) = self.open.get(&child)
        {
            child.forwards = Some(found.to.into());
        }
        Heard::Taken
    }

    /// The same fate for every recipient that waits, those included that only an earlier file names.
    fn all_waiting(
        &mut self,
        line: &SyslogLine<'_>,
        id: (OpenId, &str),
        fate: Fate,
        sink: &mut Sink,
    ) -> Heard {
        let open = Self::begin(&self.build, &mut self.open, line, id);
        let of = At {
            id: open.id,
            received: open.received,
            message_id: open.message_id.as_ref(),
            queue_id: id.1,
            host: line.host,
        };
        let mut all = self.build.fate(&of, line.at, fate, &Hand::default());
        all.recipients.clear();
        all.detail.domain = None;
        all.source_context = Some(line.text.to_owned());
        let waiting =
            if fate == Fate::Held { open.waiting.clone() } else { std::mem::take(&mut open.waiting) };
        for recipient in &waiting {
            let mut known = all.clone();
            known.detail.domain = self.build.around.domain(recipient);
            if let Some((key, event)) = of_one(&all, &known, recipient) {
                sink.put(key, event);
            }
        }
        sink.put(self.build.key(line.at, line.host, line.text, 0), all);
        Heard::Taken
    }

    /// `sender non-delivery notification: QUEUEID`.
    fn reported(&mut self, line: &SyslogLine<'_>, id: (OpenId, &str), rest: &str) -> Heard {
        let Some((_, report)) = rest.rsplit_once("notification: ") else { return aside(line, rest) };
        let parent = self.open.get(&id.0).and_then(|open| open.message_id.clone());
        let Some(report_id) = OpenId::new(id.0.host(), report) else { return Heard::Idle };
        let report = Self::begin(&self.build, &mut self.open, line, (report_id, report));
        report.reports_on = parent.map(|id| id.as_str().into());
        report.reports_on_queue_id = Some(id.1.into());
        report.source = Some(Source::Dsn);
        Heard::Taken
    }

    fn administered(
        &mut self,
        line: &SyslogLine<'_>,
        id: (OpenId, &str),
        rest: &str,
        sink: &mut Sink,
    ) -> Heard {
        match rest {
            "removed" => {
                let heard = self.all_waiting(line, id, Fate::Removed, sink);
                self.open.end(&id.0);
                heard
            }
            "placed on hold" => self.all_waiting(line, id, Fate::Held, sink),
            _ => aside(line, rest),
        }
    }

    /// Refusals, and the verbs that look like them.
    fn refused(
        &mut self,
        line: &SyslogLine<'_>,
        id: Option<(OpenId, &str)>,
        rest: &str,
        sink: &mut Sink,
    ) -> Heard {
        let Some(found) = refusal(rest) else { return aside(line, rest) };
        match found.verb {
            "reject" | "milter-reject" => {
                let at_end = found.stage == "END-OF-MESSAGE" || found.stage.contains(": ");
                let open = id.and_then(|(id, _)| self.open.get(&id));
                let event = refused(&self.build, line, open.as_deref(), &found);
                sink.put(self.build.key(line.at, line.host, line.text, 0), event);
                if let Some((id, _)) = id.filter(|_| at_end) {
                    self.open.end(&id);
                }
                Heard::Taken
            }
            "hold" | "milter-hold" | "discard" | "milter-discard" => {
                let (Some(id), Some(to)) = (id, found.to) else { return Heard::Idle };
                let open = Self::begin(&self.build, &mut self.open, line, id);
                let of = At {
                    id: open.id,
                    received: open.received,
                    message_id: open.message_id.as_ref(),
                    queue_id: id.1,
                    host: line.host,
                };
                let fate = if found.verb.ends_with("hold") { Fate::Held } else { Fate::Dropped };
                let hand = Hand { recipient: to, text: found.reply, ..Hand::default() };
                let mut event = self.build.fate(&of, line.at, fate, &hand);
                let from = found.from.unwrap_or_default();
                let is_ours = found.account.is_some() || open.account.is_some();
                event.message = Some(facts(from, 0, self.build.direction(from, is_ours)));
                sink.put(self.build.key(line.at, line.host, line.text, 0), event);
                if fate == Fate::Held {
                    open.held_from = Some(from.into());
                    if open.waiting.len() < WAITING_MAX {
                        open.waiting.push(to.into());
                    }
                    if open.message_id.is_some() {
                        tell_held(&self.build, open, line, id.1, sink);
                    }
                } else if !open.is_told {
                    // No queue manager sees it: this line is the last.
                    open.is_told = true;
                    let event = received(&self.build, open, line, id.1, from, 0);
                    sink.put(self.build.key(line.at, line.host, line.text, 1), event);
                }
                Heard::Taken
            }
            _ => Heard::Idle,
        }
    }
}

/// What to make of a line that is not read.
fn aside(line: &SyslogLine<'_>, text: &str) -> Heard {
    let daemon = line.program.rsplit('/').next().unwrap_or_default();
    if asides::is_postfix(daemon, text) {
        Heard::Idle
    } else {
        Heard::Unknown("no line that is known of Postfix".to_owned())
    }
}

/// What a successful delivery by this daemon means.
fn sent(daemon: &str, found: &DeliveryLine<'_>, ip: Option<IpAddr>) -> Fate {
    match daemon {
        "discard" => Fate::Dropped,
        "local" | "virtual" | "pipe" | "spawn" => Fate::Delivered,
        // A filter that speaks LMTP gives the message back to a queue; a mailbox server stores it.
        "lmtp" if found.text.contains("queued as") && ip.is_some() => Fate::HandedOn,
        "lmtp" => Fate::Delivered,
        _ if found.relay == "local" || found.relay == "virtual" => Fate::Delivered,
        _ => Fate::HandedOn,
    }
}

/// Daemons whose relay is a word, not a host.
fn is_agent(daemon: &str) -> bool {
    matches!(daemon, "local" | "virtual" | "pipe" | "discard" | "error" | "retry" | "spawn")
}

/// Tells of a message on hold that it was received.
fn tell_held(build: &Builder, open: &mut Open, line: &SyslogLine<'_>, queue_id: &str, sink: &mut Sink) {
    let Some(from) = open.held_from.clone().filter(|_| !open.is_told) else { return };
    open.is_told = true;
    let event = received(build, open, line, queue_id, &from, 0);
    sink.put(build.key(line.at, line.host, line.text, 1), event);
}

fn received(
    build: &Builder,
    open: &Open,
    line: &SyslogLine<'_>,
    queue_id: &str,
    from: &str,
    size: u64,
) -> Event {
    let of = At {
        id: open.id,
        received: open.received,
        message_id: open.message_id.as_ref(),
        queue_id,
        host: line.host,
    };
    // A log that begins in the middle of a message: who gave it in is not known.
    let source = open.source.unwrap_or(Source::Queue);
    let event_id = if source == Source::Dsn { EventId::Dsn } else { EventId::Receive };
    let mut event = build.event(&of, open.received, event_id, source);
    let is_ours = open.account.is_some() || source == Source::Dsn;
    let mut facts = facts(from, size, build.direction(from, is_ours));
    facts.subject = open.subject.as_deref().unwrap_or_default().to_owned();
    facts.authenticated_as = open.account.as_deref().map(str::to_owned);
    event.message = Some(facts);
    event.client_ip = open.client_ip;
    event.client_hostname = open.client_host.as_deref().map(str::to_owned);
    event.reference = open.reports_on.iter().map(|id| id.to_string()).collect();
    let parent = open.reports_on_queue_id.iter().map(|id| (REPORTS_ON.to_owned(), id.to_string()));
    event.custom_data.extend(parent);
    event
}

fn refused(build: &Builder, line: &SyslogLine<'_>, open: Option<&Open>, found: &RefusalLine<'_>) -> Event {
    let text = [found.client.as_bytes(), line.text.as_bytes(), &line.at.as_microsecond().to_le_bytes()];
    let id = open.map_or_else(|| build.place.hop(&text), |open| open.id);
    let message_id = open.and_then(|open| open.message_id.as_ref());
    let of = At { id, received: line.at, message_id, queue_id: "", host: line.host };
    let mut event = build.event(&of, line.at, EventId::Refused, Source::Smtp);
    let (_, ip) = host_and_ip(found.client);
    event.client_ip = ip;
    event.client_hostname = found.helo.map(str::to_owned);
    // What was refused came from inside only if somebody had signed in: the name of a sender is no proof.
    let account = found.account.or_else(|| open.and_then(|open| open.account.as_deref()));
    let direction = build.direction("", account.is_some());
    let facts = facts(found.from.unwrap_or_default(), 0, direction);
    event.message = Some(MessageFacts { authenticated_as: account.map(str::to_owned), ..facts });
    event.recipients = Vec::from([EventRecipient {
        address: found.to.unwrap_or_default().to_owned(),
        status: found.reply.to_owned(),
    }]);
    event.detail.step = Some(match found.stage {
        "CONNECT" => RefusedStep::Connect,
        "EHLO" | "HELO" => RefusedStep::Ehlo,
        "AUTH" => RefusedStep::Auth,
        "MAIL" => RefusedStep::Mail,
        "RCPT" | "VRFY" | "ETRN" => RefusedStep::Rcpt,
        _ => RefusedStep::Data,
    });
    event.detail.reason = refusal_reason(found.reply);
    event
}

fn refusal_reason(reply: &str) -> Option<Reason> {
    let lower = reply.to_ascii_lowercase();
    let causes: [(&str, Reason); 8] = [
        ("relay access denied", Reason::RelayDenied),
        ("user unknown", Reason::RecipientNotFound),
        ("recipient address rejected: undeliverable", Reason::RecipientNotFound),
        ("blocked using", Reason::SourceBlocked),
        ("spam", Reason::Spam),
        ("message size", Reason::SizeConnector),
        ("too many", Reason::RateLimit),
        ("need fully-qualified", Reason::InvalidAddress),
    ];
    causes.into_iter().find_map(|(words, reason)| lower.contains(words).then_some(reason))
}
