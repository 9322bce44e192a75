//! Reads, checks and compares mailbox addresses and reverse-paths.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.2, §4.1.3; RFC 6531 §3.3; RFC 5890 §2.3.2.1.
//! Known gaps: local parts are compared case-folded but not normalised to NFC (RFC 6532 §3.1 leaves that to the sender).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// Longest address Exchange resolves, in octets: 315 local + 1 + 255 domain.
pub const ADDRESS_BYTES_MAX: usize = 571;
/// Longest local part Exchange resolves; RFC 5321 §4.5.3.1.1 asks receivers to take at least 64.
pub const LOCAL_BYTES_MAX: usize = 315;
/// RFC 5321 §4.5.3.1.2: longest domain, in octets.
pub const DOMAIN_BYTES_MAX: usize = 255;
/// RFC 1035 §2.3.4: longest label of a domain, in octets of its A-label form.
const LABEL_BYTES_MAX: usize = 63;

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("the address is empty")]
    Empty,
    /// More than [`ADDRESS_BYTES_MAX`], or one of its two parts is over its own limit.
    #[error("the address is longer than 571 characters (315 before the @, 255 after it)")]
    TooLong,
    /// No `@` separates a local part from a domain.
    #[error("the address has no @ with a domain after it")]
    NoDomain,
    /// The part before the `@` is neither a dot-string nor a quoted string.
    #[error("the part before the @ is not valid")]
    BadLocalPart,
    /// The part after the `@` is not a domain name.
    #[error("the domain after the @ is not valid")]
    BadDomain,
    /// The part after the `@` is in brackets but is neither an IPv4 nor an IPv6 address.
    #[error("the address literal after the @ is not valid")]
    BadLiteral,
}

/// A mailbox, `Local-part "@" ( Domain / address-literal )`, RFC 5321 §4.1.2 with the extensions of RFC 6531 §3.3.
///
/// Displayed as written. Compared, hashed and ordered by [`Address::key`]: the local part without
/// needless quotes and case-folded, the domain lower-cased in its A-label form, so that
/// `"Kim"@Bücher.example` equals `kim@xn--bcher-kva.example`. A clone costs two reference counts.
#[derive(Clone)]
pub struct Address {
    written: Arc<str>,
    /// Byte offset of the separating `@` in `written`.
    written_at: u16,
    key: Arc<str>,
    /// Byte offset of the separating `@` in `key`.
    key_at: u16,
    /// The lower-cased domain where it is not the one of `key` (U-labels were given).
    unicode_domain: Option<Arc<str>>,
}

impl Address {
    /// Parses one mailbox without angle brackets, comments or display name.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = split(text)?;
        if local.len() > LOCAL_BYTES_MAX || domain.len() > DOMAIN_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let local_key = check_local(local)?;
        let domain_key = check_domain(domain)?;
        let written_at = u16::try_from(local.len()).map_err(|_| AddressError::TooLong)?;
        let key_at = u16::try_from(local_key.len()).map_err(|_| AddressError::TooLong)?;
        let unicode_domain =
            if domain.is_ascii() { None } else { Some(Arc::from(domain.to_lowercase().as_str())) };
        let written: Arc<str> = Arc::from(text);
        let folded = format!("{local_key}@{domain_key}");
        let key = if folded == text { Arc::clone(&written) } else { Arc::from(folded) };
        Ok(Address { written, written_at, key, key_at, unicode_domain })
    }

    /// The local part as written, quotes included.
    pub fn local(&self) -> &str {
        self.written.get(..usize::from(self.written_at)).unwrap_or_default()
    }

    /// The domain in lower case, with A-labels or U-labels as given; an address literal keeps its brackets.
    pub fn domain(&self) -> &str {
        self.unicode_domain.as_deref().unwrap_or_else(|| self.domain_key())
    }

    /// The domain in lower case and A-label form: what to look up in DNS and to compare with.
    pub fn domain_key(&self) -> &str {
        self.key.get(usize::from(self.key_at) + 1..).unwrap_or_default()
    }

    /// The local part as compared: unquoted where quotes are needless, case-folded.
    pub fn local_key(&self) -> &str {
        self.key.get(..usize::from(self.key_at)).unwrap_or_default()
    }

    /// The whole address as compared: lower case, domain in A-label form.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether every character as written is ASCII: `false` means the next hop must offer SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.written.is_ascii()
    }

    /// Whether the domain is an address literal such as `[192.0.2.1]`.
    pub fn is_literal(&self) -> bool {
        self.domain_key().starts_with('[')
    }
}

/// A domain name in lower case and A-label form, for comparing and for DNS.
///
/// Accepts U-labels and A-labels; refuses address literals, empty labels and a trailing dot.
pub fn domain_key(domain: &str) -> Result<String, AddressError> {
    if domain.starts_with('[') {
        return Err(AddressError::BadDomain);
    }
    if domain.len() > DOMAIN_BYTES_MAX {
        return Err(AddressError::TooLong);
    }
    check_domain(domain)
}

/// Splits at the `@` that ends the local part: the first one outside a quoted string.
fn split(text: &str) -> Result<(&str, &str), AddressError> {
    let at = if text.starts_with('"') {
        let end = quoted_end(text).ok_or(AddressError::BadLocalPart)?;
        if !text.get(end..).is_some_and(|rest| rest.starts_with('@')) {
            return Err(if end == text.len() { AddressError::NoDomain } else { AddressError::BadLocalPart });
        }
        end
    } else {
        text.find('@').ok_or(AddressError::NoDomain)?
    };
    let (local, rest) = text.split_at_checked(at).ok_or(AddressError::NoDomain)?;
    let domain = rest.strip_prefix('@').unwrap_or_default();
    if domain.is_empty() {
        return Err(AddressError::NoDomain);
    }
    Ok((local, domain))
}

/// The byte offset behind the closing quote of a text that starts with one.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, ch) in text.char_indices().skip(1) {
        match ch {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// RFC 5321 §4.1.2 `Local-part = Dot-string / Quoted-string`; gives the form to compare with.
fn check_local(local: &str) -> Result<String, AddressError> {
    if is_dot_string(local) {
        return Ok(fold(local));
    }
    let inner = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|_| local.len() >= 2)
        .ok_or(AddressError::BadLocalPart)?;
    let mut content = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(ch) = chars.next() {
        match ch {
            // quoted-pairSMTP = %d92 %d32-126
            '\\' => match chars.next() {
                Some(next @ ' '..='~') => content.push(next),
                _ => return Err(AddressError::BadLocalPart),
            },
            // qtextSMTP = %d32-33 / %d35-91 / %d93-126, and UTF8-non-ascii by RFC 6531 §3.3
            '"' => return Err(AddressError::BadLocalPart),
            ' '..='~' => content.push(ch),
            _ if !ch.is_ascii() && !ch.is_control() => content.push(ch),
            _ => return Err(AddressError::BadLocalPart),
        }
    }
    // RFC 5321 §4.1.2: quoting that is not needed does not make another mailbox.
    if is_dot_string(&content) {
        return Ok(fold(&content));
    }
    let mut key = String::with_capacity(content.len() + 2);
    key.push('"');
    for ch in fold(&content).chars() {
        if matches!(ch, '"' | '\\') {
            key.push('\\');
        }
        key.push(ch);
    }
    key.push('"');
    Ok(key)
}

fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

fn is_dot_string(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5322 §3.2.3 `atext`, with UTF8-non-ascii by RFC 6531 §3.3.
fn is_atext(ch: char) -> bool {
    if ch.is_ascii() {
        ch.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(ch)
    } else {
        !ch.is_control() && !ch.is_whitespace()
    }
}

/// RFC 5321 §4.1.2 `Domain` or §4.1.3 `address-literal`; gives the form to compare with.
fn check_domain(domain: &str) -> Result<String, AddressError> {
    if let Some(rest) = domain.strip_prefix('[') {
        return check_literal(rest.strip_suffix(']').ok_or(AddressError::BadLiteral)?);
    }
    let ascii = if domain.is_ascii() {
        domain.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(domain).map_err(|_| AddressError::BadDomain)?
    };
    if ascii.is_empty() || ascii.len() > DOMAIN_BYTES_MAX {
        return Err(AddressError::BadDomain);
    }
    if ascii.split('.').all(is_label) { Ok(ascii) } else { Err(AddressError::BadDomain) }
}

/// `sub-domain = Let-dig [Ldh-str]`, at most 63 octets.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_BYTES_MAX
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// RFC 5321 §4.1.3: IPv4 and IPv6 literals; no other tag is registered.
fn check_literal(inner: &str) -> Result<String, AddressError> {
    if let Ok(v4) = Ipv4Addr::from_str(inner) {
        return Ok(format!("[{v4}]"));
    }
    let (tag, rest) = inner.split_once(':').ok_or(AddressError::BadLiteral)?;
    if !tag.eq_ignore_ascii_case("IPv6") {
        return Err(AddressError::BadLiteral);
    }
    let v6 = Ipv6Addr::from_str(rest).map_err(|_| AddressError::BadLiteral)?;
    Ok(format!("[ipv6:{v6}]"))
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Address {}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.written)
    }
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Address::parse(text)
    }
}

/// The argument of MAIL FROM: an address, or nothing for reports (RFC 5321 §4.5.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReversePath {
    /// `MAIL FROM:<>`: never answered with a report.
    Null,
    /// Where reports go.
    Address(Address),
}

impl ReversePath {
    /// Reads what stands between the angle brackets of MAIL FROM; empty (or `<>`) is [`ReversePath::Null`].
    pub fn parse(text: &str) -> Result<ReversePath, AddressError> {
        if text.is_empty() || text == "<>" {
            return Ok(ReversePath::Null);
        }
        Address::parse(text).map(ReversePath::Address)
    }

    /// The form of the tracking log: `<>`, or the address without brackets.
    pub fn as_trace(&self) -> &str {
        match self {
            ReversePath::Null => "<>",
            ReversePath::Address(address) => address.as_str(),
        }
    }

    /// The address, unless null.
    pub fn address(&self) -> Option<&Address> {
        match self {
            ReversePath::Null => None,
            ReversePath::Address(address) => Some(address),
        }
    }

    /// Whether this is `<>`.
    pub fn is_null(&self) -> bool {
        matches!(self, ReversePath::Null)
    }
}

impl From<Address> for ReversePath {
    fn from(address: Address) -> Self {
        ReversePath::Address(address)
    }
}

/// What stands between the angle brackets: nothing for [`ReversePath::Null`].
impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReversePath::Null => Ok(()),
            ReversePath::Address(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
