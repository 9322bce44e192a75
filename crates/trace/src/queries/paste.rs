//! Paste anything: the ids in a report, a header block, a message or a line of a log, and the search they lead to.
//!
//! May touch: nothing itself; [`Trace::find_pasted`] asks the trace.
//! Standards: RFC 3464 §2.2, §2.3 (fields of a report); RFC 5322 §3.6.4 (identification fields).

use std::collections::HashSet;

use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde::Serialize;
use uuid::Uuid;

use super::{paste_lines, paste_logs};
use crate::search::{Gap, SourceAsked, TraceRow};
use claims::{Claims, Undelivered};

/// Ids of one kind taken from a paste; more are left out.
const IDS_MAX: usize = 50;
/// Longest id or address in angle brackets that is looked at, in bytes.
const BRACKETED_BYTES_MAX: usize = 2_048;
/// Shortest and longest queue id of another system.
const QUEUE_ID_CHARS: std::ops::RangeInclusive<usize> = 5..=80;
/// From so many digits on a number may be a queue id too.
const HEX_QUEUE_ID_CHARS: usize = 9;

/// What a paste seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum PasteKind {
    /// A non-delivery or delivery report.
    Report,
    /// The header of a message, with or without its body.
    Message,
    /// A reply to the end of the data: `250 …`.
    Reply,
    /// One id, or text around ids.
    #[default]
    Text,
}

/// Whose reply a line quotes: `host mx.far.example[192.0.2.3] said: 250 …`.
fn said_by(line: &str) -> Option<&str> {
    line.split_once(" said:")?.0.split_whitespace().next_back()
}

impl PasteKind {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            PasteKind::Report => "a delivery report",
            PasteKind::Message => "a message or its header",
            PasteKind::Reply => "the reply of a mail server",
            PasteKind::Text => "text",
        }
    }
}

/// The ids in a paste, each once, the most telling first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paste {
    /// What it seems to be.
    pub kind: PasteKind,
    /// Network message ids.
    pub network_message_ids: Vec<NetworkMessageId>,
    /// This server's numbers, from `InternalId=`.
    pub internal_message_ids: Vec<InternalMessageId>,
    /// Message-IDs: that of a report's original before that of the report.
    pub message_ids: Vec<MessageId>,
    /// Queue ids of other systems.
    pub queue_ids: Vec<String>,
    /// Whom the message was to reach, as the report or header says.
    pub recipients: Vec<String>,
    /// Addresses of whom the text may be about, where it has no id that is known here.
    pub addresses: Vec<String>,
    /// A refusal as a server worded it: a reply, or a piece of one.
    pub diagnostic: Option<String>,
    /// Whether the text was cut because it is too long.
    pub is_cut: bool,
    /// What it says of the ids that count per server, by the id.
    claims: Vec<(String, Claims)>,
    /// What the report says of the message that could not be handed on.
    undelivered: Option<Undelivered>,
    /// Further names of this server, as its replies may have it.
    own_names: Vec<String>,
}

/// One look-up made for a paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Searched {
    /// By what: `Network message id`, `InternalId`, `Message-ID`, `Queue id`, `Remote queue id`, `Recipient`, `Sender`,
    /// `Reply`, and what of recipient, sender and time a report names.
    pub by: &'static str,
    /// The value.
    pub value: String,
    /// How many rows it found.
    pub found: u64,
    /// Where not everything was looked at, or something found was left out.
    pub limit: Option<String>,
}

/// What a paste led to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pasted {
    /// The rows of the first look-up that found any.
    pub rows: Vec<TraceRow>,
    /// How many rows that look-up has in all.
    pub total: u64,
    /// The look-ups in their order.
    pub searched: Vec<Searched>,
    /// Which sources were asked.
    pub sources: Vec<SourceAsked>,
    /// What could hide the message, as far as it is known, each once.
    pub gaps: Vec<Gap>,
    /// Other recipients that the reply was given for, where the paste names one that it was not: the newest of them.
    pub others: Vec<String>,
    /// How many rows that were refused in the same words have no recipient: refused before one was named.
    pub without_recipient: u64,
}

impl Paste {
    /// Reads a paste: any text, `.eml` included.
    pub fn read(bytes: &[u8]) -> Paste {
        let (lines, is_cut) = paste_lines::lines(bytes);
        let mut reader = Reader { paste: Paste { is_cut, ..Paste::default() }, ..Reader::default() };
        for line in &lines {
            reader.line(line);
        }
        reader.finish(&lines)
    }

    /// With further names of this server: a number may be said to be of any of them.
    pub fn with_own_names(mut self, names: Vec<String>) -> Paste {
        self.own_names = names;
        self
    }

    /// What it says of an id that counts per server.
    fn claims_of(&self, id: &str) -> Option<&Claims> {
        self.claims.iter().find_map(|(known, claims)| (known == id).then_some(claims))
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.network_message_ids.is_empty()
            && self.internal_message_ids.is_empty()
            && self.message_ids.is_empty()
            && self.queue_ids.is_empty()
            && self.addresses.is_empty()
            && self.diagnostic.is_none()
    }
}

#[derive(Default)]
struct Reader {
    paste: Paste,
    /// Message-IDs of what the report is about.
    original: Vec<MessageId>,
    /// Message-IDs as they come.
    plain: Vec<MessageId>,
    /// Ids that stand anywhere in angle brackets.
    bracketed: Vec<MessageId>,
    /// Header fields seen.
    headers: usize,
    /// Whom the refusal names: in its line, else in the one before, as a report says it to people.
    refused: Vec<String>,
    /// Addresses in the line before, lines of the sender left out.
    before: Vec<String>,
    /// Addresses in lines of the sender: the message was not for them.
    senders: Vec<String>,
    /// What the fields of the text say of its message.
    whole: Claims,
    /// What the report says of it.
    report: Undelivered,
    /// Addresses of each From: field, and of the first To: field.
    from: Vec<Vec<String>>,
    to: Vec<String>,
    /// Who wrote the report, and the ids that are the writer's own.
    reporter: Option<String>,
    reporters: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':')
            && !name.is_empty()
            && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
        {
            self.field(&name.to_ascii_lowercase(), value.trim());
        }
        self.anywhere(line);
    }

    fn field(&mut self, name: &str, value: &str) {
        match name {
            "message-id" => {
                self.headers = self.headers.saturating_add(1);
                push_parsed(&mut self.plain, value);
            }
            "original-message-id" | "in-reply-to" | "x-ms-exchange-parent-message-id" => {
                push_parsed(&mut self.original, value);
            }
            "x-ms-exchange-organization-network-message-id"
            | "x-ms-exchange-crosstenant-network-message-id"
            | "network-message-id"
            | "networkmessageid"
            | "messagetraceid"
            | "message-trace-id" => {
                push(&mut self.paste.network_message_ids, value.parse().ok().map(NetworkMessageId));
            }
            "x-postfix-queue-id" | "x-original-queue-id" => {
                if let Some(id) = self.queue_id(value) {
                    push(&mut self.reporters, Some(id));
                }
            }
            "to" | "cc" => {
                self.headers = self.headers.saturating_add(1);
                for address in addresses(value) {
                    push(&mut self.paste.recipients, Some(address));
                }
                if name == "to" && self.to.is_empty() {
                    self.to = addresses(value).collect();
                }
            }
            "from" | "subject" | "date" | "received" | "return-path" => {
                self.headers = self.headers.saturating_add(1);
                match name {
                    "from" => push(&mut self.from, Some(addresses(value).collect())),
                    // The first is the report's own.
                    "date" => self.report.ended = self.report.ended.or_else(|| claims::time(value)),
                    _ => {}
                }
            }
            _ => self.field_of_report(name, value),
        }
    }

    fn field_of_report(&mut self, name: &str, value: &str) {
        let typed = value.split_once(';').map_or(value, |(_, typed)| typed).trim();
        match name {
            "final-recipient" | "original-recipient" | "x-failed-recipients" => {
                self.paste.kind = PasteKind::Report;
                for address in typed.split(',').map(|address| bare(address.trim())) {
                    push(&mut self.paste.recipients, Some(address.clone()));
                    push(&mut self.report.recipients, Some(address));
                }
            }
            "action" => self.paste.kind = PasteKind::Report,
            "reporting-mta" => {
                self.paste.kind = PasteKind::Report;
                self.reporter = self.reporter.take().or_else(|| claims::label(typed));
            }
            "diagnostic-code" => {
                self.paste.kind = PasteKind::Report;
                let said = self.report.diagnostic.take();
                self.report.diagnostic = said.or_else(|| paste_logs::diagnostic(value));
            }
            "x-postfix-sender" => push(&mut self.report.senders, Some(bare(typed))),
            "arrival-date" => self.report.arrived = claims::time(value),
            "last-attempt-date" => self.report.ended = claims::time(value).max(self.report.ended),
            "recipientaddress" => push(&mut self.whole.recipients, Some(bare(value))),
            "senderaddress" => push(&mut self.whole.senders, Some(bare(value))),
            _ => {}
        }
    }

    /// Ids that need no field around them.
    fn anywhere(&mut self, line: &str) {
        let lower = line.to_ascii_lowercase();
        if let Some(number) = after(&lower, "internalid=") {
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse().map(InternalMessageId) {
                push(&mut self.paste.internal_message_ids, Some(number));
                let host = after(&lower, "hostname=").and_then(|host| host.split([']', ',', ' ']).next());
                self.claim(number.to_string(), &Claims::of_line(line).at(host.and_then(claims::label)));
            }
        }
        for word in line.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-') {
            if word.len() == 36 {
                push(&mut self.paste.network_message_ids, Uuid::try_parse(word).ok().map(NetworkMessageId));
            }
        }
        let is_about_ids = paste_logs::is_about_ids(&lower);
        for (place, _) in line.match_indices('<') {
            let rest = line.get(place..).unwrap_or_default();
            let rest = rest.get(..rest.floor_char_boundary(BRACKETED_BYTES_MAX)).unwrap_or_default();
            let inside = rest.find('>').and_then(|end| rest.get(..=end)).filter(|text| text.contains('@'));
            let Some(id) = inside else { continue };
            // A log says of whom it speaks.
            if paste_logs::is_person(lower.get(..place).unwrap_or_default()) {
                push(&mut self.paste.recipients, Some(bare(id)));
            } else {
                push_parsed(&mut self.bracketed, id);
            }
            if !is_about_ids {
                push(&mut self.paste.addresses, paste_logs::address(id));
            }
        }
        if let Some(word) = paste_logs::queue_id(line)
            && let Some(id) = self.queue_id(word)
        {
            let host = paste_logs::syslog_host(line, word).and_then(claims::label);
            self.claim(id, &Claims::of_line(line).at(host));
        }
        self.people(line, is_about_ids);
        // A place in the ASCII form of a line is one in the line itself.
        for mark in ["queued as ", "queue id ", "queueid=", "queue-id: ", " id="] {
            if let Some(rest) = after(&lower, mark) {
                let from = line.len().saturating_sub(rest.len());
                let Some(id) = self.queue_id(line.get(from..).unwrap_or_default()) else { continue };
                let relay = after(&lower, "relay=").or_else(|| said_by(&lower));
                let relay = relay.filter(|_| mark == "queued as ");
                let host = relay.and_then(|relay| relay.split(['[', ',', ' ']).next());
                self.claim(id, &Claims::of_line(line).at(host.and_then(claims::label)));
            }
        }
        // `2.0.0 OK  1700000000 a1-20020a05.123 - gsmtp`
        if lower.trim_end().ends_with("- gsmtp") {
            let id = line.split_whitespace().rev().nth(2).unwrap_or_default();
            self.queue_id(id);
        }
    }

    /// Addresses without brackets, and the refusal they may be about.
    fn people(&mut self, line: &str, is_about_ids: bool) {
        let here = if is_about_ids { Vec::new() } else { paste_logs::bare_addresses(line) };
        for address in &here {
            push(&mut self.paste.addresses, Some(address.clone()));
        }
        let is_of_sender = paste_logs::is_about_sender(&line.to_lowercase());
        if is_of_sender {
            here.iter().for_each(|address| push(&mut self.senders, Some(address.clone())));
        }
        if self.paste.diagnostic.is_none() {
            self.paste.diagnostic = paste_logs::diagnostic(line);
            if self.paste.diagnostic.is_some() {
                self.refused = if here.is_empty() { std::mem::take(&mut self.before) } else { here.clone() };
            }
        }
        if !line.trim().is_empty() && !is_of_sender {
            self.before = here;
        }
    }

    /// Keeps what the text says of an id that counts per server.
    fn claim(&mut self, id: String, claims: &Claims) {
        match self.paste.claims.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => known.merge(claims),
            None => push(&mut self.paste.claims, Some((id, claims.clone()))),
        }
    }

    /// Takes the first word for a queue id, if it may be one.
    fn queue_id(&mut self, text: &str) -> Option<String> {
        let word = text.split_whitespace().next().unwrap_or_default();
        let word = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let is_one = QUEUE_ID_CHARS.contains(&word.chars().count())
            && word.bytes().any(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase())
            && word
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_'));
        let id = is_one.then(|| word.to_owned());
        push(&mut self.paste.queue_ids, id.clone());
        id
    }

    fn finish(mut self, lines: &[String]) -> Paste {
        let mut filled = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let only = filled.next().filter(|_| filled.next().is_none());
        if let Some(only) = only {
            self.single(only);
        }
        if self.paste.kind == PasteKind::Text && self.headers > 2 {
            self.paste.kind = PasteKind::Message;
        }
        self.claims_of_whole();
        let mut ids = self.original;
        if self.paste.kind == PasteKind::Report {
            // A report has its own Message-ID first; those of the message it returns come behind it.
            let own = usize::from(self.plain.len() > 1);
            let returned = self.plain.split_off(own.min(self.plain.len()));
            ids.extend(returned);
        }
        ids.extend(self.plain);
        if ids.is_empty() {
            let people: HashSet<String> =
                self.paste.recipients.iter().map(|one| one.to_lowercase()).collect();
            let others = self
                .bracketed
                .into_iter()
                .filter(|id| !people.contains(&id.as_str().trim_matches(['<', '>']).to_lowercase()));
            ids.extend(others);
        }
        for id in ids {
            push(&mut self.paste.message_ids, Some(id));
        }
        self.refused.retain(|address| !self.senders.contains(address));
        for address in &self.refused {
            push(&mut self.paste.recipients, Some(address.clone()));
        }
        // The rows of whom the refusal names are asked for first.
        self.paste.addresses.sort_by_key(|address| !self.refused.contains(address));
        if matches!(self.paste.kind, PasteKind::Report | PasteKind::Message) {
            // Both name many addresses that are not what they are about; who was to get it is known.
            self.paste.addresses.clear();
            self.paste.diagnostic = None;
        }
        self.paste
    }

    /// What the fields of the text say is said of every id in it.
    fn claims_of_whole(&mut self) {
        let mut whole = std::mem::take(&mut self.whole);
        self.plain.iter().chain(&self.original).for_each(|id| push(&mut whole.message_ids, Some(id.clone())));
        if self.paste.kind == PasteKind::Report {
            let mut report = std::mem::take(&mut self.report);
            for sender in &report.senders {
                push(&mut whole.senders, Some(sender.clone()));
            }
            for recipient in &report.recipients {
                push(&mut whole.recipients, Some(recipient.clone()));
            }
            if report.senders.is_empty() {
                // Who gets the report, and who wrote the message in it.
                let written = self.from.iter().skip(1).flatten().chain(&self.to);
                let others = written.filter(|one| !report.recipients.contains(one));
                report.senders = others.cloned().collect();
            }
            report.diagnostic = report.diagnostic.take().or_else(|| self.paste.diagnostic.clone());
            self.paste.undelivered = Some(report).filter(|report| !report.recipients.is_empty());
            for id in std::mem::take(&mut self.reporters) {
                self.claim(id, &Claims::default().at(self.reporter.clone()));
            }
        }
        let internal = self.paste.internal_message_ids.iter().map(ToString::to_string);
        let ids: Vec<String> = internal.chain(self.paste.queue_ids.iter().cloned()).collect();
        ids.into_iter().for_each(|id| self.claim(id, &whole));
    }

    /// One line alone: a reply, or an id.
    fn single(&mut self, line: &str) {
        // Many ids begin with three digits too; behind the code of a reply stands a blank, or a hyphen and then text.
        let is_reply = match line.as_bytes() {
            [a, b, c, b' ' | b'\t', ..] => [a, b, c].iter().all(|letter| letter.is_ascii_digit()),
            [a, b, c, b'-', ..] if line.contains(' ') => {
                [a, b, c].iter().all(|letter| letter.is_ascii_digit())
            }
            _ => false,
        };
        if is_reply {
            self.paste.kind = PasteKind::Reply;
            return;
        }
        if line.contains(char::is_whitespace) {
            return;
        }
        if line.contains('@') {
            push_parsed(&mut self.plain, line);
            push(&mut self.paste.addresses, paste_logs::address(line));
        } else if self.paste.network_message_ids.is_empty() {
            match line.parse() {
                Ok(number) => {
                    push(&mut self.paste.internal_message_ids, Some(InternalMessageId(number)));
                    // A hexadecimal queue id may happen to have no letter.
                    if line.len() >= HEX_QUEUE_ID_CHARS {
                        self.queue_id(line);
                    }
                }
                Err(_) => {
                    self.queue_id(line);
                }
            }
        }
    }
}

/// What stands behind a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn push<T: PartialEq>(list: &mut Vec<T>, one: Option<T>) {
    if let Some(one) = one
        && list.len() < IDS_MAX
        && !list.contains(&one)
    {
        list.push(one);
    }
}

fn push_parsed(list: &mut Vec<MessageId>, text: &str) {
    let first = text.split_whitespace().next().unwrap_or_default();
    push(list, MessageId::parse(first).ok());
}

fn bare(address: &str) -> String {
    address.trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn addresses(value: &str) -> impl Iterator<Item = String> {
    let words = value.split([',', ' ', ';']).map(bare);
    words.filter(|word| word.contains('@') && !word.contains(['"', '=']))
}

mod claims;
mod look_up;
mod people;
#[cfg(test)]
mod tests;
mod undelivered;
