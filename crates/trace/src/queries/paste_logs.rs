//! What a pasted line of a log, or a piece of a report's diagnostic text, says: its queue id, its people, its refusal.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3463 §2 (enhanced status codes), RFC 5321 §4.2 (replies).

use mail::Address;

use crate::search::TraceRow;

/// What stands behind a queue id in the logs of Postfix and Sendmail.
const AFTER_QUEUE_ID: &[&str] = &[
    "to=",
    "from=",
    "message-id=",
    "msgid=",
    "client=",
    "uid=",
    "removed",
    "host ",
    "sender ",
    "relay=",
    "reject",
    "size=",
    "ctladdr=",
    "milter",
    "warning",
    "enabling",
    "replace",
    "filter",
    "hold",
    "discard",
    "delivered",
    "lost ",
];
/// Looked at behind a word, in bytes: as long as the longest of these marks and those of Exim.
const MARK_BYTES_MAX: usize = 16;
/// What stands before an address in them.
const BEFORE_PERSON: &[&str] = &["to=", "from=", "ctladdr=", "for ", "sender=", "recipient="];
/// What a line begins with that says who sent a message.
const SENDER_FIELDS: &[&str] =
    &["from:", "sender:", "return-path:", "reply-to:", "sent by:", "envelope-from:"];
/// What a refusal of the sender says, and not of a recipient.
const SENDER_WORDS: &[&str] = &["sender", "may not send", "not allowed to send", "send as", "on behalf of"];
/// Longest wording of a refusal kept, in characters.
const DIAGNOSTIC_CHARS_MAX: usize = 300;
/// Addresses of a line that are kept.
const ADDRESSES_MAX: usize = 50;
/// A shorter piece of one would be found everywhere.
const DIAGNOSTIC_CHARS_MIN: usize = 8;

/// Whether an address behind this text is somebody's, and no Message-ID. `before` is in lower case.
pub(super) fn is_person(before: &str) -> bool {
    BEFORE_PERSON.iter().any(|mark| before.ends_with(mark))
}

/// Whether the addresses of this line, in lower case, may be the sender's: whom a message was for is not read from it.
pub(super) fn is_about_sender(line: &str) -> bool {
    let line = line.trim_start();
    SENDER_FIELDS.iter().any(|field| line.starts_with(field))
        || SENDER_WORDS.iter().any(|words| line.contains(words))
}

/// Whether what stands in angle brackets in this line, in lower case, is a Message-ID: in its field, and in the reply
/// that accepted a message.
pub(super) fn is_about_ids(line: &str) -> bool {
    let marks = ["message-id", "msgid", "in-reply-to", "references:", "internalid="];
    line.starts_with('2') || marks.iter().any(|mark| line.contains(mark))
}

/// The address a text is, with or without angle brackets.
pub(super) fn address(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    Address::parse(bare).ok().map(|address| address.as_str().to_owned())
}

/// Addresses that stand in a line without angle brackets, each once.
pub(super) fn bare_addresses(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let marks = [',', ';', '(', ')', '\'', '"', '[', ']', '=', '|'];
    for word in line.split(|letter: char| letter.is_whitespace() || marks.contains(&letter)) {
        let word = word.trim_matches(['.', ':', '*', '#']);
        let word = word.strip_prefix("mailto:").unwrap_or(word);
        let is_whole = !word.contains(['<', '>']) && word.contains('@');
        if let Some(address) = is_whole.then(|| address(word)).flatten()
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found.truncate(ADDRESSES_MAX);
    found
}

/// The queue id a line of a mail log begins with, behind its time, host and program.
pub(super) fn queue_id(line: &str) -> Option<&str> {
    let mut from = 0_usize;
    for word in line.split(' ') {
        let behind = word.len().saturating_add(from);
        let rest = line.get(behind..).unwrap_or_default().trim_start();
        let mark = rest.get(..rest.floor_char_boundary(MARK_BYTES_MAX)).unwrap_or_default();
        let lower = mark.to_ascii_lowercase();
        if let Some(id) = word.strip_suffix(':')
            && is_alphanumeric(id)
            && AFTER_QUEUE_ID.iter().any(|mark| lower.starts_with(mark))
        {
            return Some(id);
        }
        // Exim: `1rABCD-000001-AA => ann@contoso.example`, since 4.97 with longer parts.
        let is_exim =
            ["=>", "->", "<=", "**", "==", "completed", "*>"].iter().any(|mark| lower.starts_with(mark));
        if is_exim && word.split('-').count() == 3 && word.split('-').all(is_alphanumeric) {
            return Some(word);
        }
        from = behind.saturating_add(1);
    }
    None
}

/// The host that wrote a line of a mail log, from before the program that stands before the queue id.
pub(super) fn syslog_host<'a>(line: &'a str, id: &str) -> Option<&'a str> {
    let mut before = line.split(' ').take_while(|word| word.strip_suffix(':') != Some(id));
    let words: Vec<&str> = before.by_ref().filter(|word| !word.is_empty()).collect();
    let [.., host, program] = words.as_slice() else { return None };
    (program.ends_with(':') && !host.contains(':')).then_some(*host)
}

fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_alphanumeric())
}

/// A refusal in the line: from its first code on, without what reports put around it.
pub(super) fn diagnostic(line: &str) -> Option<String> {
    let line = line.rsplit_once("smtp;").map_or(line, |(_, said)| said);
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_next_enhanced =
        |place: usize| words.get(place.saturating_add(1)).is_some_and(|next| is_enhanced(bare(next)));
    let begins = |place: usize, word: &str| {
        is_enhanced(word) || (is_code(word) && (place == 0 || is_next_enhanced(place)))
    };
    let first = words.iter().enumerate().position(|(place, word)| begins(place, bare(word)))?;
    let kept = words.get(first..).unwrap_or_default().join(" ");
    let kept = kept.trim_end_matches("#SMTP#").trim_start_matches(['#', '<', '(', '\'', '"']);
    let kept = kept.trim_end_matches(['>', ')', ' ', '\'', '"']);
    let is_long_enough = kept.chars().count() >= DIAGNOSTIC_CHARS_MIN && kept.contains(' ');
    is_long_enough.then(|| kept.chars().take(DIAGNOSTIC_CHARS_MAX).collect())
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric())
}

/// `550`, of a reply that refuses.
fn is_code(word: &str) -> bool {
    matches!(word.as_bytes(), [b'4' | b'5', b'0'..=b'7', b'0'..=b'9'])
}

/// `5.1.1`, of a refusal.
fn is_enhanced(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_number =
        |part: Option<&str>| part.is_some_and(|part| part.len() <= 3 && part.parse::<u16>().is_ok());
    matches!(parts.next(), Some("4" | "5"))
        && is_number(parts.next())
        && is_number(parts.next())
        && parts.next().is_none()
}

/// Whether a row was refused in these words.
pub(super) fn says(row: &TraceRow, diagnostic: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let wanted = plain(diagnostic);
    let said = [row.row.remote_reply.as_deref(), row.detail.as_deref()];
    said.into_iter().flatten().any(|said| plain(said).contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_log_gives_its_queue_id() {
        for (line, id) in [
            (
                "4ABCDE1234: to=<ann@contoso.example>, relay=mx[192.0.2.1]:25, status=sent (250 ok)",
                "4ABCDE1234",
            ),
            (
                "Nov 22 10:38:12 gw postfix/qmgr[12]: 640C13BDF5: from=<a@fabrikam.example>, size=500",
                "640C13BDF5",
            ),
            (
                "Nov 22 10:38:12 gw sendmail[12]: 4AMQ000123: to=<ann@contoso.example>, stat=Sent",
                "4AMQ000123",
            ),
            ("2026-11-22 10:38:12 1rABCD-000001-AA => ann@contoso.example R=dns", "1rABCD-000001-AA"),
        ] {
            assert_eq!(queue_id(line), Some(id), "{line}");
        }
        let line = "Nov 22 10:38:12 gw postfix/qmgr[12]: 640C13BDF5: removed";
        assert_eq!(syslog_host(line, "640C13BDF5"), Some("gw"));
        assert_eq!(syslog_host("640C13BDF5: removed", "640C13BDF5"), None);
        for line in ["Subject: to=day", "hello: there", "Re: to=", "see 1-2-3 there"] {
            assert!(queue_id(line).is_none_or(|id| id.len() < 8), "{line}");
        }
    }

    #[test]
    fn a_piece_of_a_report_gives_its_refusal() {
        for (line, said) in [
            ("550 5.1.1 no such user here", "550 5.1.1 no such user here"),
            ("Diagnostic-Code: smtp;552 5.2.2 mailbox full", "552 5.2.2 mailbox full"),
            (
                "#< #5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found> #SMTP#",
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
            ),
            ("Remote Server returned '550 5.1.1 nobody here'", "550 5.1.1 nobody here"),
            ("host mx said: 5.7.26 not authenticated", "5.7.26 not authenticated"),
        ] {
            assert_eq!(diagnostic(line).as_deref(), Some(said), "{line}");
        }
        for line in ["please help", "550", "version 4.1.2", "at 10:38 452 boxes"] {
            assert_eq!(diagnostic(line), None, "{line}");
        }
    }
}
