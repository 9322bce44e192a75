//! The ORCPT parameter: whom the sender first meant, in whatever addressing.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3461 §4, §4.2; RFC 6533 §3.

/// An address type and an address, both decoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OriginalRecipient {
    /// `rfc822`, `utf-8`, …
    pub address_type: String,
    /// Decoded from xtext, or from the utf-8 forms of RFC 6533 §3.
    pub address: String,
}

impl OriginalRecipient {
    /// Reads `rfc822;kim+40contoso.example`; `None` if there is no address type or the encoding is wrong.
    pub fn parse(orcpt: &str) -> Option<OriginalRecipient> {
        let (address_type, encoded) = orcpt.split_once(';')?;
        let is_atom = !address_type.is_empty()
            && address_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_atom || encoded.is_empty() {
            return None;
        }
        let address_type = address_type.to_ascii_lowercase();
        let address = if address_type == "utf-8" { decode_unitext(encoded)? } else { decode_xtext(encoded)? };
        (!address.chars().any(char::is_control)).then_some(OriginalRecipient { address_type, address })
    }
}

/// RFC 3461 §4: `+` and two upper-case hexadecimal digits stand for an octet.
pub fn decode_xtext(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(is_upper_hex))?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            33..=126 if byte != b'=' => bytes.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_upper_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)
}

/// RFC 6533 §3: UTF-8 as it is (utf-8-addr-unitext), or characters as `\x{HEX}` (utf-8-addr-xtext).
fn decode_unitext(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out.push_str(before);
        let (digits, next) = after.split_once('}')?;
        if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(is_upper_hex) {
            return None;
        }
        out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = next;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let cases = [
            ("rfc822;kim@contoso.example", Some(("rfc822", "kim@contoso.example"))),
            ("RFC822;a+2Bb@x", Some(("rfc822", "a+b@x"))),
            ("utf-8;\\x{FC}@x", Some(("utf-8", "\u{fc}@x"))),
            ("utf-8;\u{fc}@x", Some(("utf-8", "\u{fc}@x"))),
            ("x400;+2FG=a", None),
            ("rfc822;a+0D+0ABcc: x", None),
            ("rfc822;a+0D+0ABcc:x", None),
            ("rfc822;a+2b", None),
            ("rfc822;", None),
            ("kim@contoso.example", None),
        ];
        for (text, expected) in cases {
            let read = OriginalRecipient::parse(text);
            let pair = read.as_ref().map(|r| (r.address_type.as_str(), r.address.as_str()));
            assert_eq!(pair, expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "\\PC{0,30}|(rfc822|utf-8);([+=a-zA-F0-9@{}]|\\\\x\\{){0,20}") {
            OriginalRecipient::parse(&text);
        }
    }
}
