//! What an address filter means: an address, all of a domain, or a text with wildcards.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::str::FromStr;

use crate::status::address_key;

/// Longest pattern taken, in bytes: an address is at most 254 (RFC 5321 §4.5.3.1).
const PATTERN_BYTES_MAX: usize = 512;

/// One entry of a sender or recipient filter. Case never counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AddressPattern {
    /// This address; `<>` is the null sender.
    Exact(String),
    /// Every address of this domain: `*@contoso.example`, `@contoso.example`.
    Domain(String),
    /// Every address that matches: `*` stands for any text, all else for itself.
    Wild(String),
}

/// The text is no address pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an address or pattern: give an address, `*@domain`, `start*` or `*part*`")]
pub struct PatternError(String);

impl AddressPattern {
    /// Whether an address matches.
    pub fn matches(&self, address: &str) -> bool {
        let key = address_key(address);
        match self {
            AddressPattern::Exact(exact) => key == exact.as_str(),
            AddressPattern::Domain(domain) => key.rsplit_once('@').is_some_and(|(_, of)| of == domain),
            AddressPattern::Wild(pattern) => wild(pattern, &key),
        }
    }

    /// Whether it names one address.
    pub fn is_exact(&self) -> bool {
        matches!(self, AddressPattern::Exact(_))
    }
}

/// As it is typed: `*@domain` and `@domain` are a domain, another `*` makes a wildcard, the rest is an address.
impl FromStr for AddressPattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<AddressPattern, PatternError> {
        let text = text.trim();
        let bad = text.is_empty() || text.len() > PATTERN_BYTES_MAX || text.chars().any(char::is_control);
        if bad {
            return Err(PatternError(text.chars().take(64).collect()));
        }
        let key = address_key(text).into_owned();
        let domain = key.strip_prefix("*@").or_else(|| key.strip_prefix('@'));
        Ok(match domain {
            Some(domain) if !domain.is_empty() && !domain.contains('*') => {
                AddressPattern::Domain(domain.to_owned())
            }
            _ if key.contains('*') => AddressPattern::Wild(key),
            _ => AddressPattern::Exact(key),
        })
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AddressPattern::Exact(text) | AddressPattern::Wild(text) => f.pad(text),
            AddressPattern::Domain(domain) => write!(f, "*@{domain}"),
        }
    }
}

/// Whether a text matches a pattern in which `*` stands for any text, all else for itself, case included.
#[must_use]
pub fn is_wild_match(pattern: &str, text: &str) -> bool {
    wild(pattern, text)
}

/// Pieces between the stars must follow each other; the first and the last are tied to the ends.
pub(super) fn wild(pattern: &str, key: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| key.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) if !piece.is_empty() => rest = after,
            Some(_) => {}
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_they_read() {
        let table = [
            ("a@contoso.example", "A@Contoso.example", true),
            ("a@contoso.example", "aa@contoso.example", false),
            ("*@contoso.example", "x@contoso.example", true),
            ("@contoso.example", "x@contoso.example", true),
            ("*@contoso.example", "x@mail.contoso.example", false),
            ("*@*.contoso.example", "x@mail.contoso.example", true),
            ("sales*", "Sales.emea@contoso.example", true),
            ("sales*", "presales@contoso.example", false),
            ("*ales*", "presales@contoso.example", true),
            ("*.example", "x@contoso.example", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*b", "ab", false),
            ("*", "anything", true),
            ("<>", "<>", true),
        ];
        for (pattern, address, expected) in table {
            let parsed: AddressPattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(address), expected, "{pattern} {address}");
        }
        assert!("".parse::<AddressPattern>().is_err());
        assert!("a\nb".parse::<AddressPattern>().is_err());
    }
}
