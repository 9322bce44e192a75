//! Sealing: crashes at every step, late events, writes meanwhile, retention, and the feed that does it by itself.
//!
//! May touch: temporary folders, a simulated world (tests).

use std::path::Path;
use std::time::Duration;

use spool::Batch;
use world::sim::SimWorld;
use world::{Disk, OpenMode};

use super::{House, ended};
use crate::search::model::{Bench, incoming, shown};
use crate::search::traffic::{MIDNIGHT, traffic};
use crate::search::{Facet, FacetFilter, Query, SubjectFilter, SubjectFilterType};
use crate::store::{Day, Lookup, Sealing};
use crate::{Delivery, NodeId};

fn everything() -> Query {
    Query { start: jiff::Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() }
}

fn rows(bench: &Bench) -> Vec<String> {
    bench.search(&everything()).rows.iter().map(shown).collect()
}

fn first_day() -> Day {
    Day::of(jiff::Timestamp::from_second(MIDNIGHT).unwrap())
}

fn names(dir: &Path) -> Vec<String> {
    let entries = Disk::real().read_dir(dir).unwrap().into_iter();
    entries
        .map(|entry| entry.name.to_string_lossy().into_owned())
        .filter(|name| name.contains("2026"))
        .collect()
}

/// A copy of a folder with some of its files.
fn copy(from: &Path, keep: &dyn Fn(&str) -> bool) -> Bench {
    let bench = Bench::empty();
    let disk = Disk::real();
    for name in names(from).iter().filter(|name| keep(name)) {
        let file = disk.open(&bench.dir().join(name), OpenMode::CreateOrOpen).unwrap();
        file.write_all_at(&disk.read(&from.join(name)).unwrap(), 0).unwrap();
    }
    bench.reopened()
}

#[test]
fn a_crash_at_any_step_of_sealing_loses_and_doubles_nothing() {
    let events = traffic(31, 120, 1);
    let (before, after) = events.split_at(events.len() / 2);
    let plain = Bench::new();
    plain.feed(before);
    let expected = rows(&plain);
    plain.seal(0);
    assert_eq!(rows(&plain), expected);
    plain.feed(after);
    let whole = rows(&plain);
    // The state before the last sealing: a sealed day and a SQLite file with what came late.
    let old = copy(plain.dir(), &|_| true);
    assert_eq!(rows(&old), whole);
    old.seal(0);
    let sealed = old.dir().join("2026-11-20.sealed");
    let new_bytes = Disk::real().read(&sealed).unwrap();
    // Steps: writing the new file; it has its name; the log is gone, then the shared memory, then the file.
    let unfinished = copy(plain.dir(), &|_| true);
    let disk = Disk::real();
    let part = unfinished.dir().join(".2026-11-20.sealed.new");
    disk.open(&part, OpenMode::CreateNew)
        .unwrap()
        .write_all_at(&new_bytes[..new_bytes.len() / 2], 0)
        .unwrap();
    let unfinished = unfinished.reopened();
    assert_eq!(rows(&unfinished), whole);
    assert!(!disk.exists(&part).unwrap(), "what was cut short is removed");
    for gone in [&[][..], &["-wal"], &["-wal", "-shm"], &["-wal", "-shm", ".sqlite"]] {
        let crashed = copy(plain.dir(), &|_| true);
        // Opened for writing and closed: a settled file has nothing in its log, as sealing makes sure of.
        crashed.store.highest_applied(NodeId(1)).unwrap();
        let crashed = crashed.reopened();
        let crashed = copy(crashed.dir(), &|name| !gone.iter().any(|suffix| name.ends_with(suffix)));
        let target = disk.open(&crashed.dir().join("2026-11-20.sealed"), OpenMode::CreateOrOpen).unwrap();
        target.set_len(0).unwrap();
        target.write_all_at(&new_bytes, 0).unwrap();
        drop(target);
        let crashed = crashed.reopened();
        assert_eq!(rows(&crashed), whole, "{gone:?} removed");
        // The feed applies again what it is not sure of.
        assert_eq!(crashed.store.apply(incoming(&events)).unwrap(), 0);
        assert_eq!(rows(&crashed), whole);
        crashed.seal(0);
        assert_eq!(rows(&crashed), whole);
        assert_eq!(names(crashed.dir()), ["2026-11-20.sealed"]);
    }
}

#[test]
fn late_events_of_a_sealed_day_change_its_rows_and_are_found_by_every_id() {
    let events = traffic(32, 100, 1);
    let (before, after) = events.split_at(events.len() / 2);
    let bench = Bench::new();
    bench.feed(&events);
    let expected = rows(&bench);
    let counts = |bench: &Bench| {
        let engine = bench.engine();
        engine.counts(first_day(), first_day()).unwrap()
    };
    let counted = counts(&bench);
    let late = Bench::new();
    late.feed(before);
    late.seal(0);
    late.feed(after);
    assert_eq!(
        names(late.dir()).iter().filter(|name| name.starts_with("2026")).count(),
        4,
        "both forms are there"
    );
    assert_eq!(rows(&late), expected);
    assert_eq!(counts(&late), counted);
    for (_, event) in &events {
        let found = late.store.look_up(Lookup::NetworkId(event.network_message_id), None).unwrap();
        assert_eq!(found.len(), 1);
        let same = bench.store.look_up(Lookup::NetworkId(event.network_message_id), None).unwrap();
        assert_eq!(found[0].events, same[0].events);
        let internal = event.internal_message_id.unwrap().0;
        assert_eq!(late.store.look_up(Lookup::InternalId(internal), None).unwrap().len(), 1);
    }
    // The same events as an import are doubles, and leave the day alone.
    let late = {
        late.seal(0);
        late
    };
    assert_eq!(late.store.import(events.clone()).unwrap(), 0);
    assert_eq!(late.store.seal(first_day()).unwrap(), Sealing::Done);
    assert_eq!(rows(&late), expected);
    assert_eq!(counts(&late), counted);
    assert_eq!(late.store.highest_applied(NodeId(1)).unwrap(), events.last().unwrap().0.seq);
}

#[test]
fn a_day_is_quiet_when_nothing_came_since_it_was_last_looked_at() {
    let bench = Bench::new();
    let events = traffic(33, 40, 2);
    bench.feed(&events);
    let next = Day(first_day().0 + 1);
    assert!(bench.store.quiet_days(next).is_empty(), "nothing is known yet");
    assert_eq!(bench.store.quiet_days(next), [first_day()]);
    bench.feed(&traffic(34, 40, 1));
    assert_eq!(bench.store.seal(first_day()).unwrap(), Sealing::Done);
    assert_eq!(bench.store.seal(first_day()).unwrap(), Sealing::WasSealed);
    assert!(bench.store.quiet_days(next).is_empty(), "a sealed day is done");
    assert_eq!(bench.store.delete_before(next).unwrap(), [first_day()]);
    assert!(!names(bench.dir()).iter().any(|name| name.starts_with("2026-11-20")));
}

#[test]
fn a_day_whose_files_cannot_be_removed_stays_and_is_tried_again() {
    let bench = Bench::new();
    bench.feed(&traffic(35, 40, 2));
    let next = Day(first_day().0 + 1);
    // Nothing but a folder is refused to who asks for its removal as a file.
    let in_the_way = bench.dir().join(first_day().sealed_name());
    Disk::real().create_dir_all(&in_the_way).unwrap();
    let failed = bench.store.delete_before(next).unwrap_err();
    assert!(failed.to_string().contains("sealed"), "{failed}");
    assert!(bench.store.days().contains(&first_day()), "it is asked, and tried again");
    assert!(bench.search(&Query::default()).gaps.is_empty());
    Disk::real().remove_dir_all(&in_the_way).unwrap();
    assert_eq!(bench.store.delete_before(next).unwrap(), [first_day()]);
    assert!(!bench.store.days().contains(&first_day()));
}

#[test]
fn the_feed_seals_days_by_itself_and_goes_on_with_late_news() {
    let sim = SimWorld::new(71);
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        let one = house.receive(1, &["anna@contoso.example"], "one", &mut batch);
        let two = house.receive(2, &["bert@contoso.example"], "two", &mut batch);
        house.commit(batch).await;
        let mut batch = Batch::new();
        house.trace.recorder().delivered(
            &mut batch,
            &one,
            &ended(1, "anna@contoso.example", "250 2.1.5"),
            Delivery::default(),
        );
        house.commit(batch).await;
        house.world.clock.sleep(Duration::from_secs(4 * 86_400)).await;
        let day = Day::of(one.received);
        assert_eq!(house.trace.store().seal(day).unwrap(), Sealing::WasSealed);
        let mut batch = Batch::new();
        let status = "550 4.4.7 QUEUE.Expired";
        house.trace.recorder().delivered(
            &mut batch,
            &two,
            &ended(1, "bert@contoso.example", status),
            Delivery::default(),
        );
        house.commit(batch).await;
        let all = Query { start: Some(one.received), ..Query::default() };
        let answer = house.trace.search(all).await.unwrap();
        assert_eq!(answer.total, 2);
        assert!(answer.rows.iter().all(|row| row.status == crate::Status::Delivered), "{:?}", answer.rows);
        house.world.clock.sleep(Duration::from_secs(2 * 86_400)).await;
        assert_eq!(
            house.trace.store().seal(day).unwrap(),
            Sealing::WasSealed,
            "sealed again with the late news"
        );
    });
}

#[test]
fn a_day_with_records_of_other_places_stays_open() {
    let bench = Bench::new();
    let mut events = traffic(35, 20, 1);
    for (_, event) in events.iter_mut().take(1) {
        event.detail.place = Some("gateway".to_owned());
    }
    bench.store.import(events).unwrap();
    let next = Day(first_day().0 + 1);
    assert!(bench.store.quiet_days(next).is_empty());
    assert_eq!(bench.store.quiet_days(next), [first_day()]);
    assert_eq!(bench.store.seal(first_day()).unwrap(), Sealing::LeftOpen);
    assert!(!names(bench.dir()).iter().any(|name| name.contains(".sealed")), "{:?}", names(bench.dir()));
    assert!(bench.store.quiet_days(next).is_empty(), "it is not tried again before something happens to it");
}

#[test]
fn each_file_folds_subjects_by_its_own_rule() {
    let mut events = traffic(7, 20, 1);
    for (_, event) in &mut events {
        if let Some(facts) = &mut event.message {
            facts.subject = "Nach der Stra\u{df}e".to_owned();
        }
    }
    let found = |bench: &Bench, text: &str| {
        let kind = SubjectFilterType::Contains;
        let subject = Some(SubjectFilter { kind, text: text.to_owned() });
        bench.search(&Query { subject, ..everything() }).total
    };
    let new = Bench::new();
    new.feed(&events);
    let all = new.search(&everything()).total;
    assert!(all > 0);
    for text in ["DER STRASSE", "stra\u{df}e"] {
        assert_eq!(found(&new, text), all, "{text}");
    }
    // A file of the version before is still read, and written on, by its own rule.
    let old = Bench::new();
    old.feed(&events[..1]);
    let path = old.dir().join("2026-11-20.sqlite");
    let connection = Disk::real().sqlite(&path, world::SqliteMode::ReadWriteCreate).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    let old = old.reopened();
    old.feed(&events);
    let (simple, full) = (found(&old, "STRA\u{df}E"), found(&old, "strasse"));
    assert!(simple > full, "only the first message was written by the new rule: {simple}, {full}");
    assert_eq!(simple + full, all);
    // Sealing folds anew.
    for bench in [&new, &old] {
        bench.seal(0);
        assert_eq!((found(bench, "DER STRASSE"), found(bench, "stra\u{df}e")), (all, all));
    }
}

/// The values of the messages of a day as they were stored before a place could be asked for.
fn forget_places(bench: Bench, day: &str) -> Bench {
    let bench = bench.reopened();
    let file = bench.dir().join(format!("{day}.sqlite"));
    let connection = Disk::real().sqlite(&file, world::SqliteMode::ReadWriteCreate).unwrap();
    // The place stands in the last line.
    connection.execute("UPDATE facet_set SET facets = substr(facets, 1, length(facets) - 2)", []).unwrap();
    drop(connection);
    bench
}

#[test]
fn messages_of_before_places_could_be_asked_for_are_a_gap_until_their_day_is_sealed() {
    let bench = Bench::new();
    bench.feed(&traffic(41, 60, 3));
    let of_place = Query { facets: vec![FacetFilter::any(Facet::Place, ["mx1*"])], ..everything() };
    let whole = bench.search(&of_place).total;
    assert_eq!(whole, bench.search(&everything()).total);
    let bench = forget_places(forget_places(bench, "2026-11-20"), "2026-11-21");
    let answer = bench.ask(&of_place);
    assert!(answer.total < whole);
    let [gap] = answer.gaps.as_slice() else { panic!("{:?}", answer.gaps) };
    assert!(gap.cause.contains("before -Place could be asked for"), "{}", gap.cause);
    assert_eq!(
        (gap.start.unwrap().to_string(), gap.end.unwrap().to_string()),
        ("2026-11-20T00:00:00Z".to_owned(), "2026-11-22T00:00:00Z".to_owned())
    );
    // Nothing is missing of other searches, nor of a time with none of those messages.
    assert!(bench.ask(&everything()).gaps.is_empty());
    let later = Query { start: jiff::Timestamp::from_second(MIDNIGHT + 2 * 86_400).ok(), ..of_place.clone() };
    assert!(bench.ask(&later).gaps.is_empty() && bench.ask(&later).total > 0);
    (0..2).for_each(|day| bench.seal(day));
    assert_eq!(bench.search(&of_place).total, whole);
}

#[test]
fn next_hosts_of_before_networks_could_be_asked_for_are_a_gap_until_their_day_is_sealed() {
    let bench = Bench::new();
    bench.feed(&traffic(43, 600, 1));
    let of = |network: &str| Query { to_networks: vec![network.parse().unwrap()], ..everything() };
    let whole = bench.ask(&of("2001:db8::/32"));
    assert!(whole.total > 0 && whole.gaps.is_empty(), "{:?}", whole.gaps);
    let exact = Query { to_ip: whole.rows[0].to_ip, ..everything() };
    let found = bench.search(&exact).total;
    let bench = bench.reopened();
    let file = bench.dir().join("2026-11-20.sqlite");
    let connection = Disk::real().sqlite(&file, world::SqliteMode::ReadWriteCreate).unwrap();
    // As it was written before: of next hosts only the numbers.
    connection
        .execute("DELETE FROM ip6 WHERE id NOT IN (SELECT from_ip FROM message WHERE from_ip < 0)", [])
        .unwrap();
    drop(connection);
    let answer = bench.ask(&of("2001:db8::/32"));
    assert!(answer.total < whole.total);
    let [gap] = answer.gaps.as_slice() else { panic!("{:?}", answer.gaps) };
    assert!(gap.cause.contains("before -ToIP took networks"), "{}", gap.cause);
    // The whole address finds them, and a network of IPv4 lacks nothing.
    assert_eq!(bench.search(&exact).total, found);
    assert!(bench.ask(&exact).gaps.is_empty() && bench.ask(&of("192.0.2.0/24")).gaps.is_empty());
    bench.seal(0);
    let sealed = bench.ask(&of("2001:db8::/32"));
    assert_eq!((sealed.total, sealed.gaps.len()), (whole.total, 0));
}
