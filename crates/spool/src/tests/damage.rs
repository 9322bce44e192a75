//! Damage on disk: isolated, reported, and nothing else lost.
//!
//! May touch: the simulated world.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use world::OpenMode;
use world::sim::{PowerCut, SimWorld};

use super::{DIR, add, body, end, open, open_with, pass_marks, reopen};
use crate::format::{BATCH_MAGIC, PAGE, Page, Seal, SegmentHead};
use crate::{Batch, Config, EventSeq, MessageNo, Spool, SpoolError};

fn log_file(slot: u64) -> PathBuf {
    crate::segment::path_of(&Path::new(DIR).join("log"), slot)
}

fn overwrite(sim: &SimWorld, slot: u64, at: u64, bytes: &[u8]) {
    let file = sim.world().disk.open(&log_file(slot), OpenMode::ReadWrite).unwrap();
    file.write_all_at(bytes, at).unwrap();
    file.sync_all().unwrap();
}

/// Where the batches of a segment file start.
fn batches(sim: &SimWorld, slot: u64) -> Vec<u64> {
    let bytes = sim.world().disk.read(&log_file(slot)).unwrap();
    let starts = bytes.chunks(PAGE).enumerate().skip(2);
    starts
        .filter(|(_, page)| page.starts_with(&BATCH_MAGIC.to_le_bytes()))
        .map(|(page, _)| (page * PAGE) as u64)
        .collect()
}

fn fill(sim: &SimWorld, spool: &Spool, count: usize) -> Vec<MessageNo> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        let mut batch = Batch::new();
        numbers.push(add(spool, &mut batch, 1000));
        sim.run(spool.commit(batch)).unwrap();
    }
    numbers
}

fn bodies_are_right(sim: &SimWorld, spool: &Spool) {
    for no in spool.message_numbers() {
        assert_eq!(sim.run(spool.body(no)).unwrap(), body(no.0, 1000));
    }
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let sim = SimWorld::new(41);
    let (spool, _) = open(&sim);
    let numbers = fill(&sim, &spool, 5);
    sim.crash(PowerCut::LoseAll);
    let last = *batches(&sim, 1).last().unwrap();
    overwrite(&sim, 1, last + 200, b"torn");
    let (spool, report) = open(&sim);
    let torn = report.torn.clone().unwrap();
    assert_eq!((torn.offset, torn.file), (last, log_file(1).display().to_string()));
    assert!(report.is_clean(), "{report}");
    assert!(report.to_string().contains("cut off by a crash"), "{report}");
    assert_eq!(spool.message_numbers(), numbers[..4]);
    fill(&sim, &spool, 3);
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean() && report.torn.is_none(), "{report}");
    assert_eq!(spool.message_numbers().len(), 7);
    bodies_are_right(&sim, &spool);
}

#[test]
fn a_damaged_middle_is_isolated() {
    // In the payload and in the head of a batch.
    for within in [300, 20] {
        let sim = SimWorld::new(42);
        let (spool, _) = open(&sim);
        let numbers = fill(&sim, &spool, 6);
        sim.crash(PowerCut::LoseAll);
        // The first batch is the spool's own.
        let third = batches(&sim, 1)[3];
        overwrite(&sim, 1, third + within, &[0xff; 8]);
        let (spool, report) = open(&sim);
        assert_eq!(report.damage.len(), 1, "{report}");
        assert_eq!((report.damage[0].offset, report.damage[0].length), (third, PAGE as u64));
        let mut expected = numbers.clone();
        expected.remove(2);
        assert_eq!(spool.message_numbers(), expected);
        bodies_are_right(&sim, &spool);
        let events = sim.run(spool.events_after(EventSeq(0), 10)).unwrap();
        let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
        assert_eq!(seqs, [1, 2, 4, 5, 6]);
        fill(&sim, &spool, 1);
        assert_eq!(spool.last_event(), EventSeq(7));
        let (spool, report) = reopen(&sim, PowerCut::LoseAll);
        assert!(report.is_clean(), "the damaged segment was sealed: {report}");
        assert_eq!(spool.message_numbers().len(), 6);
    }
}

#[test]
fn a_damaged_segment_is_set_aside_when_it_is_empty() {
    let sim = SimWorld::new(43);
    let (spool, _) = open(&sim);
    fill(&sim, &spool, 6);
    sim.crash(PowerCut::LoseAll);
    overwrite(&sim, 1, batches(&sim, 1)[2] + 300, b"damage");
    let (spool, report) = open(&sim);
    assert!(!report.is_clean());
    for _ in 0..200 {
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 1000);
        end(&mut batch, no);
        sim.run(spool.commit(batch)).unwrap();
        pass_marks(&spool);
        sim.run_until_stalled();
    }
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.set_aside.len(), 1);
    assert_eq!(spool.message_numbers().len(), 5);
    bodies_are_right(&sim, &spool);
}

#[test]
fn damage_to_full_segments_is_survived() {
    // Head, seal, footer, first batch: of the first of several segments.
    for at in [8, PAGE as u64 + 8, u64::MAX, 2 * PAGE as u64 + 8] {
        let sim = SimWorld::new(44);
        let (spool, _) = open(&sim);
        let numbers = fill(&sim, &spool, 60);
        assert!(spool.stats().segments > 3);
        sim.crash(PowerCut::LoseAll);
        let at = if at == u64::MAX { batches(&sim, 1).last().unwrap() + 4096 + 100 } else { at };
        overwrite(&sim, 1, at, &[0xaa; 16]);
        let (spool, report) = open(&sim);
        assert_eq!(spool.message_numbers(), numbers, "damage at {at}: {report}");
        bodies_are_right(&sim, &spool);
        let events = sim.run(spool.events_after(EventSeq(0), 1000)).unwrap();
        assert_eq!(events[0].seq, EventSeq(1));
    }
}

/// Where the offsets of events of a sealed segment are in its file, and how many bytes; `None` if it is not sealed.
fn offsets(sim: &SimWorld, slot: u64) -> Option<(u64, usize)> {
    let bytes = sim.world().disk.read(&log_file(slot)).unwrap();
    let Page::Valid(head) = SegmentHead::decode(&bytes[..PAGE]) else { return None };
    let Page::Valid(seal) = Seal::decode(&bytes[PAGE..2 * PAGE], &head.key) else { return None };
    let count = (seal.next_event - head.first_event) as usize;
    (seal.number == head.number).then(|| (u64::from(seal.index_at + seal.index_len), 4 * count))
}

/// The numbers of all events, as a reader from the beginning gets them.
fn all_events(sim: &SimWorld, spool: &Spool) -> Vec<u64> {
    let mut seqs = vec![];
    loop {
        let after = EventSeq(seqs.last().copied().unwrap_or(0));
        let more = sim.run(spool.events_after(after, 1000)).unwrap();
        if more.is_empty() {
            return seqs;
        }
        seqs.extend(more.iter().map(|event| event.seq.0));
    }
}

#[test]
fn damaged_offsets_of_events_lose_no_event() {
    for damage in [[0; 40], [0xaa; 40]] {
        let sim = SimWorld::new(48);
        let (spool, _) = open(&sim);
        let numbers = fill(&sim, &spool, 60);
        sim.crash(PowerCut::LoseAll);
        let (at, length) = offsets(&sim, 1).unwrap();
        assert!(length > 40);
        overwrite(&sim, 1, at, &damage);
        let (spool, report) = open(&sim);
        assert!(
            report.to_string().contains("the offsets of events; the batches are read instead"),
            "{report}"
        );
        assert_eq!(spool.message_numbers(), numbers);
        assert_eq!(all_events(&sim, &spool), (1..=60).collect::<Vec<_>>());
    }
}

#[test]
fn offsets_of_events_lost_by_a_power_cut_lose_no_event() {
    let mut sealed = 0;
    for call in 1..12 {
        let sim = SimWorld::new(49);
        let (spool, _) = open(&sim);
        while spool.end().offset() + 5000 < Config::small().segment_bytes {
            fill(&sim, &spool, 1);
        }
        let acknowledged = spool.last_event().0;
        sim.disk().crash_after(call);
        let mut batch = Batch::new();
        add(&spool, &mut batch, 8000);
        let _ = sim.run(spool.commit(batch));
        sim.crash(PowerCut::KeepAll);
        // One sync was to make the seal, the index and the offsets durable; the sectors of the offsets did not arrive.
        if let Some((at, length)) = offsets(&sim, 1) {
            sealed += 1;
            overwrite(&sim, 1, at, &vec![0; length]);
        }
        let (spool, _) = open(&sim);
        let events = all_events(&sim, &spool);
        assert!(events.starts_with(&(1..=acknowledged).collect::<Vec<_>>()), "call {call}: {events:?}");
    }
    assert!(sealed > 0, "some call comes between the seal and the next segment");
}

#[test]
fn a_damaged_body_is_named_and_only_it() {
    let sim = SimWorld::new(45);
    let (spool, _) = open(&sim);
    let numbers = fill(&sim, &spool, 60);
    sim.crash(PowerCut::LoseAll);
    overwrite(&sim, 1, batches(&sim, 1)[1] + 300, b"damage");
    let (spool, report) = open(&sim);
    assert!(report.is_clean(), "a full segment's bodies are checked when read: {report}");
    assert!(matches!(sim.run(spool.body(numbers[0])), Err(SpoolError::Damaged { .. })));
    assert!(sim.run(spool.body(numbers[1])).is_ok());
}

#[test]
fn a_body_whose_message_is_damaged_is_set_aside() {
    let sim = SimWorld::new(50);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let large = add(&spool, &mut batch, 20_000);
    sim.run(spool.commit(batch)).unwrap();
    fill(&sim, &spool, 1);
    sim.crash(PowerCut::LoseAll);
    let starts = batches(&sim, 1);
    overwrite(&sim, 1, starts[starts.len() - 2] + 100, b"damage");
    let (_, report) = open(&sim);
    assert_eq!(report.body_files_removed, 0, "{report}");
    assert!(report.to_string().contains("nothing names any more; set aside here"), "{report}");
    let [aside] = &report.set_aside[..] else { panic!("{:?}", report.set_aside) };
    let (_, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean() && report.set_aside == [aside.clone()], "told again: {report}");
    let disk = sim.world().disk;
    assert_eq!(disk.read(Path::new(aside)).unwrap(), body(large.0, 20_000));

    // Should its number be given again, and damage come again, both stay.
    let path = crate::body::path_of(Path::new(DIR), large.0);
    disk.write_atomic(&path, b"another").unwrap();
    let moved = crate::body::set_aside(&disk, Path::new(DIR), &[path]).unwrap();
    assert_eq!(disk.read(&moved[0]).unwrap(), b"another");
    assert_eq!(disk.read(Path::new(aside)).unwrap(), body(large.0, 20_000));
}

#[test]
fn a_missing_segment_and_a_missing_body_file_are_reported() {
    let sim = SimWorld::new(46);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let large = add(&spool, &mut batch, 20_000);
    sim.run(spool.commit(batch)).unwrap();
    let numbers = fill(&sim, &spool, 60);
    sim.crash(PowerCut::LoseAll);
    let disk = sim.world().disk;
    disk.remove_file(&crate::body::path_of(Path::new(DIR), large.0)).unwrap();
    disk.remove_file(&log_file(2)).unwrap();
    let (spool, report) = open(&sim);
    assert_eq!(report.lost_bodies, [large], "{report}");
    assert!(report.to_string().contains("segments 2 to 2 before this one are missing"), "{report}");
    let left = spool.message_numbers();
    assert!(left.len() > 30 && left.len() < numbers.len(), "{} left", left.len());
    assert!(sim.run(spool.body(large)).is_err());
}

#[test]
fn an_all_damaged_spool_is_refused_not_emptied() {
    let sim = SimWorld::new(47);
    let (spool, _) = open(&sim);
    fill(&sim, &spool, 3);
    sim.crash(PowerCut::LoseAll);
    overwrite(&sim, 1, 0, &[0xff; 100]);
    assert!(matches!(open_with(&sim, Config::small()), Err(SpoolError::Open { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in the files: opening ends, does not panic, and what opens can be read and written.
    #[test]
    fn any_damage_can_be_opened(
        seed in any::<u64>(),
        holes in prop::collection::vec((1_u64..6, 0_u64..70_000, prop::collection::vec(any::<u8>(), 1..600)), 1..6),
    ) {
        let sim = SimWorld::new(seed);
        let (spool, _) = open(&sim);
        fill(&sim, &spool, 40);
        sim.crash(PowerCut::LoseAll);
        for (slot, at, bytes) in &holes {
            if sim.world().disk.exists(&log_file(*slot)).unwrap() {
                overwrite(&sim, *slot, *at, bytes);
            }
        }
        if let Ok((spool, _)) = open_with(&sim, Config::small()) {
            for no in spool.message_numbers() {
                if let Ok(bytes) = sim.run(spool.body(no)) {
                    prop_assert_eq!(bytes, body(no.0, 1000));
                }
            }
            let events = sim.run(spool.events_after(EventSeq(0), 1000)).unwrap();
            prop_assert!(events.is_sorted_by_key(|event| event.seq));
            let new = fill(&sim, &spool, 2);
            let (spool, _) = reopen(&sim, PowerCut::LoseAll);
            prop_assert!(new.iter().all(|no| spool.message(*no).is_some()));
        }
    }
}
