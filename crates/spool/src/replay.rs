//! Replays batches and index footers into the state.
//!
//! May touch: nothing (pure).

use bytes::Bytes;

use crate::batch::{Moved, Position};
use crate::format::{BATCH_HEADER, BODY_BYTES_AT, Cursor, EventRecord, Record, Seal, StateRecord};
use crate::recover::Replayed;
use crate::report::{Damage, RecoveryReport};
use crate::scan::{FoundBatch, Scan};
use crate::state::{EventOffsets, GroupEnd, Place, State};

/// At most this many lost events are kept as gaps in a segment's offsets; more numbers mean damage of another kind.
const LOST_EVENTS_MAX: u64 = 1 << 24;

/// The index footer of a full segment.
pub(crate) struct Footer {
    pub(crate) seal: Seal,
    pub(crate) records: Vec<u8>,
    pub(crate) first_event: u64,
}

/// Replays a footer; gives the number of the batch after the segment.
pub(crate) fn footer(footer: &Footer, number: u32, state: &mut State, report: &mut RecoveryReport) -> u64 {
    let seal = &footer.seal;
    // The footer has all values there were.
    state.meta.clear();
    let mut cursor = Cursor::new(&footer.records);
    let mut ignored = GroupEnd::default();
    while !cursor.is_empty() {
        let at = cursor.at() as u64 + u64::from(seal.index_at);
        let Some(record) = Record::read(&mut cursor) else {
            let path = state.segments.back().map(|segment| segment.path.clone()).unwrap_or_default();
            report.damage.push(Damage::new(&path, at, "a record of the index footer cannot be read"));
            break;
        };
        let mut no_event = 0;
        apply(state, record, Position::new(number, at as usize), &mut no_event, &mut ignored);
    }
    state.next_event = state.next_event.max(seal.next_event);
    state.end = state.end.max(Position::new(number, seal.index_at as usize));
    if let Some(segment) = state.segments.back_mut() {
        segment.data_end = u64::from(seal.index_at);
        segment.next_event = seal.next_event.max(segment.first_event);
        segment.last_event = seal.last_event;
        segment.offsets = EventOffsets::Footer(u64::from(seal.index_at) + u64::from(seal.index_len));
    }
    seal.next_batch
}

/// Replays the valid batches of a segment; gives the number of the batch after them, if there is any.
pub(crate) fn batches(
    scan: &Scan,
    number: u32,
    state: &mut State,
    report: &mut RecoveryReport,
) -> Option<u64> {
    for batch in &scan.batches {
        lost_events(state, batch.head.first_event);
        if !replay_batch(batch, &scan.bytes, number, state) {
            let path = state.segments.back().map(|segment| segment.path.clone()).unwrap_or_default();
            let what = format!("a record of batch {} cannot be read", batch.head.number);
            report.damage.push(Damage::new(&path, batch.at as u64, what));
        }
    }
    if let Some(segment) = state.segments.back_mut() {
        segment.data_end = scan.end as u64;
    }
    scan.batches.last().map(|batch| batch.head.number + 1)
}

/// Events between the last one and `first` are lost: their numbers stay, without a place.
fn lost_events(state: &mut State, first: u64) {
    if let Some(segment) = state.segments.back_mut() {
        let lost = first.saturating_sub(segment.next_event).min(LOST_EVENTS_MAX);
        if let EventOffsets::Memory(offsets) = &mut segment.offsets {
            offsets.extend((0..lost).map(|_| 0));
        }
        segment.next_event += lost;
    }
}

fn replay_batch(batch: &FoundBatch, bytes: &[u8], number: u32, state: &mut State) -> bool {
    let mut payload = Cursor::new(batch.payload(bytes));
    let mut seq = batch.head.first_event;
    while !payload.is_empty() {
        let Some(length) = payload.u32() else { return false };
        let start = batch.at + BATCH_HEADER + payload.at();
        let Some(records) = payload.take(length as usize) else { return false };
        let mut cursor = Cursor::new(records);
        let mut end = GroupEnd::default();
        while !cursor.is_empty() {
            let at = Position::new(number, start + cursor.at());
            let Some(record) = Record::read(&mut cursor) else { return false };
            apply(state, record, at, &mut seq, &mut end);
        }
        state.end_group(&mut end, Position::new(number, start + records.len()));
    }
    true
}

fn apply(state: &mut State, record: Record<'_>, at: Position, seq: &mut u64, end: &mut GroupEnd) {
    match record {
        Record::Body { id, crc, bytes } => {
            let place = Place::Log(Position(at.0 + BODY_BYTES_AT as u64));
            state.put_body(id, place, bytes.len() as u64, crc, None);
        }
        Record::BodyFile { id, crc, len } => state.put_body(id, Place::File, len, crc, None),
        Record::BodyAt { id, crc, len, position } => {
            state.put_body(id, Place::Log(position), u64::from(len), crc, None);
        }
        Record::Message { no, body, envelope } => {
            state.put_message(no, body, Bytes::copy_from_slice(envelope), at.segment(), end);
        }
        Record::Envelope { no, bytes } => state.set_envelope(no, Bytes::copy_from_slice(bytes)),
        Record::Entry { no, entry, bytes } => state.put_entry(no, entry, Bytes::copy_from_slice(bytes)),
        Record::RemoveEntry { no, entry } => state.remove_entry(no, entry, end),
        Record::Event(event) => apply_event(state, &event, at, seq, end),
        Record::Meta { key, bytes } => state.set_meta(key, Bytes::copy_from_slice(bytes)),
        Record::Mark { mark, position } => state.set_mark(mark, position),
        Record::NextNo(no) => state.reserved_no = state.reserved_no.max(no),
        Record::Forgotten(no) => state.forget(no),
        Record::State(message) => apply_state(state, message),
    }
}

fn apply_event(state: &mut State, _event: &EventRecord<'_>, at: Position, seq: &mut u64, end: &mut GroupEnd) {
    state.note_event(*seq, at);
    end.saw_event(at);
    *seq = seq.saturating_add(1);
}

fn apply_state(state: &mut State, message: StateRecord<'_>) {
    let entries = message.entries.into_iter();
    let moved = Moved {
        no: message.no,
        body: message.body,
        death: message.death,
        envelope: Bytes::copy_from_slice(message.envelope),
        entries: entries.map(|(entry, bytes)| (entry, Bytes::copy_from_slice(bytes))).collect(),
    };
    state.put_state(moved, message.segment);
}

/// Reports batches missing between the end of one segment and the start of the next.
pub(crate) fn batch_gap(next_batch: Option<u64>, next: &Replayed, report: &mut RecoveryReport) {
    if let Some(expected) = next_batch
        && next.first_batch > expected
    {
        let what = format!("batches {expected} to {} before this segment are missing", next.first_batch - 1);
        report.damage.push(Damage::new(&next.path, 0, what));
    }
}
