//! A power cut at every call that changes or syncs the disk.
//!
//! May touch: the simulated world.

use world::sim::{PowerCut, SimWorld};

use super::model::{Draw, Model};
use super::{open, reopen};
use crate::{EventSeq, Mark, MessageNo, Position, Spool, SpoolError};

/// A spool with its model and what is under way.
struct Run {
    draw: Draw,
    model: Model,
    mine: Vec<MessageNo>,
    /// The model after each commit that was sent and not answered, in the order sent.
    in_flight: Vec<Model>,
    /// Events fed and delivered as far as marks were set, durable or not.
    marked: EventSeq,
    highest: MessageNo,
}

impl Run {
    fn new(seed: u64) -> Self {
        Self {
            draw: Draw(seed),
            model: Model::default(),
            mine: Vec::new(),
            in_flight: Vec::new(),
            marked: EventSeq(0),
            highest: MessageNo(0),
        }
    }

    /// Random commits, alone and several at once; ends at the first error.
    fn steps(&mut self, sim: &SimWorld, spool: &Spool, count: usize) -> Result<(), SpoolError> {
        for _ in 0..count {
            let mut next = self.model.clone();
            let mut commits = Vec::new();
            self.in_flight.clear();
            let at_once = 1 + self.draw.below(4);
            next.large = at_once == 1;
            for _ in 0..at_once {
                let batch = next.step(&mut self.draw, spool, &mut self.mine);
                self.in_flight.push(next.clone());
                commits.push(spool.commit(batch));
            }
            for result in sim.run(futures::future::join_all(commits)) {
                result?;
                // Answered in the order sent.
                self.model = self.in_flight.remove(0);
            }
            self.highest = self.highest.max(spool.next_message_no());
            if self.draw.below(3) == 0 {
                self.marked = spool.last_event();
                spool.set_mark(Mark::Trace, spool.end());
                spool.set_mark(Mark::Mailbox, spool.end());
            }
            sim.run_until_stalled();
        }
        Ok(())
    }

    /// After a restart: what was acknowledged is there, and of what was under way a prefix.
    fn check(&mut self, spool: &Spool) {
        let before = self.model.differs(spool);
        if let Some(first) = before {
            let found = self.in_flight.iter().find(|model| model.differs(spool).is_none());
            let differences =
                || -> Vec<_> { self.in_flight.iter().map(|model| model.differs(spool)).collect() };
            self.model = match found {
                Some(model) => model.clone(),
                None => panic!("neither acknowledged nor under way: {first}; {:?}", differences()),
            };
        }
        self.in_flight.clear();
        self.model.check_marks(spool, self.marked, self.marked);
        self.mine = self.model.messages.keys().copied().collect();
        assert!(spool.next_message_no() > self.highest, "message numbers are never used again");
    }
}

/// One run with a power cut at call `at`: gives false when the run ended before.
fn cut_at(seed: u64, steps: usize, at: u64, cut: PowerCut) -> bool {
    let sim = SimWorld::new(seed ^ at << 8);
    let mut run = Run::new(seed);
    let (spool, _) = open(&sim);
    sim.disk().crash_after(at);
    let reached = run.steps(&sim, &spool, steps).is_err() || sim.disk().has_crashed();
    drop(spool);
    let (spool, report) = reopen(&sim, cut);
    assert!(report.is_clean(), "call {at}, {cut:?}: {report}");
    run.check(&spool);
    // And it goes on from there, over another restart.
    run.steps(&sim, &spool, 3).unwrap();
    drop(spool);
    let (spool, report) = reopen(&sim, cut);
    assert!(report.is_clean(), "after call {at}, {cut:?}: {report}");
    run.check(&spool);
    reached
}

fn cut_everywhere(seed: u64, steps: usize, cut: PowerCut) {
    let mut at = 1;
    while cut_at(seed, steps, at, cut) {
        at += 1;
    }
    assert!(at > 100, "only {at} calls: the run is too short to say anything");
}

#[test]
fn power_cuts_that_lose_everything_unsynced() {
    cut_everywhere(11, 60, PowerCut::LoseAll);
}

#[test]
fn power_cuts_that_tear_writes() {
    cut_everywhere(12, 60, PowerCut::Random);
}

#[test]
fn power_cuts_that_tear_writes_again() {
    cut_everywhere(13, 60, PowerCut::Random);
}

#[test]
fn power_cuts_just_after_the_disk_was_done() {
    cut_everywhere(14, 60, PowerCut::KeepAll);
}

#[test]
fn power_cuts_while_starting() {
    for at in 1..200 {
        let sim = SimWorld::new(at);
        let mut run = Run::new(at);
        let (spool, _) = open(&sim);
        run.steps(&sim, &spool, 12).unwrap();
        drop(spool);
        sim.crash(PowerCut::LoseAll);
        sim.disk().crash_after(at);
        let opened = super::open_with(&sim, crate::Config::small());
        let reached = sim.disk().has_crashed();
        drop(opened);
        let (spool, report) = reopen(&sim, PowerCut::Random);
        assert!(report.is_clean(), "call {at}: {report}");
        run.check(&spool);
        if !reached {
            assert!(at > 3);
            return;
        }
    }
    panic!("starting takes too many calls");
}

#[test]
fn the_first_start_can_be_cut_anywhere() {
    for at in 1..100 {
        let sim = SimWorld::new(at);
        sim.disk().crash_after(at);
        let opened = super::open_with(&sim, crate::Config::small());
        let reached = sim.disk().has_crashed();
        drop(opened);
        let (spool, report) = reopen(&sim, PowerCut::Random);
        assert!(report.is_clean(), "call {at}: {report}");
        Run::new(at).steps(&sim, &spool, 3).unwrap();
        if !reached {
            return;
        }
    }
    panic!("the first start takes too many calls");
}

fn long_life(seed: u64) {
    let sim = SimWorld::new(seed);
    let mut run = Run::new(seed);
    let (mut spool, _) = open(&sim);
    for round in 0..25 {
        if round % 3 == 2 {
            // In the middle of something.
            sim.disk().crash_after(1 + run.draw.below(60));
        }
        let ended = run.steps(&sim, &spool, 40);
        assert!(ended.is_ok() || sim.disk().has_crashed(), "{ended:?}");
        drop(spool);
        let (next, report) = reopen(&sim, PowerCut::Random);
        assert!(report.is_clean(), "seed {seed}, round {round}: {report}");
        spool = next;
        run.check(&spool);
    }
    let end: Position = spool.end();
    assert!(end.segment() > 15, "the log has turned over: segment {}", end.segment());
}

#[test]
fn a_long_life_with_many_restarts() {
    long_life(21);
    long_life(22);
}

#[test]
#[ignore = "takes minutes: after a change of the format, of recovery or of compaction"]
fn soak() {
    for seed in 100..180 {
        long_life(seed);
        cut_everywhere(seed, 50, PowerCut::Random);
    }
}
