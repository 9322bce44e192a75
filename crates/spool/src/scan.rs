//! Finds the batches of a segment in its bytes, and tells a torn tail from damage.
//!
//! May touch: nothing (pure).
//!
//! Batch n+1 is not written before n is synced. So an invalid batch with a valid one of the same generation behind it
//! has been damaged since; an invalid one at the end was cut off by a crash and never acknowledged.

use std::path::Path;

use crate::format::{BATCH_HEADER, BATCH_MAGIC, BatchHead, Cursor, FIRST_BATCH, Key, PAGE};
use crate::report::{Damage, RecoveryReport, TornTail};

/// A valid batch.
pub(crate) struct FoundBatch {
    /// Where its head is in the segment.
    pub(crate) at: usize,
    pub(crate) head: BatchHead,
}

/// A stretch that holds no valid batch, before one that is valid or at the end.
struct Hole {
    from: usize,
    to: usize,
    what: String,
}

/// What a segment holds.
pub(crate) struct Scan {
    pub(crate) bytes: Vec<u8>,
    pub(crate) batches: Vec<FoundBatch>,
    /// Where the next batch goes: after the last valid one.
    pub(crate) end: usize,
    holes: Vec<Hole>,
    /// An invalid batch at the end.
    tail: Option<Hole>,
}

impl FoundBatch {
    /// The payload in the bytes of the segment.
    pub(crate) fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        payload(bytes, self.at, &self.head).unwrap_or_default()
    }
}

fn payload<'a>(bytes: &'a [u8], at: usize, head: &BatchHead) -> Option<&'a [u8]> {
    let start = at + BATCH_HEADER;
    bytes.get(start..start.checked_add(head.payload_len as usize)?)
}

/// Scans the bytes of segment `number`. Linear in their length.
pub(crate) fn scan(bytes: Vec<u8>, key: &Key, number: u32) -> Scan {
    let mut batches: Vec<FoundBatch> = Vec::new();
    let mut holes = Vec::new();
    let mut hole: Option<Hole> = None;
    let (mut at, mut end) = (FIRST_BATCH, FIRST_BATCH);
    while let Some(rest) = bytes.get(at..)
        && rest.len() >= BATCH_HEADER
    {
        let above = batches.last().map_or(0, |batch| batch.head.number);
        let head = BatchHead::decode(rest, key, Some(number)).filter(|head| head.number > above);
        match head {
            Some(head) if payload_is_valid(&bytes, at, &head) => {
                if let Some(found) = hole.take() {
                    holes.push(Hole { to: at, ..found });
                }
                let span = head.span();
                batches.push(FoundBatch { at, head });
                at += span;
                end = at;
            }
            Some(head) => {
                let what = format!(
                    "batch {} with events {} to {}",
                    head.number,
                    head.first_event,
                    head.first_event.saturating_add(u64::from(head.event_count))
                );
                let to = at.saturating_add(head.span());
                hole.get_or_insert(Hole { from: at, to, what }).to = to;
                // The next page: only the span of a batch that reads well is believed.
                at += PAGE;
            }
            None => {
                if hole.is_none() && looks_written(rest, number) {
                    hole = Some(Hole { from: at, to: at + PAGE, what: "the head of a batch".to_owned() });
                } else if hole.is_none() {
                    hole = Some(Hole { from: at, to: at, what: String::new() });
                }
                at += PAGE;
            }
        }
    }
    // Zeros or an earlier use of the file behind the last batch: nothing was cut off.
    let tail = hole.filter(|hole| hole.to > hole.from);
    Scan { end: end.min(bytes.len()), bytes, batches, holes, tail }
}

fn payload_is_valid(bytes: &[u8], at: usize, head: &BatchHead) -> bool {
    payload(bytes, at, head).is_some_and(|payload| crc32fast::hash(payload) == head.payload_crc)
}

/// Whether a batch of this generation was begun here.
fn looks_written(page: &[u8], number: u32) -> bool {
    let mut cursor = Cursor::new(page);
    cursor.u32() == Some(BATCH_MAGIC) && cursor.u32().is_some() && cursor.u32() == Some(number)
}

impl Scan {
    /// Reports what is not valid. True if it is damage.
    pub(crate) fn damage(&self, path: &Path, last_segment: bool, report: &mut RecoveryReport) -> bool {
        for hole in &self.holes {
            let what = if hole.what.is_empty() { "batches" } else { &hole.what };
            let mut damage = Damage::new(path, hole.from as u64, what);
            damage.length = (hole.to - hole.from) as u64;
            report.damage.push(damage);
        }
        let Some(tail) = &self.tail else { return !self.holes.is_empty() };
        let length = (tail.to.min(self.bytes.len()) - tail.from) as u64;
        if last_segment {
            let file = path.display().to_string();
            report.torn = Some(TornTail { file, offset: tail.from as u64, length });
            return !self.holes.is_empty();
        }
        let mut damage = Damage::new(path, tail.from as u64, tail.what.clone());
        damage.length = length;
        report.damage.push(damage);
        true
    }
}
