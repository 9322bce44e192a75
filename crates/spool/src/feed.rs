//! The feed of events: recent ones from memory, older ones from the segments.
//!
//! May touch: the segment files (reading).

use std::collections::VecDeque;

use bytes::Bytes;
use world::DiskFile;

use crate::batch::{EntryNo, EventSeq, MessageNo, Position};
use crate::error::SpoolError;
use crate::format::{Cursor, EventRecord, Record};
use crate::segment;
use crate::shared::Shared;
use crate::state::{EventOffsets, Segment};

/// What an event takes in memory beside its bytes.
const EVENT_BYTES: u64 = 96;
/// Read from a segment in one piece, in bytes: events of one commit and its neighbours lie close together.
const READ_BYTES: usize = 64 << 10;
/// An event that does not fit [`READ_BYTES`] is read alone, up to this many bytes.
const EVENT_BYTES_MAX: usize = 64 << 20;
/// How often a read is tried again when its segment was freed meanwhile.
const READ_TRIES: usize = 8;

/// One event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpoolEvent {
    /// Its number.
    pub seq: EventSeq,
    /// Its place in the log: what a [`crate::Mark`] is set to once it is done with.
    pub position: Position,
    /// As given to [`crate::Batch::event`].
    pub kind: u8,
    /// The message it is about, if any.
    pub message: Option<MessageNo>,
    /// The entry it is about, if any.
    pub entry: Option<EntryNo>,
    /// As given to [`crate::Batch::event`].
    pub is_final: bool,
    /// As given to [`crate::Batch::event`].
    pub bytes: Bytes,
}

/// The latest events, bounded by bytes.
#[derive(Debug)]
pub(crate) struct Ring {
    events: VecDeque<SpoolEvent>,
    bytes: u64,
    bytes_max: u64,
}

impl Ring {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { events: VecDeque::new(), bytes: 0, bytes_max }
    }

    pub(crate) fn push(&mut self, event: SpoolEvent) {
        self.bytes += EVENT_BYTES + event.bytes.len() as u64;
        self.events.push_back(event);
        while self.bytes > self.bytes_max
            && let Some(old) = self.events.pop_front()
        {
            self.bytes = self.bytes.saturating_sub(EVENT_BYTES + old.bytes.len() as u64);
        }
    }

    /// At most `max` events from `from` on, if the ring reaches back that far; `None` otherwise.
    fn from(&self, from: u64, max: usize) -> Option<Vec<SpoolEvent>> {
        if self.events.front()?.seq.0 > from {
            return None;
        }
        let start = self.events.partition_point(|event| event.seq.0 < from);
        Some(self.events.iter().skip(start).take(max).cloned().collect())
    }
}

/// A stretch of events in one segment.
struct Stretch {
    number: u32,
    path: String,
    file: DiskFile,
    from: u64,
    offsets: Offsets,
}

enum Offsets {
    Known(Vec<u32>),
    InFooter { at: u64, count: usize },
}

enum Found {
    Events(Vec<SpoolEvent>),
    Segment(Stretch),
    Nothing,
}

/// At most `max` synced events with numbers above `after`, oldest first. Reads files when the ring does not reach back
/// far enough. Numbers no longer in the log, or lost to damage, are left out.
pub(crate) fn events_after(
    shared: &Shared,
    after: EventSeq,
    max: usize,
) -> Result<Vec<SpoolEvent>, SpoolError> {
    let mut from = after.0.saturating_add(1);
    let mut tries = 0;
    if max == 0 {
        return Ok(Vec::new());
    }
    loop {
        let stretch = match find(shared, from, max) {
            Found::Events(events) => return Ok(events),
            Found::Nothing => return Ok(Vec::new()),
            Found::Segment(stretch) => stretch,
        };
        let offsets = match offsets_of(&stretch) {
            Ok(offsets) => offsets,
            Err(error) => {
                if tries >= READ_TRIES || still_there(shared, stretch.number) {
                    return Err(error);
                }
                tries += 1;
                continue;
            }
        };
        let events = read_events(&stretch, &offsets)?;
        if !events.is_empty() {
            // A segment freed and reused while it was read gives checksum errors, never wrong events.
            return Ok(events);
        }
        if still_there(shared, stretch.number) || tries >= READ_TRIES {
            from = stretch.from + offsets.len() as u64;
        } else {
            tries += 1;
        }
    }
}

/// A number such that every event behind `position` has a higher one, and few at or before it have.
pub(crate) fn before_position(shared: &Shared, position: Position) -> EventSeq {
    let stretch = {
        let state = shared.state.read();
        let Some(segment) = state.segments.iter().find(|segment| segment.number >= position.segment()) else {
            return EventSeq(state.next_event.saturating_sub(1));
        };
        if segment.number > position.segment() {
            return EventSeq(segment.first_event.saturating_sub(1));
        }
        whole(segment)
    };
    // Without its offsets the segment is read from its start: slower, and as right.
    let offsets = offsets_of(&stretch).unwrap_or_default();
    let behind = offsets.iter().rposition(|offset| *offset != 0 && u64::from(*offset) <= position.offset());
    let skipped = behind.map_or(0, |last| last as u64 + 1);
    EventSeq((stretch.from + skipped).saturating_sub(1))
}

/// All events of a segment.
fn whole(segment: &Segment) -> Stretch {
    let count = segment.next_event.saturating_sub(segment.first_event) as usize;
    let offsets = match &segment.offsets {
        EventOffsets::Memory(all) => Offsets::Known(all.clone()),
        EventOffsets::Footer(at) => Offsets::InFooter { at: *at, count },
    };
    Stretch {
        number: segment.number,
        path: segment.path.display().to_string(),
        file: segment.file.clone(),
        from: segment.first_event,
        offsets,
    }
}

fn still_there(shared: &Shared, number: u32) -> bool {
    shared.state.read().segment(number).is_some()
}

fn find(shared: &Shared, from: u64, max: usize) -> Found {
    let state = shared.state.read();
    if from >= state.next_event {
        return Found::Nothing;
    }
    if let Some(events) = state.ring.from(from, max) {
        return Found::Events(events);
    }
    let holds = |segment: &&Segment| segment.next_event > from && segment.next_event > segment.first_event;
    let Some(segment) = state.segments.iter().find(holds) else { return Found::Nothing };
    let from = from.max(segment.first_event);
    let skip = (from - segment.first_event) as usize;
    let count = ((segment.next_event - from) as usize).min(max);
    let offsets = match &segment.offsets {
        EventOffsets::Memory(all) => Offsets::Known(all.iter().skip(skip).take(count).copied().collect()),
        EventOffsets::Footer(at) => Offsets::InFooter { at: at + 4 * skip as u64, count },
    };
    Found::Segment(Stretch {
        number: segment.number,
        path: segment.path.display().to_string(),
        file: segment.file.clone(),
        from,
        offsets,
    })
}

fn offsets_of(stretch: &Stretch) -> Result<Vec<u32>, SpoolError> {
    match &stretch.offsets {
        Offsets::Known(offsets) => Ok(offsets.clone()),
        Offsets::InFooter { at, count } => {
            let bytes = segment::read(&stretch.file, *at, 4 * count)
                .map_err(|error| SpoolError::Read { file: stretch.path.clone(), cause: error.to_string() })?;
            if bytes.len() < 4 * count {
                return Err(SpoolError::Damaged {
                    file: stretch.path.clone(),
                    offset: *at,
                    what: "the offsets of events".to_owned(),
                });
            }
            Ok(bytes.as_chunks::<4>().0.iter().map(|offset| u32::from_le_bytes(*offset)).collect())
        }
    }
}

fn read_events(stretch: &Stretch, offsets: &[u32]) -> Result<Vec<SpoolEvent>, SpoolError> {
    let mut events = Vec::new();
    let (mut window_at, mut window) = (0_u64, Bytes::new());
    for (seq, offset) in (stretch.from..).zip(offsets) {
        if *offset == 0 {
            continue;
        }
        let at = u64::from(*offset);
        let mut found = None;
        for length in [0, READ_BYTES, EVENT_BYTES_MAX] {
            if length > 0 {
                let bytes = segment::read(&stretch.file, at, length).map_err(|error| SpoolError::Read {
                    file: stretch.path.clone(),
                    cause: error.to_string(),
                })?;
                (window_at, window) = (at, bytes.into());
            }
            let inside = at.checked_sub(window_at).and_then(|skip| window.get(skip as usize..));
            let Some(inside) = inside.filter(|inside| !inside.is_empty()) else { continue };
            match decode(inside, seq) {
                Decoded::Event(event) => {
                    found =
                        Some(to_spool_event(&event, seq, Position::new(stretch.number, *offset as usize)));
                    break;
                }
                Decoded::Damaged if length > 0 => break,
                Decoded::Damaged | Decoded::Short => {}
            }
        }
        match found {
            Some(event) => events.push(event),
            None => {
                tracing::error!(file = stretch.path, offset = at, seq, "an event of the spool is damaged")
            }
        }
    }
    Ok(events)
}

enum Decoded<'a> {
    Event(EventRecord<'a>),
    Damaged,
    Short,
}

fn decode(bytes: &[u8], seq: u64) -> Decoded<'_> {
    // The tag of an event record; anything else at this place is damage.
    match Record::read(&mut Cursor::new(bytes)) {
        Some(Record::Event(event))
            if event.crc
                == EventRecord::crc_of(seq, event.kind, event.is_final, event.about, event.bytes) =>
        {
            Decoded::Event(event)
        }
        Some(_) => Decoded::Damaged,
        None => Decoded::Short,
    }
}

fn to_spool_event(event: &EventRecord<'_>, seq: u64, position: Position) -> SpoolEvent {
    SpoolEvent {
        seq: EventSeq(seq),
        position,
        kind: event.kind,
        message: event.about.map(|(no, _)| no),
        entry: event.about.map(|(_, entry)| entry),
        is_final: event.is_final,
        bytes: Bytes::copy_from_slice(event.bytes),
    }
}
