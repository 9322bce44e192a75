//! Takes in a message by DATA or by BDAT and stays in step with the client when it is refused.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.1.4; RFC 3030 §2, §3.

use bytes::{Buf, BytesMut};

use super::content::{Content, Framing};
use super::{
    CloseCause, Fault, Message, Mode, Pending, Refusal, RefusalCause, Request, SentBy, ServerSession,
};
use crate::command::Body;
use crate::limits::SKIPPED_MESSAGE_BYTES_MAX;
use crate::replies;
use crate::reply::Reply;

impl ServerSession {
    /// After the 354.
    pub(super) fn start_data(&mut self) {
        let expected = self.transaction.as_ref().and_then(|transaction| transaction.size);
        self.abandoned = None;
        self.mode = Mode::Data(Content::new(Framing::Dots, self.params.limits, expected));
    }

    /// `None` where the end of the data is not there yet.
    pub(super) fn receive_data(&mut self, input: &mut BytesMut) -> Option<Request> {
        let Mode::Data(content) = &mut self.mode else { return None };
        let taken = content.push(input);
        input.advance(taken.octets);
        if !taken.finished {
            if content.is_flood() {
                self.close_flood();
            }
            return None;
        }
        match std::mem::replace(&mut self.mode, Mode::Command) {
            Mode::Data(content) => Some(self.end_message(content, SentBy::Data)),
            _ => None,
        }
    }

    /// After the BDAT line: its octets follow at once, whatever we think of it, and are taken or skipped.
    pub(super) fn start_chunk(&mut self, octets: u64, last: bool) {
        match self.check_chunk(octets, last) {
            Ok(()) => self.mode = Mode::Chunk { rest: octets, octets, last },
            Err(_)
                if octets
                    > self.params.limits.message_bytes_max.saturating_add(SKIPPED_MESSAGE_BYTES_MAX) =>
            {
                self.close_flood();
            }
            Err(refusal) => self.mode = Mode::SkipChunk { rest: octets, refusal },
        }
    }

    fn check_chunk(&mut self, octets: u64, last: bool) -> Result<(), Refusal> {
        if !self.params.capabilities.chunking {
            return Err(Refusal::new(replies::UNRECOGNIZED_COMMAND, RefusalCause::NotOffered));
        }
        let transaction = self.check_recipients()?;
        if transaction.failed {
            return Err(Refusal::new(replies::CHUNK_AFTER_FAILURE, RefusalCause::Consequence));
        }
        let held = transaction.chunks.as_ref().map_or(0, Content::held);
        let size = u64::try_from(held).unwrap_or(u64::MAX).saturating_add(octets);
        let limits = self.params.limits;
        if size > limits.message_bytes_max {
            self.fail_or_end(last);
            return Err(content_refusal(Fault::TooLarge, limits.data_line_bytes_max));
        }
        if let Some(transaction) = &mut self.transaction
            && transaction.chunks.is_none()
        {
            let framing = match transaction.body {
                Body::BinaryMime => Framing::Binary,
                Body::SevenBit | Body::EightBitMime => Framing::Counted,
            };
            transaction.chunks = Some(Content::new(framing, limits, transaction.size.or(Some(octets))));
            self.abandoned = None;
        }
        Ok(())
    }

    /// `None` where octets of the chunk are missing.
    pub(super) fn receive_chunk(&mut self, input: &mut BytesMut) -> Option<Request> {
        let Mode::Chunk { rest, octets, last } = &mut self.mode else { return None };
        let (octets, last) = (*octets, *last);
        let piece = usize::try_from(*rest).unwrap_or(usize::MAX).min(input.len());
        let content = self.transaction.as_mut().and_then(|transaction| transaction.chunks.as_mut());
        if let Some(content) = content {
            content.push(input.get(..piece).unwrap_or_default());
        }
        input.advance(piece);
        *rest = rest.saturating_sub(u64::try_from(piece).unwrap_or(u64::MAX));
        if *rest > 0 {
            return None;
        }
        self.mode = Mode::Command;
        let transaction = self.transaction.as_mut();
        let Some(content) = transaction.and_then(|transaction| transaction.chunks.take()) else {
            return Some(self.refuse(Refusal::new(replies::NEED_MAIL, RefusalCause::Consequence)));
        };
        if last {
            return Some(self.end_message(content, SentBy::Bdat));
        }
        if let Some(fault) = content.fault() {
            let refusal = self.refusal_of(fault);
            self.fail_chunks();
            return Some(self.refuse(refusal));
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.chunks = Some(content);
        }
        self.pending = Some(Pending::Chunk { octets });
        Some(Request::BdatChunk { octets })
    }

    /// `None` where octets of the refused chunk are missing.
    pub(super) fn skip_chunk(&mut self, input: &mut BytesMut) -> Option<Request> {
        let Mode::SkipChunk { rest, refusal } = &mut self.mode else { return None };
        let piece = usize::try_from(*rest).unwrap_or(usize::MAX).min(input.len());
        input.advance(piece);
        *rest = rest.saturating_sub(u64::try_from(piece).unwrap_or(u64::MAX));
        if *rest > 0 {
            return None;
        }
        let refusal = refusal.clone();
        self.mode = Mode::Command;
        Some(self.refuse(refusal))
    }

    /// RFC 3030 §2: after a chunk failed, every further one is refused until RSET.
    pub(super) fn fail_chunks(&mut self) {
        if let Some(transaction) = &mut self.transaction {
            transaction.failed = true;
            transaction.chunks = None;
        }
    }

    fn fail_or_end(&mut self, last: bool) {
        if last { self.transaction = None } else { self.fail_chunks() }
    }

    /// After the last octet of a message.
    fn end_message(&mut self, content: Content, sent_by: SentBy) -> Request {
        match content.finish() {
            Ok(body) => {
                self.pending = Some(Pending::Message);
                Request::Message(Message { body, sent_by })
            }
            Err(fault) => {
                self.transaction = None;
                let refusal = self.refusal_of(fault);
                self.refuse(refusal)
            }
        }
    }

    fn refusal_of(&mut self, fault: Fault) -> Refusal {
        match self.abandoned.take() {
            Some(reply) => Refusal::new(reply, RefusalCause::Abandoned),
            None => content_refusal(fault, self.params.limits.data_line_bytes_max),
        }
    }

    fn close_flood(&mut self) {
        replies::TOO_MUCH_INPUT.write_to(&mut self.output);
        self.close(CloseCause::Flood);
    }
}

fn content_refusal(fault: Fault, line_bytes_max: usize) -> Refusal {
    Refusal::new(content_reply(fault, line_bytes_max), RefusalCause::Content(fault))
}

fn content_reply(fault: Fault, line_bytes_max: usize) -> Reply {
    match fault {
        Fault::BareLineFeed => replies::BARE_LF,
        Fault::BareCarriageReturn => replies::BARE_CR,
        Fault::Nul => replies::NUL_CHARACTER,
        Fault::LineTooLong => replies::message_line_too_long(line_bytes_max),
        Fault::HeaderTooLarge => replies::HEADER_TOO_LARGE,
        Fault::TooLarge => replies::MESSAGE_TOO_LARGE,
    }
}
