//! A place that is taken out leaves what there would be without it, whatever was joined, and wherever a crash came.
//!
//! May touch: a simulated world (tests).

use proptest::prelude::*;
use world::sim::SimWorld;

use super::*;
use crate::places::tests::joining::{Shelf, all_events, twice_own, twice_partner};
use crate::status::Status;

/// Everything a trace has: messages with rows and joins, events as they are kept, counts, and hops.
#[derive(Debug, PartialEq)]
struct Whole {
    shown: crate::places::tests::joining::Shown,
    events: Vec<String>,
    counts: Vec<(Status, u64)>,
    hops: Vec<String>,
    ids: Vec<Vec<NetworkMessageId>>,
}

fn whole(shelf: &Shelf) -> Whole {
    let (mut events, mut counts) = (Vec::new(), Vec::new());
    for day in shelf.store.days() {
        let read = shelf.store.view(day, |view| {
            counts.extend(view.counts(0)?);
            view.each_message(&mut |_, message| {
                events.extend(message.into_iter().map(|(key, mut event)| {
                    // What is noted beside comes in the order in which it was found.
                    event.custom_data.sort();
                    format!("{day:?} {key:?} {event:?}")
                }));
                Ok(())
            })
        });
        read.unwrap();
    }
    events.sort();
    let mut summed: Vec<(Status, u64)> = Vec::new();
    for (status, rows) in counts {
        match summed.iter_mut().find(|(known, _)| *known == status) {
            Some((_, sum)) => *sum += rows,
            None => summed.push((status, rows)),
        }
    }
    summed.sort();
    let ids = ["4ZQ1Xk2Lz3z7Bt", "7@exch01", "640C13BDF5", "640C13BDF6", "4ZQ1Xk2Lz3z9Bt"];
    let ids = ids.map(|id| {
        let mut found = shelf.places().with_queue_id(id).unwrap();
        found.sort();
        found
    });
    let mut shown = shelf.shown();
    for (_, received, _) in &mut shown.0 {
        // Of messages received in the same microsecond each has one of its own, whichever came first the first.
        *received = received.round(jiff::Unit::Millisecond).unwrap();
    }
    shown.0.sort();
    Whole { shown, events, counts: summed, hops: hops(shelf), ids: ids.into() }
}

/// The hops of other systems, as far as they are joined: whatever the order in which they were read.
fn hops(shelf: &Shelf) -> Vec<String> {
    let mut open = shelf.places().0.index.lock();
    let index = shelf.places().open(&mut open).unwrap();
    let mut all: Vec<String> = Vec::new();
    for place in PLACES {
        for hop in index.of_place(place, i64::MIN, usize::MAX).unwrap().hops {
            let mut members = index.hop(hop.root).unwrap().map(|root| root.members).unwrap_or_default();
            members.sort_unstable();
            let mut handed = hop.handed_to.clone();
            handed.sort_unstable();
            all.push(format!("{} {} {:?} {members:?} {handed:?}", hop.place, hop.id, hop.stored));
        }
    }
    all.sort();
    all
}

const PLACES: [&str; 4] = ["gateway", "exchange", "exo", "partner"];

fn foreign() -> Vec<(EventKey, Event)> {
    let mut events = all_events();
    events.extend(twice_partner());
    events
}

fn is_of_place(event: &Event, place: &str) -> bool {
    event.detail.place.as_deref() == Some(place)
}

/// What there would be without the place.
fn without(place: &str) -> Whole {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    shelf.store.import(twice_own()).unwrap();
    let rest: Vec<_> = foreign().into_iter().filter(|(_, event)| !is_of_place(event, place)).collect();
    shelf.import(&rest);
    whole(&shelf)
}

#[test]
fn a_place_is_counted_and_taken_out_under_its_name_in_any_case_and_can_come_again() {
    for place in PLACES {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        shelf.store.import(twice_own()).unwrap();
        shelf.import(&foreign());
        let (before, of_place) =
            (whole(&shelf), foreign().iter().filter(|(_, event)| is_of_place(event, place)).count() as u64);
        let counted = shelf.places().count_of(&place.to_uppercase(), &|| true).unwrap();
        assert_eq!(counted.events, of_place, "{place}");
        let done = shelf.places().take_out(&place.to_uppercase(), &|_| true).unwrap();
        assert_eq!((done, done.events), (counted, of_place), "{place}");
        assert_eq!(whole(&shelf), without(place), "{place}");
        assert_eq!(shelf.places().take_out(place, &|_| true).unwrap(), TakenOut::default(), "{place}");
        let again: Vec<_> = foreign().into_iter().filter(|(_, event)| is_of_place(event, place)).collect();
        assert_eq!(shelf.import(&again).new, of_place, "{place}");
        assert_eq!(whole(&shelf), before, "{place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_read_before_and_after_what_is_left_is_as_without_the_place(
        order in Just((0..14_usize).collect::<Vec<_>>()).prop_shuffle(),
        cuts in proptest::collection::vec(1_usize..6, 0..14),
        taken_after in 0_usize..=14,
        place in 0_usize..4,
        at_once in 1_usize..4,
    ) {
        let (place, events) = (PLACES[place], foreign());
        prop_assert_eq!(events.len(), 14);
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        shelf.store.import(twice_own()).unwrap();
        let import = |of: &[usize], with_place: bool| {
            let mut rest = of;
            let mut cuts = cuts.iter().copied();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(cuts.next().unwrap_or(rest.len()).min(rest.len()));
                let batch = now.iter().map(|at| events[*at].clone());
                let batch: Vec<_> = batch.filter(|(_, event)| with_place || !is_of_place(event, place)).collect();
                shelf.import(&batch);
                rest = later;
            }
        };
        let (first, second) = order.split_at(taken_after);
        import(first, true);
        shelf.places().take_out_by(at_once, place, &|_| true).unwrap();
        import(second, false);
        prop_assert_eq!(whole(&shelf), without(place));
    }
}

/// Does so many steps of each removal, and then nothing more.
fn cut_short(shelf: &Shelf, place: &str, steps: usize) {
    let places = shelf.places();
    let mut open = places.0.index.lock();
    let index = places.open(&mut open).unwrap();
    let found = index.of_place(place, i64::MIN, AT_ONCE).unwrap();
    let hops = places.joined_with(index, &found.hops).unwrap();
    let removal = places.plan_removal(index, place, hops, Vec::new()).unwrap().removal;
    let works: [&mut dyn FnMut(&mut SqliteIndex); 4] = [
        &mut |_| places.record(&removal).unwrap(),
        &mut |_| {
            let events = removal.events().unwrap();
            // Of the days the first only: each is a transaction of its own.
            let first = removal.gone.iter().map(|(day, _)| *day).min().unwrap();
            let gone: Vec<_> = removal.gone.iter().copied().filter(|(day, _)| *day == first).collect();
            let put: Vec<_> =
                events.into_iter().filter(|(_, event)| Day::of(event.received) == first).collect();
            places.0.store.take_out(&gone, &removal.dropped, &put).unwrap();
        },
        &mut |_| {
            let events = removal.events().unwrap();
            places.0.store.take_out(&removal.gone, &removal.dropped, &events).unwrap();
        },
        &mut |index| index.remove(&removal.forgotten).unwrap(),
    ];
    works.into_iter().take(steps).for_each(|work| work(index));
}

#[test]
fn a_crash_at_any_step_of_a_removal_is_harmless() {
    for place in PLACES {
        for steps in 0..=4 {
            let sim = SimWorld::new(1);
            let shelf = Shelf::new(&sim);
            shelf.store.import(twice_own()).unwrap();
            shelf.import(&foreign());
            cut_short(&shelf, place, steps);
            drop(shelf);
            let again = Shelf::new(&sim);
            // Before anything is read.
            again.places().complete().unwrap();
            assert!(!sim.world().disk.exists(std::path::Path::new("/srv/trace/removal")).unwrap());
            again.import(&foreign()[..1]);
            again.places().take_out(place, &|_| true).unwrap();
            let found = whole(&again);
            let is_kept = is_of_place(&foreign()[0].1, place);
            assert!(is_kept || found == without(place), "{place} after {steps} steps");
            again.places().take_out(place, &|_| true).unwrap();
            assert_eq!(whole(&again), without(place), "{place} after {steps} steps");
            assert!(!sim.world().disk.exists(std::path::Path::new("/srv/trace/removal")).unwrap());
        }
    }
}

#[test]
fn a_removal_that_is_stopped_goes_on_later_and_one_under_way_keeps_imports_out() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    shelf.store.import(twice_own()).unwrap();
    shelf.import(&foreign());
    let of_place = foreign().iter().filter(|(_, event)| is_of_place(event, "gateway")).count() as u64;
    // After the first piece of several.
    let error = shelf.places().take_out_by(1, "gateway", &|done| done.events == 0).unwrap_err();
    assert!(
        matches!(&error, ImportError::Stopped(stop) if (1..of_place).contains(&stop.events)),
        "{error:?}"
    );
    let done = shelf.places().remove_place("gateway", &sim.world().clock, &|_| {
        for error in [
            shelf.places().remove_place("GATEWAY", &sim.world().clock, &|_| true).map(|_| ()).unwrap_err(),
            shelf.places().claim_to_read("Gateway").map(|_| ()).unwrap_err(),
        ] {
            assert!(error.to_string().contains("is being removed"), "{error}");
        }
        shelf.places().claim_to_read("exchange").map(|_| ()).unwrap();
        true
    });
    assert!((1..of_place).contains(&done.unwrap().events));
    assert_eq!(whole(&shelf), without("gateway"));
    let reading = shelf.places().claim_to_read("partner").unwrap();
    let error = shelf.places().remove_place("partner", &sim.world().clock, &|_| true).unwrap_err();
    assert!(matches!(error, ImportError::Busy(_)), "{error:?}");
    drop(reading);
    shelf.places().remove_place("partner", &sim.world().clock, &|_| true).unwrap();
}

/// A join with a message of a sealed day is told at that message as at one of an open day.
#[test]
fn our_message_of_a_sealed_day_is_told_anew_by_an_import_and_by_a_removal() {
    let sim = SimWorld::new(1);
    let (open, sealed) = (Shelf::new(&sim), Shelf::new(&SimWorld::new(1)));
    for shelf in [&open, &sealed] {
        shelf.store.import(twice_own()).unwrap();
    }
    for day in sealed.store.days() {
        assert_eq!(sealed.store.seal(day).unwrap(), crate::store::Sealing::Done, "{day:?}");
    }
    assert_eq!(whole(&sealed).shown, whole(&open).shown);
    let [of_open, of_sealed] = [&open, &sealed].map(|shelf| shelf.import(&foreign()));
    assert_eq!(whole(&sealed), whole(&open));
    assert_eq!(of_sealed, of_open);
    assert!(whole(&sealed).shown != without("partner").shown, "the partner has a say");
    sealed.places().take_out("partner", &|_| true).unwrap();
    assert_eq!(whole(&sealed), without("partner"));
    let again: Vec<_> = foreign().into_iter().filter(|(_, event)| is_of_place(event, "partner")).collect();
    sealed.import(&again);
    assert_eq!(whole(&sealed), whole(&open));
}

/// Its hops were forgotten before the days were deleted.
#[test]
fn records_whose_hops_are_forgotten_go_too_and_what_other_places_say_stays() {
    for place in PLACES {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        shelf.store.import(twice_own()).unwrap();
        shelf.import(&foreign());
        // Of ours.
        let told = |events: &[String]| {
            let of_partner = |event: &&String| event.contains("next_hop: Some(Place(\"partner\"))");
            events.iter().filter(of_partner).filter(|event| event.contains("place: None")).count()
        };
        let before = whole(&shelf).events;
        assert!(told(&before) > 0);
        {
            let mut open = shelf.places().0.index.lock();
            let index = shelf.places().open(&mut open).unwrap();
            let hops = index.of_place(place, i64::MIN, usize::MAX).unwrap().hops;
            index.remove(&hops.iter().map(Hop::key).collect::<Vec<_>>()).unwrap();
        }
        shelf.places().take_out(place, &|_| true).unwrap();
        let events = whole(&shelf).events;
        assert!(events.iter().all(|event| !event.contains(&format!("place: Some(\"{place}\")"))), "{place}");
        assert_eq!(told(&events), if place == "partner" { 0 } else { told(&before) }, "{place}");
    }
}

#[test]
fn refusals_of_the_place_go_too_and_of_others_stay() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    let refused: Vec<_> = ["gateway", "Gateway", "partner"]
        .into_iter()
        .enumerate()
        .map(|(number, place)| {
            let (_, mut event) = foreign().swap_remove(number);
            event.event_id = events::EventId::Refused;
            event.detail.place = Some(place.into());
            (EventKey { node: crate::status::NodeId(7), seq: number as u64 }, event)
        })
        .collect();
    shelf.import(&refused);
    let count = |place| shelf.places().count_of(place, &|| true).unwrap().refusals;
    assert_eq!((count("GATEWAY"), count("partner")), (2, 1));
    let error = shelf.places().take_out("gateway", &|_| false).unwrap_err();
    assert!(matches!(error, ImportError::Stopped(_)), "{error:?}");
    assert_eq!(shelf.places().take_out("gateway", &|_| true).unwrap().refusals, 2);
    assert_eq!((count("gateway"), count("partner")), (0, 1));
}
