//! Adds and cuts header fields in a message's bytes; every byte that is not named stays as it was.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.4; RFC 5322 §2.1.1, §3.3, §3.6; RFC 6409 §8; RFC 2047 §2.
//!
//! No value can start a header line of its own: control characters in values become spaces.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::address::{Address, ReversePath};
use crate::header::{HeaderBlock, HeaderEnd};
use crate::id::MessageId;
use crate::mime_text::encode_words;

/// RFC 5322 §2.1.1: lines should be no longer than this, without CRLF.
const LINE_CHARS_WANTED: usize = 78;
/// RFC 5322 §2.1.1: lines must be no longer than this, without CRLF.
const LINE_OCTETS_MAX: usize = 998;

/// A date as mail writes it, always in UTC: `Fri, 20 Nov 2026 09:03:11 +0000` (RFC 5322 §3.3).
pub fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// One header field with its CRLF, folded at white space where the line would pass 78 characters.
///
/// Control characters in the value become spaces, and a word over 998 octets is cut, so no value
/// breaks the header.
/// The value must already be what the header may hold; text of people goes through [`text_line`].
pub fn line(name: &str, value: &str) -> Vec<u8> {
    let clean: String = value.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    let mut out = String::with_capacity(name.len() + clean.len() + 8);
    out.extend(name.chars().filter(|ch| ch.is_ascii_graphic() && *ch != ':'));
    out.push(':');
    let mut column = out.len();
    for word in clean.split(' ').filter(|word| !word.is_empty()) {
        let word = cut(word, LINE_OCTETS_MAX - 1);
        let first = column == out.len() && out.ends_with(':');
        // The first word stays on the name's line where it can: some readers stumble over an empty first line.
        let limit = if first { LINE_OCTETS_MAX } else { LINE_CHARS_WANTED };
        if column + 1 + word.len() > limit {
            out.push_str("\r\n");
            column = 0;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + word.len();
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// The same for text of people, such as a subject: what is not ASCII becomes encoded words (RFC 2047 §2).
pub fn text_line(name: &str, text: &str) -> Vec<u8> {
    line(name, &encode_words(text))
}

fn cut(word: &str, octets: usize) -> &str {
    let mut end = word.len().min(octets);
    while !word.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    word.get(..end).unwrap_or_default()
}

/// What a Received field tells, RFC 5321 §4.4.
#[derive(Debug, Clone)]
pub struct Received<'a> {
    /// The name given with EHLO or HELO; `None` for a message that did not come by SMTP.
    pub helo: Option<&'a str>,
    /// The client's address.
    pub client_ip: Option<IpAddr>,
    /// Our name.
    pub by: &'a str,
    /// `SMTP`, `ESMTP`, `ESMTPS`, `ESMTPSA`, `UTF8SMTPSA`, … (RFC 3848, RFC 6531 §4.3), or `Pickup`.
    pub with: &'a str,
    /// `version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384`, written as a comment.
    pub tls: Option<&'a str>,
    /// Our id of the message, so that a header leads to the trace.
    pub id: &'a str,
    /// The recipient, given only where there is exactly one: others must not be disclosed.
    pub for_: Option<&'a Address>,
    /// When it was received.
    pub at: Timestamp,
}

/// A Received field with its CRLF.
pub fn received(trace: &Received<'_>) -> Vec<u8> {
    let mut value = String::with_capacity(256);
    if let Some(helo) = trace.helo {
        value.push_str("from ");
        value.push_str(&atoms(helo));
        match trace.client_ip {
            Some(IpAddr::V4(ip)) => value.push_str(&format!(" ([{ip}])")),
            Some(IpAddr::V6(ip)) => value.push_str(&format!(" ([IPv6:{ip}])")),
            None => {}
        }
        value.push(' ');
    }
    value.push_str(&format!("by {} with {}", atoms(trace.by), atoms(trace.with)));
    if let Some(tls) = trace.tls {
        let comment: String = tls.chars().filter(|ch| !matches!(ch, '(' | ')' | '\\')).collect();
        value.push_str(&format!(" ({comment})"));
    }
    value.push_str(&format!(" id {}", atoms(trace.id)));
    if let Some(recipient) = trace.for_ {
        value.push_str(&format!(" for <{recipient}>"));
    }
    value.push_str("; ");
    value.push_str(&date(trace.at));
    line("Received", &value)
}

/// A word a client chose, made fit for a structured field: everything that could open a comment, a
/// quoted string or another clause becomes `?`.
fn atoms(word: &str) -> String {
    if word.is_empty() {
        return "unknown".to_owned();
    }
    let fit = |ch: char| ch.is_alphanumeric() || ".-_:[]=+@/".contains(ch);
    word.chars().take(255).map(|ch| if fit(ch) { ch } else { '?' }).collect()
}

/// The Return-Path field final delivery writes at the top (RFC 5321 §4.4).
pub fn return_path(path: &ReversePath) -> Vec<u8> {
    line("Return-Path", &format!("<{path}>"))
}

/// The fields a forward or redirect puts on top (RFC 5322 §3.6.6): who sent it on, when, under which id.
pub fn resent(from: &Address, at: Timestamp, id: &MessageId) -> Vec<u8> {
    let mut lines = line("Resent-From", &format!("<{from}>"));
    lines.extend(line("Resent-Date", &date(at)));
    lines.extend(line("Resent-Message-ID", id.as_str()));
    lines
}

/// Puts whole header lines, each with its CRLF, in front of the message. The result has no spare room.
pub fn prepend(message: &mut Vec<u8>, lines: &[u8]) {
    let mut whole = Vec::with_capacity(lines.len().saturating_add(message.len()));
    whole.extend_from_slice(lines);
    whole.extend_from_slice(message);
    *message = whole;
}

/// Puts whole header lines behind the last field, with an empty line after them where the message had none.
pub fn append(message: &mut Vec<u8>, lines: &[u8]) {
    if lines.is_empty() {
        return;
    }
    let block = HeaderBlock::scan(message);
    let (at, end) = (block.header_len(), block.end());
    let mut insert = Vec::with_capacity(lines.len() + 4);
    if at > 0 && !block.bytes().ends_with(b"\n") {
        insert.extend_from_slice(b"\r\n");
    }
    insert.extend_from_slice(lines);
    if end == HeaderEnd::NotAField {
        // What follows is the body already; without the empty line it would run into the header.
        insert.extend_from_slice(b"\r\n");
    }
    message.splice(at..at, insert);
}

/// Cuts every field whose name the predicate picks; borrowed where there is none.
pub fn remove(message: &[u8], mut pick: impl FnMut(&str) -> bool) -> Cow<'_, [u8]> {
    let block = HeaderBlock::scan(message);
    let mut kept: Option<Vec<u8>> = None;
    let mut copied = 0;
    for field in block.fields().filter(|field| pick(field.name)) {
        let out = kept.get_or_insert_with(|| Vec::with_capacity(message.len()));
        out.extend_from_slice(message.get(copied..field.range.start).unwrap_or_default());
        copied = field.range.end;
    }
    match kept {
        None => Cow::Borrowed(message),
        Some(mut out) => {
            out.extend_from_slice(message.get(copied..).unwrap_or_default());
            Cow::Owned(out)
        }
    }
}

/// Which of our own header families a connector lets pass (header firewall).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderFamily {
    /// `X-MS-Exchange-Organization-*`.
    Organization,
    /// `X-MS-Exchange-Forest-*`.
    Forest,
    /// `Received` and `Resent-*`.
    Routing,
}

/// The family a header name belongs to, if any.
pub fn header_family(name: &str) -> Option<HeaderFamily> {
    let begins =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if begins("X-MS-Exchange-Organization-") {
        Some(HeaderFamily::Organization)
    } else if begins("X-MS-Exchange-Forest-") {
        Some(HeaderFamily::Forest)
    } else if name.eq_ignore_ascii_case("Received") || begins("Resent-") {
        Some(HeaderFamily::Routing)
    } else {
        None
    }
}

/// Cuts the fields of the families the connector does not accept; borrowed where there are none.
pub fn firewall<'a>(message: &'a [u8], accepts: impl Fn(HeaderFamily) -> bool) -> Cow<'a, [u8]> {
    remove(message, |name| header_family(name).is_some_and(|family| !accepts(family)))
}

/// Cuts Bcc and Resent-Bcc: their addresses are in the envelope and nobody else's business.
pub fn remove_bcc(message: &[u8]) -> Cow<'_, [u8]> {
    remove(message, |name| name.eq_ignore_ascii_case("bcc") || name.eq_ignore_ascii_case("resent-bcc"))
}

/// Makes `Sender: <address>` the only Sender field: what a delegate sends on behalf of From (RFC 5322 §3.6.2).
pub fn set_sender(message: &[u8], sender: &Address) -> Vec<u8> {
    let mut out = remove(message, |name| name.eq_ignore_ascii_case("sender")).into_owned();
    append(&mut out, &line("Sender", &format!("<{sender}>")));
    out
}

/// What a submitted message is given where it lacks it.
#[derive(Debug, Clone)]
pub struct Defaults<'a> {
    /// For From: MAIL FROM, or whoever signed in; `None` adds none.
    pub from: Option<&'a Address>,
    /// For Date.
    pub at: Timestamp,
    /// For Message-ID; see [`MessageId::generate`].
    pub message_id: &'a MessageId,
}

/// Which fields [`add_missing`] added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// From.
    pub from: bool,
    /// Date.
    pub date: bool,
    /// Message-ID, or a value in place of an empty one.
    pub message_id: bool,
}

impl Added {
    /// Whether anything was added.
    pub fn any(self) -> bool {
        self.from || self.date || self.message_id
    }
}

/// Adds From, Date and Message-ID behind the header where they are missing (RFC 6409 §8.1, §8.2, §8.3).
pub fn add_missing(message: &mut Vec<u8>, defaults: &Defaults<'_>) -> Added {
    let block = HeaderBlock::scan(message);
    let mut added = Added { from: defaults.from.is_some(), date: true, message_id: true };
    let mut empty_id = false;
    for field in block.fields() {
        if field.is("From") {
            added.from = false;
        } else if field.is("Date") {
            added.date = false;
        } else if field.is("Message-ID") {
            let empty = field.value.trim_ascii().is_empty();
            empty_id |= empty;
            added.message_id &= empty;
        }
    }
    if added.message_id && empty_id {
        *message = remove(message, |name| name.eq_ignore_ascii_case("Message-ID")).into_owned();
    }
    let mut lines = Vec::new();
    if let Some(from) = defaults.from.filter(|_| added.from) {
        lines.extend(line("From", &format!("<{from}>")));
    }
    if added.date {
        lines.extend(line("Date", &date(defaults.at)));
    }
    if added.message_id {
        lines.extend(line("Message-ID", defaults.message_id.as_str()));
    }
    append(message, &lines);
    added
}

#[cfg(test)]
mod tests;
