//! Writes text into MIME: encoded words for headers, quoted-printable and base64 for bodies.
//!
//! May touch: nothing (pure).
//! Standards: RFC 2047 §2, §5; RFC 2045 §6.7, §6.8.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Octets of text in one encoded word: 42 become 56 in base64, and 68 with `=?utf-8?B?` and `?=` (limit 75).
const WORD_OCTETS: usize = 42;
/// RFC 2045 §6.7: longest line of quoted-printable, the soft break's `=` included.
const QP_LINE_MAX: usize = 76;

/// Text fit for an unstructured header: unchanged if it is plain ASCII, else encoded words separated by spaces.
pub(crate) fn encode_words(text: &str) -> String {
    let text: String = text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    let text = text.trim();
    // ASCII that looks like an encoded word must be encoded too, or the reader would decode it.
    if text.is_ascii() && !text.contains("=?") && text.split(' ').all(|word| word.len() < 900) {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut chunk = String::new();
    for ch in text.chars() {
        // RFC 2047 §5: a character is never split over two encoded words.
        if chunk.len() + ch.len_utf8() > WORD_OCTETS {
            words.push(encoded_word(&chunk));
            chunk.clear();
        }
        chunk.push(ch);
    }
    if !chunk.is_empty() {
        words.push(encoded_word(&chunk));
    }
    words.join(" ")
}

fn encoded_word(chunk: &str) -> String {
    format!("=?utf-8?B?{}?=", STANDARD.encode(chunk))
}

/// Quoted-printable of text whose lines end with CRLF (RFC 2045 §6.7).
pub(crate) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let mut column = 0;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if rest.starts_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            column = 0;
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        let line_ends = after.is_empty() || after.starts_with(b"\r\n");
        let literal = match byte {
            b' ' | b'\t' => !line_ends,
            b'=' => false,
            // RFC 5321 §4.5.2: a line that begins with a dot is at the mercy of broken relays.
            b'.' => column > 0,
            33..=126 => true,
            _ => false,
        };
        let width = if literal { 1 } else { 3 };
        if column + width > QP_LINE_MAX - usize::from(!line_ends) {
            out.extend_from_slice(b"=\r\n");
            column = 0;
            // The byte is looked at again: at the start of a line a dot is encoded.
            continue;
        }
        if literal {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("={byte:02X}").as_bytes());
        }
        column += width;
        rest = after;
    }
    out
}

/// Base64 in lines of 76 characters (RFC 2045 §6.8).
pub(crate) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 57 * 78 + 80);
    for chunk in bytes.chunks(57) {
        out.extend_from_slice(STANDARD.encode(chunk).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(encode_words("Undeliverable: hello"), "Undeliverable: hello");
        assert_eq!(encode_words("Gr\u{fc}\u{df}e"), "=?utf-8?B?R3LDvMOfZQ==?=");
        assert_eq!(encode_words("a =?utf-8?Q?b?="), "=?utf-8?B?YSA9P3V0Zi04P1E/Yj89?=");
        assert!(encode_words(&"\u{1f4e7}".repeat(60)).split(' ').all(|word| word.len() <= 75));
    }

    #[test]
    fn quoted_printable_known_answers() {
        let cases: &[(&str, &str)] = &[
            ("a=b\r\n", "a=3Db\r\n"),
            ("caf\u{e9}", "caf=C3=A9"),
            ("end \r\nx\t", "end=20\r\nx=09"),
            (".dot\r\n..", "=2Edot\r\n=2E."),
        ];
        for (plain, encoded) in cases {
            assert_eq!(quoted_printable(plain.as_bytes()), encoded.as_bytes());
        }
    }

    proptest::proptest! {
        #[test]
        fn quoted_printable_inverse(text in "([ -~\u{e9}.=]{0,100}\r\n){0,4}") {
            let encoded = quoted_printable(text.as_bytes());
            assert!(encoded.split(|b| *b == b'\n').all(|line| line.len() <= QP_LINE_MAX + 1));
            let decoded = mail_parser::decoders::quoted_printable::quoted_printable_decode(&encoded).unwrap();
            assert_eq!(String::from_utf8(decoded).unwrap(), text);
        }

        #[test]
        fn base64_inverse(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let encoded = base64_lines(&bytes);
            assert!(encoded.split(|b| *b == b'\n').all(|line| line.len() <= 77));
            let joined: Vec<u8> = encoded.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
            assert_eq!(STANDARD.decode(joined).unwrap(), bytes);
        }
    }
}
