//! Writes the groups of a disk batch into the buffer, and brings the state up to them once they are durable.
//!
//! May touch: nothing (pure).

use crate::batch::{Batch, BodyFrom, EventSeq, Op, Position};
use crate::check::{BodyRef, Overlay, body_ref};
use crate::committer::{Committed, Reply};
use crate::config::Config;
use crate::error::SpoolError;
use crate::feed::SpoolEvent;
use crate::format::{BATCH_HEADER, BODY_BYTES_AT, EventRecord, GROUP_HEADER, Record, StateRecord};
use crate::state::{GroupEnd, Place, State};

/// The changes of one commit, on their way.
pub(crate) struct Group {
    pub(crate) ops: Vec<Op>,
    pub(crate) weight: usize,
    pub(crate) reply: Option<Reply<Committed>>,
}

impl Group {
    pub(crate) fn new(batch: Batch, reply: Option<Reply<Committed>>) -> Self {
        Self { weight: batch.weight() as usize, ops: batch.ops, reply }
    }

    /// Whether it takes room in a segment: it says something, and is not refused for its size.
    pub(crate) fn takes_room(&self, config: &Config) -> bool {
        !self.ops.is_empty() && self.weight as u64 <= config.group_bytes_max()
    }

    pub(crate) fn answer(self, result: Result<Committed, SpoolError>) {
        if let Some(reply) = self.reply {
            // The caller may have gone away; the commit stands all the same.
            let _ = reply.send(result);
        }
    }
}

/// A group written into the buffer: where it ends, and the number of its first event.
pub(crate) struct Written {
    pub(crate) group: Group,
    pub(crate) end: usize,
    pub(crate) first_event: u64,
}

/// Writes groups into the buffer.
pub(crate) struct Encoder<'a> {
    pub(crate) state: &'a State,
    pub(crate) overlay: Overlay,
    pub(crate) buffer: &'a mut Vec<u8>,
    pub(crate) places: &'a mut Vec<u32>,
    pub(crate) number: u32,
    /// Where the buffer goes in the segment.
    pub(crate) at: usize,
    pub(crate) next_event: u64,
}

impl Encoder<'_> {
    pub(crate) fn begin(&mut self) {
        self.buffer.clear();
        self.buffer.resize(BATCH_HEADER, 0);
        self.places.clear();
    }

    pub(crate) fn group(&mut self, group: Group) -> Written {
        let start = self.buffer.len();
        self.buffer.extend([0; GROUP_HEADER]);
        let first_event = self.next_event;
        for op in &group.ops {
            self.places.push((self.at + self.buffer.len()) as u32);
            self.op(op);
        }
        let length = (self.buffer.len() - start - GROUP_HEADER) as u32;
        for (to, from) in self.buffer.iter_mut().skip(start).zip(length.to_le_bytes()) {
            *to = from;
        }
        Written { group, end: self.buffer.len(), first_event }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Message { no, envelope, body } => {
                let body = self.body(no.0, body);
                Record::Message { no: *no, body, envelope }.write(self.buffer);
            }
            Op::Envelope { no, bytes } => Record::Envelope { no: *no, bytes }.write(self.buffer),
            Op::Entry { no, entry, bytes } => {
                Record::Entry { no: *no, entry: *entry, bytes }.write(self.buffer);
            }
            Op::RemoveEntry { no, entry } => {
                Record::RemoveEntry { no: *no, entry: *entry }.write(self.buffer);
            }
            Op::Event { kind, is_final, about, bytes } => {
                let crc = EventRecord::crc_of(self.next_event, *kind, *is_final, *about, bytes);
                self.next_event += 1;
                let event = EventRecord { kind: *kind, is_final: *is_final, about: *about, bytes, crc };
                Record::Event(event).write(self.buffer);
            }
            Op::Meta { key, bytes } => Record::Meta { key, bytes }.write(self.buffer),
            Op::Mark { mark, position } => {
                Record::Mark { mark: *mark, position: *position }.write(self.buffer);
            }
            Op::NextNo(no) => Record::NextNo(*no).write(self.buffer),
            Op::MovedBody { id, crc, bytes } => {
                Record::Body { id: *id, crc: *crc, bytes }.write(self.buffer);
            }
            Op::MovedMessage(moved) => {
                self.body_file(body_ref(self.state, moved.body));
                Record::State(StateRecord {
                    no: moved.no,
                    segment: self.number,
                    body: moved.body,
                    death: moved.death,
                    envelope: &moved.envelope,
                    entries: moved.entries.iter().map(|(entry, bytes)| (*entry, bytes.as_ref())).collect(),
                })
                .write(self.buffer);
            }
        }
    }

    /// Writes the record of a message's body in front of the message's; gives the body's id.
    fn body(&mut self, id: u64, body: &BodyFrom) -> u64 {
        match body {
            BodyFrom::Bytes(bytes, crc) => {
                Record::Body { id, crc: *crc, bytes }.write(self.buffer);
                id
            }
            BodyFrom::File { len, crc } => {
                self.body_file(BodyRef { id, file: Some((*len, *crc)) });
                id
            }
            BodyFrom::Message(of) => {
                // The check found it.
                let body = self.overlay.body_of(self.state, *of).unwrap_or(BodyRef { id, file: None });
                self.body_file(body);
                body.id
            }
        }
    }

    /// Every message that shares a body file names it: the file is not moved when the segment that named it first is
    /// compacted.
    fn body_file(&mut self, body: BodyRef) {
        if let Some((len, crc)) = body.file {
            Record::BodyFile { id: body.id, crc, len }.write(self.buffer);
        }
    }
}

/// Does to the state what a written operation says.
pub(crate) fn apply_op(state: &mut State, op: Op, at: Position, seq: &mut u64, end: &mut GroupEnd) {
    match op {
        Op::Message { no, envelope, body } => {
            let id = match body {
                BodyFrom::Bytes(bytes, crc) => {
                    let place = Place::Log(Position(at.0 + BODY_BYTES_AT as u64));
                    state.put_body(no.0, place, bytes.len() as u64, crc, Some(bytes));
                    no.0
                }
                BodyFrom::File { len, crc } => {
                    state.put_body(no.0, Place::File, len, crc, None);
                    no.0
                }
                BodyFrom::Message(of) => state.messages.get(&of).map_or(no.0, |message| message.body),
            };
            state.put_message(no, id, envelope, at.segment(), end);
        }
        Op::Envelope { no, bytes } => state.set_envelope(no, bytes),
        Op::Entry { no, entry, bytes } => state.put_entry(no, entry, bytes),
        Op::RemoveEntry { no, entry } => state.remove_entry(no, entry, end),
        Op::Event { kind, is_final, about, bytes } => {
            state.note_event(*seq, at);
            end.saw_event(at);
            state.ring.push(SpoolEvent {
                seq: EventSeq(*seq),
                position: at,
                kind,
                message: about.map(|(no, _)| no),
                entry: about.map(|(_, entry)| entry),
                is_final,
                bytes,
            });
            *seq += 1;
        }
        Op::Meta { key, bytes } => state.set_meta(&key, bytes),
        Op::Mark { mark, position } => state.set_mark(mark, position),
        Op::NextNo(no) => state.reserved_no = state.reserved_no.max(no),
        Op::MovedBody { id, crc, bytes } => {
            // A mark in front of it in the same disk batch may have ended the last message that named it.
            if state.bodies.contains_key(&id) {
                let place = Place::Log(Position(at.0 + BODY_BYTES_AT as u64));
                state.put_body(id, place, bytes.len() as u64, crc, None);
            }
        }
        Op::MovedMessage(moved) => state.put_state(moved, at.segment()),
    }
}
