//! Sample events, a generator of any event, and the tests of the stored form and the vocabulary.
//!
//! May touch: nothing (pure).

use crate::*;
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::net::IpAddr;
use uuid::Uuid;

pub(crate) fn sample() -> Event {
    let at: Timestamp = "2026-11-20T09:03:11.123Z".parse().unwrap();
    let id = NetworkMessageId(Uuid::from_u128(0x01936f0a_0000_7000_8000_000000000001));
    let mut event = Event::new(at, EventId::Receive, Source::Smtp, id)
        .recipient("kj@contoso.example", "250 2.1.5 Recipient OK")
        .recipient("\"a;b\"@contoso.example", "550 4.4.7 QUEUE.Expired; message expired");
    event.internal_message_id = Some(InternalMessageId(42));
    event.message_id = Some(MessageId::parse("a@movetocloud.example").unwrap());
    event.client_ip = Some("192.0.2.7".parse().unwrap());
    event.client_hostname = Some("client.movetocloud.example".into());
    event.server_ip = Some("192.0.2.1".parse().unwrap());
    event.server_hostname = Some("mx1.contoso.example".into());
    event.source_context = Some("08DE;2026-11-20T09:03:10.000Z;0".into());
    event.connector_id = Some("Default Frontend MX1".into());
    event.message_info = Some("0cA:".into());
    event.custom_data = vec![("AMA".into(), "SUM|v=0".into())];
    event.message = Some(MessageFacts {
        subject: "Hello, \"world\"".into(),
        sender_address: "mimi@movetocloud.example".into(),
        from_address: Some("mimi@movetocloud.example".into()),
        return_path: "<>".into(),
        total_bytes: 1234,
        directionality: Directionality::Incoming,
        original_client_ip: Some("192.0.2.7".parse().unwrap()),
        ..MessageFacts::default()
    });
    event.detail.next_hop = Some(NextHop::Place("edge".into()));
    event.detail.reason = Some(Reason::RemotePermanent);
    event.detail.remote_reply = Some("550-no\n550 never".into());
    event.detail.members = vec!["a@x".into(), "b@x".into()];
    event
}

/// Text a log field can hold: no control characters, no white space at the ends.
fn text() -> impl Strategy<Value = String> {
    "[!-~\u{e9}\u{4e2d}]([ -~\u{e9}]{0,12}[!-~])?|[;,\"%{}]{1,4}|S:A=1;S:B=2"
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000).prop_map(|millis| Timestamp::from_millisecond(millis).unwrap())
}

fn ip() -> impl Strategy<Value = Option<IpAddr>> {
    option::of(any::<IpAddr>())
}

fn any_detail() -> impl Strategy<Value = Detail> {
    let first = (
        option::of(prop_oneof![
            Just(NextHop::Outside),
            Just(NextHop::Internal),
            text().prop_map(NextHop::Place)
        ]),
        option::of(select(DomainKind::ALL)),
        option::of(text()),
        option::of(any::<i64>()),
        option::of(text()),
        option::of(any::<u32>()),
        option::of(time()),
        option::of(time()),
    );
    let second = (
        option::of(select(Reason::ALL)),
        option::of("[ -~\n]{1,20}[!-~]"),
        option::of(text()),
        option::of(text()),
        proptest::collection::vec(text(), 0..4),
        option::of(text()),
        option::of(select(RefusedStep::ALL)),
        any::<u32>(),
        option::of(any::<u128>()),
        option::of(text()),
    );
    (first, second).prop_map(|(first, second)| Detail {
        next_hop: first.0,
        domain: first.1,
        folder: first.2,
        item_id: first.3,
        queue: first.4,
        attempts: first.5,
        next_retry: first.6,
        expires: first.7,
        reason: second.0,
        remote_reply: second.1,
        remote_host: second.2,
        remote_queue_id: second.3,
        members: second.4,
        tls: second.5,
        step: second.6,
        count: second.7,
        log_id: second.8.map(Uuid::from_u128),
        tenant_id: None,
        traffic_type: None,
        place: second.9,
    })
}

fn any_facts() -> impl Strategy<Value = MessageFacts> {
    (
        (text(), text(), option::of(text()), text(), any::<u64>()),
        (select(Directionality::ALL), ip(), ip(), option::of(text())),
    )
        .prop_map(|(first, second)| MessageFacts {
            subject: first.0,
            sender_address: first.1,
            from_address: first.2,
            return_path: first.3,
            total_bytes: first.4,
            directionality: second.0,
            original_client_ip: second.1,
            original_server_ip: second.2,
            authenticated_as: second.3,
        })
}

/// Any event whose texts a log can hold.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let first = (
        time(),
        time(),
        select(EventId::ALL),
        select(Source::ALL),
        any::<u128>(),
        option::of(any::<u64>()),
        option::of("[a-z]{1,8}@x"),
        proptest::collection::vec((text(), text()), 0..4),
    );
    let second = (option::of(text()), proptest::collection::vec(text(), 0..3), option::of(any_facts()));
    let third = (ip(), option::of(text()), ip(), option::of(text()));
    let fourth = (
        option::of(text()),
        option::of(text()),
        option::of("[a-z]{1,8}"),
        proptest::collection::vec(("[a-z]{1,6}", text()), 0..3),
        any_detail(),
    );
    (first, second, third, fourth).prop_map(|(first, second, third, fourth)| Event {
        at: first.0,
        received: first.1,
        event_id: first.2,
        source: first.3,
        network_message_id: NetworkMessageId(Uuid::from_u128(first.4)),
        internal_message_id: first.5.map(InternalMessageId),
        message_id: first.6.map(|id| MessageId::parse(&id).unwrap()),
        recipients: first.7.into_iter().map(|(address, status)| EventRecipient { address, status }).collect(),
        related_recipient_address: second.0,
        reference: second.1,
        message: second.2,
        client_ip: third.0,
        client_hostname: third.1,
        server_ip: third.2,
        server_hostname: third.3,
        source_context: fourth.0,
        connector_id: fourth.1,
        message_info: fourth.2,
        custom_data: fourth.3,
        detail: fourth.4,
    })
}

#[test]
fn stored_form_is_stable() {
    // Events on disk must stay readable: this is what version 1 wrote for a small event.
    let id = NetworkMessageId(Uuid::from_u128(7));
    let event = Event::new("2026-11-20T09:03:11Z".parse().unwrap(), EventId::Fail, Source::Queue, id)
        .recipient("a@x", "550");
    let bytes = encode(&event);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (_, after_version) = STORED.split_at(2);
    assert_eq!(hex, format!("02{after_version}00"));
    assert_eq!(decode(&bytes), Ok(event.clone()));
    let digit = |byte: &u8| u8::try_from(char::from(*byte).to_digit(16).unwrap()).unwrap();
    let (pairs, _) = STORED.as_bytes().as_chunks::<2>();
    let old: Vec<u8> = pairs.iter().map(|[high, low]| digit(high) << 4 | digit(low)).collect();
    assert_eq!(decode(&old), Ok(event), "version 1 has no place");
}

const STORED: &str = "0180c78cb7b0acb00680c78cb7b0acb006110e10000000000000000000000000000000070000010361407803353530\
    000000000000000000000000000000000000000000000000000001000000";

#[test]
fn damaged_records_are_refused() {
    assert_eq!(decode(&[]), Err(FormatError::Empty));
    assert_eq!(decode(&[9, 1, 2]), Err(FormatError::Version(9)));
    let mut bytes = encode(&sample());
    bytes.push(0);
    assert!(matches!(decode(&bytes), Err(FormatError::Damaged(_))));
    assert!(matches!(decode(&bytes[..20]), Err(FormatError::Damaged(_))));
}

#[test]
fn words_are_read_in_any_case_and_numbers_are_unique() {
    fn check<T: std::fmt::Display + std::str::FromStr + PartialEq + Copy + std::fmt::Debug>(
        all: &[T],
        code: fn(T) -> u8,
        back: fn(u8) -> Option<T>,
    ) {
        let codes: BTreeSet<u8> = all.iter().map(|word| code(*word)).collect();
        let words: BTreeSet<String> = all.iter().map(|word| word.to_string().to_lowercase()).collect();
        assert_eq!((codes.len(), words.len()), (all.len(), all.len()));
        for word in all {
            assert_eq!(back(code(*word)), Some(*word));
            for text in [word.to_string(), word.to_string().to_lowercase(), word.to_string().to_uppercase()] {
                assert_eq!(text.parse::<T>().ok(), Some(*word));
            }
        }
        assert!("nonsense".parse::<T>().is_err() && back(255).is_none());
    }
    check(EventId::ALL, EventId::code, EventId::from_code);
    check(Source::ALL, Source::code, Source::from_code);
    check(Reason::ALL, Reason::code, Reason::from_code);
    check(RefusedStep::ALL, RefusedStep::code, RefusedStep::from_code);
    check(DomainKind::ALL, DomainKind::code, DomainKind::from_code);
    check(Directionality::ALL, Directionality::code, Directionality::from_code);
    assert_eq!("deliver".parse(), Ok(EventId::Deliver));
    assert_eq!("bogus".parse::<EventId>().unwrap_err().to_string(), "unknown event id \"bogus\"");
}

#[test]
fn a_detail_counts_one() {
    assert_eq!(Detail::default().count, 1);
}

proptest! {
    #[test]
    fn stored_inverse(event in any_event()) {
        prop_assert_eq!(decode(&encode(&event)), Ok(event));
    }

    #[test]
    fn any_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), versioned in any::<bool>()) {
        if versioned {
            bytes.insert(0, 1);
        }
        if let Ok(event) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&event)), Ok(event));
        }
    }

    /// A damaged byte anywhere gives an error or an event, never a panic.
    #[test]
    fn flipped_bytes(at in 0_usize..400, bit in 0_u8..8) {
        let mut bytes = encode(&sample());
        let at = at % bytes.len();
        bytes[at] ^= 1_u8 << bit;
        let _ = decode(&bytes);
    }
}
