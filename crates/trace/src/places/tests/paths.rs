//! Files and folders: rotated, compressed, refused, stopped.
//!
//! May touch: a folder of its own (tests).

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::places::{ImportError, PathReport};
use crate::{Config, Query, Trace};
use world::Disk;
use world::sim::SimWorld;

fn line(at: &str, rest: &str) -> String {
    format!("{at} mx1 postfix/{rest}\n")
}

/// Writes the three files of a log that turned over new year.
fn rotated(disk: &Disk, dir: &Path) {
    let oldest = line("Dec 31 23:59:58", "smtpd[1]: ABCDEF: client=a.example[192.0.2.1]")
        + &line("Dec 31 23:59:58", "cleanup[1]: ABCDEF: message-id=<m@a.example>");
    let middle =
        line("Dec 31 23:59:59", "qmgr[1]: ABCDEF: from=<s@a.example>, size=1, nrcpt=1 (queue active)")
            + "what is this\n";
    let newest = line(
        "Jan  1 00:00:01",
        "virtual[1]: ABCDEF: to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)",
    ) + &line("Jan  1 00:00:01", "qmgr[1]: ABCDEF: removed");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(oldest.as_bytes()).unwrap();
    disk.create_dir_all(dir).unwrap();
    disk.write_atomic(&dir.join("mail.log.2.gz"), &packed.finish().unwrap()).unwrap();
    disk.write_atomic(&dir.join("mail.log.1"), middle.as_bytes()).unwrap();
    disk.write_atomic(&dir.join("mail.log"), newest.as_bytes()).unwrap();
    disk.write_atomic(&dir.join("notes.txt"), b"nothing of a mail system\n").unwrap();
}

#[test]
fn a_folder_is_read_in_its_order_and_twice_changes_nothing() {
    let sim = SimWorld::starting_at(1, "2027-01-01T00:10:00Z".parse().unwrap());
    let world = sim.world();
    let logs = Path::new("/var/log/mail");
    rotated(&world.disk, logs);
    sim.advance(Duration::from_secs(86_400));
    let own = Path::new("/srv/data/trace");
    let trace =
        Trace::open(&world.disk, &world.clock, &world.exec, own, Config::new("mx1.contoso.example")).unwrap();
    let place: Place = "gateway".parse().unwrap();
    let now = world.clock.now();
    let import = |path: &Path, go_on: &dyn Fn(&super::super::Progress) -> bool| {
        trace.places().import_path(path, &place, &around(), &Options::new(now), now, go_on)
    };
    let report: PathReport = import(logs, &|_| true).unwrap();
    let [log, refused] = &report.logs[..] else { panic!("{report:?}") };
    assert_eq!(log.files, ["mail.log.2.gz", "mail.log.1", "mail.log"]);
    assert_eq!((log.imported.new, log.tally.unknown), (2, 1));
    assert_eq!(
        log.tally.unknown_lines[0].to_string(),
        "line 2: no line of a mail log: what is this (in mail.log.1)"
    );
    let cause = refused.refused.as_deref().unwrap();
    assert!(cause.contains("notes.txt: line 1: neither a tracking log"), "{cause}");
    let again = import(logs, &|_| true).unwrap();
    assert_eq!(again.logs[0].imported.new, 0);
    let wrong = import(&logs.join("notes.txt"), &|_| true).unwrap_err().to_string();
    assert!(wrong.contains("line 1"), "{wrong}");
    assert!(matches!(import(logs, &|_| false), Err(ImportError::Stopped(_))));
    let inside = import(own, &|_| true).unwrap_err().to_string();
    assert!(inside.contains("the folder of this server"), "{inside}");
    let query = Query { start: "2026-01-01T00:00:00Z".parse().ok(), end: Some(now), ..Query::default() };
    let found = trace.search_blocking(&query).unwrap();
    assert_eq!((found.total, found.rows[0].status), (1, crate::Status::Delivered));
    assert_eq!(found.rows[0].sender_address, "s@a.example");
    // What was imported is among the sources, up to its newest record, and still after a restart.
    drop(trace);
    let trace =
        Trace::open(&world.disk, &world.clock, &world.exec, own, Config::new("mx1.contoso.example")).unwrap();
    let answer = trace.search_blocking(&query).unwrap();
    let sources: Vec<_> = answer
        .sources
        .iter()
        .map(|source| (source.name.as_str(), source.kind, source.state, source.last_record))
        .collect();
    assert_eq!(
        sources[1..],
        [("gateway", "Import", crate::places::SourceWord::Imported, log.tally.last)],
        "{sources:?}"
    );
}

#[test]
fn an_import_stopped_anywhere_keeps_what_it_read_and_a_repeat_brings_the_rest_once() {
    let sim = SimWorld::starting_at(1, "2026-11-22T12:00:00Z".parse().unwrap());
    let world = sim.world();
    let log = Path::new("/var/log/mail.log");
    let mut text = String::new();
    for number in 0..1_500 {
        let at =
            |part: &str| line("Nov 22 03:57:30", &part.replace("ID", &format!("4ZQ1Xk2Lz{number:05}Bt")));
        text += &at("smtpd[1]: ID: client=a.example[192.0.2.1]");
        text += &at(&format!("cleanup[1]: ID: message-id=<m{number}@a.example>"));
        text += &at("qmgr[1]: ID: from=<s@a.example>, size=1, nrcpt=1 (queue active)");
        text += &at(
            "virtual[1]: ID: to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)",
        );
        text += &at("qmgr[1]: ID: removed");
    }
    world.disk.create_dir_all(Path::new("/var/log")).unwrap();
    world.disk.write_atomic(log, text.as_bytes()).unwrap();
    let own = Path::new("/srv/data/trace");
    let trace =
        Trace::open(&world.disk, &world.clock, &world.exec, own, Config::new("mx1.contoso.example")).unwrap();
    let place: Place = "gateway".parse().unwrap();
    let now = world.clock.now();
    let import = |pieces: usize| {
        let asked = std::cell::Cell::new(0);
        trace.places().import_path(log, &place, &around(), &Options::new(now), now, &|_| {
            asked.set(asked.get() + 1);
            asked.get() <= pieces
        })
    };
    let total = || {
        let query = Query { start: "2026-01-01T00:00:00Z".parse().ok(), end: Some(now), ..Query::default() };
        trace.search_blocking(&query).unwrap().total
    };
    let mut seen = vec![total()];
    let told = std::cell::Cell::new(0);
    for pieces in [1, 2] {
        let Err(ImportError::Stopped(stop)) = import(pieces) else { panic!("it was stopped") };
        assert_eq!(stop.file, "mail.log");
        assert!(
            stop.lines > 0 && stop.lines < 7_500 && stop.events <= stop.lines && stop.new <= stop.events,
            "{stop}"
        );
        let at: Option<Timestamp> = "2026-11-22T03:57:30Z".parse().ok();
        assert_eq!((stop.first, stop.last), (at, at));
        let before = told.replace(stop.lines);
        assert!(stop.lines > before, "{stop}");
        seen.push(total());
    }
    assert!(seen.is_sorted_by(|one, next| one < next) && seen[2] < 1_500, "{seen:?}");
    let asked = std::cell::Cell::new(0);
    let listed = trace.places().import_listed(
        (log, "kim"),
        &place,
        &around(),
        &Options::new(now),
        &world.clock,
        &|_| asked.replace(asked.get() + 1) < 2,
    );
    assert!(matches!(listed, Err(ImportError::Stopped(_))));
    let entry = &trace.places().imports().unwrap()[0];
    assert!(entry.first.is_some() && entry.last.is_some(), "{entry:?}");
    let report = import(usize::MAX).unwrap();
    let before = report.logs[0].tally.events - report.logs[0].imported.new;
    assert!(before >= seen[2], "{before} {seen:?}");
    assert_eq!((report.logs[0].tally.events, total()), (3_000, 1_500));
    assert_eq!(import(usize::MAX).unwrap().logs[0].imported.new, 0);
}
