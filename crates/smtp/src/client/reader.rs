//! Reads the replies of a server.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.2, RFC 2034 §4.

use bytes::{Buf, BytesMut};
use memchr::memchr;

use crate::reply::{EnhancedCode, Reply};

/// Longest reply line in octets, its end excluded; RFC 5321 §4.5.3.1.5 has 512, some servers exceed it.
pub const LINE_BYTES_MAX: usize = 2_048;
/// Most lines of one reply.
pub const LINES_MAX: usize = 512;

/// Why what a server sent is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReplyError {
    /// A line over [`LINE_BYTES_MAX`].
    #[error("a reply line is longer than {LINE_BYTES_MAX} octets")]
    LineTooLong,
    /// More lines than [`LINES_MAX`].
    #[error("a reply has more than {LINES_MAX} lines")]
    TooManyLines,
    /// A line that does not begin with three digits and a space, a hyphen or the end.
    #[error("a reply line does not begin with a reply code")]
    Malformed,
}

/// A reply as its lines come in.
#[derive(Debug, Default)]
pub struct ReplyReader {
    text: String,
    enhanced: Option<EnhancedCode>,
    lines: usize,
    /// Octets of the input known to hold no LF.
    scanned: usize,
}

impl ReplyReader {
    /// Takes lines from the front of `input` up to the end of a reply; `None` where more octets are needed.
    ///
    /// A LF alone ends a line too: nothing can be smuggled into a reply, and old servers send it.
    ///
    /// # Errors
    /// What breaks the grammar or a bound; the connection is of no use any more.
    pub fn read(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, ReplyError> {
        loop {
            let unread = input.get(self.scanned..).unwrap_or_default();
            let Some(found) = memchr(b'\n', unread) else {
                self.scanned = input.len();
                let held =
                    if input.len() > LINE_BYTES_MAX + 1 { Err(ReplyError::LineTooLong) } else { Ok(None) };
                return held;
            };
            let length = self.scanned.saturating_add(found);
            let line = input.get(..length).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > LINE_BYTES_MAX {
                return Err(ReplyError::LineTooLong);
            }
            let last = Self::line(&mut self.text, &mut self.enhanced, self.lines, line)?;
            self.scanned = 0;
            self.lines = self.lines.saturating_add(1);
            input.advance(length.saturating_add(1));
            if let Some(code) = last {
                self.lines = 0;
                return Ok(Some(Reply::new(code, self.enhanced.take(), std::mem::take(&mut self.text))));
            }
            if self.lines >= LINES_MAX {
                return Err(ReplyError::TooManyLines);
            }
        }
    }

    /// Adds one line; gives the code where it is the last line.
    fn line(
        text: &mut String,
        enhanced: &mut Option<EnhancedCode>,
        lines: usize,
        line: &[u8],
    ) -> Result<Option<u16>, ReplyError> {
        let (digits, rest) = line.split_at_checked(3).ok_or(ReplyError::Malformed)?;
        let code = match digits {
            [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
                digits.iter().fold(0_u16, |code, digit| code * 10 + u16::from(digit - b'0'))
            }
            _ => return Err(ReplyError::Malformed),
        };
        let (last, rest) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', rest)) => (true, rest),
            Some((b'-', rest)) => (false, rest),
            Some(_) => return Err(ReplyError::Malformed),
        };
        let line = String::from_utf8_lossy(rest);
        let mut shown = line.as_ref();
        if let Some((found, rest)) = EnhancedCode::split(shown)
            // RFC 2034 §4: the class must agree with the first digit of the code; else it is only text.
            && u16::from(found.class) == code / 100
            && enhanced.is_none_or(|before| before == found)
        {
            *enhanced = Some(found);
            shown = rest;
        }
        if lines > 0 {
            text.push('\n');
        }
        text.extend(shown.chars().map(|character| if character.is_control() { ' ' } else { character }));
        Ok(if last { Some(code) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Reply>, ReplyError> {
        ReplyReader::default().read(&mut BytesMut::from(text))
    }

    #[test]
    fn known_answers() {
        let sender_ok = Reply::fixed(250, Some(EnhancedCode::new(2, 1, 0)), "Sender OK");
        let no_user = Reply::fixed(550, Some(EnhancedCode::new(5, 1, 1)), "no\nsuch user");
        for (text, reply) in [
            ("250 2.1.0 Sender OK\r\n", sender_ok),
            ("550-5.1.1 no\r\n550 5.1.1 such user\r\n", no_user),
            ("250\r\n", Reply::fixed(250, None, "")),
            ("250-\r\n250 \r\n", Reply::fixed(250, None, "\n")),
            ("220 mx.example ESMTP\n", Reply::fixed(220, None, "mx.example ESMTP")),
            // The class disagrees with the code: only text.
            ("550 2.1.0 odd\r\n", Reply::fixed(550, None, "2.1.0 odd")),
            ("354 go\x07on\r\n", Reply::fixed(354, None, "go on")),
        ] {
            assert_eq!(read(text), Ok(Some(reply)), "{text:?}");
        }
    }

    #[test]
    fn waits_for_the_rest() {
        let mut reader = ReplyReader::default();
        let mut input = BytesMut::new();
        for byte in b"250-mx\r\n250 SIZE 10\r" {
            input.extend_from_slice(&[*byte]);
            assert_eq!(reader.read(&mut input), Ok(None));
        }
        input.extend_from_slice(b"\n220 next\r\n");
        assert_eq!(reader.read(&mut input), Ok(Some(Reply::fixed(250, None, "mx\nSIZE 10"))));
        assert_eq!(reader.read(&mut input), Ok(Some(Reply::fixed(220, None, "next"))));
        assert!(input.is_empty());
    }

    #[test]
    fn refuses_what_is_no_reply() {
        for text in
            ["hello\r\n", "25\r\n", "2500 x\r\n", "150 x\r\n", "650 x\r\n", "250_x\r\n", "\r\n", "2５0 x\r\n"]
        {
            assert_eq!(read(text), Err(ReplyError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn is_bounded() {
        assert_eq!(read(&format!("250 {}\r\n", "x".repeat(LINE_BYTES_MAX))), Err(ReplyError::LineTooLong));
        assert_eq!(read(&"x".repeat(LINE_BYTES_MAX + 2)), Err(ReplyError::LineTooLong));
        assert_eq!(read(&"250-x\r\n".repeat(LINES_MAX)), Err(ReplyError::TooManyLines));
        let most = format!("{}250 x\r\n", "250-x\r\n".repeat(LINES_MAX - 1));
        assert!(read(&most).unwrap().is_some());
    }
}
