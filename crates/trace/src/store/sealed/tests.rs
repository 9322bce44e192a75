//! Sealed days by themselves: columns, blocks, damage.
//!
//! May touch: temporary folders (tests).

use std::path::Path;
use std::sync::Arc;

use events::{Event, EventId};
use world::{Disk, DiskFile, OpenMode};

use super::blocks::{BlockWriter, Blocks, put_column};
use super::layout::{Part, TRAILER_BYTES, Trailer};
use super::packed::Column;
use super::pages::{Keep, PAGE_BYTES, PageCache, PageWriter, PagedFile};
use super::sets::NumberSet;
use crate::search::Query;
use crate::search::model::Bench;
use crate::search::traffic::{MIDNIGHT, traffic};
use crate::status::EventKey;
use crate::store::remote_id_number;

fn file(dir: &Path) -> DiskFile {
    Disk::real().open(&dir.join("file"), OpenMode::CreateOrOpen).unwrap()
}

fn paged(out: PageWriter) -> PagedFile {
    let (file, len, sums) = out.finish().unwrap();
    PagedFile::new(file, 1, len, sums, Arc::new(PageCache::new()))
}

#[test]
fn numbers_come_back_in_every_width() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = PageWriter::new(file(dir.path()));
    let columns: Vec<Vec<u64>> = (0..=64_u32)
        .map(|width| {
            let most = u64::MAX.checked_shr(64 - width).unwrap_or(0);
            // Enough to cross pages, with a base in some.
            let base = if width < 60 && width % 3 == 0 { 1_000 } else { 0 };
            (0..10_000_u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) & most) + base).collect()
        })
        .collect();
    let sections: Vec<_> = columns.iter().map(|column| put_column(&mut out, column).unwrap()).collect();
    let file = paged(out);
    assert!(file.len() > 10 * PAGE_BYTES as u64);
    for (values, section) in columns.iter().zip(sections) {
        let mut column = Column::new(&file, section, Keep::Yes);
        assert!(column.get(values.len() as u64).is_err());
        for (at, value) in (0_u64..).zip(values) {
            assert_eq!(column.get(at).unwrap(), *value, "width {}", section.width);
        }
    }
}

#[test]
fn items_come_back_whatever_their_length() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = PageWriter::new(file(dir.path()));
    let items: Vec<Vec<u8>> = (0..3_000_usize)
        .map(|n| {
            (0..(n * 7) % 300 + if n == 77 { 100_000 } else { 0 }).map(|byte| (byte % 251) as u8).collect()
        })
        .collect();
    let mut writer = BlockWriter::new(9, 4_096, &[]).unwrap();
    for item in &items {
        writer.add(&[item]).unwrap();
        writer.spill(&mut out).unwrap();
    }
    let table = writer.finish(&mut out).unwrap();
    let file = paged(out);
    let mut blocks = Blocks::new(&file, table, None, Keep::Yes);
    assert_eq!(blocks.items().unwrap(), items.len() as u64);
    for step in [1, 7, 1_009] {
        for turn in 0..items.len() {
            let at = turn * step % items.len();
            assert_eq!(blocks.item(at as u64).unwrap(), items[at], "item {at}");
        }
    }
    assert!(blocks.item(items.len() as u64).is_err());
}

#[test]
fn sets_of_numbers_join_their_ranges() {
    let set = NumberSet::new(vec![(5, 7), (1, 2), (7, 9), (20, 20), (2, 3)]);
    assert_eq!(set.ranges(), [(1, 3), (5, 9)]);
    for (number, expected) in [(0, false), (1, true), (2, true), (3, false), (5, true), (8, true), (9, false)]
    {
        assert_eq!(set.contains(number), expected, "{number}");
    }
}

#[test]
fn a_damaged_byte_is_a_gap_or_the_file_is_set_aside_and_never_a_wrong_row() {
    let bench = Bench::new();
    bench.feed(&traffic(5, 60, 1));
    let query =
        Query { start: jiff::Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    bench.seal(0);
    let expected = bench.search(&query);
    let path = bench.dir().join("2026-11-20.sealed");
    let disk = Disk::real();
    let whole = disk.read(&path).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let copy = Bench::empty();
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        let target = disk.open(&copy.dir().join("2026-11-20.sealed"), OpenMode::CreateOrOpen).unwrap();
        target.write_all_at(&bytes, 0).unwrap();
        drop(target);
        let copy = copy.reopened();
        let answer = copy.ask(&query);
        // The first bytes are the mark of the file, which its directory repeats.
        assert!(!answer.gaps.is_empty() || answer.rows == expected.rows, "byte {at}");
        assert!(answer.rows.is_empty() || answer.rows == expected.rows, "byte {at}");
    }
    for len in [0, 10, whole.len() / 2, whole.len() - 1] {
        let copy = Bench::empty();
        let target = disk.open(&copy.dir().join("2026-11-20.sealed"), OpenMode::CreateOrOpen).unwrap();
        target.write_all_at(&whole[..len], 0).unwrap();
        drop(target);
        let copy = copy.reopened();
        let answer = copy.ask(&query);
        assert!(answer.rows.is_empty() && !answer.gaps.is_empty(), "{len} bytes");
    }
}

/// The file as version 1 wrote it: without the ids that other servers gave.
fn as_version_1(whole: &[u8]) -> Vec<u8> {
    let (body, end) = whole.split_at(whole.len() - usize::try_from(TRAILER_BYTES).unwrap());
    let trailer = Trailer::read(end).unwrap();
    let (pages, tail) = body.split_at(usize::try_from(trailer.directory).unwrap());
    let (mut directory, sums) = trailer.check(tail).unwrap();
    directory
        .sections
        .retain(|(code, _)| ![Part::RemoteId.code(), Part::RemoteIdMessage.code()].contains(code));
    let mut tail = postcard::to_allocvec(&directory).unwrap();
    let len = tail.len() as u64;
    sums.iter().for_each(|sum| tail.extend(sum.to_le_bytes()));
    let mut end =
        Trailer { directory: trailer.directory, len, sum: crc32fast::hash(&tail), fold: trailer.fold }
            .bytes();
    end[8..12].copy_from_slice(&1_u32.to_le_bytes());
    [pages, &tail, &end].concat()
}

#[test]
fn an_id_that_another_server_gave_is_looked_up_in_a_sealed_day_and_an_older_file_says_it_cannot() {
    let bench = Bench::new();
    let mut events = traffic(5, 400, 1);
    let sent =
        |event: &&mut (EventKey, Event)| matches!(event.1.event_id, EventId::Send | EventId::SendExternal);
    let mut ids = Vec::new();
    for (number, (_, event)) in events.iter_mut().filter(|event| sent(event)).enumerate() {
        event.detail.remote_queue_id = Some(format!("4Zq{number}Xk"));
        event.detail.remote_reply = Some(format!("250 2.0.0 Ok: queued as 4Zq{number}Xk"));
        ids.push((format!("4ZQ{number}XK"), event.network_message_id));
    }
    assert!(ids.len() > 3, "{}", ids.len());
    bench.feed(&events);
    let look_up = |bench: &Bench, id: &str| bench.store.by_remote_id(remote_id_number(id)).unwrap();
    let days = look_up(&bench, &ids[0].0);
    assert!(days.iter().all(|day| day.found.is_empty() && !day.is_whole), "there is no index before sealing");
    (0..5).for_each(|day| bench.seal(day));
    for (id, message) in &ids {
        let days = look_up(&bench, id);
        assert!(days.iter().all(|day| day.is_whole), "{days:?}");
        let found: Vec<_> = days.iter().flat_map(|day| &day.found).collect();
        assert_eq!(found, [message], "{id}");
    }
    assert!(look_up(&bench, "4ZqNoneXk").iter().all(|day| day.found.is_empty() && day.is_whole));
    let query =
        Query { start: jiff::Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    let expected = bench.search(&query);
    let old = Bench::empty();
    let disk = Disk::real();
    for entry in disk.read_dir(bench.dir()).unwrap() {
        if entry.name.to_string_lossy().ends_with(".sealed") {
            let bytes = as_version_1(&disk.read(&entry.path).unwrap());
            let target = disk.open(&old.dir().join(&entry.name), OpenMode::CreateOrOpen).unwrap();
            target.write_all_at(&bytes, 0).unwrap();
        }
    }
    let old = old.reopened();
    assert_eq!(old.search(&query).rows, expected.rows);
    let days = look_up(&old, &ids[0].0);
    assert!(!days.is_empty() && days.iter().all(|day| day.found.is_empty() && !day.is_whole), "{days:?}");
}
