//! Prepares a message for DATA: doubles the dots that begin a line.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.5.2, §4.1.1.4.

use bytes::{BufMut, BytesMut};
use memchr::memmem;

/// Where the last octet left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// After CRLF, or at the very start.
    #[default]
    LineStart,
    /// After CR inside a line.
    Cr,
    /// Inside a line.
    Text,
}

/// Doubles the dots that begin a line, piece by piece.
#[derive(Debug, Default)]
pub struct DotStuffer {
    place: Place,
}

impl DotStuffer {
    /// Adds the next piece of the message to `out`.
    pub fn push(&mut self, piece: &[u8], out: &mut BytesMut) {
        out.reserve(piece.len().saturating_add(64));
        let mut rest = piece;
        match (self.place, piece) {
            (Place::LineStart, [b'.', ..]) => out.put_u8(b'.'),
            // The CRLF was cut in two.
            (Place::Cr, [b'\n', after @ ..]) => {
                out.put_u8(b'\n');
                rest = after;
                if after.first() == Some(&b'.') {
                    out.put_u8(b'.');
                }
            }
            _ => {}
        }
        let mut from = 0;
        for found in memmem::find_iter(rest, b"\r\n.") {
            let to = found.saturating_add(2);
            out.extend_from_slice(rest.get(from..to).unwrap_or_default());
            out.put_u8(b'.');
            from = to;
        }
        out.extend_from_slice(rest.get(from..).unwrap_or_default());
        self.place = match piece {
            [] => self.place,
            [b'\n'] if self.place == Place::Cr => Place::LineStart,
            [.., b'\r', b'\n'] => Place::LineStart,
            [.., b'\r'] => Place::Cr,
            _ => Place::Text,
        };
    }

    /// Adds the end of the data; a message without a last CRLF gets one, as DATA cannot carry it otherwise.
    pub fn finish(&mut self, out: &mut BytesMut) {
        if self.place != Place::LineStart {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
        self.place = Place::LineStart;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stuffed(pieces: &[&str]) -> String {
        let (mut stuffer, mut out) = (DotStuffer::default(), BytesMut::new());
        for piece in pieces {
            stuffer.push(piece.as_bytes(), &mut out);
        }
        stuffer.finish(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn known_answers() {
        for (pieces, data) in [
            (&[""][..], ".\r\n"),
            (&["."], "..\r\n.\r\n"),
            (&["a\r\n.b\r\n"], "a\r\n..b\r\n.\r\n"),
            (&["a\r\n.\r\n.\r\n"], "a\r\n..\r\n..\r\n.\r\n"),
            (&["a\r", "\n.b"], "a\r\n..b\r\n.\r\n"),
            (&["a\r", "\n", ".b"], "a\r\n..b\r\n.\r\n"),
            (&["a\r\n", ".b"], "a\r\n..b\r\n.\r\n"),
            (&["a", ".b\n.c\r.d"], "a.b\n.c\r.d\r\n.\r\n"),
            (&["a\r\n", "", "."], "a\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(stuffed(pieces), data, "{pieces:?}");
        }
    }
}
