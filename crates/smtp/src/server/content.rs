//! Takes the octets of a message out of the stream: finds the true end, removes stuffed dots, checks what is bound.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.5.2, §2.3.8, §4.1.1.4; RFC 3030 §2, §3; RFC 6152 §3.
//!
//! Data ends at CRLF "." CRLF and nowhere else. LF "." LF, CR "." CR, LF "." CRLF, CRLF "." LF and their kin are
//! content, and content with a bare CR or LF is refused as a whole, so no two servers can disagree about where a
//! message ends (SMTP smuggling).

use bytes::BytesMut;
use memchr::memchr3;

use crate::limits::{Limits, SKIPPED_MESSAGE_BYTES_MAX};

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A LF that no CR precedes.
    BareLineFeed,
    /// A CR that no LF follows.
    BareCarriageReturn,
    /// A NUL without BODY=BINARYMIME, or in the header section.
    Nul,
    /// A line over [`Limits::data_line_bytes_max`].
    LineTooLong,
    /// A header section over [`Limits::header_bytes_max`].
    HeaderTooLarge,
    /// More octets than [`Limits::message_bytes_max`].
    TooLarge,
}

/// How the end of the message is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// DATA: dot-stuffed, ended by CRLF "." CRLF.
    Dots,
    /// BDAT of a text message: counted, CRLF as strict as in DATA.
    Counted,
    /// BDAT after BODY=BINARYMIME: counted; any octet may follow the header section.
    Binary,
}

/// Where the octet before the next one left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// After CRLF, or at the very start.
    LineStart,
    /// Inside a line.
    Text,
    /// After CR inside a line.
    Cr,
    /// After a dot that began a line (held back).
    Dot,
    /// After a dot that began a line and a CR (both held back).
    DotCr,
}

/// What one call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Octets of the input that are done with.
    pub(crate) octets: usize,
    /// Whether the end of the data was among them.
    pub(crate) finished: bool,
}

/// The content of one message as it comes in.
#[derive(Debug)]
pub(crate) struct Content {
    framing: Framing,
    limits: Limits,
    state: State,
    body: BytesMut,
    fault: Option<Fault>,
    /// Octets of the current line so far, its CR excluded.
    line: usize,
    in_header: bool,
    /// Octets of the header section up to the current line.
    header: u64,
    /// Octets of the message, held or not.
    size: u64,
    /// Octets taken from the wire.
    wire: u64,
}

impl Content {
    /// `expected` is the SIZE the client declared; it only sizes the buffer.
    pub(crate) fn new(framing: Framing, limits: Limits, expected: Option<u64>) -> Content {
        /// Largest buffer reserved on the word of a client.
        const RESERVE_BYTES_MAX: u64 = 65_536;
        let reserve = expected.map_or(2_048, |size| size.saturating_add(64)).min(RESERVE_BYTES_MAX);
        Content {
            framing,
            limits,
            state: State::LineStart,
            body: BytesMut::with_capacity(usize::try_from(reserve).unwrap_or(0)),
            fault: None,
            line: 0,
            in_header: true,
            header: 0,
            size: 0,
            wire: 0,
        }
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Octets of the message held in memory.
    pub(crate) fn held(&self) -> usize {
        self.body.len()
    }

    /// Drops what is held; the rest is read to stay in step.
    ///
    /// The first fault is the one that is named, so that the reply does not depend on how the octets were cut; but a
    /// header section over its bound ends the session and so goes before all others.
    pub(crate) fn fail(&mut self, fault: Fault) {
        self.body = BytesMut::new();
        if self.fault.is_none() || fault == Fault::HeaderTooLarge {
            self.fault = Some(fault);
        }
    }

    /// Whether a refused message goes on and on, so that the session should end.
    pub(crate) fn is_flood(&self) -> bool {
        self.fault.is_some()
            && self.wire > self.limits.message_bytes_max.saturating_add(SKIPPED_MESSAGE_BYTES_MAX)
    }

    /// Takes octets up to the end of the data.
    pub(crate) fn push(&mut self, input: &[u8]) -> Taken {
        let mut at = 0;
        // Octets from `run` to `at` are content that is not yet copied.
        let mut run = 0;
        let mut finished = false;
        while let Some(&byte) = input.get(at) {
            match self.state {
                State::LineStart if byte == b'.' && self.framing == Framing::Dots => {
                    self.copy(input, run, at);
                    at += 1;
                    run = at;
                    self.state = State::Dot;
                }
                State::LineStart => self.state = State::Text,
                State::Text => at = self.text(input, at),
                State::Cr if byte == b'\n' => {
                    at += 1;
                    self.end_line();
                }
                State::Cr => self.broken_line(Fault::BareCarriageReturn),
                State::Dot if byte == b'\r' => {
                    at += 1;
                    run = at;
                    self.state = State::DotCr;
                }
                State::Dot => self.state = State::Text,
                State::DotCr if byte == b'\n' => {
                    at += 1;
                    run = at;
                    finished = true;
                    break;
                }
                State::DotCr => self.broken_line(Fault::BareCarriageReturn),
            }
        }
        self.copy(input, run, at);
        self.wire = self.wire.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
        Taken { octets: at, finished }
    }

    /// The message, once all of it has been pushed, or what is wrong with it.
    pub(crate) fn finish(mut self) -> Result<BytesMut, Fault> {
        if self.state == State::Cr {
            self.broken_line(Fault::BareCarriageReturn);
        }
        match self.fault {
            None => Ok(self.body),
            Some(Fault::HeaderTooLarge) => Err(Fault::HeaderTooLarge),
            // Seen only when a piece is copied, so it may be noted after a later fault.
            Some(_) if self.size > self.limits.message_bytes_max => Err(Fault::TooLarge),
            Some(fault) => Err(fault),
        }
    }

    /// Goes through lines from inside one on; stops at the end of the input or where a state needs a closer look.
    fn text(&mut self, input: &[u8], mut at: usize) -> usize {
        loop {
            let rest = input.get(at..).unwrap_or_default();
            let found = memchr3(b'\r', b'\n', 0, rest);
            self.line = self.line.saturating_add(found.unwrap_or(rest.len()));
            if self.line > self.limits.data_line_bytes_max {
                self.content_fault(Fault::LineTooLong);
            }
            let Some(found) = found else { return input.len() };
            at += found + 1;
            match rest.get(found) {
                Some(b'\r') if rest.get(found + 1) == Some(&b'\n') => {
                    at += 1;
                    self.end_line();
                    // What begins the next line decides, and it may not be here yet.
                    if self.framing == Framing::Dots && matches!(input.get(at), None | Some(b'.')) {
                        return at;
                    }
                    self.state = State::Text;
                }
                Some(b'\r') => {
                    self.state = State::Cr;
                    return at;
                }
                Some(b'\n') => self.broken_line(Fault::BareLineFeed),
                _ => self.broken_line(Fault::Nul),
            }
        }
    }

    /// After CRLF.
    fn end_line(&mut self) {
        if self.in_header {
            if self.line == 0 {
                self.in_header = false;
            } else {
                let line = u64::try_from(self.line).unwrap_or(u64::MAX).saturating_add(2);
                self.header = self.header.saturating_add(line);
                if self.header > self.limits.header_bytes_max {
                    self.fail(Fault::HeaderTooLarge);
                }
            }
        }
        self.line = 0;
        self.state = State::LineStart;
    }

    /// After an octet that a text message may not have; it stays part of the line.
    fn broken_line(&mut self, fault: Fault) {
        self.content_fault(fault);
        self.line = self.line.saturating_add(1);
        self.state = State::Text;
    }

    /// A fault that BODY=BINARYMIME excuses in the body, never in the header section, RFC 3030 §3.
    fn content_fault(&mut self, fault: Fault) {
        if self.framing != Framing::Binary || self.in_header {
            self.fail(fault);
        }
    }

    fn copy(&mut self, input: &[u8], from: usize, to: usize) {
        let piece = input.get(from..to).unwrap_or_default();
        self.size = self.size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.size > self.limits.message_bytes_max {
            self.fail(Fault::TooLarge);
        } else if self.fault.is_none() {
            self.body.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests;
