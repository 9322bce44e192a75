//! Tests of the byte-preserving edits.
//!
//! May touch: nothing (pure).

use super::*;
use proptest::prelude::*;

fn at() -> Timestamp {
    "2026-11-20T09:03:11.5Z".parse().unwrap()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[test]
fn received_as_rfc_5321_writes_it() {
    let trace = Received {
        helo: Some("client.movetocloud.example"),
        client_ip: Some("192.0.2.7".parse().unwrap()),
        by: "mx1.contoso.example",
        with: "ESMTPS",
        tls: Some("version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384"),
        id: "42",
        for_: Some(&address("kj@contoso.example")),
        at: at(),
    };
    assert_eq!(
        String::from_utf8(received(&trace)).unwrap(),
        "Received: from client.movetocloud.example ([192.0.2.7]) by mx1.contoso.example\r\n with ESMTPS \
         (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 42 for\r\n <kj@contoso.example>; Fri, 20 Nov 2026 \
         09:03:11 +0000\r\n"
    );
    let evil = Received { helo: Some("a\r\nBcc: x (y;\""), tls: None, for_: None, ..trace };
    let text = String::from_utf8(received(&evil)).unwrap();
    assert!(text.contains("from a??Bcc:?x??y?? ("), "{text}");
    assert_eq!(HeaderBlock::scan(text.as_bytes()).fields().count(), 1);
}

#[test]
fn a_value_cannot_inject_a_header() {
    assert_eq!(line("X-A", "one\r\nBcc: two\0"), b"X-A: one Bcc: two\r\n");
    assert_eq!(line("X\r\n-A:", "v"), b"X-A: v\r\n");
    assert_eq!(line("X", ""), b"X:\r\n");
}

#[test]
fn add_missing_to_a_hand_typed_message() {
    let from = address("mimi@movetocloud.example");
    let id = MessageId::parse("<g@mx1.contoso.example>").unwrap();
    let defaults = Defaults { from: Some(&from), at: at(), message_id: &id };
    let added_lines = "From: <mimi@movetocloud.example>\r\nDate: Fri, 20 Nov 2026 09:03:11 +0000\r\n\
                       Message-ID: <g@mx1.contoso.example>\r\n";
    let cases = [
        (
            "Subject: Test mail flow\r\n\r\nHi\r\n",
            format!("Subject: Test mail flow\r\n{added_lines}\r\nHi\r\n"),
        ),
        ("Hi there\r\n", format!("{added_lines}\r\nHi there\r\n")),
        ("Subject: x", format!("Subject: x\r\n{added_lines}")),
        ("\r\nHi\r\n", format!("{added_lines}\r\nHi\r\n")),
        ("Message-ID:\r\nA: b\r\n\r\n", format!("A: b\r\n{added_lines}\r\n")),
    ];
    for (before, after) in cases {
        let mut message = before.as_bytes().to_vec();
        let added = add_missing(&mut message, &defaults);
        assert_eq!(added, Added { from: true, date: true, message_id: true });
        assert_eq!(String::from_utf8(message).unwrap(), after);
    }
    let whole = b"From: a@b\r\nDATE: now\r\nmessage-id: <1@2>\r\n\r\n".to_vec();
    let mut message = whole.clone();
    assert!(!add_missing(&mut message, &defaults).any());
    assert_eq!(message, whole);
    let mut message = b"A: b\r\n\r\n".to_vec();
    assert!(!add_missing(&mut message, &Defaults { from: None, ..defaults }).from);
}

#[test]
fn the_header_firewall() {
    let message = b"Received: x\r\nx-ms-exchange-organization-SCL: -1\r\nSubject: s\r\n\
        X-MS-Exchange-Forest-A :\r\n b\r\nResent-From: r\r\n\r\nX-MS-Exchange-Organization-SCL: body\r\n";
    let cut = firewall(message, |family| family == HeaderFamily::Routing);
    assert_eq!(
        &*cut,
        b"Received: x\r\nSubject: s\r\nResent-From: r\r\n\r\nX-MS-Exchange-Organization-SCL: body\r\n"
    );
    assert!(matches!(firewall(message, |_| true), Cow::Borrowed(_)));
    assert_eq!(header_family("X-MS-Exchange-CrossTenant-Id"), None);
}

#[test]
fn bcc_sender_and_resent() {
    assert_eq!(&*remove_bcc(b"To: a\r\nBCC: b,\r\n c\r\nX: y\r\n\r\n"), b"To: a\r\nX: y\r\n\r\n");
    let message = set_sender(b"From: m@x\r\nSender: old@x\r\n\r\nhi", &address("d@contoso.example"));
    assert_eq!(message, b"From: m@x\r\nSender: <d@contoso.example>\r\n\r\nhi");
    assert_eq!(return_path(&ReversePath::Null), b"Return-Path: <>\r\n");
    let mut message = b"A: b\r\n\r\n".to_vec();
    let id = MessageId::parse("1@x").unwrap();
    prepend(&mut message, &resent(&address("f@contoso.example"), at(), &id));
    assert!(message.starts_with(b"Resent-From: <f@contoso.example>\r\nResent-Date: Fri, 20 Nov"));
    assert!(message.ends_with(b"Resent-Message-ID: <1@x>\r\nA: b\r\n\r\n"));
}

proptest! {
    /// A line is one field, within the limits, and its words come back.
    #[test]
    fn a_line_is_one_field(value in "\\PC{0,300}|[ -~\r\n\t\0]{0,300}|[a-z]{900,2100}") {
        let bytes = line("X-Test", &value);
        let block = HeaderBlock::scan(&bytes);
        prop_assert_eq!(block.fields().count(), 1);
        prop_assert_eq!(block.header_len(), bytes.len());
        prop_assert!(bytes.split(|b| *b == b'\n').all(|l| l.len() <= LINE_OCTETS_MAX + 1));
        let clean: String = value.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
        let words: Vec<&str> = clean.split(' ').filter(|w| !w.is_empty()).collect();
        if words.iter().all(|w| w.len() < 900) {
            let text = block.fields().next().unwrap().text();
            let back: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
            prop_assert_eq!(back, words);
        }
    }

    #[test]
    fn text_comes_back(text in "\\PC{0,200}") {
        let bytes = text_line("Subject", &text);
        prop_assert!(bytes.is_ascii());
        let want: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
        if !text.contains("=?") && text.is_ascii() || !text.is_ascii() {
            let got = crate::summarize(&bytes).subject;
            prop_assert_eq!(got.split_whitespace().collect::<String>(), want.concat().split_whitespace().collect::<String>());
        }
    }

    /// Whatever is removed or added, the body and the other fields keep their bytes.
    #[test]
    fn nothing_else_changes(message in "([ABC]: [a-z]{0,5}\r\n( x\r\n)?){0,6}(\r\n|junk\r\n)?[a-z\r\n]{0,20}") {
        let message = message.into_bytes();
        let body = HeaderBlock::scan(&message).body().to_vec();
        let cut = remove(&message, |name| name == "B").into_owned();
        prop_assert_eq!(HeaderBlock::scan(&cut).fields().filter(|f| f.is("B")).count(), 0);
        prop_assert!(cut.ends_with(&body));
        let mut longer = message.clone();
        append(&mut longer, b"Z: z\r\n");
        let block = HeaderBlock::scan(&longer);
        prop_assert_eq!(block.fields().last().unwrap().name, "Z");
        prop_assert_eq!(block.body(), &body[..]);
        let back = remove(&longer, |name| name == "Z").into_owned();
        prop_assert!(back == message || HeaderBlock::scan(&message).end() != HeaderEnd::EmptyLine);
    }

    #[test]
    fn any_bytes(message in proptest::collection::vec(any::<u8>(), 0..200)) {
        let id = MessageId::parse("1@x").unwrap();
        let mut edited = message.clone();
        add_missing(&mut edited, &Defaults { from: None, at: at(), message_id: &id });
        let summary = crate::summarize(&edited);
        prop_assert!(summary.has.date && summary.has.message_id);
        prop_assert!(edited.ends_with(HeaderBlock::scan(&message).body()));
        remove_bcc(&message);
    }
}
