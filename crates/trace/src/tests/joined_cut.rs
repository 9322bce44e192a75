//! A power cut while a message of ours is joined with what other places told of it: after the restart there is one row a
//! recipient, joined, whatever the disk lost.
//!
//! May touch: a simulated world (tests).
//! SQLite's files survive a simulated cut as they are, so what a disk may lose is done by hand: of every database that has
//! commits which were not synced any number of the last ones, each database for itself. Where a sync stands between two
//! commits the work is stopped before the second.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use spool::Batch;
use world::sim::{PowerCut, SimWorld};
use world::{Disk, SqliteMode};

use super::*;
use crate::places::{Options, Reader, Surroundings};
use crate::search::{Facet, FacetFilter};
use crate::{About, Delivery, Query};

const TRACE: &str = "/srv/trace";
const INDEX: &str = "/srv/trace/hops.sqlite";
const NOON: &str = "2026-11-20T12:00:00Z";
const BEFORE_MIDNIGHT: &str = "2026-11-20T23:59:55Z";
/// Number of the only message of ours.
const NO: u64 = 1;

/// Frame header of a write-ahead log, and its own (SQLite file format, §4).
const FRAME_HEADER: usize = 24;
const LOG_HEADER: usize = 32;

/// What is under way when the power goes.
enum Job {
    /// The feed brings events of ours.
    Feed(Batch),
    /// A log of a place is imported; its source sends it again, as nobody said that it is kept.
    Import(&'static str, String),
}

/// What other places told before, and what is under way.
struct Prepared {
    told: Vec<(&'static str, String)>,
    job: Job,
}

/// Where the work stops that is under way.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// The feed has applied the events, and joined nothing.
    BeforeTheJoin,
    /// This database takes no more commits.
    Before(&'static str),
    /// The days are durable and the index is not: the feed's mark waits for it.
    BeforeTheIndex,
    /// Everything is written.
    Nowhere,
}

/// A database with its log as the disk has them.
struct Files {
    path: PathBuf,
    database: Vec<u8>,
    log: Vec<u8>,
    /// Lengths to which the log may have been cut.
    ends: Vec<usize>,
}

/// The lines of a Postfix log that were written now.
fn log(house: &House, lines: &[&str]) -> String {
    let now = house.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
    lines.iter().map(|line| format!("{now} {line}\n")).collect()
}

fn import(house: &House, place: &str, text: &str) -> Result<(), crate::StoreError> {
    let now = house.world.clock.now();
    let around = std::sync::Arc::new(Surroundings::default());
    let mut reader = Reader::new(place.parse().unwrap(), around, Options::new(now));
    reader.feed(text.as_bytes()).unwrap();
    reader.end_file().unwrap();
    house.trace.places().import(reader.take(), now).map(|_| ())
}

/// Imports what is kept for certain when the power goes.
fn import_durably(house: &House, place: &'static str, text: String) -> (&'static str, String) {
    let losses = house.trace.places().losses();
    import(house, place, &text).unwrap();
    house.trace.places().sync(losses).unwrap();
    (place, text)
}

/// What the gateway tells of the message: it handed it to us for two.
fn gateway(house: &House) -> String {
    let sent = |to: &str| {
        format!(
            "gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<{to}>, relay=mx1.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@movetocloud.example> [InternalId={NO}, Hostname=mx1.contoso.example] Queued mail for delivery)"
        )
    };
    log(
        house,
        &[
            "gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.fabrikam.example[198.51.100.60]",
            "gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@movetocloud.example>",
            "gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@movetocloud.example>, size=300, nrcpt=2 (queue active)",
            &sent("kj@contoso.example"),
            &sent("x@fabrikam.example"),
        ],
    )
}

/// What the host tells that we handed it to for one of them.
fn smart_host(house: &House) -> String {
    log(
        house,
        &[
            "sh postfix/smtpd[1]: 4C1F2: client=mx1.contoso.example[192.0.2.25]",
            "sh postfix/cleanup[1]: 4C1F2: message-id=<m1@movetocloud.example>",
            "sh postfix/qmgr[1]: 4C1F2: from=<mimi@movetocloud.example>, size=300, nrcpt=1 (queue active)",
            "sh postfix/smtp[1]: 4C1F2: to=<x@fabrikam.example>, relay=mx.fabrikam.example[192.0.2.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx.fabrikam.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
        ],
    )
}

fn receive(house: &House, batch: &mut Batch) -> About {
    let about = house.receive(1, &["kj@contoso.example", "x@fabrikam.example"], "Hello", batch);
    assert_eq!(about.no.0, NO);
    about
}

fn end(house: &House, about: &About, batch: &mut Batch) {
    let recorder = house.trace.recorder();
    recorder.delivered(batch, about, &ended(1, "kj@contoso.example", ""), Delivery::default());
    recorder.sent_external(batch, about, &ended(2, "x@fabrikam.example", "250 2.0.0"), handed_on());
}

/// Feeds what is kept for certain when the power goes.
fn feed_durably(sim: &SimWorld, house: &House, batch: Batch) {
    sim.run(house.commit(batch));
    sim.advance(Duration::from_secs(6));
    assert!(house.trace.places().undurable().is_empty());
}

/// Does the job until it is stopped; gives the databases that may lose commits.
fn work(sim: &SimWorld, house: &House, job: Job, stop: Stop) -> Vec<PathBuf> {
    let places = house.trace.places();
    let held = matches!(stop, Stop::BeforeTheJoin).then(|| places.hold_index());
    let lock = |path: &str| {
        house.trace.store().without_patience();
        places.without_patience();
        let other = house.world.disk.sqlite(Path::new(path), SqliteMode::ReadWriteCreate).unwrap();
        // Closed last, it would copy the log into the database.
        other.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
    };
    let locked = if let Stop::Before(path) = stop { Some(lock(path)) } else { None };
    match job {
        Job::Feed(batch) => {
            sim.run(house.spool.commit(batch)).unwrap();
            sim.run_until_stalled();
        }
        // Stopped, it fails: nobody is told that it was kept.
        Job::Import(place, text) => drop(import(house, place, &text)),
    }
    drop((held, locked));
    let mut lost = places.undurable();
    if matches!(stop, Stop::BeforeTheIndex) {
        let before = house.trace.store().low_water().unwrap();
        let other = lock(INDEX);
        sim.advance(Duration::from_millis(5_500));
        drop(other);
        assert_eq!(house.trace.store().low_water().unwrap(), before);
        lost.retain(|path| path == Path::new(INDEX));
    }
    lost
}

/// The length of a log after each of its commits.
fn commits(log: &[u8]) -> Vec<usize> {
    let number = |at: usize| log.get(at..at + 4).map(|four| u32::from_be_bytes(four.try_into().unwrap()));
    let Some(page) = number(8) else { return Vec::new() };
    let frame = FRAME_HEADER + usize::try_from(page).unwrap();
    let starts = (LOG_HEADER..log.len()).step_by(frame);
    // A frame of an earlier use of the log has another salt.
    let whole = starts.take_while(|start| start + frame <= log.len() && number(start + 8) == number(16));
    whole.filter(|start| number(start + 4) != Some(0)).map(|start| start + frame).collect()
}

fn databases(world: &World) -> Vec<PathBuf> {
    let names = world.disk.read_dir(Path::new(TRACE)).unwrap().into_iter().map(|entry| entry.path);
    let mut found: Vec<PathBuf> =
        names.filter(|path| path.extension().is_some_and(|end| end == "sqlite")).collect();
    found.sort();
    found
}

fn log_of(sim: &SimWorld, path: &Path) -> PathBuf {
    let real = sim.disk().sqlite_file(path).unwrap();
    PathBuf::from(format!("{}-wal", real.display()))
}

/// The databases as a power cut may find them, `durable` what their logs surely hold.
fn files(sim: &SimWorld, world: &World, durable: &[(PathBuf, usize)], lost: &[PathBuf]) -> Vec<Files> {
    let disk = Disk::real();
    let of = |path: PathBuf| {
        let log = disk.read(&log_of(sim, &path)).unwrap_or_default();
        let kept = durable.iter().find(|(known, _)| *known == path).map_or(0, |(_, kept)| *kept);
        let ends = match lost.contains(&path) {
            true => {
                std::iter::once(kept).chain(commits(&log).into_iter().filter(|end| *end > kept)).collect()
            }
            false => vec![log.len()],
        };
        let database = disk.read(&sim.disk().sqlite_file(&path).unwrap()).unwrap();
        Files { path, database, log, ends }
    };
    databases(world).into_iter().map(of).collect()
}

/// Cuts the power and leaves of each log what the `number`th combination says; `None` when there are no more.
fn cut(sim: &SimWorld, house: House, files: Vec<Files>, number: usize) -> Option<(House, String)> {
    let (mut left, mut shown) = (number, String::new());
    let disk = Disk::real();
    sim.crash(PowerCut::LoseAll);
    drop(house);
    for one in files {
        let end = one.ends[left % one.ends.len()];
        left /= one.ends.len();
        shown += &format!(" {} {end} of {}", one.path.display(), one.log.len());
        let real = sim.disk().sqlite_file(&one.path).unwrap();
        let _ = disk.remove_file(Path::new(&format!("{}-shm", real.display())));
        super::wal::write(&disk, &real, &one.database);
        super::wal::write(&disk, &log_of(sim, &one.path), &one.log[..end]);
    }
    (left == 0).then(|| (House::start(sim), shown))
}

/// What a reader sees: each row, and how many there are of each place.
fn seen(house: &House) -> Vec<String> {
    let answer = house.trace.search_blocking(&Query::default()).unwrap();
    let mut seen: Vec<String> = answer
        .rows
        .iter()
        .map(|row| {
            let (id, to, told_by) =
                (row.network_message_id, &row.recipient_address, row.row.told_by.as_deref());
            // Within its second it is the first free microsecond.
            let received = row.received.strftime("%T");
            format!("{id} {to} {} {told_by:?} {:?} {received}", row.status, row.detail)
        })
        .collect();
    seen.sort();
    for place in ["gw", "smarthost", "mx1.contoso.example"] {
        let query = Query { facets: vec![FacetFilter::any(Facet::Place, [place])], ..Query::default() };
        seen.push(format!("{place}: {}", house.trace.search_blocking(&query).unwrap().total));
    }
    seen
}

/// Does a case again and again, stopped here and there and cut everywhere.
fn cut_everywhere(start: &str, prepare: impl Fn(&SimWorld, &House) -> Prepared, stops: &[Stop]) {
    let build = || {
        let sim = SimWorld::starting_at(77, start.parse().unwrap());
        let house = House::start(&sim);
        let prepared = prepare(&sim, &house);
        (sim, house, prepared)
    };
    let (sim, house, prepared) = build();
    work(&sim, &house, prepared.job, Stop::Nowhere);
    sim.advance(Duration::from_secs(10));
    let expected = seen(&house);
    // One row a recipient, each under our id.
    assert_eq!(expected.iter().filter(|line| line.starts_with("00000000-")).count(), 2, "{expected:#?}");
    assert_eq!(expected.len(), 5, "{expected:#?}");
    let mut cuts = 0;
    for stop in stops {
        for number in 0.. {
            let (sim, house, Prepared { mut told, job }) = build();
            let again = match &job {
                Job::Feed(_) => None,
                Job::Import(place, text) => Some((*place, text.clone())),
            };
            let logs = databases(&house.world).into_iter();
            let logs = logs.map(|path| {
                let log = Disk::real().read(&log_of(&sim, &path)).unwrap_or_default();
                (path, commits(&log).last().copied().unwrap_or_default())
            });
            let durable: Vec<(PathBuf, usize)> = logs.collect();
            let lost = work(&sim, &house, job, *stop);
            let files = files(&sim, &house.world, &durable, &lost);
            let Some((house, shown)) = cut(&sim, house, files, number) else { break };
            if let Some((place, text)) = again {
                import(&house, place, &text).unwrap();
                told.push((place, text));
            }
            sim.run(house.feed.caught_up());
            sim.advance(Duration::from_secs(10));
            assert_eq!(seen(&house), expected, "{stop:?}, cut {number}:{shown}");
            // What the index forgot is found again.
            for (place, text) in told {
                import(&house, place, &text).unwrap();
            }
            assert_eq!(seen(&house), expected, "told again, {stop:?}, cut {number}:{shown}");
            cuts += 1;
        }
    }
    assert!(cuts > stops.len(), "{cuts} cuts are too few");
}

const DAY: &str = "/srv/trace/2026-11-20.sqlite";
const STOPS: [Stop; 5] =
    [Stop::BeforeTheJoin, Stop::Before(INDEX), Stop::Before(DAY), Stop::BeforeTheIndex, Stop::Nowhere];

#[test]
fn a_gateway_told_of_it_before() {
    let prepare = |_: &SimWorld, house: &House| {
        let told = vec![import_durably(house, "gw", gateway(house))];
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        end(house, &about, &mut batch);
        Prepared { told, job: Job::Feed(batch) }
    };
    cut_everywhere(NOON, prepare, &STOPS);
}

#[test]
fn a_gateway_told_of_it_on_the_day_before() {
    let prepare = |sim: &SimWorld, house: &House| {
        let told = vec![import_durably(house, "gw", gateway(house))];
        sim.advance(Duration::from_secs(10));
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        end(house, &about, &mut batch);
        Prepared { told, job: Job::Feed(batch) }
    };
    cut_everywhere(BEFORE_MIDNIGHT, prepare, &STOPS);
}

#[test]
fn the_next_host_told_of_it_before_our_hand_on_was_noted() {
    let prepare = |sim: &SimWorld, house: &House| {
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        feed_durably(sim, house, batch);
        let told = vec![import_durably(house, "smarthost", smart_host(house))];
        let mut batch = Batch::new();
        end(house, &about, &mut batch);
        Prepared { told, job: Job::Feed(batch) }
    };
    cut_everywhere(NOON, prepare, &STOPS);
}

#[test]
fn both_told_of_it_before() {
    let prepare = |_: &SimWorld, house: &House| {
        let told = vec![
            import_durably(house, "smarthost", smart_host(house)),
            import_durably(house, "gw", gateway(house)),
        ];
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        end(house, &about, &mut batch);
        Prepared { told, job: Job::Feed(batch) }
    };
    cut_everywhere(NOON, prepare, &STOPS);
}

#[test]
fn a_gateway_tells_of_it_behind() {
    let prepare = |sim: &SimWorld, house: &House| {
        let text = gateway(house);
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        end(house, &about, &mut batch);
        feed_durably(sim, house, batch);
        Prepared { told: Vec::new(), job: Job::Import("gw", text) }
    };
    cut_everywhere(NOON, prepare, &[Stop::Before(DAY), Stop::Nowhere]);
}

#[test]
fn the_next_host_tells_of_it_behind() {
    let prepare = |sim: &SimWorld, house: &House| {
        let mut batch = Batch::new();
        let about = receive(house, &mut batch);
        end(house, &about, &mut batch);
        let text = smart_host(house);
        feed_durably(sim, house, batch);
        let told = vec![import_durably(house, "gw", gateway(house))];
        Prepared { told, job: Job::Import("smarthost", text) }
    };
    cut_everywhere(NOON, prepare, &[Stop::Before(INDEX), Stop::Before(DAY), Stop::Nowhere]);
}
