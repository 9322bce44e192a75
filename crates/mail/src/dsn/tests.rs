//! Tests of composed reports: a golden NDR, and every form read back with mail-parser.
//!
//! May touch: nothing (pure).

use super::*;
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

const ORIGINAL: &[u8] = b"Received: from pc ([192.0.2.7]) by mx1.contoso.example with ESMTP id 41;\r\n Fri, 20 Nov 2026 09:03:10 +0000\r\n\
From: Mimi <mimi@movetocloud.example>\r\nTo: nobody@contoso.example\r\nSubject: Test mail flow\r\n\
Message-ID: <1@movetocloud.example>\r\nDate: Fri, 20 Nov 2026 09:03:10 +0000\r\n\r\nThis is a test.\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

struct Sample {
    from: Address,
    to: Address,
    id: MessageId,
    recipients: Vec<ReportRecipient>,
}

impl Sample {
    fn new(to: &str) -> Sample {
        let mut unknown = ReportRecipient::new(address("nobody@contoso.example"), "5.1.10");
        unknown.reply = Some(crate::codes::RECIPIENT_NOT_FOUND.line());
        unknown.original = OriginalRecipient::parse("rfc822;Nobody@contoso.example");
        let mut remote = ReportRecipient::new(address("kim@fabrikam.example"), "5.7.1");
        remote.reply = Some("550-5.7.1 first line\n550 5.7.1 <script> & co".to_owned());
        remote.remote_host = Some("mx.fabrikam.example".to_owned());
        remote.last_attempt = Some("2026-11-20T09:03:11Z".parse().unwrap());
        Sample {
            from: address("postmaster@contoso.example"),
            to: address(to),
            id: MessageId::parse("<ndr@mx1.contoso.example>").unwrap(),
            recipients: vec![unknown, remote],
        }
    }

    fn report<'a>(&'a self, kind: ReportKind, original: &'a [u8]) -> Report<'a> {
        Report {
            kind,
            from_name: "Postmaster",
            from: &self.from,
            to: &self.to,
            at: "2026-11-20T09:03:12Z".parse().unwrap(),
            message_id: &self.id,
            boundary: Uuid::from_u128(0xb0),
            reporting_mta: "mx1.contoso.example",
            received_from: Some("pc.movetocloud.example"),
            arrival: "2026-11-20T09:03:10Z".parse().unwrap(),
            envelope_id: Some("QQ314159"),
            recipients: &self.recipients,
            original,
            ret: Return::Full,
            attach_bytes_max: ATTACH_BYTES_MAX_DEFAULT,
            form: Form::Html,
        }
    }
}

fn lines_are_sound(message: &[u8]) {
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        assert!(line.ends_with(b"\r\n") && line.len() <= 1000, "{:?}", String::from_utf8_lossy(line));
        assert!(!line[..line.len() - 2].iter().any(|byte| matches!(byte, b'\r' | 0)));
    }
}

/// The machine readable part, decoded.
fn status_of(message: &[u8]) -> String {
    let parsed = MessageParser::new().parse(message).unwrap();
    let part = parsed
        .parts
        .iter()
        .find(|part| {
            part.content_type()
                .is_some_and(|kind| kind.subtype().is_some_and(|s| s.ends_with("delivery-status")))
        })
        .unwrap();
    String::from_utf8(part.contents().to_vec()).unwrap()
}

#[test]
fn the_golden_ndr() {
    let sample = Sample::new("mimi@movetocloud.example");
    let composed = compose(&sample.report(ReportKind::Failed, ORIGINAL));
    let text = String::from_utf8(composed.message).unwrap();
    assert_eq!(text.replace("\r\n", "\n"), include_str!("golden_ndr.txt"));
}

#[test]
fn an_ndr_reads_back() {
    let sample = Sample::new("mimi@movetocloud.example");
    let composed = compose(&sample.report(ReportKind::Failed, ORIGINAL));
    lines_are_sound(&composed.message);
    assert_eq!((composed.smtputf8, composed.eight_bit, composed.attached), (false, false, Attached::Message));
    let parsed = MessageParser::new().parse(&composed.message).unwrap();
    assert_eq!(parsed.subject(), Some("Undeliverable: Test mail flow"));
    assert_eq!(parsed.content_type().unwrap().subtype(), Some("report"));
    assert_eq!(parsed.in_reply_to().as_text(), Some("1@movetocloud.example"));
    assert!(parsed.header("X-MS-Exchange-Message-Is-Ndr").is_some());
    let plain = parsed.body_text(0).unwrap();
    for expected in [
        "Delivery has failed to these recipients or groups:",
        "nobody@contoso.example",
        "The email address you entered couldn't be found.",
        "Diagnostic information for administrators:",
        "Generating server: mx1.contoso.example",
        "Remote server: mx.fabrikam.example",
        "550 5.7.1 <script> & co'",
        "Subject: Test mail flow",
    ] {
        assert!(plain.contains(expected), "{expected} in {plain}");
    }
    let html = parsed.body_html(0).unwrap();
    assert!(html.contains("&lt;script&gt; &amp; co") && !html.contains("<script>"));
    let status = status_of(&composed.message);
    let groups: Vec<_> = status.trim().split("\r\n\r\n").collect();
    assert_eq!(groups.len(), 3);
    assert!(
        groups[0].starts_with("Original-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mx1.contoso.example")
    );
    assert!(groups[1].contains("Original-Recipient: rfc822; Nobody@contoso.example\r\n"));
    assert!(groups[1].contains("Action: failed\r\nStatus: 5.1.10\r\n"));
    assert!(groups[2].contains("Remote-MTA: dns; mx.fabrikam.example\r\n"));
    let attached = parsed.attachments().last().unwrap().message().unwrap();
    assert_eq!(attached.subject(), Some("Test mail flow"));
    let summary = summarize(&composed.message);
    assert!(summary.report && summary.auto_submitted);
}

#[test]
fn kinds_have_their_words() {
    let mut sample = Sample::new("mimi@movetocloud.example");
    sample.recipients.truncate(1);
    sample.recipients[0].retry_until = Some("2026-11-22T09:03:10Z".parse().unwrap());
    sample.recipients[0].status = "nonsense".to_owned();
    let cases = [
        (ReportKind::Delayed, "Delivery delayed: ", "Action: delayed\r\nStatus: 4.0.0", true),
        (ReportKind::Delivered, "Delivered: ", "Action: delivered\r\nStatus: 2.0.0", false),
        (ReportKind::Relayed, "Relayed: ", "Action: relayed\r\nStatus: 2.0.0", false),
        (ReportKind::Expanded, "Expanded: ", "Action: expanded\r\nStatus: 2.0.0", false),
    ];
    for (kind, prefix, action, retries) in cases {
        let mut report = sample.report(kind, ORIGINAL);
        report.ret = Return::Headers;
        let composed = compose(&report);
        lines_are_sound(&composed.message);
        let parsed = MessageParser::new().parse(&composed.message).unwrap();
        assert!(parsed.subject().unwrap().starts_with(prefix));
        let status = status_of(&composed.message);
        assert!(status.contains(action), "{status}");
        assert_eq!(status.contains("Will-Retry-Until: Sun, 22 Nov 2026 09:03:10 +0000"), retries);
        assert_eq!(parsed.body_text(0).unwrap().contains("until Sun, 22 Nov 2026 09:03 UTC"), retries);
        assert!(parsed.header("X-MS-Exchange-Message-Is-Ndr").is_none());
        assert_eq!(composed.attached, Attached::Headers);
        let last = parsed.parts.last().unwrap();
        assert_eq!(last.content_type().unwrap().subtype(), Some("rfc822-headers"));
        assert!(!String::from_utf8_lossy(last.contents()).contains("This is a test."));
    }
}

#[test]
fn large_and_binary_originals_come_back_as_headers() {
    let sample = Sample::new("mimi@movetocloud.example");
    let mut report = sample.report(ReportKind::Failed, ORIGINAL);
    report.attach_bytes_max = 20;
    assert_eq!(compose(&report).attached, Attached::Headers);
    for odd in [&b"Subject: x\r\n\r\na\0b"[..], b"Subject: x\r\n\r\na\nb", b"Subject: x\r\n\r\na\rb"] {
        let composed = compose(&sample.report(ReportKind::Failed, odd));
        assert_eq!(composed.attached, Attached::Headers);
        lines_are_sound(&composed.message);
    }
    let long = [b"Subject: x\r\n\r\n".as_slice(), &[b'a'; 2000]].concat();
    assert_eq!(compose(&sample.report(ReportKind::Failed, &long)).attached, Attached::Headers);
    let latin = b"Subject: caf\xe9\r\n\r\ncaf\xe9\r\n";
    let composed = compose(&sample.report(ReportKind::Failed, latin));
    assert!(composed.eight_bit && composed.attached == Attached::Message);
    let mut report = sample.report(ReportKind::Failed, latin);
    report.ret = Return::Headers;
    assert!(!compose(&report).eight_bit);
}

#[test]
fn utf8_addresses_use_the_global_forms() {
    let original =
        "Subject: Gr\u{fc}\u{df}e\r\nFrom: d\u{f6}rte@b\u{fc}cher.example\r\n\r\nhi\r\n".as_bytes();
    for (to, smtputf8) in [("mimi@movetocloud.example", false), ("d\u{f6}rte@b\u{fc}cher.example", true)] {
        let mut sample = Sample::new(to);
        sample.recipients[0].address = address("j\u{fc}rgen@contoso.example");
        let composed = compose(&sample.report(ReportKind::Failed, original));
        lines_are_sound(&composed.message);
        assert_eq!((composed.smtputf8, composed.eight_bit), (smtputf8, smtputf8));
        let text = String::from_utf8(composed.message.clone()).unwrap();
        for expected in [
            "report-type=global-delivery-status",
            "message/global-delivery-status",
            "Content-Type: message/global\r\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(status_of(&composed.message).contains("Final-Recipient: utf-8; j\u{fc}rgen@contoso.example"));
        assert_eq!(summarize(&composed.message).subject, "Undeliverable: Gr\u{fc}\u{df}e");
    }
}

#[test]
fn a_boundary_in_the_original_is_avoided() {
    let sample = Sample::new("mimi@movetocloud.example");
    let stem = format!("_r_{}_", Uuid::from_u128(0xb0).simple());
    let original = format!("Subject: x\r\n\r\n--{stem}\r\n--{stem}0_--\r\n");
    let composed = compose(&sample.report(ReportKind::Failed, original.as_bytes()));
    let parsed = MessageParser::new().parse(&composed.message).unwrap();
    assert_eq!(parsed.attachments().last().unwrap().message().unwrap().subject(), Some("x"));
}

#[test]
fn a_replacement_text_and_many_recipients() {
    let mut sample = Sample::new("mimi@movetocloud.example");
    sample.recipients[0].custom_text = Some("Ring us.\r\nReally.".to_owned());
    let last = sample.recipients[1].clone();
    sample.recipients.extend(std::iter::repeat_n(last, 300));
    let mut report = sample.report(ReportKind::Failed, ORIGINAL);
    report.form = Form::Plain;
    let composed = compose(&report);
    let parsed = MessageParser::new().parse(&composed.message).unwrap();
    let plain = parsed.body_text(0).unwrap();
    assert!(plain.contains("Ring us.  Really.") && plain.contains("and 102 more"));
    assert_eq!(status_of(&composed.message).matches("Final-Recipient").count(), 302);
    assert!(!String::from_utf8_lossy(&composed.message).contains("text/html"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever the original and the remote server say, the report is a sound message of three parts.
    #[test]
    fn any_original(
        original in proptest::collection::vec(any::<u8>(), 0..300),
        subject in "\\PC{0,80}",
        reply in "\\PC{0,100}|[ -~\r\n\t]{0,300}",
        headers_only in any::<bool>(),
    ) {
        let mut sample = Sample::new("mimi@movetocloud.example");
        sample.recipients[1].reply = Some(reply.clone());
        sample.recipients[1].remote_host = Some(reply);
        let message = [format!("Subject: {subject}\r\n").as_bytes(), &original].concat();
        let mut report = sample.report(ReportKind::Failed, &message);
        report.ret = if headers_only { Return::Headers } else { Return::Full };
        let composed = compose(&report);
        lines_are_sound(&composed.message);
        let parsed = MessageParser::new().parse(&composed.message).unwrap();
        let top = match &parsed.parts[0].body {
            mail_parser::PartType::Multipart(parts) => parts.len(),
            _ => 0,
        };
        prop_assert_eq!(top, 3);
        prop_assert_eq!(status_of(&composed.message).matches("Final-Recipient:").count(), 2);
    }
}

#[test]
fn the_recipients_of_a_success_stand_apart_from_the_facts() {
    let sample = Sample::new("mimi@movetocloud.example");
    let mut report = sample.report(ReportKind::Delivered, ORIGINAL);
    report.form = Form::Plain;
    let message = String::from_utf8(compose(&report).message).unwrap();
    assert!(message.contains("\r\nkim@fabrikam.example\r\n\r\nSubject: Test mail flow\r\n"), "{message}");
}
