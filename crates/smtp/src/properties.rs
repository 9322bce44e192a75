//! Properties of the codec and of both session machines over arbitrary octets and arbitrary cuts.
//!
//! May touch: nothing (pure).

use proptest::collection::vec;
use proptest::prelude::*;

use crate::client::ReplyReader;
use crate::{EnhancedCode, Notify, OriginalRecipient, Reply, fuzz, xtext};

/// Octets where something happens, more often than chance would have them.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b".".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\r\n.\r\n".to_vec()),
        Just(b"x".to_vec()),
        Just(b"EHLO a.example\r\n".to_vec()),
        Just(b"MAIL FROM:<a@b.example> BODY=8BITMIME\r\n".to_vec()),
        Just(b"MAIL FROM: a@b.example\r\nRCPT TO: c@d.example\r\n".to_vec()),
        Just(b"RCPT TO:<c@d.example> NOTIFY=NEVER\r\n".to_vec()),
        Just(b"DATA\r\n".to_vec()),
        Just(b"BDAT 3\r\nx\r\n".to_vec()),
        Just(b"BDAT 7 LAST\r\n".to_vec()),
        Just(b"RSET\r\n".to_vec()),
        Just(b"AUTH LOGIN\r\na2lt\r\n".to_vec()),
        Just(b"AUTH PLAIN AGEAYg==\r\n".to_vec()),
        Just(b"QUIT\r\n".to_vec()),
        Just(vec![b'y'; 130]),
        Just(vec![b'z'; 2_100]),
        vec(any::<u8>(), 0..8),
    ];
    let opening = prop_oneof![
        Just("".to_owned()),
        Just("EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n".to_owned()),
        Just("EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n".to_owned()),
    ];
    (opening, vec(word, 0..24)).prop_map(|(opening, words)| [opening.into_bytes(), words.concat()].concat())
}

/// What servers say, and what they should not.
fn server_octets() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"220 x\r\n".to_vec()),
        Just(b"250-x\r\n".to_vec()),
        Just(b"250 PIPELINING\r\n".to_vec()),
        Just(b"250-x\r\n250-STARTTLS\r\n250 CHUNKING\r\n".to_vec()),
        Just(b"250 2.1.0 OK\r\n".to_vec()),
        Just(b"354 go\r\n".to_vec()),
        Just(b"334 \r\n".to_vec()),
        Just(b"421 bye\r\n".to_vec()),
        Just(b"450 4.2.1 later\r\n".to_vec()),
        Just(b"550-5.1.1 no\r\n550 5.1.1 no\r\n".to_vec()),
        vec(any::<u8>(), 0..8),
    ];
    vec(word, 0..24).prop_map(|words| words.concat())
}

fn cut<'a>(octets: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = octets;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_command_line_never_panics(line in vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(fuzz::command_line(&line), Ok(()));
    }

    #[test]
    fn a_command_line_of_likely_words(line in "(MAIL FROM|RCPT TO|mail from):[ <\"@a-c.\\\\>:,\\[\\]ü=]{0,40}( SIZE=[0-9]{1,3}| ORCPT=[a-z;+0-9A-F]{0,9})?") {
        prop_assert_eq!(fuzz::command_line(line.as_bytes()), Ok(()));
    }

    #[test]
    fn cuts_change_nothing(octets in octets(), sizes in vec(1_usize..40, 1..6)) {
        let whole = fuzz::server_session(&[&octets]);
        prop_assert!(whole.is_ok());
        prop_assert_eq!(fuzz::server_session(&cut(&octets, &sizes)), whole);
    }

    #[test]
    fn a_client_session_ends(octets in server_octets(), sizes in vec(1_usize..20, 1..6)) {
        prop_assert_eq!(fuzz::client_session(&cut(&octets, &sizes)), Ok(()));
    }

    #[test]
    fn replies_do_not_depend_on_cuts(octets in server_octets(), sizes in vec(1_usize..20, 1..6)) {
        let whole = fuzz::reply(&[&octets]);
        prop_assert!(whole.is_ok());
        prop_assert_eq!(fuzz::reply(&cut(&octets, &sizes)), whole);
    }

    #[test]
    fn data_in_and_out(words in vec(prop_oneof!["\r\n", "\\.", "\r\n\\.", "a{1,9}", "\\.\\.", "ü"], 0..40), sent in 1_usize..30, received in 1_usize..30) {
        prop_assert_eq!(fuzz::data(words.concat().as_bytes(), sent, received), Ok(()));
    }

    #[test]
    fn a_reply_reads_as_it_was_printed(
        code in 200_u16..600,
        numbers in proptest::option::of((0_u16..1000, 0_u16..1000)),
        lines in vec("([a-zA-Zü<\\[][ -~ü]{0,80})?", 1..6),
    ) {
        let class = u8::try_from(code / 100).unwrap();
        // RFC 2034 §4: no enhanced code beside 3yz.
        let enhanced = numbers.filter(|_| class != 3).map(|(subject, detail)| EnhancedCode::new(class, subject, detail));
        let reply = Reply::new(code, enhanced, lines.join("\n"));
        let mut printed = bytes::BytesMut::new();
        reply.write_to(&mut printed);
        prop_assert!(printed.as_ref().split(|byte| *byte == b'\n').all(|line| line.len() <= 511));
        prop_assert_eq!(ReplyReader::default().read(&mut printed), Ok(Some(reply)));
        prop_assert!(printed.is_empty());
    }

    #[test]
    fn xtext_reads_as_it_was_printed(text in "[ -~]{0,40}") {
        let encoded = xtext::encode(&text);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'='));
        prop_assert_eq!(xtext::decode(&encoded), Some(text));
    }

    #[test]
    fn dsn_values_read_as_they_were_printed(flags in any::<(bool, bool, bool)>(), kind in "[a-z0-9-]{1,9}", address in "[ -~]{1,40}") {
        let notify = match flags {
            (false, false, false) => Notify::Never,
            (success, failure, delay) => Notify::On { success, failure, delay },
        };
        prop_assert_eq!(notify.to_string().parse(), Ok(notify));
        let orcpt = OriginalRecipient { address_type: kind, address };
        prop_assert_eq!(orcpt.to_string().parse(), Ok(orcpt));
    }
}
