//! Opening a spool: reads the footers of full segments, scans the others, cuts a torn tail, isolates damage.
//!
//! May touch: Disk.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use world::{Clock, Disk, OpenMode};

use crate::batch::{MessageNo, Position};
use crate::body;
use crate::committer::{LastSegment, Resume};
use crate::config::Config;
use crate::error::SpoolError;
use crate::format::{BATCH_MAGIC, BatchHead, FIRST_BATCH, Key, PAGE, Page, Seal, SegmentHead};
use crate::replay::{self, Footer};
use crate::report::{Damage, RecoveryReport};
use crate::scan::{Scan, scan};
use crate::segment;
use crate::shared::log_dir;
use crate::state::{Place, Segment, Spare, State};

/// No more of a segment file is read: the largest segment and as much again for its footer.
const FILE_BYTES_MAX: u64 = 2 << 30;

/// A spool read from disk.
pub(crate) struct Recovered {
    pub(crate) state: State,
    pub(crate) key: Key,
    pub(crate) resume: Resume,
    pub(crate) next_slot: u64,
    pub(crate) report: RecoveryReport,
}

/// A segment file as its first pages describe it.
struct Found {
    spare: Spare,
    head: Option<SegmentHead>,
    /// Pages 0 to 2.
    pages: Vec<u8>,
}

fn open_error(dir: &Path, cause: impl std::fmt::Display) -> SpoolError {
    SpoolError::Open { dir: dir.display().to_string(), cause: cause.to_string() }
}

/// Reads the spool in `dir`, or makes a new one.
pub(crate) fn recover(
    disk: &Disk,
    clock: &Clock,
    dir: &Path,
    config: &Config,
) -> Result<Recovered, SpoolError> {
    let io = |error: io::Error| open_error(dir, error);
    disk.create_dir_all(&log_dir(dir)).map_err(io)?;
    disk.create_dir_all(&body::bodies_dir(dir)).map_err(io)?;
    let mut report = RecoveryReport::default();
    let mut next_slot = 1;
    let mut files = Vec::new();
    for entry in disk.read_dir(&log_dir(dir)).map_err(io)? {
        if segment::is_damaged_name(&entry.path) {
            report.set_aside.push(entry.path.display().to_string());
        }
        let Some(slot) = segment::slot_of(&entry.path) else { continue };
        next_slot = next_slot.max(slot.saturating_add(1));
        files.push(find(disk, dir, entry.path)?);
    }
    let newest = files.iter().filter_map(|file| file.head.as_ref()).max_by_key(|head| head.number);
    let key = match newest {
        Some(head) => head.key,
        None if files.iter().any(|file| holds_batch(&file.pages)) => {
            return Err(open_error(
                dir,
                "no segment has a readable head, but there are batches; restore the spool or move it away",
            ));
        }
        None => new_key(clock, dir, config),
    };
    let mut state = State::new(config.body_memory_bytes, config.event_memory_bytes);
    let by_number = number_files(files, &key, &mut state, &mut report).map_err(io)?;
    let resume = replay_all(by_number, &key, &mut state, &mut report).map_err(io)?;
    finish(disk, dir, &mut state, &mut report).map_err(io)?;
    Ok(Recovered { state, key, resume, next_slot, report })
}

fn new_key(clock: &Clock, dir: &Path, config: &Config) -> Key {
    let mut hasher = blake3::Hasher::new_keyed(&config.secret);
    hasher.update(&clock.now().as_nanosecond().to_le_bytes());
    hasher.update(&clock.elapsed().as_nanos().to_le_bytes());
    hasher.update(dir.as_os_str().as_encoded_bytes());
    *hasher.finalize().as_bytes()
}

fn find(disk: &Disk, dir: &Path, path: PathBuf) -> Result<Found, SpoolError> {
    let read = || -> io::Result<_> {
        let file = disk.open(&path, OpenMode::ReadWrite)?;
        let pages = segment::read(&file, 0, FIRST_BATCH + PAGE)?;
        Ok((file.len()?, file, pages))
    };
    let (file_len, file, pages) =
        read().map_err(|error| open_error(dir, format!("{}: {error}", path.display())))?;
    let head = match SegmentHead::decode(pages.get(..PAGE).unwrap_or(&pages)) {
        Page::Valid(head) => Some(head),
        Page::Invalid => None,
        Page::Newer(version) => {
            return Err(open_error(
                dir,
                format!("{} has format {version}; a newer release wrote it", path.display()),
            ));
        }
    };
    Ok(Found { spare: Spare { was: None, path, file, file_len }, head, pages })
}

fn holds_batch(pages: &[u8]) -> bool {
    pages.get(FIRST_BATCH..).is_some_and(|page| page.starts_with(&BATCH_MAGIC.to_le_bytes()))
}

/// Sorts the files by segment number. Those that hold none become spare.
fn number_files(
    files: Vec<Found>,
    key: &Key,
    state: &mut State,
    report: &mut RecoveryReport,
) -> io::Result<BTreeMap<u32, Found>> {
    let mut by_number: BTreeMap<u32, Found> = BTreeMap::new();
    for mut file in files {
        let number = match &file.head {
            Some(head) if head.key == *key => Some(head.number),
            Some(_) => {
                report.damage.push(Damage::new(
                    &file.spare.path,
                    0,
                    "the segment of another spool; left alone",
                ));
                continue;
            }
            None => rescue_number(&file, key)?,
        };
        match number {
            Some(number) if by_number.contains_key(&number) => {
                let what = format!("a second segment {number}; left alone");
                report.damage.push(Damage::new(&file.spare.path, 0, what));
            }
            Some(number) => {
                file.spare.was = Some(number);
                by_number.insert(number, file);
            }
            None => state.spares.push(file.spare),
        }
    }
    Ok(by_number)
}

/// The number of a segment whose head cannot be read, by its batches.
fn rescue_number(file: &Found, key: &Key) -> io::Result<Option<u32>> {
    let head_is_zero = file.pages.iter().take(PAGE).all(|byte| *byte == 0);
    if head_is_zero && !holds_batch(&file.pages) {
        return Ok(None);
    }
    let bytes = read_file(&file.spare)?;
    let pages = bytes.chunks(PAGE).skip(2);
    Ok(pages.filter_map(|page| BatchHead::decode(page, key, None)).map(|head| head.generation).max())
}

fn read_file(spare: &Spare) -> io::Result<Vec<u8>> {
    segment::read(&spare.file, 0, spare.file_len.min(FILE_BYTES_MAX) as usize)
}

/// A segment to replay.
enum Source {
    Footer(Footer),
    Batches(Scan),
}

fn source_of(
    file: &Found,
    number: u32,
    key: &Key,
    tail: Tail,
    report: &mut RecoveryReport,
) -> io::Result<Source> {
    let page = file.pages.get(PAGE..FIRST_BATCH).unwrap_or_default();
    if let Page::Valid(seal) = Seal::decode(page, key)
        && seal.number == number
        && let Some(head) = &file.head
    {
        let footer = read_footer(&file.spare, &seal, head.first_event)?;
        report.bytes_read += footer.len() as u64;
        match check_footer(footer, &seal, head.first_event) {
            Ok(records) => {
                return Ok(Source::Footer(Footer { seal, records, first_event: head.first_event }));
            }
            // In the last segment it was cut off by a crash, like a batch: the batches are all there.
            Err((at, what)) if tail == Tail::Damage => {
                let what = format!("{what}; the batches are read instead");
                report.damage.push(Damage::new(&file.spare.path, at, what));
            }
            Err(_) => {}
        }
    }
    let bytes = read_file(&file.spare)?;
    report.bytes_read += bytes.len() as u64;
    report.scanned += 1;
    Ok(Source::Batches(scan(bytes, key, number)))
}

/// Bytes of the offsets behind the index, one u32 for each event of the segment.
fn offsets_len(seal: &Seal, first_event: u64) -> u64 {
    seal.next_event.saturating_sub(first_event).saturating_mul(4)
}

fn read_footer(spare: &Spare, seal: &Seal, first_event: u64) -> io::Result<Vec<u8>> {
    let length = u64::from(seal.index_len).saturating_add(offsets_len(seal, first_event));
    segment::read(&spare.file, u64::from(seal.index_at), length.min(FILE_BYTES_MAX) as usize)
}

/// The records of the index, or where the footer is not what was sealed. One sync covers index, offsets and seal, so a
/// power cut may leave any of them without the others.
fn check_footer(mut footer: Vec<u8>, seal: &Seal, first_event: u64) -> Result<Vec<u8>, (u64, &'static str)> {
    let index_at = u64::from(seal.index_at);
    let offsets = match footer.split_at_checked(seal.index_len as usize) {
        Some((index, offsets)) if crc32fast::hash(index) == seal.index_crc => offsets,
        _ => return Err((index_at, "the index footer")),
    };
    if offsets.len() as u64 != offsets_len(seal, first_event) || crc32fast::hash(offsets) != seal.events_crc {
        return Err((index_at + u64::from(seal.index_len), "the offsets of events"));
    }
    footer.truncate(seal.index_len as usize);
    Ok(footer)
}

fn first_needed(source: &Source, head: Option<&SegmentHead>) -> u32 {
    let said = match source {
        Source::Footer(footer) => Some(footer.seal.first_segment),
        Source::Batches(scan) => scan.batches.iter().map(|batch| batch.head.first_segment).max(),
    };
    said.max(head.map(|head| head.first_segment)).unwrap_or(0)
}

fn replay_all(
    mut by_number: BTreeMap<u32, Found>,
    key: &Key,
    state: &mut State,
    report: &mut RecoveryReport,
) -> io::Result<Resume> {
    let Some((newest_number, newest)) = by_number.pop_last() else {
        return Ok(Resume { next_batch: 1, durable_first: 1, open: LastSegment::Sealed });
    };
    // The newest segment says which is the oldest still needed; it is read first and replayed last.
    let newest_source = source_of(&newest, newest_number, key, Tail::Torn, report)?;
    let first = first_needed(&newest_source, newest.head.as_ref()).clamp(1, newest_number);
    let mut next_batch = None;
    let mut expected = first;
    for (number, file) in by_number {
        if number < first {
            state.spares.push(file.spare);
            continue;
        }
        report.missing_segments(&file.spare.path, expected, number);
        expected = number + 1;
        let source = source_of(&file, number, key, Tail::Damage, report)?;
        let replayed = replay_one(file, number, source, state, report, Tail::Damage);
        replay::batch_gap(next_batch, &replayed, report);
        next_batch = replayed.next_batch.or(next_batch);
    }
    report.missing_segments(&newest.spare.path, expected, newest_number);
    let sealed = matches!(newest_source, Source::Footer(_));
    let replayed = replay_one(newest, newest_number, newest_source, state, report, Tail::Torn);
    replay::batch_gap(next_batch, &replayed, report);
    let next_batch = replayed.next_batch.or(next_batch).unwrap_or(1).max(replayed.first_batch);
    // A damaged segment takes no more batches: it is sealed, so that the damage is told once, and later set aside.
    let open = match (sealed, replayed.damaged) {
        (true, _) => LastSegment::Sealed,
        (false, true) => LastSegment::Seal,
        (false, false) => LastSegment::Append,
    };
    Ok(Resume { next_batch, durable_first: first, open })
}

/// What an invalid batch at the end of a segment is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// The last segment: the write that a crash cut off.
    Torn,
    /// An earlier one, which was synced to its end.
    Damage,
}

/// What replaying a segment found.
pub(crate) struct Replayed {
    pub(crate) path: PathBuf,
    pub(crate) first_batch: u64,
    /// The batch after its last one; `None` if it has none.
    pub(crate) next_batch: Option<u64>,
    pub(crate) damaged: bool,
}

fn replay_one(
    file: Found,
    number: u32,
    source: Source,
    state: &mut State,
    report: &mut RecoveryReport,
    tail: Tail,
) -> Replayed {
    let path = file.spare.path.clone();
    let head_damaged = file.head.is_none();
    if head_damaged {
        report.damage.push(Damage::new(&path, 0, "the head of the segment; its batches are kept"));
    }
    let first_batch = match (&file.head, &source) {
        (Some(head), _) => head.first_batch,
        (None, Source::Batches(scan)) => scan.batches.first().map_or(1, |batch| batch.head.number),
        (None, Source::Footer(_)) => 1,
    };
    let first_event = match (&file.head, &source) {
        (Some(head), _) => head.first_event,
        (None, Source::Batches(scan)) => scan.batches.first().map_or(1, |batch| batch.head.first_event),
        (None, Source::Footer(footer)) => footer.first_event,
    };
    state.touched.clear();
    state.next_event = state.next_event.max(first_event);
    let mut segment = Segment::new(number, file.spare, first_event);
    segment.damaged = head_damaged;
    state.segments.push_back(segment);
    let next_batch = match source {
        Source::Footer(footer) => Some(replay::footer(&footer, number, state, report)),
        Source::Batches(scan) => {
            let found = scan.damage(&path, tail == Tail::Torn, report);
            if let Some(segment) = state.segments.back_mut() {
                segment.damaged |= found;
            }
            replay::batches(&scan, number, state, report)
        }
    };
    report.segments += 1;
    let damaged = state.segments.back().is_some_and(|segment| segment.damaged);
    Replayed { path, first_batch, next_batch, damaged }
}

/// Body files that no commit names. After damage they are kept: the batch that named one may be what was lost, and the
/// file the last copy of an accepted message.
fn drop_nameless(
    disk: &Disk,
    dir: &Path,
    nameless: &[PathBuf],
    report: &mut RecoveryReport,
) -> io::Result<()> {
    if report.damage.is_empty() {
        for path in nameless {
            disk.remove_file(path)?;
        }
        report.body_files_removed = nameless.len();
        return Ok(());
    }
    for path in body::set_aside(disk, dir, nameless)? {
        report.damage.push(Damage::new(&path, 0, "a body that nothing names any more; set aside here"));
        report.set_aside.push(path.display().to_string());
    }
    Ok(())
}

/// Sorts out what is not needed or lost, and counts.
fn finish(disk: &Disk, dir: &Path, state: &mut State, report: &mut RecoveryReport) -> io::Result<()> {
    state.drop_unnamed_bodies();
    let is_file = |(id, body): (&u64, &crate::state::Body)| (body.place == Place::File).then_some(*id);
    let named: HashSet<u64> = state.bodies.iter().filter_map(is_file).collect();
    let (nameless, there) = body::list(disk, dir, &named)?;
    drop_nameless(disk, dir, &nameless, report)?;
    for id in named.difference(&there) {
        state.lose_body(*id);
        if let Some(body) = state.bodies.get_mut(id) {
            body.place = Place::Lost;
        }
    }
    state.body_files_gone.clear();
    let first = state.first_segment();
    state.rebuild_accounts(first);
    let lost = |message: &&MessageNo| {
        let body = state.messages.get(*message).map(|message| message.body);
        body.and_then(|body| state.bodies.get(&body)).is_none_or(|body| body.place == Place::Lost)
    };
    let mut lost: Vec<MessageNo> = state.messages.keys().filter(lost).copied().collect();
    lost.sort_unstable();
    report.lost_bodies = lost;
    let highest = state.messages.keys().map(|no| no.0).max().unwrap_or(0);
    state.reserved_no = state.reserved_no.max(highest.saturating_add(1));
    report.messages = state.messages.len() - state.dead.len();
    report.dead_kept = state.dead.len();
    report.entries = state.messages.values().map(|message| message.entries.len()).sum();
    report.next_event = crate::batch::EventSeq(state.next_event);
    if let Some(last) = state.segments.back() {
        state.end = state.end.max(Position::new(last.number, last.data_end as usize));
    }
    Ok(())
}
