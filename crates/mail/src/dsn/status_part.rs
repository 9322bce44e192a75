//! The machine readable part: message/delivery-status, or message/global-delivery-status for UTF-8 addresses.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3464 §2.1, §2.2, §2.3; RFC 6533 §4.

use super::{Report, ReportKind, ReportRecipient};
use crate::codes::is_enhanced;
use crate::edit::{date, line};
use crate::mime_text::base64_lines;

/// Longest reply put into Diagnostic-Code, in characters.
const DIAGNOSTIC_CHARS_MAX: usize = 4_096;

/// Whether an address in the part needs UTF-8, and with it the global type (RFC 6533 §4).
pub(super) fn is_global(report: &Report<'_>) -> bool {
    report.recipients.iter().any(|recipient| {
        !recipient.address.is_ascii()
            || recipient.original.as_ref().is_some_and(|original| !original.address.is_ascii())
    })
}

/// The part with its header.
pub(super) fn part(report: &Report<'_>, smtputf8: bool) -> Vec<u8> {
    let global = is_global(report);
    let content = content(report, global);
    let (kind, encoding) = match (global, smtputf8) {
        (false, _) => ("delivery-status", "7bit"),
        (true, true) => ("global-delivery-status", "8bit"),
        // RFC 6533 §4: encoded, it passes servers that do not know SMTPUTF8.
        (true, false) => ("global-delivery-status", "base64"),
    };
    let mut part =
        format!("Content-Type: message/{kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n").into_bytes();
    if encoding == "base64" {
        part.extend(base64_lines(&content));
    } else {
        part.extend(content);
    }
    part
}

fn content(report: &Report<'_>, global: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut add = |name: &str, value: &str| {
        let clean: String = value.chars().map(|ch| if global || ch.is_ascii() { ch } else { '?' }).collect();
        out.extend(line(name, &clean));
    };
    if let Some(envelope_id) = report.envelope_id {
        add("Original-Envelope-Id", envelope_id);
    }
    add("Reporting-MTA", &format!("dns; {}", report.reporting_mta));
    if let Some(host) = report.received_from {
        add("Received-From-MTA", &format!("dns; {host}"));
    }
    add("Arrival-Date", &date(report.arrival));
    for recipient in report.recipients {
        // An empty line begins each recipient's group (RFC 3464 §2.1).
        out.extend(b"\r\n");
        recipient_fields(&mut out, report.kind, recipient, global);
    }
    out
}

fn recipient_fields(out: &mut Vec<u8>, kind: ReportKind, recipient: &ReportRecipient, global: bool) {
    let mut add = |name: &str, value: &str| {
        let clean: String = value.chars().map(|ch| if global || ch.is_ascii() { ch } else { '?' }).collect();
        out.extend(line(name, &clean));
    };
    if let Some(original) = &recipient.original {
        add("Original-Recipient", &format!("{}; {}", original.address_type, original.address));
    }
    let address_type = if recipient.address.is_ascii() { "rfc822" } else { "utf-8" };
    add("Final-Recipient", &format!("{address_type}; {}", recipient.address));
    add("Action", kind.action());
    add("Status", if is_enhanced(&recipient.status) { &recipient.status } else { kind.status() });
    if let Some(host) = &recipient.remote_host {
        add("Remote-MTA", &format!("dns; {host}"));
    }
    if let Some(reply) = &recipient.reply {
        let reply: String = reply.chars().take(DIAGNOSTIC_CHARS_MAX).collect();
        add("Diagnostic-Code", &format!("smtp; {reply}"));
    }
    if let Some(at) = recipient.last_attempt {
        add("Last-Attempt-Date", &date(at));
    }
    // RFC 3464 §2.3.9: for delayed recipients only.
    if let Some(until) = recipient.retry_until.filter(|_| kind == ReportKind::Delayed) {
        add("Will-Retry-Until", &date(until));
    }
}
