//! Composes delivery reports: non-delivery, delay, delivery, relay and expansion.
//!
//! May touch: nothing (pure). Time, identifiers and the boundary's randomness are parameters.
//! Standards: RFC 3461 §6; RFC 3464 §2; RFC 6522 §3; RFC 6533 §3, §4; RFC 3834 §3.1.
//!
//! A report is sent with the null return path; whether one may be sent at all is decided elsewhere.

mod ndr_text;
mod orcpt;
mod original_part;
mod status_part;

use jiff::Timestamp;
use memchr::memmem;
use uuid::Uuid;

use crate::address::Address;
use crate::codes::Code;
use crate::edit;
use crate::id::MessageId;
use crate::mime_text::{encode_words, quoted_printable};
use crate::summary::{Summary, summarize};

pub use orcpt::{OriginalRecipient, decode_xtext};
pub use original_part::Attached;

/// Default of Internal- and ExternalDsnMaxMessageAttachSize: a larger original is reported by its header alone.
pub const ATTACH_BYTES_MAX_DEFAULT: u64 = 10 * 1024 * 1024;

/// What the report says of its recipients (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// Not delivered, for good: an NDR.
    Failed,
    /// Not delivered yet; it goes on being tried.
    Delayed,
    /// Put into the mailbox, as the sender asked to be told.
    Delivered,
    /// Handed to a server that makes no delivery reports.
    Relayed,
    /// Expanded to the members of a group.
    Expanded,
}

impl ReportKind {
    /// The Action field (RFC 3464 §2.3.3).
    pub fn action(self) -> &'static str {
        match self {
            ReportKind::Failed => "failed",
            ReportKind::Delayed => "delayed",
            ReportKind::Delivered => "delivered",
            ReportKind::Relayed => "relayed",
            ReportKind::Expanded => "expanded",
        }
    }

    /// What stands before the original's subject.
    pub fn subject_prefix(self) -> &'static str {
        match self {
            ReportKind::Failed => "Undeliverable",
            ReportKind::Delayed => "Delivery delayed",
            ReportKind::Delivered => "Delivered",
            ReportKind::Relayed => "Relayed",
            ReportKind::Expanded => "Expanded",
        }
    }

    /// The status of a recipient that has none of its own.
    fn status(self) -> &'static str {
        match self {
            ReportKind::Failed => "5.0.0",
            ReportKind::Delayed => "4.0.0",
            ReportKind::Delivered | ReportKind::Relayed | ReportKind::Expanded => "2.0.0",
        }
    }
}

/// The RET parameter of MAIL FROM (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Return {
    /// RET=FULL, and what we do when nothing is asked: the whole message.
    #[default]
    Full,
    /// RET=HDRS.
    Headers,
}

/// The form of the part people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// Plain text with an HTML alternative (InternalDsnSendHtml, ExternalDsnSendHtml).
    #[default]
    Html,
    /// Plain text alone.
    Plain,
}

/// One recipient the report speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecipient {
    /// The address delivery was tried for.
    pub address: Address,
    /// The ORCPT the sender gave.
    pub original: Option<OriginalRecipient>,
    /// The enhanced status code, such as `5.1.10`; a wrong one is replaced by the kind's general one.
    pub status: String,
    /// The SMTP reply, verbatim, its lines separated by LF.
    pub reply: Option<String>,
    /// The host that gave the reply, if it was not ours.
    pub remote_host: Option<String>,
    /// When delivery was last tried.
    pub last_attempt: Option<Timestamp>,
    /// Until when it is tried (delay reports).
    pub retry_until: Option<Timestamp>,
    /// What this server found itself: its cause and fix are told, however the reply is worded.
    pub found: Option<Code>,
    /// A text of the organization in place of cause and fix (New-SystemMessage).
    pub custom_text: Option<String>,
}

impl ReportRecipient {
    /// A recipient with a status and nothing more.
    pub fn new(address: Address, status: impl Into<String>) -> ReportRecipient {
        ReportRecipient {
            address,
            original: None,
            status: status.into(),
            reply: None,
            remote_host: None,
            last_attempt: None,
            retry_until: None,
            found: None,
            custom_text: None,
        }
    }
}

/// All a report is made from.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// What happened to all of the recipients.
    pub kind: ReportKind,
    /// Display name of the report's From.
    pub from_name: &'a str,
    /// Address of the report's From.
    pub from: &'a Address,
    /// Whom it goes to: the original's return path.
    pub to: &'a Address,
    /// The report's Date.
    pub at: Timestamp,
    /// The report's own Message-ID.
    pub message_id: &'a MessageId,
    /// Random, for the boundaries.
    pub boundary: Uuid,
    /// This server's name.
    pub reporting_mta: &'a str,
    /// The name of the host the original came from.
    pub received_from: Option<&'a str>,
    /// When the original came.
    pub arrival: Timestamp,
    /// The ENVID the sender gave, decoded.
    pub envelope_id: Option<&'a str>,
    /// The recipients, at least one.
    pub recipients: &'a [ReportRecipient],
    /// The original message's bytes.
    pub original: &'a [u8],
    /// How much of it the sender wants back.
    pub ret: Return,
    /// Originals larger than this many octets come back by their header alone.
    pub attach_bytes_max: u64,
    /// Whether there is an HTML alternative.
    pub form: Form,
}

/// A finished report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The message, CRLF line ends, no line over 998 octets.
    pub message: Vec<u8>,
    /// Its header needs SMTPUTF8 (RFC 6533 §4): only when it goes to, or comes from, a non-ASCII address.
    pub smtputf8: bool,
    /// It has octets over 127: BODY=8BITMIME.
    pub eight_bit: bool,
    /// What of the original is in it.
    pub attached: Attached,
}

/// Composes the report.
pub fn compose(report: &Report<'_>) -> Composed {
    let summary = summarize(report.original);
    let smtputf8 = !report.to.is_ascii() || !report.from.is_ascii();
    let people = people_parts(report, &summary);
    let status = status_part::part(report, smtputf8);
    let (original, attached) = original_part::part(report, smtputf8);
    let outer = boundary(report.boundary, 'r', &[people.plain.as_slice(), &people.html, &status, &original]);
    let inner = boundary(report.boundary, 'a', &[people.plain.as_slice(), &people.html]);

    let mut out = head(report, &summary, &outer);
    out.extend(b"This is a delivery report in MIME format.\r\n");
    match report.form {
        Form::Plain => push_part(&mut out, &outer, &people.plain),
        Form::Html => {
            let mut both =
                format!("Content-Type: multipart/alternative; boundary=\"{inner}\"\r\n\r\n").into_bytes();
            push_part(&mut both, &inner, &people.plain);
            push_part(&mut both, &inner, &people.html);
            both.extend(format!("\r\n--{inner}--\r\n").bytes());
            push_part(&mut out, &outer, &both);
        }
    }
    push_part(&mut out, &outer, &status);
    push_part(&mut out, &outer, &original);
    out.extend(format!("\r\n--{outer}--\r\n").bytes());
    let eight_bit = !out.is_ascii();
    Composed { message: out, smtputf8, eight_bit, attached }
}

/// The report's own header, with the empty line that ends it.
fn head(report: &Report<'_>, summary: &Summary, boundary: &str) -> Vec<u8> {
    let mut out = edit::line("From", &mailbox(report.from_name, report.from));
    let mut add = |name: &str, value: &str| out.extend(edit::line(name, value));
    add("To", &format!("<{}>", report.to));
    add("Date", &edit::date(report.at));
    add("Message-ID", report.message_id.as_str());
    if let Some(original) = &summary.message_id {
        add("In-Reply-To", original.as_str());
        add("References", original.as_str());
    }
    add("Subject", &encode_words(&format!("{}: {}", report.kind.subject_prefix(), summary.subject)));
    // RFC 3834 §3.1.7, so that nobody answers it automatically.
    add("Auto-Submitted", "auto-replied");
    if report.kind == ReportKind::Failed {
        add("X-MS-Exchange-Message-Is-Ndr", "");
    }
    add("Content-Language", "en-US");
    add("MIME-Version", "1.0");
    // RFC 6522 §3: report-type names the machine readable part's subtype.
    let report_type =
        if status_part::is_global(report) { "global-delivery-status" } else { "delivery-status" };
    add("Content-Type", &format!("multipart/report; report-type={report_type}; boundary=\"{boundary}\""));
    out.extend(b"\r\n");
    out
}

/// `"Name" <address>`, the name quoted, or encoded if it is not ASCII.
fn mailbox(name: &str, address: &Address) -> String {
    if name.is_empty() {
        return format!("<{address}>");
    }
    if !name.is_ascii() {
        return format!("{} <{address}>", encode_words(name));
    }
    let mut quoted = String::new();
    for ch in name.chars() {
        if matches!(ch, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(ch);
    }
    format!("\"{quoted}\" <{address}>")
}

struct People {
    plain: Vec<u8>,
    html: Vec<u8>,
}

fn people_parts(report: &Report<'_>, summary: &Summary) -> People {
    let text = ndr_text::write(report, summary);
    let part = |kind: &str, text: &str| {
        let mut part = format!(
            "Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        .into_bytes();
        part.extend(quoted_printable(text.as_bytes()));
        part
    };
    let html = match report.form {
        Form::Html => part("html", &text.html()),
        Form::Plain => Vec::new(),
    };
    People { plain: part("plain", &text.plain()), html }
}

fn push_part(out: &mut Vec<u8>, boundary: &str, part: &[u8]) {
    out.extend(format!("\r\n--{boundary}\r\n").bytes());
    out.extend_from_slice(part);
}

/// A boundary that occurs in none of the parts (RFC 2046 §5.1.1).
fn boundary(random: Uuid, level: char, parts: &[&[u8]]) -> String {
    let stem = format!("_{level}_{}_", random.simple());
    if parts.iter().all(|part| memmem::find(part, stem.as_bytes()).is_none()) {
        return stem;
    }
    // The parts together hold fewer stems than octets, so one of the numbers is free.
    let octets: usize = parts.iter().map(|part| part.len()).sum();
    (0..=octets)
        .map(|number| format!("{stem}{number}_"))
        .find(|candidate| parts.iter().all(|part| memmem::find(part, candidate.as_bytes()).is_none()))
        .unwrap_or(stem)
}

#[cfg(test)]
mod tests;
