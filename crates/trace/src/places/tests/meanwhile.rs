//! What answers and reports say of an import or a removal that goes on while they are made, or never came to its end.
//!
//! May touch: a simulated world.

use std::cell::RefCell;
use std::path::Path;

use super::answers::opened;
use super::*;
use crate::places::{ImportState, Options, Place};
use crate::reports::{ReportFormat, ReportRequest, ReportState, ReportType};
use crate::search::{Gap, Query};
use crate::{Cut, Trace};
use world::sim::SimWorld;

/// Messages of a log that is not read in one piece.
const MESSAGES: u32 = 12_000;

/// A log of so many messages of a host, half a second apart, the first of them so long before [`now`].
fn log(host: &str, messages: u32, hours: i64) -> String {
    let first = now() - jiff::SignedDuration::from_hours(hours);
    let mut text = String::new();
    for number in 0..messages {
        let at = first + jiff::SignedDuration::from_millis(i64::from(number) * 500);
        let at = at.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00");
        for said in [
            "smtpd[1]: AA{}: client=a.fabrikam.example[198.51.100.50]",
            "cleanup[2]: AA{}: message-id=<m{}.HOST@fabrikam.example>",
            "qmgr[3]: AA{}: from=<ext@fabrikam.example>, size=5000, nrcpt=1 (queue active)",
            "smtp[5]: AA{}: to=<r{}@contoso.example>, relay=mx.northwind.example[192.0.2.9]:25, delay=0, dsn=2.0.0, status=sent (250 OK)",
            "qmgr[3]: AA{}: removed",
        ] {
            let said = said.replace("{}", &format!("{number:06}")).replace("HOST", host);
            text.push_str(&format!("{at} {host} postfix/{said}\n"));
        }
    }
    text
}

/// With a log for each of these places: its messages, and how many hours it begins before [`now`].
fn house(logs: &[(&str, u32, i64)]) -> (SimWorld, Trace) {
    let sim = SimWorld::starting_at(1, now());
    let trace = opened(&sim);
    let disk = sim.world().disk;
    disk.create_dir_all(Path::new("/logs")).unwrap();
    for (place, messages, hours) in logs {
        disk.write_atomic(&Path::new("/logs").join(place), log(place, *messages, *hours).as_bytes()).unwrap();
    }
    (sim, trace)
}

/// Imports the log of a place, asking before each piece of it whether to go on.
fn import(sim: &SimWorld, trace: &Trace, place: &str, go_on: &dyn Fn(u64) -> bool) -> bool {
    let (path, place): (_, Place) = (Path::new("/logs").join(place), place.parse().unwrap());
    let (world, options) = (sim.world(), Options::new(now()));
    let go_on = |progress: &crate::places::Progress| go_on(progress.events);
    let places = trace.places();
    places.import_listed((&path, "kim"), &place, &around(), &options, &world.clock, &go_on).is_ok()
}

/// What an answer says of the place: how many rows, whether it is named as a source, and why rows may be missing.
fn told(trace: &Trace, query: &Query, place: &str) -> (u64, bool, Vec<String>) {
    let answer = trace.search_blocking(query).unwrap();
    let is_named = answer.sources.iter().any(|source| source.place.as_deref() == Some(place));
    let gaps = answer.gaps.iter().filter(|gap| gap.source == place).map(|gap| gap.cause.clone());
    (answer.total, is_named, gaps.collect())
}

#[test]
fn an_answer_says_what_is_being_imported_or_removed_and_what_never_came_to_its_end() {
    let (sim, trace) = house(&[("gw", MESSAGES, 4)]);
    let (all, none) = (Query::default(), Query { message_ids: unknown(), ..Query::default() });
    let seen = RefCell::new(Vec::new());
    assert!(import(&sim, &trace, "gw", &|_| {
        sim.advance(std::time::Duration::from_secs(3));
        let listed = trace.places().imports().unwrap().remove(0);
        seen.borrow_mut().push((told(&trace, &all, "gw"), listed.new, listed.state));
        let (total, is_named, gaps) = told(&trace, &none, "gw");
        assert_eq!((total, is_named, gaps), (0, true, vec!["records of gw are being imported".to_owned()]));
        true
    }));
    let seen = seen.into_inner();
    assert!(seen.len() > 2);
    for ((_, is_named, gaps), _, state) in &seen {
        assert_eq!((*is_named, gaps.len(), *state), (true, 1, ImportState::Running));
        assert_eq!(gaps[0], "records of gw are being imported");
    }
    let ((total, ..), noted, _) = seen.last().unwrap();
    assert!(*total > 0 && *noted > 0, "how far it is is known: {total} {noted}");
    assert_eq!(told(&trace, &all, "gw"), (u64::from(MESSAGES), true, vec![]));
    let listed = trace.places().imports().unwrap().remove(0);
    let lines = u64::from(MESSAGES) * 5;
    assert_eq!((listed.state, listed.lines), (ImportState::Completed, lines), "each line is counted once");
    // A removal.
    trace
        .places()
        .remove_place("gw", &sim.world().clock, &|_| {
            assert_eq!(told(&trace, &all, "gw").2, ["records of gw are being removed"]);
            true
        })
        .unwrap();
    assert_eq!(told(&trace, &all, "gw"), (0, false, vec![]));
}

/// An id that no message has.
fn unknown() -> Vec<mail::MessageId> {
    mail::MessageId::parse("nobody@contoso.example").into_iter().collect()
}

#[test]
fn an_import_that_the_servers_end_cut_off_is_told_until_it_is_imported_again() {
    let (sim, trace) = house(&[("gw", MESSAGES, 4)]);
    let (all, none) = (Query::default(), Query { message_ids: unknown(), ..Query::default() });
    // As a crash leaves it: listed as running, and the rest never came.
    let file = Path::new("/srv/trace/imported.json");
    let left = RefCell::new(Vec::new());
    import(&sim, &trace, "gw", &|events| {
        sim.advance(std::time::Duration::from_secs(6));
        let is_noted = events > 0;
        if is_noted {
            left.replace(sim.world().disk.read(file).unwrap());
        }
        !is_noted
    });
    drop(trace);
    sim.world().disk.write_atomic(file, &left.into_inner()).unwrap();
    let trace = opened(&sim);
    let listed = trace.places().imports().unwrap().remove(0);
    assert_eq!(listed.state, ImportState::Stopped);
    assert!(listed.new > 0 && listed.lines > 0 && listed.last.is_some(), "{listed:?}");
    assert!(listed.reason.unwrap().contains("at least what is counted here"));
    let cause = "an import of gw did not come to its end, because the server ended; import it again";
    let sources = trace.search_blocking(&all).unwrap().sources;
    let named = sources.iter().find(|source| source.place.as_deref() == Some("gw")).unwrap();
    assert_eq!(named.last_record, listed.last);
    assert_eq!(told(&trace, &all, "gw").2, [cause]);
    assert_eq!(told(&trace, &none, "gw").2, [cause]);
    // What was received since is in none of its files.
    let later = Query { start: Some(sim.world().clock.now()), ..Query::default() };
    assert!(!told(&trace, &later, "gw").2.contains(&cause.to_owned()));
    assert!(import(&sim, &trace, "gw", &|_| true));
    assert_eq!(told(&trace, &all, "gw"), (u64::from(MESSAGES), true, vec![]));
}

#[test]
fn a_removal_that_was_stopped_is_told_until_it_came_to_its_end() {
    let (sim, trace) = house(&[("gw", MESSAGES, 4)]);
    let clock = &sim.world().clock;
    assert!(import(&sim, &trace, "gw", &|_| true));
    trace.places().remove_place("gw", clock, &|done| done.events == 0).unwrap_err();
    let all = Query::default();
    let half = "the removal of the records of gw did not come to its end; run Remove-MessageTraceImport -Place gw again";
    assert_eq!(told(&trace, &all, "gw").2, [half]);
    // Neither one that is stopped before it took anything out, nor an import makes good what the first one took.
    drop(trace);
    let trace = opened(&sim);
    trace.places().remove_place("gw", clock, &|_| false).unwrap_err();
    assert_eq!(told(&trace, &all, "gw").2, [half]);
    assert!(import(&sim, &trace, "gw", &|_| true));
    assert!(told(&trace, &all, "gw").2.contains(&half.to_owned()));
    trace.places().remove_place("gw", clock, &|_| true).unwrap();
    assert_eq!(told(&trace, &all, "gw"), (0, false, vec![]));
}

#[test]
fn a_report_says_what_was_imported_or_removed_while_it_was_written() {
    let (sim, trace) = house(&[("gw", 3_000, 2), ("hub", 500, 2), ("old", 100, 240)]);
    let clock = &sim.world().clock;
    let request = ReportRequest {
        kind: ReportType::Summary,
        format: ReportFormat::Csv,
        query: Query { start: Some(now() - jiff::SignedDuration::from_hours(24)), ..Query::default() },
        cut: Cut::default(),
        rows_per_portion: 1_000,
    };
    /// Writes a report; between its first two portions something happens.
    fn write(sim: &SimWorld, trace: &Trace, request: &ReportRequest, between: &dyn Fn()) -> ReportState {
        let (mut state, mut text) = (ReportState::default(), String::new());
        trace.report_portion(request, &mut state, &mut text).unwrap();
        sim.advance(std::time::Duration::from_secs(1));
        between();
        // As a job keeps it.
        state = serde_json::from_slice(&serde_json::to_vec(&state).unwrap()).unwrap();
        while !state.is_complete {
            trace.report_portion(request, &mut state, &mut text).unwrap();
        }
        assert_eq!(text.lines().count() as u64, state.lines + 1);
        state
    }
    let of = |gaps: &[Gap], place: &str| -> Vec<String> {
        gaps.iter().filter(|gap| gap.source == place).map(|gap| gap.cause.clone()).collect()
    };
    import(&sim, &trace, "gw", &|_| true);
    sim.advance(std::time::Duration::from_secs(1));
    let quiet = write(&sim, &trace, &request, &|| {});
    assert_eq!((quiet.rows, quiet.total, of(&quiet.gaps, "gw")), (3_000, Some(3_000), vec![]));
    let torn = write(&sim, &trace, &request, &|| {
        assert!(import(&sim, &trace, "hub", &|_| true));
        assert!(import(&sim, &trace, "old", &|_| true));
    });
    assert!(torn.rows > 3_000, "{}", torn.rows);
    assert_eq!((torn.total, of(&torn.gaps, "gw")), (Some(torn.rows), vec![]));
    let cause = "records of hub were imported while this report was written; start it again to have them all";
    assert_eq!(of(&torn.gaps, "hub"), [cause]);
    assert_eq!(of(&torn.gaps, "old"), [""; 0], "of that time it has nothing");
    sim.advance(std::time::Duration::from_secs(1));
    let torn = write(&sim, &trace, &request, &|| {
        trace.places().remove_place("hub", clock, &|_| true).unwrap();
    });
    let cause =
        "records of hub were removed while this report was written; start it again to have it without them";
    assert_eq!(of(&torn.gaps, "hub"), [cause]);
    assert_eq!(torn.total, Some(torn.rows));
}
