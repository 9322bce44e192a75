//! Compaction and the reuse of segments.
//!
//! May touch: the simulated world.

use world::sim::{PowerCut, SimWorld};

use std::path::Path;

use super::{DIR, add, body, end, open, open_with, pass_marks, reopen};
use crate::{Batch, Config, EntryNo, EventSeq, Mark, MessageNo, Spool};

#[test]
fn the_log_is_bounded_by_what_lives() {
    let sim = SimWorld::new(31);
    let (spool, _) = open(&sim);
    let config = Config::small();
    let mut living: Vec<MessageNo> = Vec::new();
    let mut draw = super::model::Draw(5);
    for round in 0..2000_u64 {
        let mut batch = Batch::new();
        living.push(add(&spool, &mut batch, 1500));
        // Most go at once; some stay for a long time and hold their segments.
        while living.len() > 40 {
            let index = (3 + draw.below(living.len() as u64 - 3)) as usize;
            end(&mut batch, living.swap_remove(index));
        }
        sim.run(spool.commit(batch)).unwrap();
        pass_marks(&spool);
        sim.run_until_stalled();
        let stats = spool.stats();
        assert!(
            stats.log_bytes <= 4 * stats.live_bytes + config.slack_bytes,
            "round {round}: {} bytes of log for {} live",
            stats.log_bytes,
            stats.live_bytes
        );
    }
    assert!(spool.end().segment() > 30, "the log has turned over");
    for no in &living {
        assert_eq!(sim.run(spool.body(*no)).unwrap(), body(no.0, 1500));
    }
    living.sort();
    assert_eq!(spool.message_numbers(), living);
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!(spool.message_numbers(), living);
    for no in &living {
        assert_eq!(sim.run(spool.body(*no)).unwrap(), body(no.0, 1500));
    }
}

#[test]
fn marks_hold_segments_and_meta_survives_their_reuse() {
    let sim = SimWorld::new(32);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    batch.meta("kept", b"value".to_vec());
    sim.run(spool.commit(batch)).unwrap();
    let mut last = EventSeq(0);
    for _ in 0..100 {
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 3000);
        end(&mut batch, no);
        last = EventSeq(sim.run(spool.commit(batch)).unwrap().first_event.0 + 1);
    }
    sim.run_until_stalled();
    let stats = spool.stats();
    assert!(stats.segments > 5, "nothing was fed, nothing may go: {stats:?}");
    assert!(stats.waits_for_mark.is_some());
    // Everything is still there for a reader that begins at the beginning, and for redo.
    let events = sim.run(spool.events_after(EventSeq(0), 1000)).unwrap();
    assert!(!events.is_empty() && events[0].seq == EventSeq(1));
    assert_eq!(sim.run(spool.body(events[0].message.unwrap())).unwrap().len(), 3000);
    spool.set_mark(Mark::Mailbox, spool.end());
    sim.run(spool.flush_marks()).unwrap();
    sim.run_until_stalled();
    assert!(spool.stats().segments > 5, "the events are still needed");
    spool.set_mark(Mark::Trace, spool.end());
    sim.run(spool.flush_marks()).unwrap();
    sim.run_until_stalled();
    let stats = spool.stats();
    assert_eq!(stats.segments, 1, "{stats:?}");
    assert!(stats.spare_segments <= 2, "{stats:?}");
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!(spool.meta("kept").unwrap(), "value");
    assert!(spool.mark(Mark::Trace) > spool.mark(Mark::Mailbox));
    assert_eq!(spool.last_event(), last);
    assert_eq!(report.messages + report.dead_kept, 0);
}

#[test]
fn an_earlier_use_of_a_segment_never_returns() {
    let sim = SimWorld::new(33);
    let (spool, _) = open(&sim);
    let mut kept = Vec::new();
    for round in 0..400 {
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 2000);
        if round % 50 == 49 {
            kept.push(no);
        } else {
            end(&mut batch, no);
        }
        sim.run(spool.commit(batch)).unwrap();
        pass_marks(&spool);
        sim.run_until_stalled();
        if round % 37 == 0 {
            // Wherever the open segment stands on remains of its file's earlier use, they stay dead.
            let copy = sim.world().disk;
            assert!(copy.read_dir(&Path::new(DIR).join("log")).unwrap().len() <= 12, "files are reused");
        }
    }
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean() && report.torn.is_none(), "{report}");
    assert_eq!(spool.message_numbers(), kept);
    assert_eq!(report.dead_kept, 1.min(report.dead_kept));
}

#[test]
fn compaction_moves_forks_and_large_recipient_lists() {
    let sim = SimWorld::new(34);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let first = add(&spool, &mut batch, 2000);
    let large = add(&spool, &mut batch, 12_000);
    for entry in 2..200 {
        batch.put_entry(first, EntryNo(entry), entry.to_le_bytes().to_vec());
    }
    sim.run(spool.commit(batch)).unwrap();
    let (fork, large_fork) = (spool.next_message_no(), spool.next_message_no());
    let mut batch = Batch::new();
    batch.message_sharing(fork, b"fork".to_vec(), first).put_entry(fork, EntryNo(1), vec![1]);
    batch.message_sharing(large_fork, b"large".to_vec(), large).put_entry(large_fork, EntryNo(1), vec![1]);
    end(&mut batch, large);
    batch.remove_entry(first, EntryNo(100));
    sim.run(spool.commit(batch)).unwrap();
    for _ in 0..200 {
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 3000);
        end(&mut batch, no);
        sim.run(spool.commit(batch)).unwrap();
        pass_marks(&spool);
        sim.run_until_stalled();
    }
    let mut batch = Batch::new();
    for entry in (1..200).filter(|entry| *entry != 100) {
        batch.remove_entry(first, EntryNo(entry));
    }
    sim.run(spool.commit(batch)).unwrap();
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!(spool.message_numbers(), [fork, large_fork]);
    assert_eq!(sim.run(spool.body(fork)).unwrap(), body(first.0, 2000));
    assert_eq!(sim.run(spool.body(large_fork)).unwrap(), body(large.0, 12_000));
    assert!(report.segments < 8);
}

/// Three messages whose bodies are not in memory, in a first segment that compaction moves when the marks pass.
fn before_compaction(sim: &SimWorld) -> (Spool, Vec<MessageNo>) {
    let (spool, _) = open(sim);
    let mut batch = Batch::new();
    let kept: Vec<MessageNo> = (0..3).map(|_| add(&spool, &mut batch, 2000)).collect();
    sim.run(spool.commit(batch)).unwrap();
    turn_over(sim, &spool, 80);
    assert!(spool.stats().segments > 2);
    (spool, kept)
}

/// Messages that come and go.
fn turn_over(sim: &SimWorld, spool: &Spool, count: u64) {
    for _ in 0..count {
        let mut batch = Batch::new();
        let no = add(spool, &mut batch, 3000);
        end(&mut batch, no);
        sim.run(spool.commit(batch)).unwrap();
    }
}

#[test]
fn a_read_that_fails_once_costs_no_body() {
    let sim = SimWorld::new(37);
    let (spool, kept) = before_compaction(&sim);
    sim.disk().fail_next_read(std::io::ErrorKind::Other);
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    sim.run_until_stalled();
    assert!(spool.stats().segments > 2, "compaction waits for the disk");
    turn_over(&sim, &spool, crate::compact::READ_AGAIN_BATCHES);
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    sim.run_until_stalled();
    assert_eq!(spool.stats().segments, 1, "and goes on");
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!(spool.message_numbers(), kept);
    for no in kept {
        assert_eq!(sim.run(spool.body(no)).unwrap(), body(no.0, 2000));
    }
}

#[test]
fn an_interrupted_read_is_done_again() {
    let sim = SimWorld::new(38);
    let (spool, kept) = before_compaction(&sim);
    sim.disk().fail_next_read(std::io::ErrorKind::Interrupted);
    assert_eq!(sim.run(spool.body(kept[0])).unwrap(), body(kept[0].0, 2000));
}

#[test]
fn a_spare_segment_cut_short_is_replaced() {
    let sim = SimWorld::new(39);
    let short = crate::segment::path_of(&Path::new(DIR).join("log"), 7);
    let (spool, _) = open(&sim);
    drop(spool);
    // What a crash leaves while a spare segment is filled with zeros.
    sim.world().disk.write_atomic(&short, &[0; 4096]).unwrap();
    let (spool, _) = reopen(&sim, PowerCut::LoseAll);
    turn_over(&sim, &spool, 12);
    sim.run_until_stalled();
    let stats = spool.stats();
    assert_eq!((stats.segments, stats.spare_segments), (1, 1), "half full: {stats:?}");
    assert_eq!(stats.log_bytes, 2 * Config::small().segment_bytes, "the spare segment is a whole one");
    assert!(!sim.world().disk.exists(&short).unwrap());
}

#[test]
fn no_commit_grows_a_segment_beyond_its_size() {
    let bytes_max = Config::small().segment_bytes;
    for case in 0..3 {
        let sim = SimWorld::new(40);
        let (spool, _) = open(&sim);
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 100);
        sim.run(spool.commit(batch)).unwrap();
        turn_over(&sim, &spool, 5);
        assert!(spool.end().segment() == 1 && spool.end().offset() > bytes_max / 3);
        // More than is left of the segment, behind a commit that takes no room.
        let large = || {
            let mut batch = Batch::new();
            batch.event(1, false, None, vec![7; 41_000]);
            assert!(spool.weight(&batch) < spool.group_bytes_max());
            spool.commit(batch)
        };
        let wrong = |bytes: usize| {
            let mut batch = Batch::new();
            batch.event(1, false, None, vec![7; bytes]).remove_entry(no, EntryNo(9));
            spool.commit(batch)
        };
        let committed = sim.run(async {
            match case {
                0 => futures::join!(spool.flush_marks(), large()).1,
                1 => futures::join!(wrong(10), large()).1,
                _ => futures::join!(wrong(bytes_max as usize), large()).1,
            }
        });
        let end = committed.unwrap().position;
        assert!(end.segment() == 2 && end.offset() <= bytes_max, "case {case}: {end:?}");
        assert!(sim.run(wrong(bytes_max as usize)).is_err());
        assert_eq!(spool.end().segment(), 2, "what is refused for its size starts no segment");
        let (spool, report) = reopen(&sim, PowerCut::LoseAll);
        assert!(report.is_clean() && spool.end() >= end, "{report}");
    }
}

#[test]
fn another_segment_size_opens_the_same_spool() {
    let sim = SimWorld::new(35);
    let (spool, _) = open(&sim);
    let mut numbers = Vec::new();
    for _ in 0..60 {
        let mut batch = Batch::new();
        numbers.push(add(&spool, &mut batch, 3000));
        sim.run(spool.commit(batch)).unwrap();
    }
    sim.crash(PowerCut::LoseAll);
    for segment_bytes in [256 << 10, 32 << 10] {
        let config = Config { segment_bytes, ..Config::small() };
        let (spool, report) = open_with(&sim, config).unwrap();
        assert!(report.is_clean(), "{report}");
        assert_eq!(spool.message_numbers(), numbers);
        for _ in 0..20 {
            let mut batch = Batch::new();
            numbers.push(add(&spool, &mut batch, 3000));
            sim.run(spool.commit(batch)).unwrap();
        }
        sim.crash(PowerCut::LoseAll);
    }
}

#[test]
fn a_crash_while_a_segment_is_started_loses_no_meta() {
    for at in 1..20 {
        let sim = SimWorld::new(at);
        let (spool, _) = open(&sim);
        let mut batch = Batch::new();
        batch.meta("kept", b"value".to_vec());
        sim.run(spool.commit(batch)).unwrap();
        while spool.end().offset() + 5000 < Config::small().segment_bytes {
            let mut batch = Batch::new();
            let no = add(&spool, &mut batch, 2000);
            end(&mut batch, no);
            sim.run(spool.commit(batch)).unwrap();
        }
        sim.disk().crash_after(at);
        let mut batch = Batch::new();
        add(&spool, &mut batch, 9000);
        let _ = sim.run(spool.commit(batch));
        let (mut spool, _) = reopen(&sim, PowerCut::KeepAll);
        // The segments before go; the open one is read again.
        for _ in 0..2 {
            for _ in 0..2 {
                let mut batch = Batch::new();
                let no = add(&spool, &mut batch, 3000);
                end(&mut batch, no);
                sim.run(spool.commit(batch)).unwrap();
                pass_marks(&spool);
                sim.run_until_stalled();
            }
            let (next, report) = reopen(&sim, PowerCut::LoseAll);
            assert!(report.is_clean(), "call {at}: {report}");
            spool = next;
            assert_eq!(spool.meta("kept").as_deref(), Some(&b"value"[..]), "call {at}");
        }
    }
}

#[test]
fn a_dead_message_moved_while_its_mark_passes_is_gone() {
    let sim = SimWorld::new(36);
    let (spool, _) = open(&sim);
    let mut numbers = Vec::new();
    while spool.stats().segments < 2 {
        let mut batch = Batch::new();
        numbers.push(add(&spool, &mut batch, 1500));
        sim.run(spool.commit(batch)).unwrap();
    }
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    let last = numbers.split_off(numbers.len() - 4);
    sim.run(async {
        let mut ends = Vec::new();
        for group in [&numbers, &last] {
            let mut batch = Batch::new();
            for no in group {
                batch.remove_entry(*no, EntryNo(1));
            }
            ends.push(spool.commit(batch).await.unwrap().position);
        }
        // Most of the first segment goes, so that the rest is moved; and that rest goes in the same disk batch.
        spool.set_mark(Mark::Mailbox, ends[0]);
        spool.flush_marks().await.unwrap();
        assert_eq!(spool.stats().dead_kept, last.len());
        spool.set_mark(Mark::Mailbox, ends[1]);
    });
    sim.run_until_stalled();
    assert_eq!(spool.stats().segments, 1, "the first segment was compacted");
    assert_eq!((spool.stats().dead_kept, spool.stats().live_bytes), (0, 0));
    assert!(last.iter().all(|no| spool.envelope(*no).is_none()));
    let (_, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.messages, report.dead_kept), (0, 0));
}

#[test]
fn a_reader_starts_behind_a_position_in_any_segment() {
    let sim = SimWorld::new(33);
    let (spool, _) = open(&sim);
    for _ in 0..100 {
        let mut batch = Batch::new();
        let no = add(&spool, &mut batch, 3000);
        end(&mut batch, no);
        sim.run(spool.commit(batch)).unwrap();
    }
    // Reopened, most segments have their offsets in a footer; the last has them in memory.
    let (spool, _) = reopen(&sim, PowerCut::LoseAll);
    let mut all: Vec<crate::SpoolEvent> = Vec::new();
    loop {
        let last = all.last().map_or(EventSeq(0), |event| event.seq);
        let more = sim.run(spool.events_after(last, 1000)).unwrap();
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    assert!(all.len() >= 100 && spool.end().segment() > 5);
    for event in &all {
        assert_eq!(spool.event_before(event.position), event.seq, "{event:?}");
        let before = crate::Position(event.position.0 - 1);
        assert!(spool.event_before(before) < event.seq, "{event:?}");
    }
    assert_eq!(spool.event_before(crate::Position(0)), EventSeq(0));
    assert_eq!(spool.event_before(spool.end()), all.last().unwrap().seq);
}
