//! Sources that keep reading: a folder that grows and rotates, and syslog.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use world::sim::SimWorld;
use world::{CertStore, World};

use super::*;
use crate::places::{SourceKind, SourceSpec, SourceState};
use crate::{Config, Query, Status, Trace};

const FOLDER: &str = "/var/log/mail";

pub(super) fn start(sim: &SimWorld) -> (World, Trace) {
    let world = sim.world();
    let own = Path::new("/srv/data/trace");
    let config = Config::new("mx1.contoso.example");
    let trace = Trace::open(&world.disk, &world.clock, &world.exec, own, config).unwrap();
    let around: crate::places::Around = Arc::new(|| (*around()).clone());
    trace.start_sources(&world, around, &CertStore::new()).unwrap();
    (world, trace)
}

pub(super) fn spec(name: &str, kind: SourceKind) -> SourceSpec {
    SourceSpec {
        name: name.into(),
        place: "gateway".into(),
        kind,
        format: None,
        zone: "UTC".into(),
        enabled: true,
    }
}

/// A whole message in one second.
pub(super) fn message(sim: &SimWorld, number: u32) -> String {
    let at = sim.world().clock.now().strftime("%b %e %H:%M:%S").to_string();
    let id = format!("ABCD{number:02X}");
    format!(
        "{at} mx1 postfix/smtpd[1]: {id}: client=a.example[192.0.2.1]\n\
         {at} mx1 postfix/cleanup[1]: {id}: message-id=<{number}@a.example>\n\
         {at} mx1 postfix/qmgr[1]: {id}: from=<s@a.example>, size=10, nrcpt=1 (queue active)\n\
         {at} mx1 postfix/virtual[1]: {id}: to=<u{number}@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)\n\
         {at} mx1 postfix/qmgr[1]: {id}: removed\n"
    )
}

pub(super) fn total(trace: &Trace) -> (u64, bool) {
    let found = trace.search_blocking(&Query::default()).unwrap();
    (
        found.total,
        found.rows.iter().all(|row| row.status == Status::Delivered && row.sender_address == "s@a.example"),
    )
}

pub(super) fn state(trace: &Trace) -> SourceState {
    trace.sources().unwrap().list().remove(0).1
}

fn append(world: &World, name: &str, text: &str) {
    let path = Path::new(FOLDER).join(name);
    let mut all =
        if world.disk.exists(&path).unwrap() { world.disk.read(&path).unwrap() } else { Vec::new() };
    all.extend_from_slice(text.as_bytes());
    world.disk.write_atomic(&path, &all).unwrap();
}

#[test]
fn a_folder_is_followed_over_lines_rotation_and_a_restart() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    append(&world, "mail.log", &message(&sim, 1));
    let folder = SourceKind::Folder { path: FOLDER.into() };
    trace.sources().unwrap().add(spec("gw", folder.clone())).unwrap();
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (1, true));
    // Half a line waits for its end.
    let text = message(&sim, 2);
    let (head, tail) = text.split_at(100);
    append(&world, "mail.log", head);
    sim.advance(Duration::from_secs(3));
    append(&world, "mail.log", tail);
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).unknown), ((2, true), 0));
    // Turned: the old file has a new name and a last message, the new one its first.
    append(&world, "mail.log", &message(&sim, 3));
    world.disk.rename(&Path::new(FOLDER).join("mail.log"), &Path::new(FOLDER).join("mail.log.1")).unwrap();
    append(&world, "mail.log", &message(&sim, 4));
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).unknown), ((4, true), 0));
    assert_eq!(state(&trace).records, 20);
    assert!(state(&trace).last_record.is_some());
    // A new start goes on where the last one stopped.
    let (world, again) = start(&sim);
    append(&world, "mail.log", &message(&sim, 5));
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&again), (5, true));
    // No line is read twice, and what was counted before goes on.
    assert_eq!(state(&again).records, 25);
    again.sources().unwrap().remove("GW").unwrap();
    assert!(again.sources().unwrap().list().is_empty());
}

#[test]
fn a_source_that_cannot_be_read_says_why() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let sources = trace.sources().unwrap();
    sources.add(spec("gw", SourceKind::Folder { path: FOLDER.into() })).unwrap();
    sim.advance(Duration::from_secs(3));
    assert!(state(&trace).error.unwrap().starts_with(FOLDER));
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    append(&world, "notes.txt", &"no log at all\n".repeat(40));
    sim.advance(Duration::from_secs(3));
    let found = state(&trace);
    assert_eq!((found.error, found.refused.len()), (None, 1));
    let wrong = |spec: SourceSpec| sources.add(spec).unwrap_err().to_string();
    assert!(wrong(spec("GW", SourceKind::Folder { path: FOLDER.into() })).contains("already"));
    assert!(wrong(spec("x", SourceKind::Folder { path: "/srv/data/trace".into() })).contains("outside"));
    assert!(
        wrong(SourceSpec { zone: "Mars".into(), ..spec("x", SourceKind::Folder { path: FOLDER.into() }) })
            .contains("time zone")
    );
}

#[test]
fn syslog_comes_by_tcp_in_either_framing() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let kind = SourceKind::Syslog { bind: "127.0.0.1:6514".parse().unwrap(), tls: false, from: Vec::new() };
    trace.sources().unwrap().add(spec("gw", kind)).unwrap();
    sim.advance(Duration::from_secs(2));
    let address = state(&trace).listening.unwrap();
    let (first, second) = (message(&sim, 1), message(&sim, 2));
    let counted: String = second.lines().map(|line| format!("{} <22>{line}", line.len() + 4)).collect();
    sim.run(async {
        for text in [first.clone(), counted] {
            let mut conn = world.net.connect(address, None).await.unwrap();
            // In two pieces, and the first sender says the same twice.
            let (head, tail) = text.as_bytes().split_at(77);
            conn.io.write_all(head).await.unwrap();
            conn.io.write_all(tail).await.unwrap();
            conn.io.shutdown().await.unwrap();
        }
        let mut conn = world.net.connect(address, None).await.unwrap();
        conn.io.write_all(first.as_bytes()).await.unwrap();
        conn.io.shutdown().await.unwrap();
    });
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).new), ((2, true), 4));
    assert_eq!(state(&trace).error, None);
}

#[test]
fn a_line_of_another_century_is_refused_and_moves_nobody_elses_clock() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let kind = SourceKind::Syslog { bind: "127.0.0.1:6514".parse().unwrap(), tls: false, from: Vec::new() };
    trace.sources().unwrap().add(spec("gw", kind)).unwrap();
    sim.advance(Duration::from_secs(2));
    let address = state(&trace).listening.unwrap();
    let mut text = String::new();
    for (word, rest) in [
        ("smtpd", "client=b.example[192.0.2.2]"),
        ("qmgr", "from=<s@a.example>, size=10, nrcpt=1 (queue active)"),
        ("virtual", "to=<v@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)"),
        ("qmgr", "removed"),
    ] {
        text.push_str(&format!("<22>1 2099-05-01T00:00:00Z mx9 postfix/{word} 1 - - FFFF1: {rest}\n"));
    }
    text.push_str(&message(&sim, 1));
    sim.run(async {
        let mut conn = world.net.connect(address, None).await.unwrap();
        conn.io.write_all(text.as_bytes()).await.unwrap();
        conn.io.shutdown().await.unwrap();
    });
    sim.advance(Duration::from_secs(3));
    let today = crate::Day::of(world.clock.now());
    assert_eq!((total(&trace), trace.store().days()), ((1, true), vec![today]));
    let found = state(&trace);
    assert!(found.last_record.unwrap() <= world.clock.now(), "{found:?}");
    assert!(found.unknown >= 1 && found.unknown_lines[0].contains("a day ahead"), "{found:?}");
    // What comes by another way is left out too, and counted.
    let mut reader =
        Reader::new("gateway".parse().unwrap(), crate::places::tests::around(), Options::new(now()));
    reader.feed(text.as_bytes()).unwrap();
    reader.end_file().unwrap();
    let imported = trace.places().import(reader.take(), world.clock.now()).unwrap();
    assert!(imported.too_new >= 2, "{imported:?}");
    assert_eq!(trace.store().days(), [today]);
}

#[test]
fn what_a_source_has_counted_outlives_a_restart_a_change_and_being_disabled() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    append(&world, "mail.log", &(message(&sim, 1) + "Nov 20 nonsense\n"));
    let folder = spec("gw", SourceKind::Folder { path: FOLDER.into() });
    trace.sources().unwrap().add(folder.clone()).unwrap();
    sim.advance(Duration::from_secs(3));
    // Of several reads within the second the last is kept too.
    for number in 2..5 {
        append(&world, "mail.log", &message(&sim, number));
        sim.advance(Duration::from_millis(1_001));
    }
    sim.advance(Duration::from_secs(3));
    let counted = |trace: &Trace| {
        let SourceState { records, new, unknown, unknown_lines, last_record, .. } = state(trace);
        (records, new, unknown, unknown_lines.len(), last_record)
    };
    let before = counted(&trace);
    assert_eq!((before.0, before.2, before.3), (21, 1, 1));
    assert!(before.1 > 0 && before.4.is_some());
    let (_, again) = start(&sim);
    assert_eq!(counted(&again), before);
    let sources = again.sources().unwrap();
    sources.set(SourceSpec { enabled: false, ..folder.clone() }).unwrap();
    assert_eq!(counted(&again), before);
    let (_, third) = start(&sim);
    assert_eq!(counted(&third), before, "disabled, it says what it had");
    let sources = third.sources().unwrap();
    sources.remove("gw").unwrap();
    sources.add(SourceSpec { enabled: false, ..folder }).unwrap();
    assert_eq!(counted(&third), (0, 0, 0, 0, None), "another source of the same name begins anew");
}

#[test]
fn what_was_counted_last_is_written_when_a_source_is_changed_and_at_the_end() {
    let sim = SimWorld::new(3);
    let (_, trace) = start(&sim);
    let own = spec("gw", SourceKind::Http { token: None });
    trace.sources().unwrap().add(own.clone()).unwrap();
    let post = |trace: &Trace, number| {
        let text = message(&sim, number).into_bytes();
        sim.run(trace.sources().unwrap().post("gw", text)).unwrap();
    };
    let again = || {
        let (_, trace) = start(&sim);
        (state(&trace).records, trace)
    };
    (1..3).for_each(|number| post(&trace, number));
    // Within the second, and no clock goes on.
    trace.sources().unwrap().set(own.clone()).unwrap();
    let (records, trace) = again();
    assert_eq!(records, 10);
    (3..6).for_each(|number| post(&trace, number));
    trace.sources().unwrap().keep_all();
    let (records, trace) = again();
    assert_eq!(records, 25);
    // What was waiting to be written when it was changed does not come behind what is counted afterwards.
    (6..8).for_each(|number| post(&trace, number));
    trace.sources().unwrap().set(own).unwrap();
    (8..10).for_each(|number| post(&trace, number));
    sim.advance(Duration::from_secs(2));
    assert_eq!((state(&trace).records, again().0), (45, 45));
    // A file of another version gives what it has.
    let path = Path::new("/srv/data/trace/sources/gw.newest.json");
    sim.world().disk.write_atomic(path, br#"{"records":46,"later":1}"#).unwrap();
    assert_eq!(again().0, 46);
    // Nor is a source that was removed made again by it.
    (10..12).for_each(|number| post(&trace, number));
    trace.sources().unwrap().remove("gw").unwrap();
    sim.advance(Duration::from_secs(2));
    assert!(!sim.world().disk.exists(Path::new("/srv/data/trace/sources/gw.newest.json")).unwrap());
}

#[test]
fn what_is_counted_is_written_once_a_second_at_most() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    let kept = || {
        let path = Path::new("/srv/data/trace/sources/gw.newest.json");
        let text = String::from_utf8(world.disk.read(path).unwrap()).unwrap();
        text.split_once("\"records\":").unwrap().1.split(',').next().unwrap().parse::<u64>().unwrap()
    };
    let post = |number| {
        let text = message(&sim, number).into_bytes();
        sim.run(trace.sources().unwrap().post("gw", text)).unwrap();
    };
    post(1);
    assert_eq!(kept(), 5);
    (2..9).for_each(&post);
    assert_eq!((kept(), state(&trace).records), (5, 40));
    sim.advance(Duration::from_secs(1));
    assert_eq!(kept(), 40);
}
