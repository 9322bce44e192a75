//! The bytes of the log: pages of a segment, heads of batches, and records (version 1, little-endian).
//!
//! May touch: nothing (pure).
//!
//! A segment is a file of 4 KiB pages. Page 0 is its head, page 1 its seal once it is full, batches follow from page 2
//! on, each starting on a page, so that no write touches a page that is already durable. The index footer follows the
//! last batch, also on a page.
//!
//! ```text
//! batch   = head (64 bytes), payload, zeros up to the page
//! payload = 1*group                     ; one group per commit
//! group   = length:u32, *record         ; the length counts the records only
//! ```
//!
//! Checksums: CRC-32 over bytes; over every head a BLAKE3 tag under the spool's own key, cut to 16 bytes. Because of the
//! key the body of a message cannot contain a batch that recovery would believe.

use crate::batch::{EntryNo, Mark, MessageNo, Position};

/// The version of everything in this file. A newer one is refused.
pub(crate) const VERSION: u32 = 1;
/// No release will ever write a version above this one.
const VERSION_MAX: u32 = 255;
/// The unit of writing.
pub(crate) const PAGE: usize = 4096;
/// Where the first batch of a segment starts.
pub(crate) const FIRST_BATCH: usize = 2 * PAGE;
/// Size of the head of a batch.
pub(crate) const BATCH_HEADER: usize = 64;
/// How far the bytes of a body lie behind the start of its record.
pub(crate) const BODY_BYTES_AT: usize = 1 + 8 + 4 + 4;
/// Size of the length in front of a group.
pub(crate) const GROUP_HEADER: usize = 4;

const HEAD_MAGIC: u64 = u64::from_le_bytes(*b"PrSpool\n");
const SEAL_MAGIC: u64 = u64::from_le_bytes(*b"PrSeal \n");
/// The first bytes of every batch.
pub(crate) const BATCH_MAGIC: u32 = u32::from_le_bytes(*b"PrBt");
const TAG: usize = 16;

/// The key of a spool's tags.
pub(crate) type Key = [u8; 32];

fn tag(key: &Key, bytes: &[u8]) -> [u8; TAG] {
    let mut tag = [0; TAG];
    for (to, from) in tag.iter_mut().zip(blake3::keyed_hash(key, bytes).as_bytes()) {
        *to = *from;
    }
    tag
}

/// `length` rounded up to whole pages.
pub(crate) fn page_up(length: usize) -> usize {
    length.next_multiple_of(PAGE)
}

/// Reads values from the front of a slice; `None` when too few bytes are left.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    start: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, start: bytes.len() }
    }

    /// Bytes read so far.
    pub(crate) fn at(&self) -> usize {
        self.start - self.bytes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(front)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*front)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(length as usize)
    }
}

/// Page 0 of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHead {
    pub(crate) number: u32,
    /// The oldest segment that was still needed when this one was started.
    pub(crate) first_segment: u32,
    pub(crate) first_batch: u64,
    pub(crate) first_event: u64,
    pub(crate) key: Key,
}

/// What page 0 or page 1 turned out to hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Page<T> {
    Valid(T),
    /// Written by a newer version.
    Newer(u32),
    /// Zeros, remains of an earlier use, or damage.
    Invalid,
}

impl SegmentHead {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut page = Vec::with_capacity(PAGE);
        page.extend(HEAD_MAGIC.to_le_bytes());
        page.extend(VERSION.to_le_bytes());
        page.extend(self.number.to_le_bytes());
        page.extend(self.first_segment.to_le_bytes());
        page.extend(self.first_batch.to_le_bytes());
        page.extend(self.first_event.to_le_bytes());
        page.extend(self.key);
        seal_page(page, &self.key)
    }

    pub(crate) fn decode(page: &[u8]) -> Page<Self> {
        let mut cursor = Cursor::new(page);
        let read = |cursor: &mut Cursor<'_>| {
            Some(Self {
                number: cursor.u32()?,
                first_segment: cursor.u32()?,
                first_batch: cursor.u64()?,
                first_event: cursor.u64()?,
                key: cursor.array()?,
            })
        };
        open_page(page, &mut cursor, HEAD_MAGIC, read, |head| head.key)
    }
}

/// Page 1 of a full segment: where its index footer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) number: u32,
    pub(crate) first_segment: u32,
    pub(crate) next_batch: u64,
    /// The event after the last one in this segment.
    pub(crate) next_event: u64,
    pub(crate) last_event: Position,
    /// Where the batches end and the index footer starts.
    pub(crate) index_at: u32,
    /// Length of the records of the index.
    pub(crate) index_len: u32,
    pub(crate) index_crc: u32,
    /// Event offsets, one u32 for each event, follow the records of the index.
    pub(crate) events_crc: u32,
}

impl Seal {
    pub(crate) fn encode(&self, key: &Key) -> Vec<u8> {
        let mut page = Vec::with_capacity(PAGE);
        page.extend(SEAL_MAGIC.to_le_bytes());
        page.extend(VERSION.to_le_bytes());
        page.extend(self.number.to_le_bytes());
        page.extend(self.first_segment.to_le_bytes());
        page.extend(self.next_batch.to_le_bytes());
        page.extend(self.next_event.to_le_bytes());
        page.extend(self.last_event.0.to_le_bytes());
        page.extend(self.index_at.to_le_bytes());
        page.extend(self.index_len.to_le_bytes());
        page.extend(self.index_crc.to_le_bytes());
        page.extend(self.events_crc.to_le_bytes());
        seal_page(page, key)
    }

    pub(crate) fn decode(page: &[u8], key: &Key) -> Page<Self> {
        let mut cursor = Cursor::new(page);
        let read = |cursor: &mut Cursor<'_>| {
            Some(Self {
                number: cursor.u32()?,
                first_segment: cursor.u32()?,
                next_batch: cursor.u64()?,
                next_event: cursor.u64()?,
                last_event: Position(cursor.u64()?),
                index_at: cursor.u32()?,
                index_len: cursor.u32()?,
                index_crc: cursor.u32()?,
                events_crc: cursor.u32()?,
            })
        };
        open_page(page, &mut cursor, SEAL_MAGIC, read, |_| *key)
    }
}

fn seal_page(mut page: Vec<u8>, key: &Key) -> Vec<u8> {
    let tag = tag(key, &page);
    page.extend(tag);
    page.resize(PAGE, 0);
    page
}

fn open_page<T>(
    page: &[u8],
    cursor: &mut Cursor<'_>,
    magic: u64,
    read: impl FnOnce(&mut Cursor<'_>) -> Option<T>,
    key: impl FnOnce(&T) -> Key,
) -> Page<T> {
    let (Some(found), Some(version)) = (cursor.u64(), cursor.u32()) else { return Page::Invalid };
    if found != magic {
        return Page::Invalid;
    }
    if version > VERSION {
        // The tag of a newer page cannot be checked here; a version this large is damage.
        return if version <= VERSION_MAX { Page::Newer(version) } else { Page::Invalid };
    }
    let Some(value) = read(cursor) else { return Page::Invalid };
    let signed = page.get(..cursor.at()).unwrap_or_default();
    match cursor.array::<TAG>() {
        Some(found) if found == tag(&key(&value), signed) => Page::Valid(value),
        _ => Page::Invalid,
    }
}

/// The head of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchHead {
    /// The number of the segment it was written for: a batch of an earlier use of the file never counts.
    pub(crate) generation: u32,
    /// The oldest segment still needed when it was written.
    pub(crate) first_segment: u32,
    pub(crate) number: u64,
    pub(crate) first_event: u64,
    pub(crate) event_count: u32,
    pub(crate) payload_len: u32,
    pub(crate) payload_crc: u32,
}

impl BatchHead {
    pub(crate) fn encode(&self, key: &Key) -> [u8; BATCH_HEADER] {
        let mut bytes = Vec::with_capacity(BATCH_HEADER);
        bytes.extend(BATCH_MAGIC.to_le_bytes());
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.first_segment.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(self.first_event.to_le_bytes());
        bytes.extend(self.event_count.to_le_bytes());
        bytes.extend(self.payload_len.to_le_bytes());
        bytes.extend(self.payload_crc.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(tag(key, &bytes));
        let mut head = [0; BATCH_HEADER];
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = from;
        }
        head
    }

    /// The head at the front of `bytes`, if it is one of generation `generation` (`None`: of any) under this key.
    pub(crate) fn decode(bytes: &[u8], key: &Key, generation: Option<u32>) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        if cursor.u32()? != BATCH_MAGIC || cursor.u32()? != VERSION {
            return None;
        }
        let head = Self {
            generation: cursor.u32()?,
            first_segment: cursor.u32()?,
            number: cursor.u64()?,
            first_event: cursor.u64()?,
            event_count: cursor.u32()?,
            payload_len: cursor.u32()?,
            payload_crc: cursor.u32()?,
        };
        if generation.is_some_and(|generation| generation != head.generation) {
            return None;
        }
        cursor.take(4)?;
        let signed = bytes.get(..cursor.at())?;
        (cursor.array::<TAG>()? == tag(key, signed)).then_some(head)
    }

    /// Pages the batch takes, in bytes.
    pub(crate) fn span(&self) -> usize {
        page_up(BATCH_HEADER + self.payload_len as usize)
    }
}

/// One event as it lies in the log. Its number is not stored: the batch has that of its first event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventRecord<'a> {
    pub(crate) kind: u8,
    pub(crate) is_final: bool,
    pub(crate) about: Option<(MessageNo, EntryNo)>,
    pub(crate) bytes: &'a [u8],
    /// Over the number and all of the above, so that one event can be read and believed alone.
    pub(crate) crc: u32,
}

impl EventRecord<'_> {
    pub(crate) fn crc_of(
        seq: u64,
        kind: u8,
        is_final: bool,
        about: Option<(MessageNo, EntryNo)>,
        bytes: &[u8],
    ) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&seq.to_le_bytes());
        hasher.update(&[kind, u8::from(is_final), u8::from(about.is_some())]);
        if let Some((no, entry)) = about {
            hasher.update(&no.0.to_le_bytes());
            hasher.update(&entry.0.to_le_bytes());
        }
        hasher.update(bytes);
        hasher.finalize()
    }
}

/// The complete state of a message: written by compaction, and in the index footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateRecord<'a> {
    pub(crate) no: MessageNo,
    /// The segment that holds its records (in an index footer; elsewhere it is the segment of this record).
    pub(crate) segment: u32,
    pub(crate) body: u64,
    pub(crate) death: Position,
    pub(crate) envelope: &'a [u8],
    pub(crate) entries: Vec<(EntryNo, &'a [u8])>,
}

/// One record of a batch or of an index footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Body { id: u64, crc: u32, bytes: &'a [u8] },
    BodyFile { id: u64, crc: u32, len: u64 },
    BodyAt { id: u64, crc: u32, len: u32, position: Position },
    Message { no: MessageNo, body: u64, envelope: &'a [u8] },
    Envelope { no: MessageNo, bytes: &'a [u8] },
    Entry { no: MessageNo, entry: EntryNo, bytes: &'a [u8] },
    RemoveEntry { no: MessageNo, entry: EntryNo },
    Event(EventRecord<'a>),
    Meta { key: &'a str, bytes: &'a [u8] },
    Mark { mark: Mark, position: Position },
    NextNo(u64),
    Forgotten(MessageNo),
    State(StateRecord<'a>),
}

const HAS_ABOUT: u8 = 1;
const IS_FINAL: u8 = 2;

fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    // Lengths are checked against the size of a segment, far below 4 GiB, before anything is written.
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

impl<'a> Record<'a> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Body { id, crc, bytes } => {
                out.push(1);
                out.extend(id.to_le_bytes());
                out.extend(crc.to_le_bytes());
                put_sized(out, bytes);
            }
            Self::BodyFile { id, crc, len } => {
                out.push(2);
                out.extend(id.to_le_bytes());
                out.extend(crc.to_le_bytes());
                out.extend(len.to_le_bytes());
            }
            Self::BodyAt { id, crc, len, position } => {
                out.push(3);
                out.extend(id.to_le_bytes());
                out.extend(crc.to_le_bytes());
                out.extend(len.to_le_bytes());
                out.extend(position.0.to_le_bytes());
            }
            Self::Message { no, body, envelope } => {
                out.push(4);
                out.extend(no.0.to_le_bytes());
                out.extend(body.to_le_bytes());
                put_sized(out, envelope);
            }
            Self::Envelope { no, bytes } => {
                out.push(5);
                out.extend(no.0.to_le_bytes());
                put_sized(out, bytes);
            }
            Self::Entry { no, entry, bytes } => {
                out.push(6);
                out.extend(no.0.to_le_bytes());
                out.extend(entry.0.to_le_bytes());
                put_sized(out, bytes);
            }
            Self::RemoveEntry { no, entry } => {
                out.push(7);
                out.extend(no.0.to_le_bytes());
                out.extend(entry.0.to_le_bytes());
            }
            Self::Event(event) => event.write(out),
            Self::Meta { key, bytes } => {
                out.push(9);
                out.extend((key.len() as u16).to_le_bytes());
                out.extend_from_slice(key.as_bytes());
                put_sized(out, bytes);
            }
            Self::Mark { mark, position } => {
                out.push(10);
                out.push(match mark {
                    Mark::Trace => 0,
                    Mark::Mailbox => 1,
                });
                out.extend(position.0.to_le_bytes());
            }
            Self::NextNo(no) => {
                out.push(11);
                out.extend(no.to_le_bytes());
            }
            Self::Forgotten(no) => {
                out.push(12);
                out.extend(no.0.to_le_bytes());
            }
            Self::State(state) => state.write(out),
        }
    }

    /// The next record; `None` when the bytes are not one.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(match cursor.u8()? {
            1 => Self::Body { id: cursor.u64()?, crc: cursor.u32()?, bytes: cursor.sized()? },
            2 => Self::BodyFile { id: cursor.u64()?, crc: cursor.u32()?, len: cursor.u64()? },
            3 => Self::BodyAt {
                id: cursor.u64()?,
                crc: cursor.u32()?,
                len: cursor.u32()?,
                position: Position(cursor.u64()?),
            },
            4 => {
                Self::Message { no: MessageNo(cursor.u64()?), body: cursor.u64()?, envelope: cursor.sized()? }
            }
            5 => Self::Envelope { no: MessageNo(cursor.u64()?), bytes: cursor.sized()? },
            6 => Self::Entry {
                no: MessageNo(cursor.u64()?),
                entry: EntryNo(cursor.u32()?),
                bytes: cursor.sized()?,
            },
            7 => Self::RemoveEntry { no: MessageNo(cursor.u64()?), entry: EntryNo(cursor.u32()?) },
            8 => Self::Event(EventRecord::read(cursor)?),
            9 => {
                let length = cursor.u16()?;
                let key = std::str::from_utf8(cursor.take(usize::from(length))?).ok()?;
                Self::Meta { key, bytes: cursor.sized()? }
            }
            10 => {
                let mark = match cursor.u8()? {
                    0 => Mark::Trace,
                    1 => Mark::Mailbox,
                    _ => return None,
                };
                Self::Mark { mark, position: Position(cursor.u64()?) }
            }
            11 => Self::NextNo(cursor.u64()?),
            12 => Self::Forgotten(MessageNo(cursor.u64()?)),
            13 => Self::State(StateRecord::read(cursor)?),
            _ => return None,
        })
    }
}

impl<'a> EventRecord<'a> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(8);
        out.extend(self.crc.to_le_bytes());
        out.push(self.kind);
        let about = if self.about.is_some() { HAS_ABOUT } else { 0 };
        out.push(about | if self.is_final { IS_FINAL } else { 0 });
        if let Some((no, entry)) = self.about {
            out.extend(no.0.to_le_bytes());
            out.extend(entry.0.to_le_bytes());
        }
        put_sized(out, self.bytes);
    }

    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let (crc, kind, flags) = (cursor.u32()?, cursor.u8()?, cursor.u8()?);
        let about = if flags & HAS_ABOUT == 0 {
            None
        } else {
            Some((MessageNo(cursor.u64()?), EntryNo(cursor.u32()?)))
        };
        Some(Self { kind, is_final: flags & IS_FINAL != 0, about, bytes: cursor.sized()?, crc })
    }
}

impl<'a> StateRecord<'a> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(13);
        out.extend(self.no.0.to_le_bytes());
        out.extend(self.segment.to_le_bytes());
        out.extend(self.body.to_le_bytes());
        out.extend(self.death.0.to_le_bytes());
        put_sized(out, self.envelope);
        out.extend((self.entries.len() as u32).to_le_bytes());
        for (entry, bytes) in &self.entries {
            out.extend(entry.0.to_le_bytes());
            put_sized(out, bytes);
        }
    }

    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let mut state = Self {
            no: MessageNo(cursor.u64()?),
            segment: cursor.u32()?,
            body: cursor.u64()?,
            death: Position(cursor.u64()?),
            envelope: cursor.sized()?,
            entries: Vec::new(),
        };
        // The count is not believed for an allocation: each entry has to be there.
        for _ in 0..cursor.u32()? {
            state.entries.push((EntryNo(cursor.u32()?), cursor.sized()?));
        }
        Some(state)
    }
}
