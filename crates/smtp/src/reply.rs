//! A reply of an SMTP server: its code, enhanced status code and lines, and how they are printed.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.2, RFC 2034 §4, RFC 3463 §2.

use std::borrow::Cow;
use std::fmt;

use bytes::{BufMut, BytesMut};

/// RFC 5321 §4.5.3.1.5: longest reply line in octets, code and CRLF included.
const REPLY_LINE_BYTES_MAX: usize = 512;

/// An enhanced status code such as `5.1.1`, RFC 3463 §2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// What the condition is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The exact condition, 0 to 999.
    pub detail: u16,
}

impl EnhancedCode {
    /// A code from its three numbers.
    pub const fn new(class: u8, subject: u16, detail: u16) -> EnhancedCode {
        EnhancedCode { class, subject, detail }
    }

    /// Reads a code at the start of `text`; gives the code and the text after it and its one space.
    ///
    /// `None` where the text does not begin with `class "." subject "." detail` followed by a space or the end.
    pub fn split(text: &str) -> Option<(EnhancedCode, &str)> {
        let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
        let mut parts = code.split('.');
        let class = match parts.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        let subject = number(parts.next()?)?;
        let detail = number(parts.next()?)?;
        if parts.next().is_some() {
            return None;
        }
        Some((EnhancedCode { class, subject, detail }, rest))
    }
}

/// One to three digits, RFC 3463 §2.
fn number(text: &str) -> Option<u16> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What the first digit of a reply code says, RFC 5321 §4.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplyClass {
    /// 2yz: done.
    Success,
    /// 3yz: go on.
    Intermediate,
    /// 4yz: not now.
    Transient,
    /// 5yz: never.
    Permanent,
    /// A code no standard knows.
    Other,
}

/// One reply, of one or several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: Option<EnhancedCode>,
    text: Cow<'static, str>,
}

impl Reply {
    /// A reply with a fixed text, without an allocation. Lines are separated by `\n`.
    pub const fn fixed(code: u16, enhanced: Option<EnhancedCode>, text: &'static str) -> Reply {
        Reply { code, enhanced, text: Cow::Borrowed(text) }
    }

    /// A reply with a text made at run time. Lines are separated by `\n`.
    pub fn new(code: u16, enhanced: Option<EnhancedCode>, text: impl Into<Cow<'static, str>>) -> Reply {
        Reply { code, enhanced, text: text.into() }
    }

    /// The three-digit code.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The enhanced status code, where one was given.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The text without code and enhanced code, lines separated by `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines of the text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split('\n')
    }

    /// What the code says.
    pub fn class(&self) -> ReplyClass {
        match self.code / 100 {
            2 => ReplyClass::Success,
            3 => ReplyClass::Intermediate,
            4 => ReplyClass::Transient,
            5 => ReplyClass::Permanent,
            _ => ReplyClass::Other,
        }
    }

    /// Whether this is a 2yz reply.
    pub fn is_success(&self) -> bool {
        self.class() == ReplyClass::Success
    }

    /// Whether this is a 4yz or 5yz reply.
    pub fn is_failure(&self) -> bool {
        matches!(self.class(), ReplyClass::Transient | ReplyClass::Permanent)
    }

    /// Prints the reply as it goes over the wire, each line ended with CRLF and at most 512 octets long.
    ///
    /// Control characters in the text become `?`, so that no text can forge a second reply.
    pub fn write_to(&self, out: &mut BytesMut) {
        let enhanced = self.enhanced.map(|code| code.to_string());
        let prefix = 3 + 1 + enhanced.as_ref().map_or(0, |code| code.len() + 1);
        let room = REPLY_LINE_BYTES_MAX.saturating_sub(prefix + 2);
        let mut pieces = self.lines().flat_map(|line| Pieces { rest: Some(line), room }).peekable();
        while let Some(piece) = pieces.next() {
            self.write_line(out, enhanced.as_deref(), piece, pieces.peek().is_none());
        }
    }

    fn write_line(&self, out: &mut BytesMut, enhanced: Option<&str>, text: &str, last: bool) {
        for divisor in [100, 10, 1] {
            // A remainder below ten always fits an octet.
            out.put_u8(b'0' + u8::try_from(self.code / divisor % 10).unwrap_or(0));
        }
        if !last {
            out.put_u8(b'-');
        } else if enhanced.is_some() || !text.is_empty() {
            out.put_u8(b' ');
        }
        if let Some(code) = enhanced {
            out.extend_from_slice(code.as_bytes());
            if !text.is_empty() {
                out.put_u8(b' ');
            }
        }
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            out.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b'?' } else { byte }));
        } else {
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// A line cut into pieces of at most `room` octets, never inside a character; an empty line is one empty piece.
struct Pieces<'a> {
    rest: Option<&'a str>,
    room: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        if rest.len() <= self.room {
            return Some(rest);
        }
        let cut = rest.floor_char_boundary(self.room);
        let (piece, rest) = rest.split_at_checked(cut)?;
        self.rest = Some(rest);
        Some(piece)
    }
}

/// The reply on one line, as a trace shows it: `550 5.1.1 User unknown`.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.code)?;
        if let Some(code) = self.enhanced {
            write!(f, " {code}")?;
        }
        for line in self.lines().filter(|line| !line.is_empty()) {
            write!(f, " {line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(reply: &Reply) -> String {
        let mut out = BytesMut::new();
        reply.write_to(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn prints_one_and_several_lines() {
        let one = Reply::fixed(250, Some(EnhancedCode::new(2, 1, 0)), "Sender OK");
        assert_eq!(printed(&one), "250 2.1.0 Sender OK\r\n");
        let many = Reply::fixed(250, None, "mx1.contoso.example\nSIZE 37748736\nDSN");
        assert_eq!(printed(&many), "250-mx1.contoso.example\r\n250-SIZE 37748736\r\n250 DSN\r\n");
        assert_eq!(many.to_string(), "250 mx1.contoso.example SIZE 37748736 DSN");
        assert_eq!(printed(&Reply::fixed(250, None, "")), "250\r\n");
    }

    #[test]
    fn a_text_cannot_forge_a_second_reply() {
        let reply = Reply::new(550, None, "no such user x\r\n250 OK".to_owned());
        assert_eq!(printed(&reply), "550-no such user x?\r\n550 250 OK\r\n");
    }

    #[test]
    fn long_lines_are_continued() {
        let reply = Reply::new(550, Some(EnhancedCode::new(5, 7, 1)), "ü".repeat(600));
        let text = printed(&reply);
        assert!(text.lines().count() == 3 && text.split_inclusive("\r\n").all(|line| line.len() <= 512));
        assert_eq!(text.matches('ü').count(), 600);
    }

    #[test]
    fn reads_enhanced_codes() {
        assert_eq!(EnhancedCode::split("5.1.10 Recipient"), Some((EnhancedCode::new(5, 1, 10), "Recipient")));
        assert_eq!(EnhancedCode::split("2.0.0"), Some((EnhancedCode::new(2, 0, 0), "")));
        for text in ["3.1.0 x", "5.1 x", "5.1.1000 x", "5.1.1.1 x", "5..1 x", "5.1.+1", "", "Ok"] {
            assert_eq!(EnhancedCode::split(text), None, "{text}");
        }
    }
}
