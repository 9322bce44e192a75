//! A write or sync of a day file that fails, and what the low-water mark does then.
//!
//! May touch: a simulated world, temporary folders (tests).

use std::path::Path;
use std::time::Duration;

use events::Event;
use rusqlite::Connection;
use spool::{Batch, Mark};
use world::sim::SimWorld;
use world::{Disk, SqliteMode};

use super::House;
use super::wal::{FRAME, LOG_HEADER, copy_cut, day_file, write};
use crate::StoreError;
use crate::feeder::{Bulletin, FeedConfig, Feeder};
use crate::search::model::{Bench, incoming};
use crate::search::traffic::traffic;
use crate::status::{EventKey, NodeId};
use crate::store::{Day, LowWater, Store};

/// Nothing can be written or synced while this lives: what stands for a disk that fails.
fn locked(disk: &Disk, path: &Path) -> Connection {
    let other = disk.sqlite(path, SqliteMode::ReadWriteCreate).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// The highest event number in a database without its log: what is certainly on disk.
fn in_database(bytes: &[u8], name: &str) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    write(&Disk::real(), &dir.path().join(name), bytes);
    Store::open(&Disk::real(), dir.path()).unwrap().highest_applied(NodeId(1)).unwrap()
}

#[test]
fn after_a_failed_sync_the_mark_waits_until_the_events_are_written_again() {
    let sim = SimWorld::new(61);
    let house = House::start(&sim);
    let commit = |number| {
        let mut batch = Batch::new();
        house.receive(number, &["kj@contoso.example"], "Hello", &mut batch);
        sim.run(house.commit(batch));
    };
    let mark = || {
        sim.run(house.spool.flush_marks()).unwrap();
        house.spool.mark(Mark::Trace)
    };
    commit(1);
    sim.advance(Duration::from_secs(6));
    let before = mark();
    assert!(before > spool::Position::default());
    commit(2);
    let path = Path::new("/srv/trace/2026-11-20.sqlite");
    let lock = locked(&house.world.disk, path);
    house.trace.store().without_patience();
    sim.advance(Duration::from_millis(5_500));
    assert_eq!(mark(), before);
    assert!(house.feed.lag().failure.unwrap().contains("2026-11-20.sqlite"));
    drop(lock);
    sim.advance(Duration::from_secs(30));
    assert!(mark() > before);
    assert_eq!((house.feed.lag().failure, house.feed.totals().received), (None, 2));
    let bytes = house.world.disk.read(path).unwrap();
    assert_eq!(in_database(&bytes, "2026-11-20.sqlite"), house.spool.last_event().0);
}

#[test]
fn a_feed_that_ends_unasked_is_a_failure() {
    let sim = SimWorld::new(65);
    let house = House::start(&sim);
    let (store, places) = (house.trace.store().clone(), house.trace.places().clone());
    let (clock, exec) = (house.world.clock.clone(), house.world.exec.clone());
    let config = FeedConfig { node: NodeId(1), retention_days: 90, seal_after_days: 2 };
    let (feeder, feed) = sim
        .run(Feeder::start(store, places, house.spool.clone(), clock, exec, Bulletin::default(), config))
        .unwrap();
    assert_eq!(feed.lag().failure, None);
    // As when its task panics.
    drop(feeder);
    let why = sim.run(feed.wait_failed());
    assert_eq!(Some(&why), feed.lag().failure.as_ref());
    assert!(why.starts_with("the feed of the message trace has ended"), "{why}");
    sim.run(feed.caught_up());

    sim.run(house.feed.stop());
    assert_eq!(house.feed.lag().failure, None, "stopped is not failed");
    let clock = house.world.clock.clone();
    let waited = clock.timeout(Duration::from_secs(60), house.feed.wait_failed());
    assert!(sim.run(waited).is_err());
}

fn of_day(events: &[(EventKey, Event)], day: Day) -> Vec<(EventKey, Event)> {
    events.iter().filter(|(_, event)| Day::of(event.received) == day).cloned().collect()
}

#[test]
fn a_file_that_fails_when_it_is_left_for_another_day_is_not_forgotten() {
    let events = traffic(62, 120, 7);
    let mut days: Vec<Day> = events.iter().map(|(_, event)| Day::of(event.received)).collect();
    days.sort_unstable();
    days.dedup();
    assert!(days.len() >= 5, "more days than files are open");
    let bench = Bench::new();
    for day in &days[..4] {
        bench.feed(&of_day(&events, *day));
    }
    let path = bench.dir().join(days[0].file_name());
    let lock = locked(&Disk::real(), &path);
    bench.store.without_patience();
    let failed = bench.store.apply(incoming(&of_day(&events, days[4]))).unwrap_err();
    assert!(matches!(failed, StoreError::InDoubt { .. }), "{failed}");
    drop(lock);
    let mark = LowWater { seq: events.last().unwrap().0.seq };
    bench.store.make_durable(mark).unwrap_err();
    assert_eq!(bench.store.low_water().unwrap().seq, 0);
    assert_eq!(bench.store.begin_again().unwrap().seq, 0);
    bench.feed(&events);
    bench.store.make_durable(mark).unwrap();
    assert_eq!(bench.store.low_water().unwrap(), mark);
    let last = of_day(&events, days[0]).last().unwrap().0.seq;
    assert_eq!(in_database(&Disk::real().read(&path).unwrap(), &days[0].file_name()), last);
}

#[test]
fn a_log_found_at_the_start_is_copied_before_the_mark_moves() {
    let events = traffic(63, 20, 1);
    let (built, copy) = (Bench::new(), Bench::empty());
    built.feed(&events);
    let disk = Disk::real();
    let len = disk.metadata(&day_file(built.dir(), "-wal")).unwrap().len;
    copy_cut(&disk, built.dir(), copy.dir(), len);
    let copy = copy.reopened();
    let seq = events.last().unwrap().0.seq;
    copy.store.make_durable(LowWater { seq }).unwrap();
    let bytes = disk.read(&day_file(copy.dir(), "")).unwrap();
    assert_eq!(in_database(&bytes, "2026-11-20.sqlite"), seq);
}

#[test]
fn a_long_log_is_copied_and_a_short_one_is_left() {
    let events = traffic(64, 300, 1);
    let bench = Bench::new();
    let log_len = || Disk::real().metadata(&day_file(bench.dir(), "-wal")).unwrap().len;
    bench.feed(&events[..1]);
    let bytes = Disk::real().read(&day_file(bench.dir(), "")).unwrap();
    assert_eq!(in_database(&bytes, "2026-11-20.sqlite"), 0, "the log is measured, not copied");
    let mut longest = 0;
    for one in events[1..].chunks(1) {
        bench.feed(one);
        longest = longest.max(log_len());
    }
    let frames = (longest - LOG_HEADER) / FRAME;
    assert!((4_096..4_500).contains(&frames), "{frames} frames");
}

#[test]
fn the_highest_own_event_is_found_behind_days_of_other_systems() {
    let events = traffic(66, 120, 8);
    let mut days: Vec<Day> = events.iter().map(|(_, event)| Day::of(event.received)).collect();
    days.sort_unstable();
    days.dedup();
    assert!(days.len() >= 7, "more days than are looked at");
    let bench = Bench::new();
    let own = of_day(&events, days[0]);
    bench.feed(&own);
    let others = events.iter().filter(|(_, event)| Day::of(event.received) > days[0]);
    bench.store.import(others.cloned().collect()).unwrap();
    assert_eq!(
        bench.store.highest_applied(NodeId(1)).unwrap(),
        own.iter().map(|(key, _)| key.seq).max().unwrap()
    );
}

#[test]
fn records_taken_in_while_a_file_failed_are_to_be_taken_in_again() {
    let events = traffic(67, 20, 1);
    let bench = Bench::new();
    let losses = bench.store.losses();
    bench.store.import(events.clone()).unwrap();
    let lock = locked(&Disk::real(), &bench.dir().join("2026-11-20.sqlite"));
    bench.store.without_patience();
    assert!(matches!(bench.store.sync(losses), Err(StoreError::InDoubt { .. })));
    drop(lock);
    // The file is well again; nobody knows what it lost meanwhile.
    assert!(matches!(bench.store.sync(losses), Err(StoreError::TakeInAgain)));
    let losses = bench.store.losses();
    assert_eq!(bench.store.import(events).unwrap(), 0);
    bench.store.sync(losses).unwrap();
    assert!(bench.store.undurable().is_empty());
}
