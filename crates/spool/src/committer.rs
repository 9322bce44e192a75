//! The one writer of the log: gathers what waits into a disk batch, writes it, syncs it, then answers.
//!
//! May touch: Disk (the open segment).

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;
use world::DiskFile;

use crate::batch::{Batch, EventSeq, Mark, Op, Position};
use crate::check::{Overlay, mailbox_mark};
use crate::compact;
use crate::encode::{Encoder, Group, Written, apply_op};
use crate::error::SpoolError;
use crate::format::{
    BATCH_HEADER, BatchHead, FIRST_BATCH, GROUP_HEADER, Key, PAGE, Seal, SegmentHead, page_up,
};
use crate::index;
use crate::segment;
use crate::shared::{Shared, Synced};
use crate::state::{EventOffsets, GroupEnd, Segment, Spare};

/// Jobs taken at once.
pub(crate) const JOBS_MAX: usize = 4096;
/// A disk batch is closed when it holds this many bytes, so that nobody waits for a very long write.
const BATCH_BYTES: usize = 8 << 20;
/// Of a larger write buffer no more than this is kept.
const BUFFER_BYTES: usize = 16 << 20;
/// Message numbers are reserved in ranges of this size, the next one when half of it is used.
pub(crate) const NUMBERS: u64 = 1 << 14;

/// What a commit has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The end of the batch in the log: not before any of its events, before those of every later commit.
    pub position: Position,
    /// The number of its first event; the others follow without gap. Without events: the number the next one gets.
    pub first_event: EventSeq,
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

pub(crate) enum Job {
    Commit {
        batch: Batch,
        reply: Reply<Committed>,
    },
    /// Makes wanted marks and number reservations durable.
    Flush {
        reply: Reply<Committed>,
    },
    /// One step of compaction; answers whether anything was moved.
    Compact {
        reply: Reply<Committed>,
    },
    /// The next event gets a number above this one.
    Raise {
        above: EventSeq,
        reply: Reply<Committed>,
    },
}

struct Open {
    number: u32,
    file: DiskFile,
    end: usize,
}

pub(crate) struct Committer {
    shared: Arc<Shared>,
    key: Key,
    open: Option<Open>,
    next_batch: u64,
    next_event: u64,
    /// The next batch is the first of its segment.
    fresh: bool,
    /// The open segment was damaged: the first thing is to leave it.
    seal_first: bool,
    buffer: Vec<u8>,
    /// Offset in the segment of each operation in the buffer.
    places: Vec<u32>,
}

/// Where recovery leaves off.
pub(crate) struct Resume {
    pub(crate) next_batch: u64,
    pub(crate) durable_first: u32,
    pub(crate) open: LastSegment,
}

/// What becomes of the last segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastSegment {
    /// It takes more batches.
    Append,
    /// It is sealed first.
    Seal,
    /// It is sealed already, or there is none.
    Sealed,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, resume: &Resume) -> Self {
        let state = shared.state.read();
        let last = state.segments.back().filter(|_| resume.open != LastSegment::Sealed);
        let open = last.map(|segment| Open {
            number: segment.number,
            file: segment.file.clone(),
            end: segment.data_end as usize,
        });
        let next_event = state.next_event;
        // A crash may have come between the head of a segment and its first batch, which must not be left out.
        let fresh = open.as_ref().is_some_and(|open| open.end == FIRST_BATCH);
        drop(state);
        Self {
            key: shared.key,
            shared,
            open,
            next_batch: resume.next_batch,
            next_event,
            fresh,
            seal_first: resume.open == LastSegment::Seal,
            buffer: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Makes the spool ready for the first commit: a segment is open, numbers are reserved, and what recovery found is
    /// durable even if the process was killed before it had synced it.
    pub(crate) fn start(&mut self) -> io::Result<()> {
        match &self.open {
            Some(open) if !self.seal_first => open.file.sync_data()?,
            _ => self.roll()?,
        }
        self.write_batch(&mut VecDeque::new())
    }

    /// Does every job. After an error every job is refused: no second sync is ever tried, as the kernel may have
    /// dropped what the first one was to write.
    pub(crate) fn handle(&mut self, jobs: Vec<Job>) {
        let mut groups = VecDeque::with_capacity(jobs.len());
        let mut raises = Vec::new();
        let mut compacts = false;
        for job in jobs {
            match job {
                Job::Commit { batch, reply } => groups.push_back(Group::new(batch, Some(reply))),
                Job::Flush { reply } => groups.push_back(Group::new(Batch::new(), Some(reply))),
                Job::Compact { reply } => {
                    // One step at a time: what it moves must be durable before its segment may count as empty.
                    let step = !std::mem::replace(&mut compacts, true) && self.shared.check().is_ok();
                    let moved = if step { compact::gather(&self.shared) } else { Batch::new() };
                    // First in the batch: what it moves is as the last batch left it.
                    groups.push_front(Group::new(moved, Some(reply)));
                }
                Job::Raise { above, reply } => raises.push((above, reply)),
            }
        }
        self.write_all(&mut groups);
        for (above, reply) in raises {
            let result = self.raise(above);
            let _ = reply.send(result);
        }
        if self.buffer.capacity() > BUFFER_BYTES {
            self.buffer = Vec::new();
        }
        self.shared.chores.notify_one();
    }

    fn write_all(&mut self, groups: &mut VecDeque<Group>) {
        while !groups.is_empty() {
            let failed = match self.shared.check() {
                Ok(()) => match self.write_batch(groups) {
                    Ok(()) => continue,
                    Err(error) => self.shared.fail(&format!("writing the log failed: {error}")),
                },
                Err(failed) => failed,
            };
            for group in groups.drain(..) {
                group.answer(Err(failed.clone()));
            }
        }
    }

    fn raise(&mut self, above: EventSeq) -> Result<Committed, SpoolError> {
        self.shared.check()?;
        if self.next_event <= above.0 {
            self.next_event = above.0.saturating_add(1);
            // In a segment of its own: within one the numbers are dense.
            let done = self.roll().and_then(|()| self.write_batch(&mut VecDeque::new()));
            done.map_err(|error| self.shared.fail(&format!("writing the log failed: {error}")))?;
        }
        Ok(self.nothing_written())
    }

    fn nothing_written(&self) -> Committed {
        Committed { position: self.shared.state.read().end, first_event: EventSeq(self.next_event) }
    }

    // One disk batch.

    /// Writes one disk batch of as many of `groups` as fit, syncs and answers.
    fn write_batch(&mut self, groups: &mut VecDeque<Group>) -> io::Result<()> {
        let mut own = self.own_group();
        // A segment without a batch takes any group, so it is never left.
        let is_empty = self.open.as_ref().is_some_and(|open| open.end == FIRST_BATCH);
        if !is_empty
            && !self.fits(own.weight, groups.iter().find(|group| group.takes_room(&self.shared.config)))
        {
            self.roll()?;
            own = self.own_group();
        }
        let Some((number, at)) = self.open.as_ref().map(|open| (open.number, open.end)) else {
            return Err(io::Error::other("no segment is open"));
        };
        let (mut written, events, unwritten) = self.encode(own, groups, number, at);
        if written.is_empty() {
            for group in unwritten {
                group.answer(Ok(self.nothing_written()));
            }
            return Ok(());
        }
        let result = self.write_buffer(number, at, events);
        if let Err(error) = result {
            let failed = self.shared.fail(&format!("writing the log failed: {error}"));
            for group in written.into_iter().map(|written| written.group).chain(unwritten) {
                group.answer(Err(failed.clone()));
            }
            return Err(error);
        }
        self.apply(&mut written, number, at);
        for group in unwritten {
            group.answer(Ok(self.nothing_written()));
        }
        for Written { group, end, first_event } in written {
            let position = Position::new(number, at + end);
            group.answer(Ok(Committed { position, first_event: EventSeq(first_event) }));
        }
        Ok(())
    }

    /// What the committer itself has to say: at the start of a segment everything that must not be lost with the
    /// oldest one, later what has changed.
    fn own_group(&self) -> Group {
        let state = self.shared.state.read();
        let mut batch = Batch::new();
        for mark in Mark::ALL {
            let position = state.mark(mark).max(self.shared.mark_wanted(mark));
            if self.fresh || position > state.mark(mark) {
                batch.ops.push(Op::Mark { mark, position });
            }
        }
        let next_no = self.shared.next_no.load(Ordering::Acquire);
        if next_no + NUMBERS / 2 > state.reserved_no {
            batch.ops.push(Op::NextNo(next_no + NUMBERS));
        } else if self.fresh {
            batch.ops.push(Op::NextNo(state.reserved_no));
        }
        if batch.is_empty() && compact::must_say_freed(&state, &self.shared.config) {
            // Every batch says which segment is the oldest needed; this one says nothing else.
            batch.ops.push(Op::NextNo(state.reserved_no));
        }
        if self.fresh {
            let meta = state.meta.iter();
            batch.ops.extend(meta.map(|(key, bytes)| Op::Meta { key: key.clone(), bytes: bytes.clone() }));
        }
        drop(state);
        Group::new(batch, None)
    }

    fn fits(&self, own: usize, first: Option<&Group>) -> bool {
        let Some(open) = &self.open else { return false };
        let first = first.map_or(0, |group| GROUP_HEADER + group.weight);
        let room = (self.shared.config.segment_bytes as usize).saturating_sub(open.end);
        page_up(BATCH_HEADER + GROUP_HEADER + own + first) <= room
    }

    /// Fills the buffer. Gives back the groups in it, the number of events, and the groups that had nothing to write.
    fn encode(
        &mut self,
        own: Group,
        groups: &mut VecDeque<Group>,
        number: u32,
        at: usize,
    ) -> (Vec<Written>, u64, Vec<Group>) {
        let shared = Arc::clone(&self.shared);
        let state = shared.state.read();
        let forgotten = mailbox_mark(&own.ops);
        let mut encoder = Encoder {
            state: &state,
            overlay: Overlay::new(forgotten),
            buffer: &mut self.buffer,
            places: &mut self.places,
            number,
            at,
            next_event: self.next_event,
        };
        encoder.begin();
        let (mut written, mut unwritten): (Vec<Written>, Vec<Group>) = (Vec::new(), Vec::new());
        if !own.ops.is_empty() {
            written.push(encoder.group(own));
        }
        let room = (shared.config.segment_bytes as usize).saturating_sub(at);
        let mut callers = 0;
        while let Some(next) = groups.front() {
            let after = encoder.buffer.len() + GROUP_HEADER + next.weight;
            // `write_batch` has made room for the first group that is written. Should that one be refused, the next
            // may not fit; it then opens the next disk batch, in a new segment.
            let is_first_in_segment = callers == 0 && at == FIRST_BATCH;
            let is_full = page_up(after) > room && !is_first_in_segment;
            if next.takes_room(&shared.config) && (is_full || (callers > 0 && after > BATCH_BYTES)) {
                break;
            }
            let Some(group) = groups.pop_front() else { break };
            if group.ops.is_empty() {
                unwritten.push(group);
                continue;
            }
            let too_large = group.weight as u64 > shared.config.group_bytes_max();
            let checked = if too_large {
                Err(SpoolError::TooLarge {
                    what: "the batch",
                    bytes: group.weight as u64,
                    max: shared.config.group_bytes_max(),
                })
            } else {
                encoder.overlay.commit(&state, &shared.config, &group.ops)
            };
            match checked {
                Ok(()) => {
                    callers += 1;
                    written.push(encoder.group(group));
                }
                Err(error) => {
                    encoder.overlay = Overlay::new(forgotten);
                    for earlier in written.iter().filter(|written| written.group.reply.is_some()) {
                        // They passed before and pass again.
                        let _ = encoder.overlay.commit(&state, &shared.config, &earlier.group.ops);
                    }
                    group.answer(Err(error));
                }
            }
        }
        let events = encoder.next_event - self.next_event;
        (written, events, unwritten)
    }

    /// One write, one sync.
    fn write_buffer(&mut self, number: u32, at: usize, events: u64) -> io::Result<()> {
        let payload = self.buffer.get(BATCH_HEADER..).unwrap_or_default();
        let first_segment = self.shared.state.read().first_segment();
        let head = BatchHead {
            generation: number,
            first_segment,
            number: self.next_batch,
            first_event: self.next_event,
            event_count: events as u32,
            payload_len: payload.len() as u32,
            payload_crc: crc32fast::hash(payload),
        };
        for (to, from) in self.buffer.iter_mut().zip(head.encode(&self.key)) {
            *to = from;
        }
        self.buffer.resize(page_up(self.buffer.len()), 0);
        let Some(open) = &mut self.open else { return Err(io::Error::other("no segment is open")) };
        open.file.write_all_at(&self.buffer, at as u64)?;
        open.file.sync_data()?;
        open.end = at + self.buffer.len();
        self.next_batch += 1;
        self.next_event += events;
        self.shared.state.write().durable_first = first_segment;
        self.fresh = false;
        self.shared.batches_written.fetch_add(1, Ordering::Relaxed);
        self.shared.last_batch_bytes.store(self.buffer.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Brings the state up to what is now durable.
    fn apply(&mut self, written: &mut [Written], number: u32, at: usize) {
        let mut state = self.shared.state.write();
        let mut places = self.places.iter();
        let mut commits = 0;
        for Written { group, end, first_event } in written {
            let mut group_end = GroupEnd::default();
            let mut seq = *first_event;
            commits += u64::from(group.reply.is_some());
            for (op, place) in group.ops.drain(..).zip(&mut places) {
                let at = Position::new(number, *place as usize);
                apply_op(&mut state, op, at, &mut seq, &mut group_end);
            }
            state.end_group(&mut group_end, Position::new(number, at + *end));
        }
        if let (Some(segment), Some(open)) = (state.segments.back_mut(), &self.open) {
            segment.data_end = open.end as u64;
            segment.file_len = segment.file_len.max(segment.data_end);
        }
        compact::release(&mut state);
        drop(state);
        self.shared.last_batch_groups.store(commits, Ordering::Relaxed);
        let last_event = EventSeq(self.next_event - 1);
        self.shared.synced.send_if_modified(|synced| {
            let new = Synced { last_event, failed: synced.failed };
            std::mem::replace(synced, new) != new
        });
    }

    // Segments.

    /// Seals the open segment and starts the next one.
    fn roll(&mut self) -> io::Result<()> {
        self.seal()?;
        let number = self.shared.state.read().open_segment() + 1;
        let spare = match self.take_spare() {
            Some(spare) => spare,
            None => {
                let slot = self.shared.next_slot.fetch_add(1, Ordering::AcqRel);
                let path = segment::path_of(&self.shared.log_dir(), slot);
                segment::create(&self.shared.disk, &path, self.shared.config.segment_bytes)?
            }
        };
        let first = self.shared.state.read().first_segment();
        let head = SegmentHead {
            number,
            first_segment: if first == 0 { number } else { first },
            first_batch: self.next_batch,
            first_event: self.next_event,
            key: self.key,
        };
        spare.file.write_all_at(&head.encode(), 0)?;
        spare.file.sync_data()?;
        let segment = Segment::new(number, spare, self.next_event);
        self.open = Some(Open { number, file: segment.file.clone(), end: segment.data_end as usize });
        self.fresh = true;
        let mut state = self.shared.state.write();
        state.next_event = self.next_event;
        state.segments.push_back(segment);
        Ok(())
    }

    fn take_spare(&self) -> Option<Spare> {
        let mut state = self.shared.state.write();
        let index = state.spares.iter().position(|spare| state.is_usable(spare, &self.shared.config))?;
        Some(state.spares.swap_remove(index))
    }

    fn seal(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let state = self.shared.state.read();
        let Some(segment) = state.segments.back() else { return Ok(()) };
        let mut footer = index::records(&state, segment);
        let offsets = index::event_offsets(segment);
        let index_len = footer.len();
        let seal = Seal {
            number: open.number,
            first_segment: state.first_segment(),
            next_batch: self.next_batch,
            next_event: segment.next_event,
            last_event: segment.last_event,
            index_at: open.end as u32,
            index_len: index_len as u32,
            index_crc: crc32fast::hash(&footer),
            events_crc: crc32fast::hash(&offsets),
        };
        drop(state);
        footer.extend(offsets);
        footer.resize(page_up(footer.len()), 0);
        open.file.write_all_at(&footer, open.end as u64)?;
        open.file.write_all_at(&seal.encode(&self.key), PAGE as u64)?;
        open.file.sync_data()?;
        let mut state = self.shared.state.write();
        state.touched.clear();
        let kept = state.segments.back().map(|segment| {
            let messages = segment.messages.iter().copied();
            let bodies = segment.bodies.iter().copied();
            let messages: Vec<_> = messages.filter(|no| state.is_message_in(*no, open.number)).collect();
            let bodies: Vec<_> = bodies.filter(|id| state.is_log_place(*id, open.number)).collect();
            (messages, bodies)
        });
        if let (Some(segment), Some((messages, bodies))) = (state.segments.back_mut(), kept) {
            (segment.messages, segment.bodies) = (messages, bodies);
            segment.offsets = EventOffsets::Footer((open.end + index_len) as u64);
            segment.file_len = segment.file_len.max((open.end + footer.len()) as u64);
        }
        Ok(())
    }
}
