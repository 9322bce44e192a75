//! A domain, a domain with its subdomains, or every domain: reading, matching and ranking.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::DirectoryError;

/// Longest domain pattern, in characters (New-AcceptedDomain, New-SendConnector).
pub const PATTERN_LENGTH_MAX: usize = 256;

/// Which domains an accepted domain, remote domain or address space is about. Names are lower case, A-labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DomainPattern {
    /// `*`: every domain.
    Any,
    /// `contoso.example`: exactly that domain.
    Exact(String),
    /// `*.contoso.example`: the domain and all its subdomains.
    WithSubdomains(String),
}

/// How closely a pattern fits; greater is closer. An exact name beats every `*.x`, a longer `*.x` a shorter
/// one, and `*` comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// By `*`.
    Any,
    /// By `*.x`, with the length of `x`.
    Subdomain(usize),
    /// By the name itself.
    Exact,
}

impl DomainPattern {
    /// Reads `*`, `x` or `*.x`; `property` is named in the error.
    pub fn parse(property: &'static str, text: &str) -> Result<DomainPattern, DirectoryError> {
        if text.chars().count() > PATTERN_LENGTH_MAX {
            return Err(DirectoryError::invalid(
                property,
                format!("\"{text}\" is longer than {PATTERN_LENGTH_MAX} characters."),
            ));
        }
        if text == "*" {
            return Ok(DomainPattern::Any);
        }
        let (wrap, name): (fn(String) -> DomainPattern, &str) = match text.strip_prefix("*.") {
            Some(rest) => (DomainPattern::WithSubdomains, rest),
            None => (DomainPattern::Exact, text),
        };
        if name.contains('*') {
            return Err(DirectoryError::invalid(
                property,
                format!(
                    "\"{text}\" has a wildcard inside the name; write contoso.example, *.contoso.example or *."
                ),
            ));
        }
        mail::address::domain_key(name).map(wrap).map_err(|_| {
            DirectoryError::invalid(
                property,
                format!("\"{text}\" is not a domain name; write contoso.example or *.contoso.example."),
            )
        })
    }

    /// How closely this fits `domain` (lower case, A-labels), if it does. An address literal fits `*` alone.
    pub fn closeness(&self, domain: &str) -> Option<Closeness> {
        match self {
            DomainPattern::Any => Some(Closeness::Any),
            DomainPattern::Exact(name) => (name == domain).then_some(Closeness::Exact),
            DomainPattern::WithSubdomains(name) => {
                is_within(domain, name).then_some(Closeness::Subdomain(name.len()))
            }
        }
    }
}

/// Whether `domain` is `parent` or below it.
pub(crate) fn is_within(domain: &str, parent: &str) -> bool {
    domain.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || (rest.ends_with('.') && rest.len() > 1))
}

/// The domain in lower case and A-labels; what is no domain name (an address literal) in lower case.
pub(crate) fn key_of(domain: &str) -> std::borrow::Cow<'_, str> {
    if domain.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return std::borrow::Cow::Borrowed(domain);
    }
    std::borrow::Cow::Owned(mail::address::domain_key(domain).unwrap_or_else(|_| domain.to_lowercase()))
}

impl fmt::Display for DomainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DomainPattern::Any => f.write_str("*"),
            DomainPattern::Exact(name) => f.write_str(name),
            DomainPattern::WithSubdomains(name) => write!(f, "*.{name}"),
        }
    }
}

impl FromStr for DomainPattern {
    type Err = DirectoryError;

    fn from_str(text: &str) -> Result<DomainPattern, DirectoryError> {
        DomainPattern::parse("DomainName", text)
    }
}

impl Serialize for DomainPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DomainPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DomainPattern, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_written() {
        for (text, shown) in [
            ("*", "*"),
            ("Contoso.Example", "contoso.example"),
            ("*.Contoso.example", "*.contoso.example"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            let pattern: DomainPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), shown);
            assert_eq!(pattern.to_string().parse::<DomainPattern>().unwrap(), pattern);
        }
        for bad in
            ["", "*contoso.example", "a.*.b", "*.*", "*.", "a..b", "[192.0.2.1]", "a b", &"x.".repeat(200)]
        {
            assert!(bad.parse::<DomainPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_closest_fit_ranks_highest() {
        let fit = |pattern: &str, domain: &str| pattern.parse::<DomainPattern>().unwrap().closeness(domain);
        assert_eq!(fit("contoso.example", "contoso.example"), Some(Closeness::Exact));
        assert_eq!(fit("contoso.example", "a.contoso.example"), None);
        assert_eq!(fit("*.contoso.example", "contoso.example"), Some(Closeness::Subdomain(15)));
        assert_eq!(fit("*.contoso.example", "a.b.contoso.example"), Some(Closeness::Subdomain(15)));
        assert_eq!(fit("*.contoso.example", "xcontoso.example"), None);
        assert_eq!(fit("*", "[192.0.2.1]"), Some(Closeness::Any));
        assert!(fit("a.example", "a.example") > fit("*.a.example", "a.example"));
        assert!(fit("*.b.a.example", "x.b.a.example") > fit("*.a.example", "x.b.a.example"));
        assert!(fit("*.a.example", "a.example") > fit("*", "a.example"));
    }
}
