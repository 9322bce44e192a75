//! The part of a report that people read: what happened, why, what to do, and a section for administrators.
//!
//! May touch: nothing (pure).
//! The order and the headings are Exchange's; the sentences come from `codes`.

use jiff::Timestamp;

use super::{Report, ReportKind, ReportRecipient};
use crate::codes::{Actor, Advice, explain};
use crate::header::HeaderBlock;
use crate::summary::Summary;

/// Most recipients listed for people; the machine readable part holds all.
const RECIPIENTS_SHOWN_MAX: usize = 200;
/// Most of the original's header shown.
const HEADERS_BYTES_MAX: usize = 16 * 1024;
/// Most of one SMTP reply shown, in characters.
const REPLY_CHARS_MAX: usize = 4_096;
/// Most of a replacement text shown, in characters (New-SystemMessage allows 512).
const CUSTOM_TEXT_CHARS_MAX: usize = 512;

/// One piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// A sentence that opens a section.
    Heading(String),
    /// An address, standing out.
    Recipient(String),
    /// Sentences.
    Paragraph(String),
    /// `Label: value` lines.
    Facts(Vec<(&'static str, String)>),
    /// Verbatim lines.
    Verbatim(String),
    /// An empty line, where text has no other end.
    Gap,
}

/// The text, to be written out as plain text and as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct People {
    blocks: Vec<Block>,
}

/// Chooses the sentences.
pub(super) fn write(report: &Report<'_>, summary: &Summary) -> People {
    let mut blocks = vec![Block::Heading(opening(report.kind).to_owned())];
    for recipient in report.recipients.iter().take(RECIPIENTS_SHOWN_MAX) {
        blocks.push(Block::Recipient(clean(recipient.address.as_str())));
        if let Some(text) = what_and_why(report.kind, recipient) {
            blocks.push(Block::Paragraph(text));
        }
    }
    // A success has nothing to say of its recipients: the list ends with the last one.
    if matches!(blocks.last(), Some(Block::Recipient(_))) {
        blocks.push(Block::Gap);
    }
    let hidden = report.recipients.len().saturating_sub(RECIPIENTS_SHOWN_MAX);
    if hidden > 0 {
        blocks.push(Block::Paragraph(format!("… and {hidden} more.")));
    }
    blocks.push(Block::Facts(vec![
        ("Subject", clean(&summary.subject)),
        ("Received by this server", moment(report.arrival)),
    ]));
    if matches!(report.kind, ReportKind::Failed | ReportKind::Delayed) {
        diagnostics(report, &mut blocks);
    }
    People { blocks }
}

fn opening(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Failed => "Delivery has failed to these recipients or groups:",
        ReportKind::Delayed => "Delivery is delayed to these recipients or groups:",
        ReportKind::Delivered => "Your message has been delivered to the following recipients:",
        ReportKind::Relayed => {
            "Your message was handed on for these recipients or groups, but the destination server sends no delivery notification:"
        }
        ReportKind::Expanded => {
            "Your message has reached the following groups and goes on to their members, each by itself:"
        }
    }
}

/// Cause and fix in words, or the organization's own text.
fn what_and_why(kind: ReportKind, recipient: &ReportRecipient) -> Option<String> {
    if let Some(custom) = &recipient.custom_text {
        return Some(clean(&custom.chars().take(CUSTOM_TEXT_CHARS_MAX).collect::<String>()));
    }
    let advice = recipient.found.as_ref().map_or_else(
        || explain(&recipient.status, recipient.reply.as_deref().unwrap_or_default()),
        Advice::from,
    );
    match kind {
        ReportKind::Failed => {
            let who = match advice.actor {
                // Whom the sender is sent to already need not be named again.
                Actor::Administrator if advice.fix.contains("your email administrator") => "",
                Actor::Administrator => " If the problem continues, contact your email administrator.",
                Actor::Sender | Actor::Recipient | Actor::RemoteAdministrator | Actor::Nobody => "",
            };
            Some(format!("{} {}{who}", advice.cause, advice.fix))
        }
        ReportKind::Delayed => {
            let until = match recipient.retry_until {
                Some(until) => format!(" until {}", moment(until)),
                None => String::new(),
            };
            Some(format!(
                "This message hasn't been delivered yet. Delivery will continue to be attempted{until}; you need not send it again. You will be told if it cannot be delivered by then. {}",
                advice.cause
            ))
        }
        ReportKind::Delivered | ReportKind::Relayed | ReportKind::Expanded => None,
    }
}

/// "Diagnostic information for administrators": everything verbatim.
fn diagnostics(report: &Report<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Diagnostic information for administrators:".to_owned()));
    blocks.push(Block::Facts(vec![("Generating server", clean(report.reporting_mta))]));
    for recipient in report.recipients.iter().take(RECIPIENTS_SHOWN_MAX) {
        blocks.push(Block::Recipient(clean(recipient.address.as_str())));
        let mut facts = Vec::new();
        if let Some(host) = &recipient.remote_host {
            facts.push(("Remote server", clean(host)));
        }
        if let Some(at) = recipient.last_attempt {
            facts.push(("Last attempt", moment(at)));
        }
        if let Some(until) = recipient.retry_until.filter(|_| report.kind == ReportKind::Delayed) {
            facts.push(("Will retry until", moment(until)));
        }
        if !facts.is_empty() {
            blocks.push(Block::Facts(facts));
        }
        let said = match (&recipient.reply, &recipient.remote_host) {
            (Some(reply), Some(_)) => format!("Remote server returned '{}'", reply_lines(reply)),
            (Some(reply), None) => format!("Server returned '{}'", reply_lines(reply)),
            (None, _) => format!("Status {}", clean(&recipient.status)),
        };
        blocks.push(Block::Verbatim(said));
    }
    blocks.push(Block::Heading("Original message headers:".to_owned()));
    blocks.push(Block::Verbatim(original_headers(report.original)));
}

fn reply_lines(reply: &str) -> String {
    let cut: String = reply.chars().take(REPLY_CHARS_MAX).collect();
    lines(cut.trim_end())
}

/// Whole fields from the top, as many as fit.
fn original_headers(original: &[u8]) -> String {
    let block = HeaderBlock::scan_bounded(original, HEADERS_BYTES_MAX);
    let end = block.fields().map(|field| field.range.end).take_while(|end| *end <= HEADERS_BYTES_MAX).last();
    let bytes = block.bytes().get(..end.unwrap_or_default()).unwrap_or_default();
    lines(String::from_utf8_lossy(bytes).trim_end())
}

/// Control characters become spaces: one line.
fn clean(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect()
}

/// Line ends become LF, other control characters spaces.
fn lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// `Fri, 20 Nov 2026 09:03 UTC`.
fn moment(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M UTC").to_string()
}

impl People {
    /// Lines ended by CRLF.
    pub(super) fn plain(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Heading(text) | Block::Recipient(text) | Block::Paragraph(text) => {
                    out.push_str(text);
                    out.push_str("\r\n");
                }
                Block::Facts(facts) => {
                    for (label, value) in facts {
                        out.push_str(&format!("{label}: {value}\r\n"));
                    }
                }
                Block::Verbatim(text) => {
                    out.push_str(&text.replace('\n', "\r\n"));
                    out.push_str("\r\n");
                }
                Block::Gap => {}
            }
            if !matches!(block, Block::Recipient(_)) {
                out.push_str("\r\n");
            }
        }
        out
    }

    /// A whole HTML document; every text from outside is escaped.
    pub(super) fn html(&self) -> String {
        let mut out = String::from(concat!(
            "<!DOCTYPE html>\r\n<html lang=\"en\">\r\n<head><meta charset=\"utf-8\"><title>Delivery report</title></head>\r\n",
            "<body style=\"font-family:'Segoe UI',Arial,sans-serif;font-size:14px;color:#222\">\r\n"
        ));
        for block in &self.blocks {
            match block {
                Block::Heading(text) => {
                    out.push_str(&format!("<h2 style=\"font-size:16px\">{}</h2>\r\n", escape(text)));
                }
                Block::Recipient(text) => {
                    out.push_str(&format!("<p style=\"margin-bottom:0\"><b>{}</b></p>\r\n", escape(text)));
                }
                Block::Paragraph(text) => {
                    out.push_str(&format!("<p style=\"margin-top:4px\">{}</p>\r\n", escape(text)));
                }
                Block::Facts(facts) => {
                    out.push_str("<p>");
                    let rows: Vec<_> =
                        facts.iter().map(|(label, value)| format!("{label}: {}", escape(value))).collect();
                    out.push_str(&rows.join("<br>\r\n"));
                    out.push_str("</p>\r\n");
                }
                Block::Verbatim(text) => {
                    out.push_str("<pre style=\"font-size:12px;color:#555;white-space:pre-wrap\">");
                    out.push_str(&escape(text).replace('\n', "\r\n"));
                    out.push_str("</pre>\r\n");
                }
                Block::Gap => {}
            }
        }
        out.push_str("</body>\r\n</html>\r\n");
        out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(ch),
        }
    }
    out
}
