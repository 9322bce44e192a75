//! The spool in memory: messages, bodies, marks and segments, as the synced part of the log says.
//!
//! May touch: nothing of its own; it holds the handles of the segment files.
//!
//! The committer and recovery make the same changes through the same functions, so that a restart arrives where the
//! running spool was.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use bytes::Bytes;
use world::DiskFile;

use crate::batch::{EntryNo, Mark, MessageNo, Moved, Position};
use crate::config::Config;
use crate::feed::Ring;

/// What a message takes in memory and in the log beside its envelope and entries; for the accounts of live bytes.
const MESSAGE_BYTES: u64 = 64;
/// The same for an entry.
const ENTRY_BYTES: u64 = 16;

/// A message that lives, or is dead and still readable.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) envelope: Bytes,
    pub(crate) entries: Vec<(EntryNo, Bytes)>,
    pub(crate) body: u64,
    /// Where it died; 0 while it lives.
    pub(crate) death: Position,
    /// The segment with its Message or State record. Every other record of it that counts lies behind that one, so
    /// moving the whole message when this segment is compacted is enough.
    pub(crate) segment: u32,
    /// Bytes of envelope and entries, for the accounts.
    pub(crate) bytes: u64,
}

/// Where the bytes of a body are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A message names it, but its record is gone (only after damage).
    Lost,
    Log(Position),
    File,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) place: Place,
    pub(crate) len: u64,
    pub(crate) crc: u32,
    /// Messages that share it.
    pub(crate) refs: u32,
    pub(crate) cached: Option<Bytes>,
}

/// Where the offsets of a segment's events are.
#[derive(Debug)]
pub(crate) enum EventOffsets {
    /// In memory, one for each event; 0 for an event lost to damage.
    Memory(Vec<u32>),
    /// In the index footer, from this byte of the file on.
    Footer(u64),
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u32,
    pub(crate) path: PathBuf,
    pub(crate) file: DiskFile,
    pub(crate) file_len: u64,
    /// Where the batches end.
    pub(crate) data_end: u64,
    pub(crate) first_event: u64,
    pub(crate) next_event: u64,
    pub(crate) last_event: Position,
    pub(crate) offsets: EventOffsets,
    pub(crate) live: u64,
    /// Messages and bodies whose record is here; those gone or moved are sorted out when the lists are read.
    pub(crate) messages: Vec<MessageNo>,
    pub(crate) bodies: Vec<u64>,
    /// Recovery found damage in it: it is set aside instead of reused.
    pub(crate) damaged: bool,
}

/// A file ready to become a segment.
#[derive(Debug)]
pub(crate) struct Spare {
    /// The segment it was, if any: not to be overwritten before a later batch says that it is no longer needed.
    pub(crate) was: Option<u32>,
    pub(crate) path: PathBuf,
    pub(crate) file: DiskFile,
    pub(crate) file_len: u64,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) messages: HashMap<MessageNo, Message>,
    pub(crate) bodies: HashMap<u64, Body>,
    /// Dead messages still readable, in the order of their deaths.
    pub(crate) dead: BTreeSet<(Position, MessageNo)>,
    pub(crate) meta: BTreeMap<String, Bytes>,
    /// The durable marks, by [`Mark`].
    pub(crate) marks: [Position; 2],
    /// Numbers below this one may have been handed out.
    pub(crate) reserved_no: u64,
    /// A batch that says segments below this one are not needed is durable.
    pub(crate) durable_first: u32,
    /// The segments in use, oldest first; the last one is open.
    pub(crate) segments: VecDeque<Segment>,
    pub(crate) spares: Vec<Spare>,
    /// Damaged segments no longer needed, to be renamed.
    pub(crate) set_aside: Vec<Segment>,
    /// Messages of older segments that changed while the last segment was open.
    pub(crate) touched: HashSet<MessageNo>,
    /// Body files nobody names any more.
    pub(crate) body_files_gone: Vec<u64>,
    pub(crate) live: u64,
    pub(crate) next_event: u64,
    pub(crate) end: Position,
    pub(crate) ring: Ring,
    pub(crate) cached: CachedBodies,
    /// A body may be without a message for a while: one that held it was in a segment freed since, and another one is
    /// still to come.
    pub(crate) replaying: bool,
}

/// Which bodies are in memory, oldest first.
#[derive(Debug)]
pub(crate) struct CachedBodies {
    order: VecDeque<u64>,
    count: usize,
    pub(crate) bytes: u64,
    bytes_max: u64,
}

/// What has to be decided at the end of a group of records.
#[derive(Debug, Default)]
pub(crate) struct GroupEnd {
    may_be_dead: Vec<MessageNo>,
    last_event: Option<Position>,
}

impl GroupEnd {
    pub(crate) fn saw_event(&mut self, at: Position) {
        self.last_event = Some(at);
    }
}

fn mark_index(mark: Mark) -> usize {
    match mark {
        Mark::Trace => 0,
        Mark::Mailbox => 1,
    }
}

impl State {
    pub(crate) fn new(body_memory_bytes: u64, event_memory_bytes: u64) -> Self {
        Self {
            messages: HashMap::new(),
            bodies: HashMap::new(),
            dead: BTreeSet::new(),
            meta: BTreeMap::new(),
            marks: [Position::default(); 2],
            reserved_no: 1,
            durable_first: 0,
            segments: VecDeque::new(),
            spares: Vec::new(),
            set_aside: Vec::new(),
            touched: HashSet::new(),
            body_files_gone: Vec::new(),
            live: 0,
            next_event: 1,
            end: Position::default(),
            ring: Ring::new(event_memory_bytes),
            replaying: true,
            cached: CachedBodies { order: VecDeque::new(), count: 0, bytes: 0, bytes_max: body_memory_bytes },
        }
    }

    pub(crate) fn mark(&self, mark: Mark) -> Position {
        self.marks.get(mark_index(mark)).copied().unwrap_or_default()
    }

    /// The position up to which no reader needs the log.
    pub(crate) fn low_water(&self) -> Position {
        self.marks.iter().min().copied().unwrap_or_default()
    }

    pub(crate) fn segment(&self, number: u32) -> Option<&Segment> {
        let index = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.segments.get(index)
    }

    pub(crate) fn segment_mut(&mut self, number: u32) -> Option<&mut Segment> {
        let index = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.segments.get_mut(index)
    }

    pub(crate) fn first_segment(&self) -> u32 {
        self.segments.front().map_or(0, |segment| segment.number)
    }

    pub(crate) fn open_segment(&self) -> u32 {
        self.segments.back().map_or(0, |segment| segment.number)
    }

    /// Bytes of the segments in use.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.file_len).sum()
    }

    /// Bytes of all log files, spare ones included.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.used_bytes() + self.spares.iter().map(|spare| spare.file_len).sum::<u64>()
    }

    /// Whether a durable batch says that this file's segment is not needed.
    pub(crate) fn is_free(&self, spare: &Spare) -> bool {
        spare.was.is_none_or(|was| was < self.durable_first)
    }

    /// Whether this file can be the next segment.
    pub(crate) fn is_usable(&self, spare: &Spare, config: &Config) -> bool {
        self.is_free(spare) && spare.file_len >= config.segment_bytes
    }

    fn credit(&mut self, segment: u32, bytes: u64) {
        self.live += bytes;
        if let Some(segment) = self.segment_mut(segment) {
            segment.live += bytes;
        }
    }

    fn debit(&mut self, segment: u32, bytes: u64) {
        self.live = self.live.saturating_sub(bytes);
        if let Some(segment) = self.segment_mut(segment) {
            segment.live = segment.live.saturating_sub(bytes);
        }
    }

    // Bodies.

    /// A body's record is at `place`: it is new, or compaction has moved it.
    pub(crate) fn put_body(&mut self, id: u64, place: Place, len: u64, crc: u32, bytes: Option<Bytes>) {
        if let Some(Body { place: Place::Log(old), len: old_len, .. }) = self.bodies.get(&id) {
            let (old, old_len) = (old.segment(), *old_len);
            self.debit(old, old_len);
        }
        let body = self.bodies.entry(id).or_insert(Body {
            place: Place::Lost,
            len: 0,
            crc: 0,
            refs: 0,
            cached: None,
        });
        (body.place, body.len, body.crc) = (place, len, crc);
        if let (None, Some(bytes)) = (&body.cached, bytes) {
            self.cached.count += 1;
            self.cached.bytes += len;
            self.cached.order.push_back(id);
            body.cached = Some(bytes);
            self.evict_bodies();
        }
        if let Place::Log(position) = place {
            self.credit(position.segment(), len);
            if let Some(segment) = self.segment_mut(position.segment()) {
                segment.bodies.push(id);
            }
        }
    }

    fn evict_bodies(&mut self) {
        while self.cached.bytes > self.cached.bytes_max {
            let Some(oldest) = self.cached.order.pop_front() else { break };
            if let Some(body) = self.bodies.get_mut(&oldest)
                && body.cached.take().is_some()
            {
                self.cached.bytes = self.cached.bytes.saturating_sub(body.len);
                self.cached.count -= 1;
            }
        }
        // Ids of bodies that died while in memory stay in the order; drop them before they are the most of it.
        if self.cached.order.len() > 2 * self.cached.count + 1024 {
            let bodies = &self.bodies;
            self.cached.order.retain(|id| bodies.get(id).is_some_and(|body| body.cached.is_some()));
        }
    }

    fn ref_body(&mut self, id: u64) {
        self.bodies
            .entry(id)
            .or_insert(Body { place: Place::Lost, len: 0, crc: 0, refs: 0, cached: None })
            .refs += 1;
    }

    fn unref_body(&mut self, id: u64) {
        let Some(body) = self.bodies.get_mut(&id) else { return };
        body.refs = body.refs.saturating_sub(1);
        if body.refs == 0 && !self.replaying {
            self.drop_body(id);
        }
    }

    fn drop_body(&mut self, id: u64) {
        let Some(body) = self.bodies.remove(&id) else { return };
        if body.cached.is_some() {
            self.cached.bytes = self.cached.bytes.saturating_sub(body.len);
            self.cached.count -= 1;
        }
        match body.place {
            Place::Log(position) => self.debit(position.segment(), body.len),
            Place::File => self.body_files_gone.push(id),
            Place::Lost => {}
        }
    }

    /// The bytes of a body cannot be read any more.
    pub(crate) fn lose_body(&mut self, id: u64) {
        let Some(body) = self.bodies.get_mut(&id) else { return };
        if let Place::Log(position) = std::mem::replace(&mut body.place, Place::Lost) {
            let len = body.len;
            self.debit(position.segment(), len);
        }
    }

    /// Recovery ends: drops the bodies that no message names.
    pub(crate) fn drop_unnamed_bodies(&mut self) {
        self.replaying = false;
        let unnamed: Vec<u64> =
            self.bodies.iter().filter(|(_, body)| body.refs == 0).map(|(id, _)| *id).collect();
        for id in unnamed {
            self.drop_body(id);
        }
    }

    // Messages.

    pub(crate) fn put_message(
        &mut self,
        no: MessageNo,
        body: u64,
        envelope: Bytes,
        segment: u32,
        end: &mut GroupEnd,
    ) {
        let moved = Moved { no, body, death: Position::default(), envelope, entries: Vec::new() };
        self.put_state(moved, segment);
        end.may_be_dead.push(no);
    }

    /// Sets the complete state of a message whose record is in `segment`.
    pub(crate) fn put_state(&mut self, state: Moved, segment: u32) {
        let no = state.no;
        if state.death != Position::default() && state.death <= self.mark(Mark::Mailbox) {
            // The mark in front of it in the same disk batch has passed its death.
            self.forget(no);
            return;
        }
        self.ref_body(state.body);
        let was_in = self.remove_message(no);
        let bytes = MESSAGE_BYTES
            + state.envelope.len() as u64
            + state.entries.iter().map(|(_, bytes)| ENTRY_BYTES + bytes.len() as u64).sum::<u64>();
        if state.death != Position::default() {
            self.dead.insert((state.death, no));
        }
        self.messages.insert(
            no,
            Message {
                envelope: state.envelope,
                entries: state.entries,
                body: state.body,
                death: state.death,
                segment,
                bytes,
            },
        );
        self.credit(segment, bytes);
        if was_in == Some(segment) {
            return;
        }
        if was_in.is_some() {
            // Moved here: footers in between still have it, so its end must be told even if it comes in this segment.
            self.touched.insert(no);
        }
        if let Some(segment) = self.segment_mut(segment) {
            segment.messages.push(no);
        }
    }

    /// Takes a message out; says which segment it was in.
    fn remove_message(&mut self, no: MessageNo) -> Option<u32> {
        let message = self.messages.remove(&no)?;
        if message.death != Position::default() {
            self.dead.remove(&(message.death, no));
        }
        self.debit(message.segment, message.bytes);
        self.unref_body(message.body);
        Some(message.segment)
    }

    /// The message has changed: it belongs into the index of the open segment.
    fn touch(&mut self, no: MessageNo, segment: u32) {
        if segment != self.open_segment() {
            self.touched.insert(no);
        }
    }

    pub(crate) fn set_envelope(&mut self, no: MessageNo, envelope: Bytes) {
        let Some(message) = self.messages.get_mut(&no) else { return };
        let (old, new) = (message.envelope.len() as u64, envelope.len() as u64);
        message.envelope = envelope;
        self.recount(no, old, new);
    }

    pub(crate) fn put_entry(&mut self, no: MessageNo, entry: EntryNo, bytes: Bytes) {
        let Some(message) = self.messages.get_mut(&no) else { return };
        let new = ENTRY_BYTES + bytes.len() as u64;
        let old = match message.entries.binary_search_by_key(&entry, |(entry, _)| *entry) {
            Ok(index) => message.entries.get_mut(index).map_or(0, |slot| {
                let old = ENTRY_BYTES + slot.1.len() as u64;
                slot.1 = bytes;
                old
            }),
            Err(index) => {
                message.entries.insert(index, (entry, bytes));
                0
            }
        };
        let death = std::mem::take(&mut message.death);
        if death != Position::default() {
            self.dead.remove(&(death, no));
        }
        self.recount(no, old, new);
    }

    pub(crate) fn remove_entry(&mut self, no: MessageNo, entry: EntryNo, end: &mut GroupEnd) {
        let Some(message) = self.messages.get_mut(&no) else { return };
        let Ok(index) = message.entries.binary_search_by_key(&entry, |(entry, _)| *entry) else { return };
        let (_, bytes) = message.entries.remove(index);
        if message.entries.is_empty() {
            end.may_be_dead.push(no);
        }
        self.recount(no, ENTRY_BYTES + bytes.len() as u64, 0);
    }

    fn recount(&mut self, no: MessageNo, old: u64, new: u64) {
        let Some(message) = self.messages.get_mut(&no) else { return };
        message.bytes = (message.bytes + new).saturating_sub(old);
        let segment = message.segment;
        self.credit(segment, new);
        self.debit(segment, old);
        self.touch(no, segment);
    }

    /// A group of records ends at `end`: messages left without an entry are dead, from its last event on if it has one,
    /// so that a reader of that event still finds them.
    pub(crate) fn end_group(&mut self, group: &mut GroupEnd, end: Position) {
        let at = group.last_event.take().unwrap_or(end);
        for no in group.may_be_dead.drain(..) {
            if let Some(message) = self.messages.get_mut(&no)
                && message.entries.is_empty()
                && message.death == Position::default()
            {
                message.death = at;
                let segment = message.segment;
                self.dead.insert((at, no));
                self.touch(no, segment);
            }
        }
        self.end = self.end.max(end);
    }

    pub(crate) fn forget(&mut self, no: MessageNo) {
        if let Some(segment) = self.remove_message(no) {
            self.touch(no, segment);
        }
    }

    pub(crate) fn set_mark(&mut self, mark: Mark, position: Position) {
        if let Some(slot) = self.marks.get_mut(mark_index(mark)) {
            *slot = position.max(*slot);
        }
        if mark == Mark::Mailbox {
            let mark = self.mark(mark);
            while let Some((death, no)) = self.dead.first().copied()
                && death <= mark
            {
                self.forget(no);
            }
        }
    }

    pub(crate) fn set_meta(&mut self, key: &str, bytes: Bytes) {
        if bytes.is_empty() {
            self.meta.remove(key);
        } else {
            self.meta.insert(key.to_owned(), bytes);
        }
    }

    /// An event lies at `at` in the open segment.
    pub(crate) fn note_event(&mut self, seq: u64, at: Position) {
        self.next_event = self.next_event.max(seq + 1);
        if let Some(segment) = self.segment_mut(at.segment()) {
            segment.next_event = seq + 1;
            segment.last_event = at;
            if let EventOffsets::Memory(offsets) = &mut segment.offsets {
                offsets.push(at.offset() as u32);
            }
        }
    }

    pub(crate) fn is_log_place(&self, id: u64, segment: u32) -> bool {
        self.bodies
            .get(&id)
            .is_some_and(|body| matches!(body.place, Place::Log(position) if position.segment() == segment))
    }

    pub(crate) fn is_message_in(&self, no: MessageNo, segment: u32) -> bool {
        self.messages.get(&no).is_some_and(|message| message.segment == segment)
    }

    /// Counts live bytes and lists what is in each segment anew, from the messages and bodies. What seems to be in a
    /// segment that is gone (only after damage) counts for the oldest one, so that compaction takes it along.
    pub(crate) fn rebuild_accounts(&mut self, oldest: u32) {
        self.live = 0;
        for segment in &mut self.segments {
            segment.live = 0;
            segment.messages.clear();
            segment.bodies.clear();
        }
        let numbers: HashSet<u32> = self.segments.iter().map(|segment| segment.number).collect();
        let mut messages: Vec<(MessageNo, u32, u64)> = Vec::with_capacity(self.messages.len());
        for (no, message) in &mut self.messages {
            if !numbers.contains(&message.segment) {
                message.segment = oldest;
            }
            messages.push((*no, message.segment, message.bytes));
        }
        let mut bodies: Vec<(u64, u32, u64)> = Vec::with_capacity(self.bodies.len());
        for (id, body) in &mut self.bodies {
            if let Place::Log(position) = body.place {
                if numbers.contains(&position.segment()) {
                    bodies.push((*id, position.segment(), body.len));
                } else {
                    body.place = Place::Lost;
                }
            }
        }
        for (no, number, bytes) in messages {
            self.credit(number, bytes);
            if let Some(segment) = self.segment_mut(number) {
                segment.messages.push(no);
            }
        }
        for (id, number, bytes) in bodies {
            self.credit(number, bytes);
            if let Some(segment) = self.segment_mut(number) {
                segment.bodies.push(id);
            }
        }
    }
}
