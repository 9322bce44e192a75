//! Tests of clock, chance, executor and the simulation that drives them.
//!
//! May touch: threads and the tokio runtime of the test.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use futures::channel::oneshot;
use parking_lot::Mutex;

use crate::sim::{PowerCut, SIM_START, SimWorld};
use crate::{Chance, Clock, Executor, TimedOut, WriterGone};

const HOUR: Duration = Duration::from_secs(3600);
/// So long a thread waits for another that does not come.
const OTHER_THREAD_WAIT_MAX: Duration = Duration::from_secs(30);

type Log = Arc<Mutex<Vec<String>>>;

#[test]
fn sleepers_wake_in_order_of_time_and_two_days_take_none() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let log = Log::default();
    for hours in [48_u32, 1, 12, 1] {
        let (clock, log) = (world.clock.clone(), Arc::clone(&log));
        world.exec.spawn("sleeper", async move {
            clock.sleep(HOUR * hours).await;
            log.lock().push(format!("{hours} at {}", clock.now()));
        });
    }
    sim.run(world.clock.sleep(HOUR * 48));
    sim.run_until_stalled();
    let seen = log.lock().clone();
    assert_eq!(
        seen,
        [
            "1 at 2026-11-20T09:00:00Z",
            "1 at 2026-11-20T09:00:00Z",
            "12 at 2026-11-20T20:00:00Z",
            "48 at 2026-11-22T08:00:00Z"
        ]
    );
    assert_eq!(sim.elapsed(), HOUR * 48);
    assert!(sim.tasks().is_empty());
}

#[test]
fn advance_stops_exactly_and_leaves_later_timers() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let clock = world.clock.clone();
    let (done, mut waited) = oneshot::channel();
    world.exec.spawn("late", async move {
        clock.sleep_until(SIM_START + HOUR * 3).await;
        done.send(clock.elapsed()).unwrap();
    });
    sim.advance(HOUR * 2);
    assert_eq!(sim.elapsed(), HOUR * 2);
    assert_eq!(waited.try_recv().unwrap(), None);
    sim.advance(HOUR * 2);
    assert_eq!(waited.try_recv().unwrap(), Some(HOUR * 3));
    assert_eq!(sim.elapsed(), HOUR * 4);
}

#[test]
fn advance_inside_run_does_not_lose_the_wake_of_the_caller() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let (clock, (done, waited)) = (world.clock.clone(), oneshot::channel());
    let seen = sim.run(async {
        world.exec.spawn("sender", async move {
            clock.sleep(HOUR).await;
            done.send(7).unwrap();
        });
        let both = futures::future::join(waited, async { sim.advance(HOUR * 2) });
        both.await.0.unwrap()
    });
    assert_eq!(seen, 7);
}

#[test]
fn timeout_ends_what_does_not_and_a_ready_future_wins() {
    let sim = SimWorld::new(1);
    let clock = sim.world().clock;
    assert_eq!(sim.run(clock.timeout(HOUR, std::future::pending::<()>())), Err(TimedOut));
    assert_eq!(sim.elapsed(), HOUR);
    assert_eq!(sim.run(clock.timeout(Duration::ZERO, std::future::ready(5))), Ok(5));
    assert_eq!(sim.run(clock.timeout(HOUR * 3, clock.sleep(HOUR * 2))), Ok(()));
    assert_eq!(sim.elapsed(), HOUR * 3, "the timer of a future that won is gone");
}

#[tokio::test]
async fn the_real_clock_runs_and_times_out() {
    let clock = Clock::real();
    let before = clock.elapsed();
    assert_eq!(clock.timeout(Duration::from_millis(1), std::future::pending::<()>()).await, Err(TimedOut));
    assert!(clock.elapsed() > before);
    clock.sleep_until(clock.now()).await;
}

#[test]
#[should_panic(expected = "deadlock, everything waits and no timer runs; tasks: [\"waits forever\"]")]
fn a_deadlock_names_the_tasks() {
    let sim = SimWorld::new(1);
    sim.world().exec.spawn("waits forever", std::future::pending());
    sim.run(std::future::pending::<()>());
}

#[test]
#[should_panic(expected = "time went beyond")]
fn a_ticker_without_end_is_stopped() {
    let sim = SimWorld::new(1);
    let clock = sim.world().clock;
    sim.set_time_max(HOUR * 24);
    sim.world().exec.spawn("ticker", async move {
        loop {
            clock.sleep(HOUR).await;
        }
    });
    sim.run(std::future::pending::<()>());
}

#[test]
fn shuffle_comes_from_the_seed() {
    let order = |seed: u64| {
        let sim = SimWorld::new(seed);
        sim.set_shuffle(true);
        let log = Log::default();
        for number in 0..8 {
            let log = Arc::clone(&log);
            sim.world().exec.spawn("one of eight", async move { log.lock().push(number.to_string()) });
        }
        sim.run_until_stalled();
        log.lock().clone()
    };
    assert_eq!(order(3), order(3));
    assert!((0..20).any(|seed| order(seed) != order(seed + 1)));
}

#[test]
fn a_simulated_writer_gets_what_waits_as_one_group() {
    let sim = SimWorld::new(1);
    let groups = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&groups);
    let writer = sim.world().exec.writer("writer", move |jobs: Vec<u32>| seen.lock().push(jobs), 4);
    for job in 0..6 {
        writer.send(job).unwrap();
    }
    assert_eq!(writer.queued(), 6);
    sim.run(writer.close());
    assert_eq!(*groups.lock(), [vec![0, 1, 2, 3], vec![4, 5]]);
    assert_eq!((writer.queued(), writer.send(9)), (0, Err(WriterGone)));
}

#[tokio::test]
async fn a_writer_thread_groups_what_came_while_it_worked() {
    let exec = Executor::real(tokio::runtime::Handle::current());
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let groups = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&groups);
    let handler = move |jobs: Vec<u32>| {
        started.send(()).unwrap();
        released.recv().unwrap();
        seen.lock().push(jobs);
    };
    let writer = exec.writer("writer", handler, 3);
    writer.send(0).unwrap();
    has_started.recv().unwrap();
    for job in 1..5 {
        writer.send(job).unwrap();
    }
    assert_eq!(writer.queued(), 5);
    for _ in 0..3 {
        release.send(()).unwrap();
    }
    writer.close().await;
    assert_eq!(*groups.lock(), [vec![0], vec![1, 2, 3], vec![4]]);
    assert_eq!(writer.send(5), Err(WriterGone));
}

#[tokio::test]
async fn a_writer_whose_handler_panics_lets_nobody_wait() {
    let exec = Executor::real(tokio::runtime::Handle::current());
    let handler = |_: Vec<oneshot::Sender<()>>| panic!("on purpose");
    let writer = exec.writer("writer", handler, 1);
    let (job, done) = oneshot::channel();
    writer.send(job).unwrap();
    assert!(done.await.is_err());
    writer.close().await;
    assert_eq!(writer.queued(), 0);
    assert_eq!(writer.send(oneshot::channel().0), Err(WriterGone));
}

#[tokio::test]
async fn a_dropped_writer_still_does_its_jobs() {
    let exec = Executor::real(tokio::runtime::Handle::current());
    let handler = |jobs: Vec<oneshot::Sender<u8>>| jobs.into_iter().for_each(|job| job.send(1).unwrap());
    let (job, done) = oneshot::channel();
    exec.writer("writer", handler, 8).send(job).unwrap();
    assert_eq!(done.await, Ok(1));
}

#[tokio::test]
async fn blocking_returns_the_result_and_passes_a_panic_on() {
    let exec = Executor::real(tokio::runtime::Handle::current());
    assert_eq!(exec.blocking(|| 41 + 1).await, 42);
    let inner = exec.clone();
    let panicked = tokio::spawn(async move { inner.blocking(|| panic!("on purpose")).await }).await;
    assert!(panicked.unwrap_err().is_panic());
    let sim = SimWorld::new(1);
    assert_eq!(sim.run(sim.world().exec.blocking(|| 42)), 42);
}

#[test]
fn a_crash_drops_every_task_and_the_dead_start_nothing() {
    let sim = SimWorld::new(1);
    let before = sim.world();
    let (started, log) = (Arc::new(()), Log::default());
    let (held, clock) = (Arc::clone(&started), before.clock.clone());
    before.exec.spawn("worker", async move {
        clock.sleep(HOUR).await;
        drop(held);
    });
    let seen = Arc::clone(&log);
    let writer = before.exec.writer("writer", move |jobs: Vec<&str>| seen.lock().push(jobs.concat()), 1);
    sim.run_until_stalled();
    writer.send("lost").unwrap();
    sim.crash(PowerCut::LoseAll);
    assert_eq!(Arc::strong_count(&started), 1);
    assert_eq!(writer.send("late"), Err(WriterGone));
    before.exec.spawn("ghost", async { panic!("runs after the crash") });
    sim.advance(HOUR * 2);
    assert!(log.lock().is_empty());

    let after = sim.world();
    let seen = Arc::clone(&log);
    after.exec.spawn("restarted", async move { seen.lock().push("up".to_owned()) });
    sim.run_until_stalled();
    assert_eq!(*log.lock(), ["up"]);
}

#[test]
fn uuids_carry_version_and_time_and_simulated_chance_repeats() {
    let clock = SimWorld::new(1).world().clock;
    for chance in [Chance::real(), SimWorld::new(9).world().chance] {
        let v7 = chance.uuid_v7(&clock);
        assert_eq!(v7.get_version_num(), 7);
        let (seconds, _) = v7.get_timestamp().unwrap().to_unix();
        assert_eq!(i64::try_from(seconds).unwrap(), SIM_START.as_second());
        assert_eq!(chance.uuid_v4().get_version_num(), 4);
        assert_ne!(chance.u64(), chance.u64());
        assert!((0..1000).all(|_| chance.below(3) < 3));
        assert_eq!(chance.below(0), 0);
    }
    assert_eq!(SimWorld::new(9).world().chance.u64(), SimWorld::new(9).world().chance.u64());
    assert_ne!(SimWorld::new(9).world().chance.u64(), SimWorld::new(8).world().chance.u64());
}

#[test]
fn divided_work_is_done_by_two_threads_and_in_simulation_by_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (here, arrived) = (std::sync::Mutex::new(0), std::sync::Condvar::new());
    let threads = Executor::real(runtime.handle().clone()).on_two_threads(|| {
        // Neither comes by here alone; if there is no other, the test fails below and does not hang.
        let mut here = here.lock().unwrap();
        *here += 1;
        arrived.notify_all();
        drop(arrived.wait_timeout_while(here, OTHER_THREAD_WAIT_MAX, |here| *here < 2).unwrap());
        std::thread::current().id()
    });
    assert_eq!(threads.len(), 2);
    assert_ne!(threads[0], threads[1]);

    let alone = SimWorld::new(1).world().exec.on_two_threads(|| std::thread::current().id());
    assert_eq!(alone, [std::thread::current().id()]);
}

#[test]
#[should_panic(expected = "half of it")]
fn a_panic_in_divided_work_goes_on_in_the_caller() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let caller = std::thread::current().id();
    Executor::real(runtime.handle().clone()).on_two_threads(|| {
        assert_eq!(std::thread::current().id(), caller, "half of it");
    });
}
