//! Cuts the path of MAIL or RCPT out of its line.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.2, §4.1.1.3, appendix C (source routes are dropped).

use super::BLANKS;
use mail::Address;

/// The path of RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain, RFC 5321 §4.5.1.
    Postmaster,
    /// A mailbox.
    Address(Address),
}

/// Why no path was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing was given.
    #[error("no path was given")]
    Missing,
    /// Brackets, quotes or a route do not close, or something clings to the bracket.
    #[error("the path is malformed")]
    Malformed,
}

/// Splits `<path> parameters` or `path parameters` into the mailbox (empty for `<>`) and the parameters.
///
/// Brackets may be missing, as people type. A source route `@a,@b:` is dropped, RFC 5321 §4.1.1.3.
pub(super) fn split(text: &str) -> Result<(&str, &str), PathError> {
    match text.strip_prefix('<') {
        Some(inner) => {
            let end = position(inner, |byte| byte == b'>').ok_or(PathError::Malformed)?;
            let (path, rest) = inner.split_at_checked(end).ok_or(PathError::Malformed)?;
            let rest = rest.strip_prefix('>').ok_or(PathError::Malformed)?;
            if !rest.is_empty() && !rest.starts_with(BLANKS) {
                return Err(PathError::Malformed);
            }
            Ok((without_route(path.trim_matches(BLANKS))?, rest))
        }
        None => {
            let end = position(text, |byte| byte == b' ' || byte == b'\t').unwrap_or(text.len());
            let (path, rest) = text.split_at_checked(end).ok_or(PathError::Malformed)?;
            if path.is_empty() {
                return Err(PathError::Missing);
            }
            Ok((without_route(path)?, rest))
        }
    }
}

/// Drops `A-d-l ":"`, RFC 5321 §4.1.2. A route begins with `@`, which no mailbox does.
fn without_route(path: &str) -> Result<&str, PathError> {
    if !path.starts_with('@') {
        return Ok(path);
    }
    let mut literal = false;
    let colon = path.bytes().position(|byte| {
        match byte {
            b'[' => literal = true,
            b']' => literal = false,
            _ => {}
        }
        byte == b':' && !literal
    });
    let (_, mailbox) = colon.and_then(|at| path.split_at_checked(at)).ok_or(PathError::Malformed)?;
    match mailbox.strip_prefix(':') {
        None | Some("") => Err(PathError::Malformed),
        Some(mailbox) => Ok(mailbox.trim_start_matches(BLANKS)),
    }
}

/// The first octet outside a quoted string that `wanted` takes.
fn position(text: &str, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    text.bytes().position(|byte| {
        if escaped {
            escaped = false;
        } else if quoted && byte == b'\\' {
            escaped = true;
        } else if byte == b'"' {
            quoted = !quoted;
        } else if !quoted {
            return wanted(byte);
        }
        false
    })
}
