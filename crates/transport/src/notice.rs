//! A notice of the system itself to people: plain text from the Microsoft Exchange recipient, sent like any mail.
//!
//! May touch: what submission touches (spool, clock, chance, directory snapshot).
//! Standards: RFC 5322 §3.6 (header fields); RFC 3834 §5 (Auto-Submitted); RFC 2045 §6.8, RFC 2047 §2 (encodings).

use base64::Engine as _;
use directory::Snapshot;
use events::{Directionality, MessageFacts, Source};
use mail::{Address, MessageId, NetworkMessageId, ReversePath, edit};
use trace::Received;

use crate::envelope::{
    BodyType, Entry, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Trust,
};
use crate::submit::NewMessage;
use crate::{SubmitError, Transport};

/// Characters of a subject; more are cut.
const SUBJECT_CHARS_MAX: usize = 200;
/// Characters of a line of base64.
const LINE_CHARS: usize = 76;
/// Header fields every notice has.
const FIXED: [(&str, &str); 5] = [
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "All"),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "base64"),
];

impl Transport {
    /// Sends a notice; returns when it is on disk. It has a null return path, so that it causes no report.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing has been taken over then.
    pub async fn send_notice(
        &self,
        to: &[Address],
        subject: &str,
        text: &str,
    ) -> Result<NetworkMessageId, SubmitError> {
        let shared = &self.shared;
        let snapshot = shared.directory.snapshot();
        let id = NetworkMessageId(shared.world.chance.uuid_v4());
        let now = shared.world.clock.now();
        let message = notice(&snapshot, id, now, to, subject, text);
        shared.submit(message).await?;
        Ok(id)
    }
}

fn notice(
    snapshot: &Snapshot,
    id: NetworkMessageId,
    now: jiff::Timestamp,
    to: &[Address],
    subject: &str,
    text: &str,
) -> NewMessage {
    let system = snapshot.system_recipient().map(|system| system.primary_smtp_address.clone());
    let from = system.or_else(|| snapshot.external_postmaster());
    let from = from.as_ref().map_or_else(String::new, |from| from.as_str().to_owned());
    let message_id = format!("<{id}@{}>", snapshot.organization().server_fqdn);
    let subject: String = subject
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(SUBJECT_CHARS_MAX)
        .collect();
    let body = compose(&from, to, &subject, &message_id, now, text);
    let facts = MessageFacts {
        subject: subject.clone(),
        sender_address: from.clone(),
        from_address: Some(from.clone()),
        return_path: "<>".to_owned(),
        total_bytes: body.len() as u64,
        directionality: Directionality::Originating,
        ..MessageFacts::default()
    };
    let envelope = Envelope {
        network_message_id: id,
        received: now,
        return_path: ReversePath::Null,
        envid: None,
        ret: None,
        body_type: BodyType::SevenBit,
        smtp_utf8: false,
        size: body.len() as u64,
        origin: Origin {
            kind: OriginKind::Agent,
            connector: None,
            client_ip: None,
            helo: None,
            authenticated_as: None,
            trust: Trust::Internal,
        },
        facts: HeaderFacts {
            message_id: Some(message_id.clone()),
            subject,
            from: Some(from),
            sender: None,
            date: Some(now),
        },
        kind: MessageKind::Ordinary,
        resend_key: None,
        poison_count: 0,
    };
    let arrival = Received {
        source: Source::Admin,
        recipients: Vec::new(),
        message_id: MessageId::parse(&message_id).ok(),
        facts,
        client_ip: None,
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: Some("notice".to_owned()),
        reference: Vec::new(),
        tls: None,
        custom_data: Vec::new(),
    };
    let entries = to.iter().map(|address| Entry::submitted(address.clone(), None, Notify::NEVER)).collect();
    NewMessage { envelope, entries, body: body.into(), arrival, notes: Vec::new() }
}

fn compose(
    from: &str,
    to: &[Address],
    subject: &str,
    message_id: &str,
    now: jiff::Timestamp,
    text: &str,
) -> Vec<u8> {
    let mut message = format!("From: \"Microsoft Exchange\" <{from}>\r\n").into_bytes();
    for (place, address) in to.iter().enumerate() {
        let head = if place == 0 { "To: " } else { ",\r\n " };
        message.extend_from_slice(format!("{head}<{address}>").as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    message.extend(edit::text_line("Subject", subject));
    message.extend(edit::line("Date", &edit::date(now)));
    message.extend(edit::line("Message-ID", message_id));
    for (name, value) in FIXED {
        message.extend(edit::line(name, value));
    }
    message.extend_from_slice(b"\r\n");
    let lines = text.lines().map(|line| format!("{line}\r\n")).collect::<String>();
    let encoded = base64::engine::general_purpose::STANDARD.encode(lines);
    let mut left = encoded.as_str();
    while !left.is_empty() {
        let (line, rest) = left.split_at_checked(LINE_CHARS).unwrap_or((left, ""));
        message.extend_from_slice(line.as_bytes());
        message.extend_from_slice(b"\r\n");
        left = rest;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_a_message_of_short_ascii_lines() {
        let to =
            [Address::parse("kim@contoso.example").unwrap(), Address::parse("ann@contoso.example").unwrap()];
        let subject = "Ärger mit Post: über 100 Nachrichten nicht zugestellt, die Schwelle ist überschritten";
        let now = "2026-11-20T09:03:11Z".parse().unwrap();
        let text = "Grüße\n".repeat(50);
        let bytes = compose("exchange@contoso.example", &to, subject, "<1@mx1.contoso.example>", now, &text);
        let message = String::from_utf8(bytes).unwrap();
        assert!(message.is_ascii() && message.split("\r\n").all(|line| line.len() <= 78), "{message}");
        assert!(message.contains("Date: Fri, 20 Nov 2026 09:03:11 +0000\r\n"), "{message}");
        assert!(message.contains("To: <kim@contoso.example>,\r\n <ann@contoso.example>\r\n"));
        let (_, body) = message.split_once("\r\n\r\n").unwrap();
        let decoded = base64::engine::general_purpose::STANDARD.decode(body.replace("\r\n", "")).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "Grüße\r\n".repeat(50));
    }
}
