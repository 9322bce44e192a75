//! The part that gives the original back: the whole message, or its header.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3461 §4.3, §6.2; RFC 6522 §3; RFC 6532 §3.7; RFC 6533 §5; RFC 2045 §2.7, §2.8.

use super::{Report, Return};
use crate::header::HeaderBlock;
use crate::mime_text::{base64_lines, quoted_printable};

/// Most of a header given back where the header alone comes back.
const HEADERS_BYTES_MAX: usize = 64 * 1024;
/// RFC 2045 §2.7: longest line of 7bit and 8bit data, without CRLF.
const LINE_OCTETS_MAX: usize = 998;

/// What of the original is in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attached {
    /// All of it.
    Message,
    /// Its header, because so asked, or because it is too large or binary.
    Headers,
}

/// The part with its header, and what it holds.
pub(super) fn part(report: &Report<'_>, smtputf8: bool) -> (Vec<u8>, Attached) {
    let original = report.original;
    let header = HeaderBlock::scan(original);
    let size = u64::try_from(original.len()).unwrap_or(u64::MAX);
    let whole = report.ret == Return::Full && size <= report.attach_bytes_max && is_lines(original);
    if !whole {
        return (headers(&header_within_bound(&header), smtputf8), Attached::Headers);
    }
    let part = if is_utf8(header.bytes()) {
        if smtputf8 {
            assemble("message/global", "8bit", original)
        } else {
            assemble("message/global", "base64", &base64_lines(original))
        }
    } else {
        let encoding = if original.is_ascii() { "7bit" } else { "8bit" };
        assemble("message/rfc822", encoding, original)
    };
    (part, Attached::Message)
}

fn headers(header: &[u8], smtputf8: bool) -> Vec<u8> {
    if is_utf8(header) && is_lines(header) {
        if smtputf8 {
            assemble("message/global-headers", "8bit", header)
        } else {
            assemble("message/global-headers", "base64", &base64_lines(header))
        }
    } else if header.is_ascii() && is_lines(header) {
        assemble("text/rfc822-headers", "7bit", header)
    } else {
        assemble("text/rfc822-headers", "quoted-printable", &quoted_printable(header))
    }
}

fn assemble(kind: &str, encoding: &str, content: &[u8]) -> Vec<u8> {
    let mut part =
        format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n").into_bytes();
    part.extend_from_slice(content);
    part
}

/// Whole fields from the top, as many as fit.
fn header_within_bound(header: &HeaderBlock<'_>) -> Vec<u8> {
    let end = header.fields().map(|field| field.range.end).take_while(|end| *end <= HEADERS_BYTES_MAX).last();
    header.bytes().get(..end.unwrap_or_default()).unwrap_or_default().to_vec()
}

/// Non-ASCII, and all of it UTF-8: an internationalized header (RFC 6532).
fn is_utf8(header: &[u8]) -> bool {
    !header.is_ascii() && std::str::from_utf8(header).is_ok()
}

/// Whether these octets can stand in a message that is not BINARYMIME: no NUL, CR and LF only
/// together, no over-long line.
fn is_lines(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = match lines.peek() {
            Some(_) => match line.strip_suffix(b"\r") {
                Some(line) => line,
                None => return false,
            },
            None => line,
        };
        if line.len() > LINE_OCTETS_MAX || line.iter().any(|byte| matches!(byte, 0 | b'\r')) {
            return false;
        }
    }
    true
}
