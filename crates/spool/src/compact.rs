//! Compaction: moves what lives in the oldest segment to the end of the log, and frees it.
//!
//! May touch: the segment files (reading).
//!
//! Always the oldest segment: what ends a message lies behind the message, so a segment may only go when every older
//! one is gone, or the dead would return at the next start. The log therefore turns over like a ring. When it is longer
//! than 4 × live bytes + slack, three quarters of it are dead, and each turn moves one byte for three it frees.

use std::sync::atomic::Ordering;

use crate::batch::{Batch, MessageNo, Moved, Op, Position};
use crate::body::{self, Failure};
use crate::config::Config;
use crate::error::SpoolError;
use crate::shared::Shared;
use crate::state::{Segment, Spare, State};

/// A segment with less live bytes than one in this many is compacted when it is the oldest.
const LIVE_SHARE: u64 = 4;
/// One step moves about this many bytes.
const STEP_BYTES: u64 = 1 << 20;
/// One step looks at this many messages and bodies.
const STEP_ITEMS: usize = 4096;
/// After a body that could not be read, compaction goes on when this many disk batches more are written.
pub(crate) const READ_AGAIN_BATCHES: u64 = 256;
/// What an item takes beside its bytes, rounded up.
const ITEM_BYTES: u64 = 128;

/// Whether a step of compaction would bring something.
pub(crate) fn is_due(state: &State, config: &Config) -> bool {
    let Some(oldest) = oldest_closed(state) else { return false };
    // The other half of the slack is for spare segments and for what is written while the steps run.
    let over = state.used_bytes() > LIVE_SHARE * state.live + config.slack_bytes / 2;
    over || oldest.live * LIVE_SHARE < oldest.data_end
}

/// The oldest segment, if it is not the open one and no reader needs its events.
fn oldest_closed(state: &State) -> Option<&Segment> {
    if state.segments.len() < 2 {
        return None;
    }
    state.segments.front().filter(|oldest| oldest.last_event <= state.low_water())
}

/// What the next step moves: taken from the lists of the oldest segment, in their current state.
pub(crate) fn gather(shared: &Shared) -> Batch {
    let mut batch = Batch::new();
    let mut bodies = Vec::new();
    let step = STEP_BYTES.min(shared.config.segment_bytes / 8);
    {
        let mut state = shared.state.write();
        // What the step before took out is durable by now.
        release(&mut state);
        if !is_due(&state, &shared.config) {
            return batch;
        }
        let number = state.first_segment();
        let mut weight = 0;
        for _ in 0..STEP_ITEMS {
            if weight >= step {
                break;
            }
            let Some(item) = next_item(&mut state) else { break };
            match item {
                Item::Message(no) if state.is_message_in(no, number) => {
                    if let Some(moved) = moved(&state, no) {
                        weight += ITEM_BYTES + moved.weight();
                        batch.ops.push(Op::MovedMessage(moved));
                    }
                }
                Item::Body(id) if state.is_log_place(id, number) => {
                    weight += ITEM_BYTES + state.bodies.get(&id).map_or(0, |body| body.len);
                    bodies.push(id);
                }
                Item::Message(_) | Item::Body(_) => {}
            }
        }
    }
    while let Some(id) = bodies.pop() {
        match body::read_id(shared, id) {
            Ok(bytes) => batch.ops.push(Op::MovedBody { id, crc: crc32fast::hash(&bytes), bytes }),
            Err(Failure::Moved) => {}
            Err(Failure::Error(error @ SpoolError::Damaged { .. })) => {
                tracing::error!(body = id, %error, "compaction found a damaged body; it is lost");
                lose(shared, id);
            }
            Err(Failure::Error(error)) => {
                tracing::error!(body = id, %error, "compaction waits for a body it cannot read; the log grows");
                bodies.push(id);
                put_back(shared, bodies);
                break;
            }
        }
    }
    batch
}

fn lose(shared: &Shared, id: u64) {
    let mut state = shared.state.write();
    state.lose_body(id);
    if let Some(oldest) = state.segments.front_mut() {
        oldest.damaged = true;
    }
}

/// The disk may read these another time: they stay where they are, and with them their segment.
fn put_back(shared: &Shared, bodies: Vec<u64>) {
    if let Some(oldest) = shared.state.write().segments.front_mut() {
        oldest.bodies.extend(bodies);
    }
    let again = shared.batches_written.load(Ordering::Relaxed) + READ_AGAIN_BATCHES;
    shared.compact_from_batch.store(again, Ordering::Relaxed);
}

/// Whether the disk could not read what is to be moved, so short a while ago that another step would find the same.
pub(crate) fn waits_for_disk(shared: &Shared) -> bool {
    shared.batches_written.load(Ordering::Relaxed) < shared.compact_from_batch.load(Ordering::Relaxed)
}

enum Item {
    Message(MessageNo),
    Body(u64),
}

fn next_item(state: &mut State) -> Option<Item> {
    let oldest = state.segments.front_mut()?;
    oldest.messages.pop().map(Item::Message).or_else(|| oldest.bodies.pop().map(Item::Body))
}

fn moved(state: &State, no: MessageNo) -> Option<Moved> {
    let message = state.messages.get(&no)?;
    Some(Moved {
        no,
        body: message.body,
        death: message.death,
        envelope: message.envelope.clone(),
        entries: message.entries.clone(),
    })
}

/// Frees the oldest segments as long as nothing in them is needed.
pub(crate) fn release(state: &mut State) {
    while oldest_closed(state).is_some() && is_empty(state) {
        let Some(oldest) = state.segments.pop_front() else { break };
        if oldest.damaged {
            state.set_aside.push(oldest);
        } else {
            state.spares.push(Spare {
                was: Some(oldest.number),
                path: oldest.path,
                file: oldest.file,
                file_len: oldest.file_len,
            });
        }
    }
}

/// Whether nothing current is in the oldest segment; drops from the end of its lists what went.
fn is_empty(state: &mut State) -> bool {
    let number = state.first_segment();
    loop {
        let Some(oldest) = state.segments.front() else { return false };
        match (oldest.messages.last().copied(), oldest.bodies.last().copied()) {
            (None, None) => return true,
            (Some(no), _) if state.is_message_in(no, number) => return false,
            (_, Some(id)) if state.is_log_place(id, number) => return false,
            (Some(_), _) => {
                if let Some(oldest) = state.segments.front_mut() {
                    oldest.messages.pop();
                }
            }
            (None, Some(_)) => {
                if let Some(oldest) = state.segments.front_mut() {
                    oldest.bodies.pop();
                }
            }
        }
    }
}

/// Whether a batch has to be written so that freed segments may be deleted.
pub(crate) fn must_say_freed(state: &State, config: &Config) -> bool {
    let waiting = |was: u32| was >= state.durable_first;
    let spares = state.spares.iter().filter(|spare| spare.was.is_some_and(waiting)).count();
    let too_many = spares > 0 && state.spares.len() > config.spare_segments;
    too_many || state.set_aside.iter().any(|segment| waiting(segment.number))
}

/// Positions up to which all readers are done, and the oldest segment still waits for them.
pub(crate) fn waits_for_marks(state: &State) -> Option<Position> {
    let oldest = state.segments.front().filter(|_| state.segments.len() > 1)?;
    (oldest.last_event > state.low_water()).then_some(oldest.last_event)
}
