//! Writes and reads xtext, the encoding of DSN and AUTH parameter values.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3461 §4, RFC 6533 §3.

use std::fmt::Write;

/// Decodes xtext, RFC 3461 §4. `None` where it is malformed, not UTF-8, or hides a control character.
///
/// Characters beyond ASCII are taken as they are, for the `utf-8-addr-unitext` form of RFC 6533 §3.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'+' => hex(rest.next()?)? * 16 + hex(rest.next()?)?,
            b'=' | 0..=32 | 127 => return None,
            other => other,
        };
        // A decoded CR or LF would become a forged line in a later command or in a DSN.
        if byte.is_ascii_control() {
            return None;
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

/// Encodes a text as xtext. Characters beyond ASCII become `\x{…}` as RFC 6533 §3 wants them for the `utf-8` type.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // Writing to a String cannot fail.
        let _ = match character {
            '+' | '=' | '\0'..=' ' | '\x7f' => write!(out, "+{:02X}", u32::from(character)),
            '!'..='~' => {
                out.push(character);
                Ok(())
            }
            other => write!(out, "\\x{{{:X}}}", u32::from(other)),
        };
    }
    out
}

/// RFC 3461 §4: `hexchar` has upper-case digits; lower-case ones are seen and taken.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        for (encoded, decoded) in [
            ("QQ314159", "QQ314159"),
            ("Bob+40example.com", "Bob@example.com"),
            ("a+2Bb+3Dc", "a+b=c"),
            ("with+20space", "with space"),
            ("", ""),
        ] {
            assert_eq!(decode(encoded).as_deref(), Some(decoded));
        }
        assert_eq!(encode("a+b=c d"), "a+2Bb+3Dc+20d");
        assert_eq!(encode("ü@x"), "\\x{FC}@x");
        assert_eq!(decode("ü@x").as_deref(), Some("ü@x"));
    }

    #[test]
    fn refuses_malformed_and_hidden_control_characters() {
        for text in ["+", "+4", "+ZZ", "a=b", "a b", "a+0D+0Ab", "a+00", "+FF", "+7F"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
