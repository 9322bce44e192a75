//! Days gone through by two threads.
//!
//! May touch: files in a temporary folder, threads (tests).

use std::sync::mpsc;
use std::time::Duration;

use world::sim::SimWorld;

use super::super::model::{Bench, shown};
use super::super::traffic::traffic;
use super::*;
use crate::search::{AddressPattern, Query, Total};
use crate::store::{DayView, Window};

fn everything() -> Query {
    Query { start: jiff::Timestamp::from_second(0).ok(), page_size: 1_000, ..Query::default() }
}

#[test]
fn a_page_that_is_full_with_its_first_day_reads_no_other() {
    let bench = Bench::new();
    bench.feed(&traffic(7, 200, 5));
    let watch = Watch::default();
    let query = Query { page_size: 3, total: Total::Later, ..everything() };
    let alone = SimWorld::new(1).world().exec;
    let one_thread = Engine { exec: &alone, ..bench.engine() };
    let page = one_thread.search_watched(&query, &watch).unwrap();
    let (done, all) = watch.progress();
    assert_eq!((page.rows.len(), done), (3, 1));
    assert!(all >= 5, "{all}");
    // A second thread may have begun others; the page is the same.
    let same = bench.search(&query);
    assert_eq!(
        same.rows.iter().map(shown).collect::<Vec<_>>(),
        page.rows.iter().map(shown).collect::<Vec<_>>()
    );
    // The whole of it needs them all, and comes in the order of one thread.
    let whole = bench.engine().search_watched(&everything(), &watch).unwrap();
    assert_eq!(watch.progress(), (all, all));
    let pages: Vec<String> = bench.all(&query).iter().map(shown).collect();
    assert_eq!(whole.rows.iter().map(shown).collect::<Vec<_>>(), pages);
}

#[test]
fn older_days_are_given_up_once_newer_ones_have_the_page() {
    let (watch, shared) = (Watch::default(), Shared::new(4, 10, false));
    let wanted = |at: usize| watch.of_day_until(&shared.days[at].unneeded).check().is_ok();
    // The second thread is done with the second day: it says nothing of the first.
    shared.done(1, 7);
    assert_eq!([0, 1, 2, 3].map(|at| shared.left(at)), [10, 10, 3, 3]);
    assert!([0, 1, 2, 3].into_iter().all(wanted));
    shared.done(2, 5);
    assert_eq!([0, 1, 2, 3].map(wanted), [true, true, true, false]);
    shared.done(0, 10);
    assert_eq!([0, 1, 2, 3].map(wanted), [true, false, false, false]);
    // For a total all of them are wanted.
    let whole = Shared::new(2, 10, true);
    whole.done(0, 10);
    assert!(watch.of_day_until(&whole.days[1].unneeded).check().is_ok());
}

#[test]
fn a_day_that_is_not_needed_any_more_ends_its_search() {
    let bench = Bench::new();
    bench.feed(&traffic(7, 200, 5));
    bench.seal(0);
    let query =
        Query { recipients: vec![AddressPattern::Exact("anna@contoso.example".into())], ..everything() };
    let (watch, unneeded) = (Watch::default(), Arc::new(AtomicBool::new(true)));
    let window = Window { midnight: 0, low: 0, high: i64::MAX, overdue: i64::MIN };
    let watch = watch.of_day_until(&unneeded);
    let asked = Asked { query: &query, window, server: "mx1.contoso.example", watch };
    for day in bench.store.days() {
        let find = |view: &DayView<'_>| view.find(&asked, &After::Nothing, 10, false);
        let found = bench.store.view_watched(day, Some(watch), find);
        assert!(matches!(found, Err(StoreError::Unneeded)), "{found:?}");
    }
}

#[test]
fn a_search_that_is_given_up_ends_in_both_threads() {
    let bench = Bench::new();
    bench.feed(&traffic(8, 100, 5));
    let watch = Watch::default();
    watch.cancel();
    let given_up = bench.engine().search_watched(&everything(), &watch);
    assert!(matches!(given_up, Err(SearchError::Store(StoreError::Cancelled))), "{given_up:?}");
}

/// Searches that go on while days are sealed and written again: none waits for what the other has.
#[test]
#[expect(clippy::disallowed_methods, reason = "what waits for ever must not be the test's own thread")]
fn searches_and_seals_do_not_wait_for_each_other() {
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let bench = Bench::new();
        let events = traffic(9, 200, 5);
        let (first, rest) = events.split_at(40);
        bench.feed(first);
        let expected = std::thread::scope(|scope| {
            let search = || {
                let query = everything();
                let engine = bench.engine();
                (0..60).map(|_| engine.search(&query).unwrap().total).max()
            };
            let searching = [scope.spawn(search), scope.spawn(search)];
            for (number, batch) in rest.chunks(8).enumerate() {
                bench.feed(batch);
                let _ = bench.store.seal(day(number));
            }
            let most = searching.map(|one| one.join().unwrap());
            (most, bench.search(&everything()).total)
        });
        told.send(expected).unwrap();
    });
    let (during, after) =
        heard.recv_timeout(Duration::from_secs(120)).expect("searches or seals stand still");
    assert!(during.into_iter().flatten().all(|total| total <= after), "{during:?} {after}");
}

/// One of the days of the traffic, in turn.
fn day(number: usize) -> Day {
    let midnight = jiff::Timestamp::from_second(super::super::traffic::MIDNIGHT).unwrap();
    Day(Day::of(midnight).0 + i32::try_from(number % 5).unwrap())
}
