//! Tables for the content of a message: every known smuggling ending, bounds, framings.

use super::*;

fn limits() -> Limits {
    Limits { message_bytes_max: 1_000, header_bytes_max: 100, data_line_bytes_max: 50, ..Limits::default() }
}

/// Pushes the pieces; gives the result and the octets left over, or `None` where the end was not found.
fn run(framing: Framing, pieces: &[&[u8]]) -> (Option<Result<Vec<u8>, Fault>>, Vec<u8>) {
    let mut content = Content::new(framing, limits(), None);
    let mut rest = Vec::new();
    let mut finished = framing != Framing::Dots;
    for piece in pieces {
        if finished && framing == Framing::Dots {
            rest.extend_from_slice(piece);
            continue;
        }
        let taken = content.push(piece);
        finished |= taken.finished;
        rest.extend_from_slice(&piece[taken.octets..]);
    }
    let result = if finished { Some(content.finish().map(|body| body.to_vec())) } else { None };
    (result, rest)
}

/// As one piece and cut at every place: all must agree.
fn data(input: &[u8]) -> (Option<Result<Vec<u8>, Fault>>, Vec<u8>) {
    let whole = run(Framing::Dots, &[input]);
    for cut in 0..=input.len() {
        assert_eq!(run(Framing::Dots, &[&input[..cut], &input[cut..]]), whole, "cut at {cut}");
    }
    let single: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(run(Framing::Dots, &single), whole);
    whole
}

#[test]
fn takes_dots_out() {
    for (input, body, rest) in [
        (&b".\r\n"[..], &b""[..], &b""[..]),
        (b"a\r\n.\r\nRSET\r\n", b"a\r\n", b"RSET\r\n"),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b".a\r\n..b\r\n...\r\n.\r\n", b"a\r\n.b\r\n..\r\n", b""),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n", b""),
        (b"a.b\r\n. c\r\n.\r\n.\r\n", b"a.b\r\n c\r\n", b".\r\n"),
    ] {
        assert_eq!(data(input), (Some(Ok(body.to_vec())), rest.to_vec()), "{input:?}");
    }
}

#[test]
fn no_smuggled_ending_ends_the_data() {
    // Each stands in the middle of a message and is followed by commands that must stay content.
    let endings: [&[u8]; 22] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\n.\r",
        b"\r.\n",
        b"\n\n.\n\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n.\r\0\n",
        b"\0\r\n.\n",
        b"\r\r\n.\r\r\n",
        b"\r\n.\r\r\n",
        b"\r\r.\r\r",
        b"\n\r.\n\r",
        b"\r\n.\n\r\n",
        b"\r\n\r.\r\n",
        b"\r\n.\x85",
        b"\r\n.\x0b\r\n",
        b"\r\n.\x1a",
    ];
    for ending in endings {
        let mut input = b"Subject: x\r\n\r\nfirst".to_vec();
        input.extend_from_slice(ending);
        input.extend_from_slice(b"MAIL FROM:<evil@contoso.example>\r\nDATA\r\nsecond\r\n.\r\nQUIT\r\n");
        let (result, rest) = data(&input);
        assert_eq!(rest, b"QUIT\r\n", "{ending:?}");
        let harmless = !ending.contains(&0) && ending.iter().all(|byte| *byte != b'\r' && *byte != b'\n')
            || matches!(ending, b"\r\n.\x85" | b"\r\n.\x0b\r\n" | b"\r\n.\x1a");
        match result {
            Some(Err(Fault::BareLineFeed | Fault::BareCarriageReturn | Fault::Nul)) => {
                assert!(!harmless, "{ending:?}");
            }
            // A stuffed dot before a character that no server takes for a line end.
            Some(Ok(_)) => assert!(harmless, "{ending:?}"),
            other => panic!("{ending:?}: {other:?}"),
        }
    }
}

#[test]
fn an_unfinished_ending_waits() {
    for input in [&b"a\r\n.\r"[..], b"a\r\n.", b"a\r\n", b"a\n.\n", b"a\r\n.\r."] {
        assert_eq!(data(input).0, None, "{input:?}");
    }
}

#[test]
fn bounds_hold_to_the_octet() {
    let long = |line: usize| [vec![b'x'; line], b"\r\n.\r\n".to_vec()].concat();
    assert!(matches!(data(&long(50)).0, Some(Ok(_))));
    assert_eq!(data(&long(51)).0, Some(Err(Fault::LineTooLong)));
    let header =
        |last: usize| [b"a: ".to_vec(), vec![b'x'; 43], b"\r\nb: ".to_vec(), vec![b'x'; last]].concat();
    let fits = [header(47), b"\r\n\r\nbody\r\n.\r\n".to_vec()].concat();
    assert!(matches!(data(&fits).0, Some(Ok(_))));
    let over = [header(47), b"\r\nc:\r\n\r\nbody\r\n.\r\n".to_vec()].concat();
    assert_eq!(data(&over).0, Some(Err(Fault::HeaderTooLarge)));
    let sized = |lines: usize| [b"\r\n".to_vec(), b"12345678\r\n".repeat(lines), b".\r\n".to_vec()].concat();
    assert!(matches!(data(&sized(99)).0, Some(Ok(_))));
    assert_eq!(data(&sized(100)).0, Some(Err(Fault::TooLarge)));
}

#[test]
fn a_stuffed_dot_does_not_count() {
    let input = [b"\r\n".to_vec(), b".12345678\r\n".repeat(99), b".\r\n".to_vec()].concat();
    assert!(matches!(data(&input).0, Some(Ok(body)) if body.len() == 992));
}

#[test]
fn counted_text_is_as_strict() {
    for (input, result) in [
        (&b"a: b\r\n\r\n.\r\n.."[..], Ok(b"a: b\r\n\r\n.\r\n..".to_vec())),
        (b"a: b\r\n\r\nx\ny", Err(Fault::BareLineFeed)),
        (b"a: b\r\n\r\nx\ry", Err(Fault::BareCarriageReturn)),
        (b"a: b\r\n\r\nx\r", Err(Fault::BareCarriageReturn)),
        (b"a: b\r\n\r\nx\0y", Err(Fault::Nul)),
    ] {
        for cut in 0..=input.len() {
            let found = run(Framing::Counted, &[&input[..cut], &input[cut..]]).0;
            assert_eq!(found, Some(result.clone()), "{input:?} cut at {cut}");
        }
    }
}

#[test]
fn binary_is_free_in_the_body_only() {
    let body = b"a: b\r\n\r\nx\ny\rz\0\r".to_vec();
    assert_eq!(run(Framing::Binary, &[&body]).0, Some(Ok(body.clone())));
    for (header, fault) in [
        (&b"a: b\nc: d\r\n\r\nx"[..], Fault::BareLineFeed),
        (b"a: b\0\r\n\r\nx", Fault::Nul),
        (b"a: b\rc: d\r\n\r\n", Fault::BareCarriageReturn),
    ] {
        assert_eq!(run(Framing::Binary, &[header]).0, Some(Err(fault)), "{header:?}");
    }
}

#[test]
fn a_refused_message_is_not_held() {
    let mut content = Content::new(Framing::Dots, limits(), None);
    content.push(b"\r\nsome text\r\n");
    assert_eq!(content.held(), 13);
    content.push(b"bare\n");
    assert_eq!((content.held(), content.is_flood()), (0, false));
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..=SKIPPED_MESSAGE_BYTES_MAX >> 20 {
        content.push(&chunk);
    }
    assert!(content.is_flood());
}

type Judged = (Result<Vec<u8>, ()>, Vec<u8>);

/// The rule in two lines: the data ends at the first CRLF "." CRLF, and a dot after CRLF is dropped.
fn oracle(input: &[u8]) -> Option<Judged> {
    let wire = [b"\r\n", input].concat();
    let end = memchr::memmem::find(&wire, b"\r\n.\r\n")?;
    let rest = wire[end + 5..].to_vec();
    let text = String::from_utf8(wire[..end + 2].to_vec()).unwrap();
    let without_crlf = text.replace("\r\n", "");
    if without_crlf.contains(['\r', '\n', '\0']) {
        return Some((Err(()), rest));
    }
    Some((Ok(text.replace("\r\n.", "\r\n").as_bytes()[2..].to_vec()), rest))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 4_096, failure_persistence: None, ..Default::default() })]

    #[test]
    fn agrees_with_the_rule(input in "(\r\n|\r|\n|\\.|\\.|a|\0|\r\n\\.\r\n){0,24}", size in 1_usize..9) {
        let pieces: Vec<&[u8]> = input.as_bytes().chunks(size).collect();
        let (result, rest) = run(Framing::Dots, &pieces);
        match oracle(input.as_bytes()) {
            None => proptest::prop_assert_eq!(result, None),
            Some((body, after)) => {
                proptest::prop_assert_eq!(result.map(|result| result.map_err(|_| ())), Some(body));
                proptest::prop_assert_eq!(rest, after);
            }
        }
    }
}
