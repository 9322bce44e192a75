//! Anything at all given to each reader: no panic, nothing unbounded.
//!
//! May touch: nothing (pure).

use proptest::prelude::*;

use super::*;
use crate::places::Format;

/// A line that makes each format known, before what is tried.
const HEADS: [&str; 8] = [
    "Nov 22 03:57:31 mx1 postfix/qmgr[1]: ABCDEF: removed\n",
    "2026-11-22 03:57:31 1rXabc-000001-2B Completed\n",
    "Nov 22 03:57:31 mx1 sm-mta[1]: 4AM3vVx1001234: done; delay=1\n",
    "#Fields: date-time,source,event-id\n",
    "Received,SenderAddress,RecipientAddress,Status,MessageTraceId\n",
    "{\"receivedDateTime\":1}\n",
    "{\"filter\":{}}\n",
    "Date,Recipients,QID,Final_Action\n",
];

/// Bits of which lines are made.
fn fragment() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "Nov 22 03:57:31 mx1 postfix/smtp[1]: ",
        "Dec 31 23:59:59 mx1 postfix/cleanup[1]: ",
        "ABCDEF: ",
        "4ZQ1Xk2Lz3z7Bt: ",
        "NOQUEUE: ",
        "to=<a@b.example>",
        ", orig_to=<c@d.example>",
        ", relay=h[192.0.2.1]:25",
        ", dsn=2.0.0",
        ", status=sent (",
        "250 ok queued as 4C1F2A",
        ")",
        "reject: RCPT from ",
        "from=<>",
        ", size=1",
        "message-id=<x>",
        "2026-11-22 03:57:31 ",
        "1rXabc-000001-2B ",
        "<= ",
        "=> ",
        "== ",
        "** ",
        " R=r T=t",
        " H=h [192.0.2.1]",
        " C=\"250 OK id=1rXabc-000001-2B\"",
        " defer (-44): ",
        "{\"sm\":{\"to\":[\"",
        "\"]}}",
        "{\"value\":[",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "\\",
        ",",
        ";",
        "##",
        "\u{feff}",
        "é",
        "\r\n",
        "\n",
        "\0",
        "2026-11-22T03:57:31Z",
        "Delivered",
        "11111111-1111-1111-1111-111111111111",
        "<22>1 2026-11-22T03:57:31Z mx1 postfix/smtp 1 - [a b=\"",
        "\"] ",
        "client=a[192.0.2.1]",
        "stat=Sent (",
        ", to=",
        ", nrcpts=1",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn read_any(head: &str, bytes: &[u8], size: usize) -> (Vec<(EventKey, Event)>, Tally) {
    let options = Options { open_max: 8, ..Options::new(now()) };
    let mut reader = Reader::new("p".parse().unwrap(), around(), options);
    let all: Vec<u8> = head.as_bytes().iter().chain(bytes).copied().collect();
    for piece in all.chunks(size.max(1)) {
        let _ = reader.feed(piece);
    }
    let _ = reader.end_file();
    (reader.take(), reader.tally())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn texts_made_of_what_logs_hold(head in 0..HEADS.len(), parts in proptest::collection::vec(fragment(), 0..60), size in 1_usize..200) {
        let text = parts.concat();
        let whole = read_any(HEADS[head], text.as_bytes(), usize::MAX);
        prop_assert_eq!(&whole, &read_any(HEADS[head], text.as_bytes(), size));
        prop_assert!(whole.1.open <= 8);
        // An event has little more than what its line held.
        prop_assert!(whole.0.len() <= text.len() + 2);
    }

    #[test]
    fn bytes_of_any_kind(head in 0..HEADS.len(), bytes in proptest::collection::vec(any::<u8>(), 0..400), size in 1_usize..50) {
        read_any(HEADS[head], &bytes, size);
        read_any("", &bytes, size);
        let _ = Format::detect(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_head_is_known() {
    for head in HEADS {
        assert!(Format::detect(head).is_ok(), "{head}");
    }
}
