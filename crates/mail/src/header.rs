//! Finds header fields and the end of the header in a message's bytes, without changing or decoding them.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §2.1, §2.2, §2.2.3, §4.5.
//!
//! Everything of ours that looks at headers uses this one scan, so that what the header firewall cut
//! cannot be seen by a later reader.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

/// One header field as it stands in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as written, without the colon and without obsolete white space before it (RFC 5322 §4.5).
    pub name: &'a str,
    /// Everything between the colon and the line end, folds included, as bytes.
    pub value: &'a [u8],
    /// Where the field stands in the message, its line end included.
    pub range: Range<usize>,
}

impl<'a> Field<'a> {
    /// Whether the name is this one, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value unfolded (RFC 5322 §2.2.3: line ends go, white space stays) and trimmed.
    pub fn unfolded(&self) -> Cow<'a, [u8]> {
        let value = self.value.trim_ascii();
        if memchr(b'\n', value).is_none() {
            return Cow::Borrowed(value);
        }
        Cow::Owned(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
    }

    /// The value unfolded as text; bytes that are not UTF-8 become U+FFFD. Encoded words are not decoded.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.unfolded()).into_owned()
    }
}

/// How the header came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderEnd {
    /// An empty line, as RFC 5322 §2.1 asks.
    EmptyLine,
    /// A line that is no header field; it is the first line of the body.
    NotAField,
    /// The message ended.
    EndOfMessage,
    /// The scan was stopped by its bound.
    Bound,
}

/// The header of a message: all its fields, and where the body begins.
#[derive(Debug, Clone)]
pub struct HeaderBlock<'a> {
    message: &'a [u8],
    header_len: usize,
    body: usize,
    end: HeaderEnd,
}

impl<'a> HeaderBlock<'a> {
    /// Scans to the end of the header. Linear in the header's size, which the receive limits bound.
    pub fn scan(message: &'a [u8]) -> HeaderBlock<'a> {
        HeaderBlock::scan_bounded(message, usize::MAX)
    }

    /// Scans no further than the first field that begins at or behind `bytes_max`.
    pub fn scan_bounded(message: &'a [u8], bytes_max: usize) -> HeaderBlock<'a> {
        let mut at = 0;
        loop {
            if at >= message.len() {
                return HeaderBlock { message, header_len: at, body: at, end: HeaderEnd::EndOfMessage };
            }
            if at >= bytes_max {
                return HeaderBlock { message, header_len: at, body: at, end: HeaderEnd::Bound };
            }
            match next_field(message, at) {
                Step::Field(field) => at = field.range.end,
                Step::EmptyLine(after) => {
                    return HeaderBlock { message, header_len: at, body: after, end: HeaderEnd::EmptyLine };
                }
                Step::NotAField => {
                    return HeaderBlock { message, header_len: at, body: at, end: HeaderEnd::NotAField };
                }
            }
        }
    }

    /// The fields in order.
    pub fn fields(&self) -> Fields<'a> {
        Fields { message: self.bytes(), at: 0 }
    }

    /// The first field of this name, without regard to case.
    pub fn first(&self, name: &str) -> Option<Field<'a>> {
        self.fields().find(|field| field.is(name))
    }

    /// The header's bytes, without the empty line that ends it.
    pub fn bytes(&self) -> &'a [u8] {
        self.message.get(..self.header_len).unwrap_or_default()
    }

    /// The length of [`HeaderBlock::bytes`]: where a field can be added.
    pub fn header_len(&self) -> usize {
        self.header_len
    }

    /// The offset of the body in the message.
    pub fn body_offset(&self) -> usize {
        self.body
    }

    /// The body's bytes.
    pub fn body(&self) -> &'a [u8] {
        self.message.get(self.body..).unwrap_or_default()
    }

    /// How the header ended.
    pub fn end(&self) -> HeaderEnd {
        self.end
    }
}

/// Iterator over the fields of a header.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if self.at >= self.message.len() {
            return None;
        }
        match next_field(self.message, self.at) {
            Step::Field(field) => {
                self.at = field.range.end;
                Some(field)
            }
            Step::EmptyLine(_) | Step::NotAField => None,
        }
    }
}

enum Step<'a> {
    Field(Field<'a>),
    /// With the offset behind it.
    EmptyLine(usize),
    NotAField,
}

/// Reads the line at `start` and the continuation lines after it.
///
/// A bare LF ends a line here: only BINARYMIME can carry one this far, and cutting too much is the
/// safe side for the header firewall.
fn next_field(message: &[u8], start: usize) -> Step<'_> {
    let line_end = line_end(message, start);
    let line = message.get(start..line_end).unwrap_or_default();
    if matches!(line, b"\n" | b"\r\n") {
        return Step::EmptyLine(line_end);
    }
    let Some(colon) = memchr(b':', line) else { return Step::NotAField };
    let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
    // RFC 5322 §2.2: printable US-ASCII except colon.
    if name.is_empty() || !name.iter().all(|byte| (33..=126).contains(byte)) {
        return Step::NotAField;
    }
    let Ok(name) = std::str::from_utf8(name) else { return Step::NotAField };
    let mut end = line_end;
    while matches!(message.get(end), Some(b' ' | b'\t')) {
        end = self::line_end(message, end);
    }
    let raw = message.get(start + colon + 1..end).unwrap_or_default();
    let value = raw.strip_suffix(b"\n").unwrap_or(raw);
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    Step::Field(Field { name, value, range: start..end })
}

/// The offset behind the line that starts at `start`.
fn line_end(message: &[u8], start: usize) -> usize {
    match message.get(start..).and_then(|rest| memchr(b'\n', rest)) {
        Some(length) => start + length + 1,
        None => message.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(message: &[u8]) -> (Vec<String>, usize, HeaderEnd) {
        let block = HeaderBlock::scan(message);
        (block.fields().map(|field| field.name.to_owned()).collect(), block.body_offset(), block.end())
    }

    #[test]
    fn finds_fields_and_body() {
        let message = b"Subject: a\r\n b\r\nX-Long:\r\n\tone\r\n two\r\nTo : x\r\n\r\nbody: no\r\n";
        let block = HeaderBlock::scan(message);
        let fields: Vec<_> = block.fields().collect();
        assert_eq!(fields.iter().map(|f| f.name).collect::<Vec<_>>(), ["Subject", "X-Long", "To"]);
        assert_eq!(fields[0].value, b" a\r\n b");
        assert_eq!(fields[0].text(), "a b");
        assert_eq!(fields[1].text(), "one two");
        assert_eq!(&message[fields[2].range.clone()], b"To : x\r\n");
        assert_eq!(block.body(), b"body: no\r\n");
        assert_eq!(block.end(), HeaderEnd::EmptyLine);
        assert!(block.first("SUBJECT").is_some() && block.first("body").is_none());
    }

    #[test]
    fn ends_of_the_header() {
        assert_eq!(names(b""), (vec![], 0, HeaderEnd::EndOfMessage));
        assert_eq!(names(b"\r\nhello"), (vec![], 2, HeaderEnd::EmptyLine));
        assert_eq!(names(b"hello\r\n"), (vec![], 0, HeaderEnd::NotAField));
        assert_eq!(names(b" A: b\r\n"), (vec![], 0, HeaderEnd::NotAField));
        assert_eq!(names(b"A: b"), (vec!["A".into()], 4, HeaderEnd::EndOfMessage));
        assert_eq!(names(b"A: b\nB: c\n\nx"), (vec!["A".into(), "B".into()], 11, HeaderEnd::EmptyLine));
        assert_eq!(names(b"A: b\r\nnot a field\r\nB: c\r\n"), (vec!["A".into()], 6, HeaderEnd::NotAField));
        assert_eq!(names(b"Na me: b\r\n"), (vec![], 0, HeaderEnd::NotAField));
        assert_eq!(HeaderBlock::scan_bounded(b"A: 1\r\nB: 2\r\n\r\n", 3).end(), HeaderEnd::Bound);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(message in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let block = HeaderBlock::scan(&message);
            let mut at = 0;
            for field in block.fields() {
                assert_eq!(field.range.start, at);
                at = field.range.end;
            }
            assert_eq!(at, block.header_len());
            assert!(block.body_offset() <= message.len());
        }

        #[test]
        fn header_like_bytes(message in "([A-C: \t]{0,6}(\r\n|\n|\r|: |x){0,2}){0,20}") {
            let block = HeaderBlock::scan(message.as_bytes());
            assert_eq!(block.fields().map(|f| f.range.len()).sum::<usize>(), block.header_len());
        }
    }
}
