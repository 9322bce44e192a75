//! A batch: everything that one commit makes durable together.
//!
//! May touch: nothing (pure).

use std::fmt;

use bytes::Bytes;

/// The number of a message in this spool, never used twice. Exchange's InternalMessageId.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageNo(pub u64);

/// The number of an entry (a recipient's place in a queue) within its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryNo(pub u32);

/// A place in the log: later places compare greater, over restarts and compaction too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// The number of an event in this spool. They rise by one; a gap only follows [`crate::Spool::raise_event_seq`] or
/// damage that the [`crate::RecoveryReport`] names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSeq(pub u64);

impl fmt::Display for MessageNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EntryNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EventSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Position {
    pub(crate) fn new(segment: u32, offset: usize) -> Self {
        Self((u64::from(segment) << 32) | (offset as u64 & u64::from(u32::MAX)))
    }

    pub(crate) fn segment(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) fn offset(self) -> u64 {
        self.0 & u64::from(u32::MAX)
    }
}

/// A low-water mark: a position up to which a reader of the log needs nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The trace store has made every event up to here durable.
    Trace,
    /// Every delivery up to here is checkpointed in its mailbox file. Until then dead messages stay readable.
    Mailbox,
}

impl Mark {
    pub(crate) const ALL: [Self; 2] = [Self::Trace, Self::Mailbox];
}

/// Where the body of a message comes from.
#[derive(Debug, Clone)]
pub(crate) enum BodyFrom {
    /// In the log, with its CRC-32 once [`crate::Spool::commit`] has computed it.
    Bytes(Bytes, u32),
    /// In a file of its own, already durable.
    File { len: u64, crc: u32 },
    /// The body of another message.
    Message(MessageNo),
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Message { no: MessageNo, envelope: Bytes, body: BodyFrom },
    Envelope { no: MessageNo, bytes: Bytes },
    Entry { no: MessageNo, entry: EntryNo, bytes: Bytes },
    RemoveEntry { no: MessageNo, entry: EntryNo },
    Event { kind: u8, is_final: bool, about: Option<(MessageNo, EntryNo)>, bytes: Bytes },
    Meta { key: String, bytes: Bytes },
    // The committer's own, never in a caller's batch:
    Mark { mark: Mark, position: Position },
    NextNo(u64),
    MovedBody { id: u64, crc: u32, bytes: Bytes },
    MovedMessage(Moved),
}

/// The complete state of a message, as compaction writes it again.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) no: MessageNo,
    pub(crate) body: u64,
    /// Position of its death; 0 while it lives.
    pub(crate) death: Position,
    pub(crate) envelope: Bytes,
    pub(crate) entries: Vec<(EntryNo, Bytes)>,
}

/// What a record takes beside its own bytes, rounded up.
const RECORD_BYTES: u64 = 64;

impl Op {
    /// An upper bound of the bytes this takes in the log.
    fn weight(&self) -> u64 {
        let bytes = match self {
            Self::Message { envelope, body: BodyFrom::Bytes(body, _), .. } => {
                RECORD_BYTES + envelope.len() as u64 + body.len() as u64
            }
            Self::Message { envelope, .. } => RECORD_BYTES + envelope.len() as u64,
            Self::Envelope { bytes, .. }
            | Self::Entry { bytes, .. }
            | Self::Event { bytes, .. }
            | Self::MovedBody { bytes, .. } => bytes.len() as u64,
            Self::Meta { key, bytes } => (key.len() + bytes.len()) as u64,
            Self::RemoveEntry { .. } | Self::Mark { .. } | Self::NextNo(_) => 0,
            Self::MovedMessage(moved) => moved.weight(),
        };
        bytes + RECORD_BYTES
    }
}

impl Moved {
    pub(crate) fn weight(&self) -> u64 {
        self.entries.iter().fold(self.envelope.len() as u64, |sum, (_, bytes)| sum + 8 + bytes.len() as u64)
    }
}

/// Changes that become durable together or not at all. Build it with the methods, hand it to
/// [`crate::Spool::commit`]. The order of the calls is kept.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(crate) ops: Vec<Op>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing in it yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Adds a message under a number from [`crate::Spool::next_message_no`]. A message without an entry at the end of
    /// its batch is dead. A body that is a slice of a larger buffer keeps that whole buffer in memory while cached.
    pub fn message(&mut self, no: MessageNo, envelope: Vec<u8>, body: Bytes) -> &mut Self {
        self.ops.push(Op::Message { no, envelope: exact(envelope), body: BodyFrom::Bytes(body, 0) });
        self
    }

    /// Adds a message with the body of another one (a fork). That one may die earlier.
    pub fn message_sharing(&mut self, no: MessageNo, envelope: Vec<u8>, body_of: MessageNo) -> &mut Self {
        self.ops.push(Op::Message { no, envelope: exact(envelope), body: BodyFrom::Message(body_of) });
        self
    }

    /// Replaces a message's envelope.
    pub fn set_envelope(&mut self, no: MessageNo, envelope: Vec<u8>) -> &mut Self {
        self.ops.push(Op::Envelope { no, bytes: exact(envelope) });
        self
    }

    /// Adds an entry or replaces it. A dead message that is still readable lives again.
    pub fn put_entry(&mut self, no: MessageNo, entry: EntryNo, bytes: Vec<u8>) -> &mut Self {
        self.ops.push(Op::Entry { no, entry, bytes: exact(bytes) });
        self
    }

    /// Ends an entry. A message whose last entry goes is dead from the end of the batch on.
    pub fn remove_entry(&mut self, no: MessageNo, entry: EntryNo) -> &mut Self {
        self.ops.push(Op::RemoveEntry { no, entry });
        self
    }

    /// Adds an event. The spool knows of it only this: `kind`, whether it is final, and which entry it is about.
    pub fn event(
        &mut self,
        kind: u8,
        is_final: bool,
        about: Option<(MessageNo, EntryNo)>,
        bytes: Vec<u8>,
    ) -> &mut Self {
        self.ops.push(Op::Event { kind, is_final, about, bytes: exact(bytes) });
        self
    }

    /// Sets a small value under `key` (at most 65,535 bytes of key); an empty value removes it.
    pub fn meta(&mut self, key: &str, value: Vec<u8>) -> &mut Self {
        self.ops.push(Op::Meta { key: key.to_owned(), bytes: exact(value) });
        self
    }

    /// Takes over everything of `other`, after what is already here.
    pub fn append(&mut self, mut other: Self) -> &mut Self {
        self.ops.append(&mut other.ops);
        self
    }

    /// The events in it so far.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.ops.iter().filter(|op| matches!(op, Op::Event { .. })).count()
    }

    /// An upper bound of the octets it takes in the log, all bodies included. [`crate::Spool::weight`] leaves out the
    /// bodies that get a file of their own; that is what [`crate::Spool::group_bytes_max`] bounds.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.ops.iter().map(Op::weight).sum()
    }

    /// Lengths of the bodies it brings, in their order.
    pub(crate) fn body_lens(&self) -> impl Iterator<Item = u64> {
        self.ops.iter().filter_map(|op| match op {
            Op::Message { body: BodyFrom::Bytes(body, _), .. } => Some(body.len() as u64),
            _ => None,
        })
    }
}

/// The bytes without spare room behind them: they stay in memory as long as the message or event does.
fn exact(bytes: Vec<u8>) -> Bytes {
    Bytes::from(bytes.into_boxed_slice())
}
