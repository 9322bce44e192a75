//! Syslog from any number of senders, wanted and unwanted: who is taken, who must go, and how much may wait.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use world::sim::SimWorld;
use world::{CertStore, Certificate, TlsConnector, Verification, World};

use super::around;
use super::sources::{message, spec, start, state, total};
use crate::places::SourceKind;

async fn send(world: &World, text: &str) {
    let mut conn = world.net.connect("127.0.0.1:6514".parse().unwrap(), None).await.unwrap();
    conn.io.write_all(text.as_bytes()).await.unwrap();
    conn.io.shutdown().await.unwrap();
}

fn syslog(from: &[&str]) -> SourceKind {
    let from = from.iter().map(|range| range.parse().unwrap()).collect();
    SourceKind::Syslog { bind: "127.0.0.1:6514".parse().unwrap(), tls: false, from }
}

#[test]
fn syslog_is_taken_from_the_ranges_that_were_named() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", syslog(&["192.0.2.0/24"]))).unwrap();
    sim.advance(Duration::from_secs(2));
    sim.run(async {
        let mut conn = world.net.connect("127.0.0.1:6514".parse().unwrap(), None).await.unwrap();
        // It is closed unread.
        let _ = conn.io.write_all(message(&sim, 1).as_bytes()).await;
    });
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace).0, state(&trace).records), (0, 0));
    trace.sources().unwrap().set(spec("gw", syslog(&["192.0.2.0/24", "127.0.0.0/8"]))).unwrap();
    sim.advance(Duration::from_secs(2));
    sim.run(send(&world, &message(&sim, 1)));
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (1, true));
}

#[test]
fn a_silent_syslog_connection_makes_room_for_another() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", syslog(&[]))).unwrap();
    sim.advance(Duration::from_secs(2));
    let connect = || async { world.net.connect("127.0.0.1:6514".parse().unwrap(), None).await.unwrap() };
    let silent: Vec<_> = (0..64).map(|_| sim.run(connect())).collect();
    sim.advance(Duration::from_secs(61));
    sim.run(send(&world, &message(&sim, 1)));
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (1, true));
    drop(silent);
}

#[test]
fn what_waits_of_syslog_is_bounded_by_octets_and_nothing_of_it_is_lost() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", syslog(&[]))).unwrap();
    sim.advance(Duration::from_secs(2));
    sim.run(send(&world, &message(&sim, 1)));
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (1, true));
    let name = crate::Day::of(world.clock.now()).file_name();
    let day = Path::new("/srv/data/trace").join(name);
    let lock = world.disk.sqlite(&day, world::SqliteMode::ReadWriteCreate).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    trace.store().without_patience();
    sim.run(send(&world, &message(&sim, 2)));
    sim.advance(Duration::from_secs(2));
    assert!(state(&trace).error.is_some(), "the trace cannot be written");
    let line = format!("<22>Nov 22 00:00:00 mx1 cron[1]: {}\n", "x".repeat(60_000));
    let most = 20 << 20;
    let sent = sim.run(async {
        let mut conn = world.net.connect("127.0.0.1:6514".parse().unwrap(), None).await.unwrap();
        let mut sent = 0;
        while sent < most {
            let written =
                world.clock.timeout(Duration::from_secs(5), conn.io.write_all(line.as_bytes())).await;
            if written.is_err() {
                break;
            }
            sent += line.len();
        }
        sent
    });
    assert!(sent < 8 << 20, "{sent} octets were taken while nothing could be written");
    drop(lock);
    sim.advance(Duration::from_secs(5));
    assert_eq!((total(&trace), state(&trace).error), ((2, true), None));
}

#[test]
fn a_tls_connection_cut_without_a_goodbye_keeps_the_lines_that_came() {
    let sim = SimWorld::new(3);
    let world = sim.world();
    let config = crate::Config::new("mx1.contoso.example");
    let own = Path::new("/srv/data/trace");
    let trace = crate::Trace::open(&world.disk, &world.clock, &world.exec, own, config).unwrap();
    let around: crate::places::Around = Arc::new(|| (*around()).clone());
    let (now, day) = (world.clock.now(), jiff::SignedDuration::from_hours(24));
    let names = ["mx1.contoso.example".to_owned()];
    let (pem, key) = world::self_signed(&names, now - day, now + day).unwrap();
    let store = CertStore::new();
    store.replace(vec![Certificate::from_pem(&pem, &key).unwrap()], None);
    trace.start_sources(&world, around, &store).unwrap();
    let kind = SourceKind::Syslog { bind: "127.0.0.1:6514".parse().unwrap(), tls: true, from: Vec::new() };
    trace.sources().unwrap().add(spec("gw", kind)).unwrap();
    sim.advance(Duration::from_secs(2));
    let client = TlsConnector::new(&Verification::Opportunistic, &world.clock).unwrap();
    // The second time the cut comes with the lines themselves.
    for (number, waits) in [(1, true), (2, false)] {
        let mut io = sim.run(async {
            let conn = world.net.connect("127.0.0.1:6514".parse().unwrap(), None).await.unwrap();
            client.connect(conn.io, "mx1.contoso.example").await.unwrap().0
        });
        sim.advance(Duration::from_secs(1));
        let text = message(&sim, number) + "<22>Nov 22 00:00:00 mx1 postfix/smtpd[1]: half a li";
        sim.run(async {
            io.write_all(text.as_bytes()).await.unwrap();
            io.flush().await.unwrap();
        });
        if waits {
            sim.advance(Duration::from_secs(1));
        }
        // No close_notify.
        drop(io);
        sim.advance(Duration::from_secs(3));
        assert_eq!(total(&trace), (u64::from(number), true));
    }
    let found = state(&trace);
    assert_eq!((found.error.clone(), found.unknown, found.records), (None, 2, 12), "half a line is none");
    assert!(found.unknown_lines[0].ends_with("smtpd[1]: half a li"), "{found:?}");
}

#[test]
fn what_is_no_frame_is_counted_and_told_and_the_next_frames_are_read() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", syslog(&[]))).unwrap();
    sim.advance(Duration::from_secs(2));
    let counted = |number: u32| -> String {
        let message = message(&sim, number);
        message.lines().map(|line| format!("{} <22>{line}", line.len() + 4)).collect()
    };
    let line = "<22>Nov 22 00:00:00 mx1 postfix/smtpd[1]: connect from a[192.0.2.1]";
    let cases = [
        // A connection that ends within a frame; a line too long; a length too long; one too small.
        (format!("9999 {line}"), "ended after 67 of the 9999 octets", 0, 1, 1),
        (format!("<22>{}\n{}", "x".repeat(3 << 20), message(&sim, 1)), "a line of more than", 1, 7, 2),
        (format!("12345678901 {line}\n{}", message(&sim, 2)), "a length of 11 digits", 2, 13, 3),
        (format!("5 {line}{}", counted(3)), "begins with no length", 3, 20, 5),
    ];
    for (text, why, messages, records, unknown) in cases {
        sim.run(send(&world, &text));
        sim.advance(Duration::from_secs(3));
        let found = state(&trace);
        assert_eq!(
            (total(&trace), found.records, found.unknown),
            ((messages, true), records, unknown),
            "{why}: {found:?}"
        );
        assert!(found.unknown_lines.last().unwrap().contains(why), "{found:?}");
        let error = found.error.unwrap();
        assert!(error.starts_with("records were lost: from 127.0.0.1: ") && error.contains(why), "{error}");
    }
    // What is read well for a while is well.
    sim.advance(Duration::from_secs(60));
    sim.run(send(&world, &counted(4)));
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).error), ((4, true), None));
}

#[test]
fn what_was_sent_while_the_server_did_not_run_is_a_gap() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let gaps = |trace: &crate::Trace, secs: i64| {
        let since = world.clock.now().checked_sub(jiff::SignedDuration::from_secs(secs)).unwrap();
        let (_, gaps) = trace.completeness(Some(since));
        let own = gaps.into_iter().filter(|gap| gap.cause.starts_with("this server did not run"));
        own.map(|gap| (gap.start.unwrap(), gap.end.unwrap(), gap.cause)).collect::<Vec<_>>()
    };
    let again = |mut trace: crate::Trace, is_orderly: bool, secs: u64| {
        if is_orderly {
            trace.sources().unwrap().keep_all();
        }
        sim.crash(world::sim::PowerCut::KeepAll);
        sim.advance(Duration::from_secs(secs));
        trace = start(&sim).1;
        trace
    };
    // Nobody sends: a folder is read on where it was left.
    trace.sources().unwrap().add(spec("files", SourceKind::Folder { path: "/var/log".into() })).unwrap();
    let trace = again(trace, true, 600);
    assert_eq!(gaps(&trace, 3_600), []);
    trace.sources().unwrap().add(spec("gw", syslog(&[]))).unwrap();
    sim.advance(Duration::from_secs(90));
    let stopped = world.clock.now();
    let trace = again(trace, true, 600);
    let told = gaps(&trace, 60);
    assert_eq!((told.len(), told[0].0, told[0].1), (1, stopped, world.clock.now()), "{told:?}");
    assert!(told[0].2.contains("sent to gw meanwhile"), "{told:?}");
    // A crash: it ran a minute before at the latest. A moment is no outage.
    sim.advance(Duration::from_secs(150));
    let crashed = world.clock.now();
    let trace = again(trace, false, 600);
    let trace = again(trace, true, 3);
    let told = gaps(&trace, 3_600);
    assert_eq!(told.len(), 2, "{told:?}");
    let before = crashed.duration_since(told[1].0).as_secs();
    assert!((0..=60).contains(&before), "{told:?}");
    sim.advance(Duration::from_secs(60));
    assert_eq!(gaps(&trace, 50), [], "asked for a time after it");
    let sources = trace.sources().unwrap();
    sources.set(crate::places::SourceSpec { enabled: false, ..spec("gw", syslog(&[])) }).unwrap();
    assert_eq!(gaps(&trace, 3_600), []);
}
