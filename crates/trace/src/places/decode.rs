//! Bytes to lines of text: UTF-8 or UTF-16 by the byte order mark, any piece at a time, every line bounded.
//!
//! May touch: nothing (pure).

use std::borrow::Cow;

/// Longest line kept, in octets; what is longer is cut there, and no reader may take it for whole.
pub(crate) const LINE_BYTES_MAX: usize = 16 * 1_024 * 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Not enough bytes yet.
    Unknown,
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// Turns pieces of a file into pieces of UTF-8 text that end where a character ends or may be repaired.
#[derive(Debug)]
pub(crate) struct Decoder {
    encoding: Encoding,
    /// Bytes of a character, or of the mark, that is not complete.
    rest: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new() -> Decoder {
        Decoder { encoding: Encoding::Unknown, rest: Vec::new() }
    }

    /// The bytes as UTF-8, as far as they are complete.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.encoding == Encoding::Unknown {
            self.rest.extend_from_slice(bytes);
            if self.rest.len() < 3 {
                return Cow::Borrowed(&[]);
            }
            let first = std::mem::take(&mut self.rest);
            return Cow::Owned(self.begin(&first));
        }
        match self.encoding {
            Encoding::Utf16Le => Cow::Owned(self.wide(bytes, u16::from_le_bytes)),
            Encoding::Utf16Be => Cow::Owned(self.wide(bytes, u16::from_be_bytes)),
            _ => Cow::Borrowed(bytes),
        }
    }

    /// What is left at the end.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.rest);
        match self.encoding {
            Encoding::Unknown => self.begin(&rest),
            Encoding::Utf8 => rest,
            _ if rest.is_empty() => Vec::new(),
            _ => "\u{fffd}".into(),
        }
    }

    fn begin(&mut self, first: &[u8]) -> Vec<u8> {
        let (encoding, rest) = if let Some(rest) = first.strip_prefix(b"\xff\xfe") {
            (Encoding::Utf16Le, rest)
        } else if let Some(rest) = first.strip_prefix(b"\xfe\xff") {
            (Encoding::Utf16Be, rest)
        } else {
            (Encoding::Utf8, first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first))
        };
        self.encoding = encoding;
        match encoding {
            Encoding::Utf16Le => self.wide(rest, u16::from_le_bytes),
            Encoding::Utf16Be => self.wide(rest, u16::from_be_bytes),
            _ => rest.to_vec(),
        }
    }

    fn wide(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let (pairs, odd) = all.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let mut rest = Vec::new();
        // The first half of a pair waits for the second.
        if units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
            units.pop();
            rest.extend(pairs.last().copied().unwrap_or_default());
        }
        rest.extend_from_slice(odd);
        self.rest = rest;
        let text: String =
            char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        text.into_bytes()
    }
}

/// A line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// As it stands there.
    Whole(&'a str),
    /// The beginning of one that is too long.
    Cut(&'a str),
}

/// Cuts text into lines, whatever the pieces it comes in.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    begun: Vec<u8>,
    too_long: bool,
}

impl Lines {
    /// Gives each complete line to `take`, without its line end.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(Line<'_>)) {
        while let Some(at) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(at);
            bytes = rest.get(1..).unwrap_or_default();
            if self.begun.is_empty() && line.len() <= LINE_BYTES_MAX {
                give(line, false, take);
            } else {
                self.keep(line);
                give(&self.begun, self.too_long, take);
                self.begun.clear();
            }
            self.too_long = false;
        }
        self.keep(bytes);
    }

    /// The last line, if it has no end.
    pub(crate) fn finish(&mut self, take: &mut dyn FnMut(Line<'_>)) {
        if !self.begun.is_empty() {
            give(&std::mem::take(&mut self.begun), std::mem::take(&mut self.too_long), take);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES_MAX.saturating_sub(self.begun.len());
        self.too_long |= bytes.len() > room;
        self.begun.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }
}

fn give(line: &[u8], too_long: bool, take: &mut dyn FnMut(Line<'_>)) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    take(if too_long { Line::Cut(&text) } else { Line::Whole(&text) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_not_handed_out_as_a_whole_one() {
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        let text = [b"a\n".as_slice(), &long, b"\nb\r\n", &long].concat();
        for size in [100_000, usize::MAX] {
            let (mut lines, mut found) = (Lines::default(), Vec::new());
            let mut take = |line: Line<'_>| {
                found.push(match line {
                    Line::Whole(text) => (text.len(), true),
                    Line::Cut(text) => (text.len(), false),
                });
            };
            text.chunks(size).for_each(|piece| lines.feed(piece, &mut take));
            lines.finish(&mut take);
            let cut = (LINE_BYTES_MAX, false);
            assert_eq!(found, [(1, true), cut, (1, true), cut], "pieces of {size}");
        }
    }

    #[test]
    fn its_reader_counts_it_as_unknown() {
        use super::super::read::{Options, Reader};
        let mut reader = Reader::new(
            "gateway".parse().unwrap(),
            std::sync::Arc::default(),
            Options::new(jiff::Timestamp::UNIX_EPOCH),
        );
        let begin = "1970-01-01T00:00:00Z mx1 postfix/qmgr[1]: ABCD1: removed";
        let long = format!("{begin}\n{begin} {}\n", "x".repeat(LINE_BYTES_MAX));
        reader.feed(long.as_bytes()).unwrap();
        reader.end_file().unwrap();
        let tally = reader.tally();
        assert_eq!((tally.lines, tally.unknown), (2, 1));
        assert!(tally.unknown_lines[0].reason.contains("a line of more than"), "{tally:?}");
    }
}
