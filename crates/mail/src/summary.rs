//! Reads from a message's header what the trace, the queue viewer and the categorizer want to know.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §3.6; RFC 3834 §5; RFC 2919 §2.
//! Runs once for every message: one scan, and only the fields named here are decoded.

use jiff::Timestamp;

use crate::header::HeaderBlock;
use crate::id::MessageId;
use crate::mime::{decode_addresses, decode_date, decode_text};

/// How far into a message headers are looked for: Exchange's MaxHeaderSize.
pub const SUMMARY_BYTES_MAX: usize = 256 * 1024;
/// Longest subject kept, in characters; the trace shows 256 of them.
pub const SUBJECT_CHARS_MAX: usize = 1_000;
/// Most addresses kept of To and of Cc; envelope recipients are counted elsewhere.
pub const ADDRESSES_MAX: usize = 1_000;

/// What a message's header says. Everything is as the sender wrote it, and may be untrue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Decoded, control characters as spaces; empty if there is none.
    pub subject: String,
    /// The first address in From.
    pub from: Option<String>,
    /// Every address in every From field, at most [`AUTHORS_MAX`] and one more.
    pub authors: Vec<String>,
    /// How many From fields there are; RFC 5322 §3.6 has one.
    pub from_fields: usize,
    /// The address in Sender.
    pub sender: Option<String>,
    /// The first Message-ID field that holds one.
    pub message_id: Option<MessageId>,
    /// The Date field, if it can be read.
    pub date: Option<Timestamp>,
    /// The addresses in To, groups flattened.
    pub to: Vec<String>,
    /// The addresses in Cc, groups flattened.
    pub cc: Vec<String>,
    /// How many Received fields there are: the hop count.
    pub received_count: usize,
    /// Auto-Submitted is present and not `no` (RFC 3834 §5): never answer it automatically.
    pub auto_submitted: bool,
    /// Precedence `bulk`, `list` or `junk`, or a List-Id: no out-of-office reply.
    pub bulk: bool,
    /// Content-Type is multipart/report: a DSN, NDR or receipt.
    pub report: bool,
    /// X-Auto-Response-Suppress, as written.
    pub auto_response_suppress: Option<String>,
    /// Importance, or X-Priority, asks for high or low.
    pub importance: Importance,
    /// Which of the fields a submission must have are there at all, even if unreadable.
    pub has: Present,
    /// Octets of the header, with the empty line that ends it.
    pub header_bytes: usize,
}

/// Addresses of From that are looked at.
pub const AUTHORS_MAX: usize = 50;

/// The sender's wish, shown and used as delivery priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Importance {
    /// `Importance: low`.
    Low,
    /// Nothing said.
    #[default]
    Normal,
    /// `Importance: high`.
    High,
}

/// Which originator fields exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Present {
    /// A From field.
    pub from: bool,
    /// A Date field.
    pub date: bool,
    /// A Message-ID field with a value in it.
    pub message_id: bool,
    /// A Bcc or Resent-Bcc field.
    pub bcc: bool,
}

/// Reads the header of a message; never fails, what is missing or unreadable is left out.
pub fn summarize(message: &[u8]) -> Summary {
    let block = HeaderBlock::scan_bounded(message, SUMMARY_BYTES_MAX);
    let mut summary = Summary { header_bytes: block.body_offset(), ..Summary::default() };
    let mut has_subject = false;
    let mut priority = None;
    for field in block.fields() {
        let name = field.name;
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        // By length first: most fields of a message are none of these.
        match name.len() {
            2 if is("to") => extend(&mut summary.to, field.value),
            2 if is("cc") => extend(&mut summary.cc, field.value),
            3 if is("bcc") => summary.has.bcc = true,
            4 if is("from") => {
                let room = AUTHORS_MAX.saturating_add(1).saturating_sub(summary.authors.len());
                summary.authors.extend(decode_addresses(field.value, room));
                if !summary.has.from {
                    summary.from = summary.authors.first().cloned();
                }
                summary.has.from = true;
                summary.from_fields += 1;
            }
            4 if is("date") && !summary.has.date => {
                summary.has.date = true;
                summary.date = decode_date(field.value);
            }
            6 if is("sender") && summary.sender.is_none() => {
                summary.sender = decode_addresses(field.value, 1).pop();
            }
            7 if is("subject") && !has_subject => {
                has_subject = true;
                summary.subject = decode_text(field.value).chars().take(SUBJECT_CHARS_MAX).collect();
            }
            7 if is("list-id") => summary.bulk = true,
            8 if is("received") => summary.received_count += 1,
            10 if is("message-id") && summary.message_id.is_none() => {
                summary.message_id = MessageId::parse(&field.text()).ok();
                summary.has.message_id |= !field.value.trim_ascii().is_empty();
            }
            10 if is("precedence") => summary.bulk |= is_bulk(&field.text()),
            10 if is("importance") => priority = importance(&field.text()).or(priority),
            10 if is("x-priority") => priority = priority.or(importance(&field.text())),
            10 if is("resent-bcc") => summary.has.bcc = true,
            12 if is("content-type") => {
                summary.report |= starts_with_word(field.unfolded().trim_ascii(), b"multipart/report");
            }
            14 if is("auto-submitted") => {
                summary.auto_submitted |= !starts_with_word(field.unfolded().trim_ascii(), b"no");
            }
            24 if is("x-auto-response-suppress") => {
                summary.auto_response_suppress = Some(field.text().chars().take(256).collect());
            }
            _ => {}
        }
    }
    summary.importance = priority.unwrap_or_default();
    summary
}

fn extend(list: &mut Vec<String>, value: &[u8]) {
    list.extend(decode_addresses(value, ADDRESSES_MAX.saturating_sub(list.len())));
}

/// Whether the value begins with this word, without regard to case, and the word ends there.
fn starts_with_word(value: &[u8], word: &[u8]) -> bool {
    value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !value.get(word.len()).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'-')
}

fn is_bulk(value: &str) -> bool {
    ["bulk", "list", "junk"].iter().any(|word| value.trim().eq_ignore_ascii_case(word))
}

fn importance(value: &str) -> Option<Importance> {
    match value.trim().to_ascii_lowercase().as_str() {
        "high" => Some(Importance::High),
        "low" => Some(Importance::Low),
        "normal" => Some(Importance::Normal),
        value => match value.as_bytes().first() {
            Some(b'1' | b'2') => Some(Importance::High),
            Some(b'4' | b'5') => Some(Importance::Low),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_message() {
        let message = b"Received: from a by b; x\r\nReceived: from c by a; y\r\nFrom: \"Kim, A\" <Kim@contoso.example>\r\n\
            Sender: dele@contoso.example\r\nTo: a@x.example, b@x.example\r\nTo: c@x.example\r\nCC: d@x.example\r\n\
            Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Fri, 20 Nov 2026 09:03:11 +0000\r\n\
            Message-Id:\r\n <abc@contoso.example>\r\nX-Priority: 1 (Highest)\r\nAuto-Submitted: auto-replied (x)\r\n\
            Content-Type: multipart/report; report-type=delivery-status\r\nPrecedence: bulk\r\n\r\nFrom: no\r\n";
        let summary = summarize(message);
        assert_eq!(summary.subject, "Gr\u{fc}\u{df}e");
        assert_eq!(summary.from.as_deref(), Some("Kim@contoso.example"));
        assert_eq!(summary.sender.as_deref(), Some("dele@contoso.example"));
        assert_eq!(summary.to, ["a@x.example", "b@x.example", "c@x.example"]);
        assert_eq!(summary.cc, ["d@x.example"]);
        assert_eq!(summary.message_id.unwrap().as_str(), "<abc@contoso.example>");
        assert_eq!(summary.date.unwrap().to_string(), "2026-11-20T09:03:11Z");
        assert_eq!(summary.received_count, 2);
        assert!(summary.auto_submitted && summary.report && summary.bulk);
        assert_eq!(summary.importance, Importance::High);
        assert_eq!(summary.header_bytes, message.len() - b"From: no\r\n".len());
    }

    #[test]
    fn a_hand_typed_message() {
        let summary = summarize(b"Subject: Test mail flow\r\n\r\nThis is a test.\r\n");
        assert_eq!(summary.subject, "Test mail flow");
        assert_eq!(summary.has, Present::default());
        assert_eq!((summary.from, summary.message_id, summary.date), (None, None, None));
        assert_eq!(summarize(b"").subject, "");
    }

    #[test]
    fn odd_values() {
        assert!(!summarize(b"Auto-Submitted: No\r\n\r\n").auto_submitted);
        assert!(summarize(b"Auto-Submitted: notify\r\n\r\n").auto_submitted);
        let two =
            summarize(b"Message-ID: bare-id@x\r\nMessage-ID: <second@x>\r\nSubject: a\r\nSubject: b\r\n\r\n");
        assert_eq!(two.message_id.unwrap().as_str(), "<bare-id@x>");
        assert_eq!(two.subject, "a");
        assert!(!summarize(b"Message-ID:\r\n\r\n").has.message_id);
        let long = format!("Subject: {}\r\n\r\n", "\u{e9}".repeat(40_000));
        assert_eq!(summarize(long.as_bytes()).subject.chars().count(), SUBJECT_CHARS_MAX);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(mut message in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), at in 0..6usize) {
            let name = ["Subject: ", "From: ", "To: ", "Date: ", "Message-ID: ", "Content-Type: "][at];
            message.splice(0..0, name.bytes());
            summarize(&message);
        }
    }
}
