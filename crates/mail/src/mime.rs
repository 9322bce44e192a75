//! The one place that calls mail-parser: decodes single header values.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §3.3, §3.4, §3.6.4; RFC 2047 §5.
//! Known gaps: a character split over two encoded words (forbidden by RFC 2047 §5) decodes to U+FFFD.
//!
//! mail-parser is pinned to =0.11.9, the last release that builds with our toolchain.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, HeaderValue};

/// Longest header value decoded; the rest of a longer one is not looked at.
pub(crate) const VALUE_BYTES_MAX: usize = 64 * 1024;

/// A header value's bytes as mail-parser wants them: UTF-8, and ended by a line feed.
///
/// Raw 8-bit that is not UTF-8 is read as windows-1252, which is what such senders mean.
fn prepare(value: &[u8]) -> Vec<u8> {
    let cut = value.len() > VALUE_BYTES_MAX;
    let value = value.get(..VALUE_BYTES_MAX).unwrap_or(value);
    let mut bytes = match std::str::from_utf8(value) {
        Ok(_) => Cow::Borrowed(value),
        // A value cut at the bound may end inside a character.
        Err(error) if cut && error.error_len().is_none() => {
            Cow::Borrowed(value.get(..error.valid_up_to()).unwrap_or_default())
        }
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decode) => Cow::Owned(decode(value).into_bytes()),
            None => Cow::Borrowed(value),
        },
    }
    .into_owned();
    bytes.push(b'\n');
    bytes
}

/// An unstructured value with its encoded words decoded; control characters become spaces.
pub(crate) fn decode_text(value: &[u8]) -> String {
    let plain = value.trim_ascii();
    // Most subjects: nothing to decode, nothing to unfold.
    if plain.iter().all(|byte| matches!(byte, 32..=126)) && !plain.windows(2).any(|pair| pair == b"=?") {
        return String::from_utf8_lossy(plain).into_owned();
    }
    let bytes = prepare(value);
    let text = match MessageStream::new(&bytes).parse_unstructured() {
        HeaderValue::Text(text) => text.into_owned(),
        _ => String::new(),
    };
    text.trim().chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect()
}

/// The addresses of an address list, groups flattened, at most `count_max`, as written.
pub(crate) fn decode_addresses(value: &[u8], count_max: usize) -> Vec<String> {
    let bytes = prepare(value);
    let parsed = MessageStream::new(&bytes).parse_address();
    let HeaderValue::Address(address) = parsed else { return Vec::new() };
    let text = |addr: &Addr<'_>| {
        let address = addr.address.as_deref()?.trim();
        (!address.is_empty()).then(|| address.chars().filter(|ch| !ch.is_control()).collect())
    };
    address.iter().filter_map(text).take(count_max).collect()
}

/// A date-time, if it is one.
pub(crate) fn decode_date(value: &[u8]) -> Option<Timestamp> {
    let bytes = prepare(value);
    match MessageStream::new(&bytes).parse_date() {
        HeaderValue::DateTime(date) if date.is_valid() => Timestamp::from_second(date.to_timestamp()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        let cases: &[(&[u8], &str)] = &[
            (b" Test mail flow", "Test mail flow"),
            (b" =?utf-8?B?R3LDvMOfZQ==?= aus =?ISO-8859-1?Q?K=F6ln?=", "Gr\u{fc}\u{df}e aus K\u{f6}ln"),
            (b" =?utf-8?Q?one_?=\r\n =?utf-8?Q?two?=", "one two"),
            (b" =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\u{65e5}\u{672c}"),
            (b" =?windows-1251?B?z/Do4uXy?=", "\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}"),
            (b" folded\r\n\tline", "folded line"),
            ("r\u{e9}sum\u{e9}".as_bytes(), "r\u{e9}sum\u{e9}"),
            (b" caf\xe9", "caf\u{e9}"),
            (b" =?nonsense?X?y?=", "=?nonsense?X?y?="),
            (b" =?utf-8?B?YQ0KQmNjOiB4?=", "a  Bcc: x"),
            (b"", ""),
        ];
        for (raw, expected) in cases {
            assert_eq!(decode_text(raw), *expected, "{raw:?}");
        }
    }

    #[test]
    fn addresses() {
        let list =
            b" Kim <kim@contoso.example>, \"A, B\" <ab@x.example>,\r\n team: c@x.example, d@x.example;";
        assert_eq!(
            decode_addresses(list, 10),
            ["kim@contoso.example", "ab@x.example", "c@x.example", "d@x.example"]
        );
        assert_eq!(decode_addresses(list, 2).len(), 2);
        assert_eq!(decode_addresses(b" kim@contoso.example", 2), ["kim@contoso.example"]);
        assert!(decode_addresses(b"", 2).is_empty());
    }

    #[test]
    fn dates() {
        let date = decode_date(b" Fri, 20 Nov 2026 09:03:11 +0200").unwrap();
        assert_eq!(date.to_string(), "2026-11-20T07:03:11Z");
        assert!(decode_date(b" yesterday").is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(value in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            assert!(!decode_text(&value).contains(['\r', '\n', '\0']));
            decode_addresses(&value, 5);
            decode_date(&value);
        }

        #[test]
        fn header_like(value in "([a-z@<>,;:()\"\\\\ =?_\r\n\t]|=\\?utf-8\\?[BQ]\\?|\\?=|[0-9]){0,60}") {
            decode_text(value.as_bytes());
            decode_addresses(value.as_bytes(), 5);
            decode_date(value.as_bytes());
        }
    }
}
