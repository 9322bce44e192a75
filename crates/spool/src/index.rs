//! The index footer of a full segment: what of it was current when it was sealed.
//!
//! May touch: nothing (pure).
//!
//! Replaying the footers of all segments, oldest first, gives the same state as replaying their batches: a footer holds
//! the complete state of every message that lives and was written or changed in its segment, and names those of older
//! segments that went. Messages that came and went within the segment leave nothing, so footers stay small when mail
//! flows.

use crate::batch::Mark;
use crate::format::{Record, StateRecord};
use crate::state::{EventOffsets, Place, Segment, State};

/// The records of the footer of `segment`, the last one of `state`.
pub(crate) fn records(state: &State, segment: &Segment) -> Vec<u8> {
    let mut out = Vec::new();
    // Bodies first, marks last, so that replaying never sees a body without a message in between.
    for id in &segment.bodies {
        if let Some(body) = state.bodies.get(id)
            && let Place::Log(position) = body.place
            && position.segment() == segment.number
        {
            Record::BodyAt { id: *id, crc: body.crc, len: body.len as u32, position }.write(&mut out);
        }
    }
    let born_here = segment.messages.iter().filter(|no| state.is_message_in(**no, segment.number));
    for no in born_here.chain(&state.touched) {
        let Some(message) = state.messages.get(no) else { continue };
        if let Some(body) = state.bodies.get(&message.body)
            && body.place == Place::File
        {
            Record::BodyFile { id: message.body, crc: body.crc, len: body.len }.write(&mut out);
        }
        Record::State(StateRecord {
            no: *no,
            segment: message.segment,
            body: message.body,
            death: message.death,
            envelope: &message.envelope,
            entries: message.entries.iter().map(|(entry, bytes)| (*entry, bytes.as_ref())).collect(),
        })
        .write(&mut out);
    }
    for no in state.touched.iter().filter(|no| !state.messages.contains_key(*no)) {
        Record::Forgotten(*no).write(&mut out);
    }
    for (key, bytes) in &state.meta {
        Record::Meta { key, bytes }.write(&mut out);
    }
    for mark in Mark::ALL {
        Record::Mark { mark, position: state.mark(mark) }.write(&mut out);
    }
    Record::NextNo(state.reserved_no).write(&mut out);
    out
}

/// The offsets of the events of `segment`, one little-endian u32 for each.
pub(crate) fn event_offsets(segment: &Segment) -> Vec<u8> {
    match &segment.offsets {
        EventOffsets::Memory(offsets) => offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect(),
        EventOffsets::Footer(_) => Vec::new(),
    }
}
