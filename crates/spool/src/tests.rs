//! Tests of the spool on the simulated disk: a model, power cuts at every call, damage, compaction.
//!
//! May touch: the simulated world.

mod crash;
mod damage;
mod format;
mod model;
mod ring;

use std::path::Path;

use bytes::Bytes;
use world::sim::{PowerCut, SimWorld};

use crate::{Batch, Config, EntryNo, EventSeq, Mark, MessageNo, RecoveryReport, Spool, SpoolError};

const DIR: &str = "/data/spool";

fn open_with(sim: &SimWorld, config: Config) -> Result<(Spool, RecoveryReport), SpoolError> {
    let world = sim.world();
    Spool::open(&world.disk, &world.clock, &world.exec, Path::new(DIR), config)
}

fn open(sim: &SimWorld) -> (Spool, RecoveryReport) {
    open_with(sim, Config::small()).unwrap()
}

fn reopen(sim: &SimWorld, cut: PowerCut) -> (Spool, RecoveryReport) {
    sim.crash(cut);
    open(sim)
}

/// A body that differs from every other one.
fn body(seed: u64, length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for byte in &mut bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    bytes.into()
}

/// Adds a message with one entry and an event.
fn add(spool: &Spool, batch: &mut Batch, length: usize) -> MessageNo {
    let no = spool.next_message_no();
    batch
        .message(no, format!("envelope {no}").into_bytes(), body(no.0, length))
        .put_entry(no, EntryNo(1), b"entry".to_vec())
        .event(1, false, Some((no, EntryNo(1))), format!("receive {no}").into_bytes());
    no
}

/// Ends the message of [`add`].
fn end(batch: &mut Batch, no: MessageNo) {
    batch.event(2, true, Some((no, EntryNo(1))), format!("deliver {no}").into_bytes());
    batch.remove_entry(no, EntryNo(1));
}

/// Everything up to here is fed and checkpointed.
fn pass_marks(spool: &Spool) {
    spool.set_mark(Mark::Trace, spool.end());
    spool.set_mark(Mark::Mailbox, spool.end());
}

#[test]
fn a_commit_is_there_after_a_power_cut() {
    let sim = SimWorld::new(1);
    let (spool, report) = open(&sim);
    assert!(report.is_clean());
    let mut batch = Batch::new();
    let no = add(&spool, &mut batch, 1000);
    batch.meta("place", b"here".to_vec());
    let committed = sim.run(spool.commit(batch)).unwrap();
    assert_eq!(committed.first_event, EventSeq(1));
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.messages, report.entries), (1, 1));
    assert_eq!(spool.envelope(no).unwrap(), format!("envelope {no}"));
    assert_eq!(spool.entry(no, EntryNo(1)).unwrap(), "entry");
    assert_eq!(sim.run(spool.body(no)).unwrap(), body(no.0, 1000));
    assert_eq!(spool.meta("place").unwrap(), "here");
    let events = sim.run(spool.events_after(EventSeq(0), 10)).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].seq, events[0].kind, events[0].message), (EventSeq(1), 1, Some(no)));
    assert_eq!(events[0].bytes, format!("receive {no}"));
    assert!(events[0].position < committed.position);
    assert!(spool.next_message_no() > no);
}

#[test]
fn many_callers_share_one_sync() {
    let sim = SimWorld::new(2);
    let (spool, _) = open(&sim);
    let before = spool.stats().batches;
    let commits: Vec<_> = (0..20)
        .map(|_| {
            let mut batch = Batch::new();
            add(&spool, &mut batch, 200);
            spool.commit(batch)
        })
        .collect();
    let results = sim.run(futures::future::join_all(commits));
    let mut positions: Vec<_> = results.into_iter().map(|result| result.unwrap().position).collect();
    assert_eq!(spool.stats().batches - before, 1);
    assert_eq!(spool.stats().last_batch_commits, 20);
    positions.dedup();
    assert_eq!(positions.len(), 20, "each commit has a position of its own");
    assert!(positions.is_sorted());
}

#[test]
fn a_failed_sync_is_final() {
    let sim = SimWorld::new(3);
    let (spool, _) = open(&sim);
    sim.disk().fail_next_sync();
    let mut batch = Batch::new();
    add(&spool, &mut batch, 10);
    assert!(matches!(sim.run(spool.commit(batch)), Err(SpoolError::Failed(_))));
    let calls = sim.disk().calls();
    let mut batch = Batch::new();
    add(&spool, &mut batch, 10);
    assert!(matches!(sim.run(spool.commit(batch)), Err(SpoolError::Failed(_))));
    assert_eq!(sim.disk().calls(), calls, "nothing is written or synced any more");
    assert!(matches!(sim.run(spool.wait_failed()), SpoolError::Failed(_)));
    assert!(sim.run(spool.wait_beyond(EventSeq(0))).is_err());
    let (_, report) = reopen(&sim, PowerCut::LoseAll);
    assert_eq!(report.messages, 0);
}

#[test]
fn a_large_body_has_a_file_and_loses_it() {
    let sim = SimWorld::new(4);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let no = add(&spool, &mut batch, 20_000);
    sim.run(spool.commit(batch)).unwrap();
    let path = crate::body::path_of(Path::new(DIR), no.0);
    assert!(sim.world().disk.exists(&path).unwrap());
    let stray = crate::body::path_of(Path::new(DIR), 77);
    sim.world().disk.write_atomic(&stray, b"nobody's").unwrap();
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert_eq!(report.body_files_removed, 1);
    assert!(!sim.world().disk.exists(&stray).unwrap());
    assert_eq!(sim.run(spool.body(no)).unwrap(), body(no.0, 20_000));
    let fork = spool.next_message_no();
    let mut batch = Batch::new();
    batch.message_sharing(fork, b"fork".to_vec(), no).put_entry(fork, EntryNo(1), vec![1]);
    end(&mut batch, no);
    sim.run(spool.commit(batch)).unwrap();
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    assert_eq!(sim.run(spool.body(no)), Err(SpoolError::UnknownMessage(no)));
    let (spool, _) = reopen(&sim, PowerCut::LoseAll);
    assert_eq!(sim.run(spool.body(fork)).unwrap(), body(no.0, 20_000));
    let mut batch = Batch::new();
    end(&mut batch, fork);
    sim.run(spool.commit(batch)).unwrap();
    pass_marks(&spool);
    sim.run(spool.flush_marks()).unwrap();
    sim.run_until_stalled();
    assert!(!sim.world().disk.exists(&path).unwrap());
}

#[test]
fn a_dead_message_stays_readable_until_the_mailbox_mark_passes() {
    let sim = SimWorld::new(5);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let no = add(&spool, &mut batch, 100);
    let first = sim.run(spool.commit(batch)).unwrap();
    let mut batch = Batch::new();
    end(&mut batch, no);
    let ended = sim.run(spool.commit(batch)).unwrap();
    spool.set_mark(Mark::Mailbox, first.position);
    sim.run(spool.flush_marks()).unwrap();
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert_eq!((report.messages, report.dead_kept), (0, 1));
    assert_eq!(spool.mark(Mark::Mailbox), first.position);
    assert_eq!(sim.run(spool.body(no)).unwrap(), body(no.0, 100));
    assert_eq!(spool.messages().count(), 0);
    spool.set_mark(Mark::Mailbox, ended.position);
    sim.run(spool.flush_marks()).unwrap();
    assert_eq!(spool.stats().dead_kept, 0);
    assert_eq!(sim.run(spool.body(no)), Err(SpoolError::UnknownMessage(no)));
}

#[test]
fn wrong_batches_are_refused_whole() {
    let sim = SimWorld::new(6);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    let no = add(&spool, &mut batch, 100);
    sim.run(spool.commit(batch)).unwrap();
    let (ghost, second) = (MessageNo(999_999), EntryNo(2));
    let mut commits = Vec::new();
    let mut wrong = |build: &dyn Fn(&mut Batch)| {
        let mut batch = Batch::new();
        batch.event(9, false, None, vec![]);
        build(&mut batch);
        commits.push(spool.commit(batch));
    };
    wrong(&|batch| {
        batch.put_entry(ghost, EntryNo(1), vec![]);
    });
    wrong(&|batch| {
        batch.remove_entry(no, second);
    });
    wrong(&|batch| {
        batch.message(no, vec![], Bytes::new());
    });
    wrong(&|batch| {
        batch.set_envelope(no, vec![0; 20_000]);
    });
    wrong(&|batch| {
        batch.event(1, false, None, vec![0; 60_000]);
    });
    wrong(&|batch| {
        batch.meta("k", vec![0; 60_000]);
    });
    wrong(&|batch| {
        batch.remove_entry(no, EntryNo(1));
    });
    wrong(&|batch| {
        batch.remove_entry(no, EntryNo(1));
    });
    let results = sim.run(futures::future::join_all(commits));
    assert_eq!(results[0], Err(SpoolError::UnknownMessage(ghost)));
    assert_eq!(results[1], Err(SpoolError::UnknownEntry(no, second)));
    assert_eq!(results[2], Err(SpoolError::DuplicateMessage(no)));
    assert!(results[3..6].iter().all(|result| matches!(result, Err(SpoolError::TooLarge { .. }))));
    assert!(results[6].is_ok(), "{:?}", results[6]);
    assert_eq!(results[7], Err(SpoolError::UnknownEntry(no, EntryNo(1))));
    let events = sim.run(spool.events_after(EventSeq(1), 100)).unwrap();
    assert_eq!(events.len(), 1, "a refused batch leaves no event");
}

#[test]
fn a_batch_that_fits_is_taken_and_one_that_does_not_harms_only_itself() {
    let sim = SimWorld::new(8);
    let (spool, _) = open(&sim);
    let max = spool.group_bytes_max();
    // Events of 436 bytes, 500 with what a record takes.
    let events = |bytes: u64| {
        let mut batch = Batch::new();
        for _ in 0..bytes / 500 {
            batch.event(1, false, None, vec![7; 436]);
        }
        batch
    };
    let (fits, too_large) = (events(max), events(max + 500));
    assert!(spool.weight(&fits) <= max && spool.weight(&too_large) > max);
    assert!(sim.run(spool.commit(fits)).is_ok());
    let refused = sim.run(spool.commit(too_large)).unwrap_err();
    assert!(refused.refuses_batch() && !refused.is_final(), "{refused}");

    // A body that gets a file of its own takes no room in the log.
    let mut batch = Batch::new();
    let no = add(&spool, &mut batch, 3 * max as usize);
    assert!(batch.weight() > max && spool.weight(&batch) < 1000, "{}", spool.weight(&batch));
    assert!(sim.run(spool.commit(batch)).is_ok());

    let mut batch = Batch::new();
    batch.set_envelope(no, vec![0; spool.message_bytes_max() as usize]);
    let refused = sim.run(spool.commit(batch)).unwrap_err();
    assert!(refused.refuses_batch(), "{refused}");
    let mut batch = Batch::new();
    end(&mut batch, no);
    end(&mut batch, no);
    assert!(sim.run(spool.commit(batch)).unwrap_err().refuses_batch(), "an entry ends once");

    sim.disk().fail_next_sync();
    let mut batch = Batch::new();
    end(&mut batch, no);
    let failed = sim.run(spool.commit(batch)).unwrap_err();
    assert!(failed.is_final() && !failed.refuses_batch(), "{failed}");
}

#[test]
fn event_numbers_can_be_raised_and_never_go_back() {
    let sim = SimWorld::new(7);
    let (spool, _) = open(&sim);
    let mut batch = Batch::new();
    add(&spool, &mut batch, 10);
    sim.run(spool.commit(batch)).unwrap();
    sim.run(spool.raise_event_seq(EventSeq(500))).unwrap();
    let (spool, report) = reopen(&sim, PowerCut::LoseAll);
    assert_eq!(report.next_event, EventSeq(501));
    let mut batch = Batch::new();
    add(&spool, &mut batch, 10);
    assert_eq!(sim.run(spool.commit(batch)).unwrap().first_event, EventSeq(501));
    sim.run(spool.raise_event_seq(EventSeq(20))).unwrap();
    let (spool, _) = reopen(&sim, PowerCut::LoseAll);
    let seqs = |after| -> Vec<u64> {
        sim.run(spool.events_after(EventSeq(after), 10)).unwrap().iter().map(|event| event.seq.0).collect()
    };
    assert_eq!(seqs(0), [1]);
    assert_eq!(seqs(1), [501]);
    assert_eq!(seqs(400), [501]);
}
