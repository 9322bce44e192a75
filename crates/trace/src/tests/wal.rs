//! A power cut at every frame of a day file's write-ahead log: reopened, fed again, the same rows.
//!
//! May touch: temporary folders (tests).

use std::path::{Path, PathBuf};

use events::Event;
use world::{Disk, OpenMode};

use crate::search::Query;
use crate::search::model::{Bench, incoming, shown};
use crate::search::traffic::{MIDNIGHT, traffic};
use crate::status::{EventKey, NodeId};
use crate::store::{LowWater, Store};

/// Header of the log, and of each frame before its page (SQLite file format, §4).
pub(super) const LOG_HEADER: u64 = 32;
pub(super) const FRAME: u64 = 24 + 8_192;

pub(super) fn day_file(dir: &Path, suffix: &str) -> PathBuf {
    dir.join(format!("2026-11-20.sqlite{suffix}"))
}

pub(super) fn copy_cut(disk: &Disk, from: &Path, to: &Path, len: u64) {
    let bytes = disk.read(&day_file(from, "")).unwrap();
    write(disk, &day_file(to, ""), &bytes);
    let log = disk.read(&day_file(from, "-wal")).unwrap();
    write(disk, &day_file(to, "-wal"), &log[..usize::try_from(len).unwrap()]);
}

pub(super) fn write(disk: &Disk, path: &Path, bytes: &[u8]) {
    let file = disk.open(path, OpenMode::CreateOrOpen).unwrap();
    file.set_len(0).unwrap();
    file.write_all_at(bytes, 0).unwrap();
}

fn rows(bench: &Bench) -> Vec<String> {
    let query =
        Query { start: jiff::Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    let answer = bench.search(&query);
    assert_eq!(answer.total, answer.rows.len() as u64);
    answer.rows.iter().map(shown).collect()
}

/// Cuts the log of `built` at every frame, and inside some; feeds `events` again each time.
fn cut_everywhere(built: &Bench, events: &[(EventKey, Event)], synced: u64, marked: u64) {
    let disk = Disk::real();
    let expected = rows(built);
    let len = disk.metadata(&day_file(built.dir(), "-wal")).unwrap().len;
    let frames = (len - LOG_HEADER) / FRAME;
    assert!(frames > 20, "{frames} frames are too few to cut");
    for frame in 0..=frames {
        let torn = if frame % 5 == 0 && frame < frames { FRAME / 2 } else { 0 };
        let cut = LOG_HEADER + frame * FRAME + torn;
        let copy = Bench::empty();
        copy_cut(&disk, built.dir(), copy.dir(), cut);
        let copy = copy.reopened();
        if cut >= synced && copy.store.days().len() == 1 {
            let held = copy.store.highest_applied(NodeId(1)).unwrap();
            assert!(held >= marked, "cut at {cut}: what was synced holds event {held}, not {marked}");
        }
        copy.store.apply(incoming(events)).unwrap();
        assert_eq!(rows(&copy), expected, "cut at frame {frame}");
    }
}

#[test]
fn a_cut_at_every_frame_of_a_new_file() {
    let events = traffic(21, 40, 1);
    let bench = Bench::new();
    let (before, after) = events.split_at(events.len() / 2);
    for batch in before.chunks(7) {
        bench.feed(batch);
    }
    let marked = before.last().unwrap().0.seq;
    bench.store.make_durable(LowWater { seq: marked }).unwrap();
    assert_eq!(bench.store.low_water().unwrap().seq, marked);
    let synced = Disk::real().metadata(&day_file(bench.dir(), "-wal")).unwrap().len;
    for batch in after.chunks(7) {
        bench.feed(batch);
    }
    cut_everywhere(&bench, &events, synced, marked);
}

#[test]
fn a_cut_at_every_frame_after_a_checkpoint() {
    let events = traffic(22, 60, 1);
    let (before, after) = events.split_at(events.len() * 2 / 3);
    let bench = Bench::new();
    for batch in before.chunks(11) {
        bench.feed(batch);
    }
    // Closing the last connection moves the log into the file.
    let bench = bench.reopened();
    for batch in after.chunks(3) {
        bench.feed(batch);
    }
    cut_everywhere(&bench, &events, 0, before.last().unwrap().0.seq);
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let bench = Bench::new();
    bench.feed(&traffic(1, 3, 1));
    let bench = bench.reopened();
    let connection =
        Disk::real().sqlite(&day_file(bench.dir(), ""), world::SqliteMode::ReadWriteCreate).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = bench.store.apply(incoming(&traffic(1, 3, 1))).unwrap_err();
    assert!(refused.to_string().contains("format 99"), "{refused}");
}

#[test]
fn old_days_are_deleted_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Disk::real(), dir.path()).unwrap();
    store.apply(incoming(&traffic(5, 40, 4))).unwrap();
    let days = store.days();
    assert!(days.len() >= 3);
    assert_eq!(store.delete_before(days[2]).unwrap(), days[..2]);
    assert_eq!(store.days(), days[2..]);
    let left = Store::open(&Disk::real(), dir.path()).unwrap();
    assert_eq!(left.days(), days[2..]);
}

#[test]
fn a_damaged_day_is_set_aside_and_named_as_a_gap() {
    let events = traffic(31, 60, 1);
    let (bench, other) = (Bench::new(), Bench::new());
    other.feed(&events);
    let whole = rows(&other);
    bench.feed(&events);
    // Not read before it is closed: only the last writer to leave moves the log into the file.
    let bench = bench.reopened();
    let disk = Disk::real();
    let mut bytes = disk.read(&day_file(bench.dir(), "")).unwrap();
    bytes[..4_096].fill(0x55);
    write(&disk, &day_file(bench.dir(), ""), &bytes);
    let refused = bench.store.apply(incoming(&events)).unwrap_err();
    assert!(matches!(refused, crate::StoreError::SetAside { .. }), "{refused}");
    bench.store.apply(incoming(&events)).unwrap();
    let query =
        Query { start: jiff::Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    let bench = bench.reopened();
    let answer = bench.ask(&query);
    assert_eq!(answer.rows.iter().map(shown).collect::<Vec<_>>(), whole);
    assert_eq!(answer.gaps.len(), 1, "a damaged file is not forgotten");
    // It hides nothing of another time; events of the week after may be of a message of its day.
    let after = |days: i64| jiff::Timestamp::from_second(MIDNIGHT + days * 86_400).ok();
    for (first, last, gaps, log_gaps) in [(0, 1, 1, 1), (1, 2, 0, 1), (20, 21, 0, 0), (-2, 0, 0, 0)] {
        let (start, end) = (after(first), after(last));
        let found = bench.ask(&Query { start, end, ..query.clone() });
        assert_eq!(found.gaps.len(), gaps, "{first}");
        let log = crate::LogQuery { start, end, ..crate::LogQuery::default() };
        assert_eq!(bench.log(&log).gaps.len(), log_gaps, "{first}");
    }
}
