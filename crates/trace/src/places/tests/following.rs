//! Files of a followed folder: which is which, and which need no reading.
//!
//! May touch: a simulated world (tests).

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use world::sim::SimWorld;
use world::{Disk, World};

use super::super::follow::Follower;
use super::sources::{message, spec, start, state, total};
use crate::places::SourceKind;
use crate::{Query, Trace};

const FOLDER: &str = "/var/log/mail";
/// The header of an enhanced summary, made longer than any window of a few hundred octets by its last column.
const HEADER: &str = "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority";

fn put(disk: &Disk, name: &str, text: &str) {
    put_bytes(disk, name, text.as_bytes());
}

fn put_bytes(disk: &Disk, name: &str, bytes: &[u8]) {
    disk.write_atomic(&Path::new(FOLDER).join(name), bytes).unwrap();
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

/// A summary of messages, one a row.
fn summary(world: &World, numbers: &[u32]) -> String {
    let mut text = format!("{HEADER},{}\n", "x".repeat(300));
    for number in numbers {
        let at = world.clock.now();
        text.push_str(&format!(
            "{at},s@a.example,\"u{number}@contoso.example##Receive, Deliver\",Offer,2048,<{number}@a.example>,22222222-2222-2222-2222-2222222222{number:02},192.0.2.1,Incoming,,Normal,\n"
        ));
    }
    text
}

fn follow(sim: &SimWorld) -> (World, Trace) {
    let (world, trace) = start(sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    trace.sources().unwrap().add(spec("gw", SourceKind::Folder { path: FOLDER.into() })).unwrap();
    sim.advance(Duration::from_secs(2));
    (world, trace)
}

fn messages(trace: &Trace) -> u64 {
    trace.search_blocking(&Query::default()).unwrap().total
}

#[test]
fn files_with_the_same_header_are_not_the_same_file() {
    let sim = SimWorld::new(5);
    let (world, trace) = follow(&sim);
    put(&world.disk, "a.csv", &summary(&world, &[1, 2, 3]));
    sim.advance(Duration::from_secs(2));
    assert_eq!(messages(&trace), 3, "{:?}", state(&trace));
    // Shorter than the first, as long as it, and one that was only a header at first.
    put(&world.disk, "b.csv", &summary(&world, &[4]));
    put(&world.disk, "c.csv", &summary(&world, &[5, 6, 7]));
    put(&world.disk, "d.csv", &summary(&world, &[]));
    sim.advance(Duration::from_secs(2));
    assert_eq!(messages(&trace), 7, "{:?}", state(&trace));
    put(&world.disk, "e.csv", &summary(&world, &[8]));
    put(&world.disk, "d.csv", &summary(&world, &[9]));
    sim.advance(Duration::from_secs(2));
    assert_eq!(messages(&trace), 9, "{:?}", state(&trace));
}

#[test]
fn a_log_that_is_copied_and_cut_is_read_on() {
    let sim = SimWorld::new(5);
    let (world, trace) = follow(&sim);
    let old = format!("{}{}", message(&sim, 1), message(&sim, 2));
    put(&world.disk, "mail.log", &old);
    sim.advance(Duration::from_secs(2));
    put(&world.disk, "mail.log.1", &old);
    put(&world.disk, "mail.log", &message(&sim, 3));
    sim.advance(Duration::from_secs(2));
    assert_eq!((total(&trace), state(&trace).records), ((3, true), 15));
}

#[test]
fn a_file_that_is_as_it_was_is_not_opened() {
    let sim = SimWorld::new(5);
    let (world, trace) = follow(&sim);
    for number in 0..50 {
        put(&world.disk, &format!("mail{number}.log"), &message(&sim, number));
    }
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (50, true));
    let records = state(&trace).records;
    let calls = |secs: u64| {
        let before = sim.disk().calls();
        sim.advance(Duration::from_secs(secs));
        sim.disk().calls() - before
    };
    let idle = calls(10);
    put(&world.disk, "more.log", &message(&sim, 50));
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).records), ((51, true), records + 5));
    // A folder's list and what it says of each file; nothing is opened or read.
    assert!(idle <= 11 * 60, "{idle} calls in ten seconds");
}

#[test]
fn logs_that_nothing_is_added_to_are_closed() {
    let sim = SimWorld::new(5);
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    for number in 0..300 {
        put(&world.disk, &format!("mail-{number}.txt"), &message(&sim, number));
    }
    let parts = (None, jiff::tz::TimeZone::UTC);
    let state = Path::new("/srv/data/trace/state.json").to_owned();
    let place = "gateway".parse().unwrap();
    let mut follower = Follower::new(trace.places().clone(), place, FOLDER.into(), parts, state).unwrap();
    let now = world.clock.now();
    let polled = follower.poll(&super::around(), now).unwrap();
    assert_eq!((polled.lines, total(&trace)), (1_500, (300, true)));
    assert!((1..=256).contains(&follower.open_logs()), "{}", follower.open_logs());
    let later = now.checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
    assert_eq!(follower.poll(&super::around(), later).unwrap().lines, 0);
    assert_eq!(follower.open_logs(), 0);
}

#[test]
fn a_small_compressed_file_is_read_and_so_is_what_came_just_before_a_rotation() {
    let sim = SimWorld::new(5);
    let (world, trace) = follow(&sim);
    put_bytes(&world.disk, "old.log.1.gz", &gzip(&message(&sim, 1)));
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).records), ((1, true), 5), "{:?}", state(&trace));
    // The last lines come after the last look, and are found in the compressed file alone. No line end at its end.
    let first = message(&sim, 2);
    put(&world.disk, "mail.log", &first);
    sim.advance(Duration::from_secs(2));
    let all = format!("{first}{}", message(&sim, 3));
    put_bytes(&world.disk, "mail.log.1.gz", &gzip(all.trim_end()));
    put(&world.disk, "mail.log", &message(&sim, 4));
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).records), ((4, true), 20), "{:?}", state(&trace));
    let (_, again) = start(&sim);
    sim.advance(Duration::from_secs(70));
    assert_eq!((total(&again), state(&again).records), ((4, true), 20), "{:?}", state(&again));
}

#[test]
fn a_compressed_file_that_is_written_is_waited_for_and_a_damaged_one_is_told() {
    let sim = SimWorld::new(5);
    let (world, trace) = follow(&sim);
    let text: String = (0..50).map(|number| message(&sim, number)).collect();
    let whole = gzip(&text);
    let (half, _) = whole.split_at(whole.len() / 2);
    put_bytes(&world.disk, "mail.log.1.gz", half);
    put_bytes(&world.disk, "other.log", message(&sim, 60).as_bytes());
    sim.advance(Duration::from_secs(10));
    let found = state(&trace);
    assert_eq!((total(&trace), found.error, found.refused.len()), ((1, true), None, 0));
    put_bytes(&world.disk, "mail.log.1.gz", &whole);
    sim.advance(Duration::from_secs(3));
    assert_eq!((total(&trace), state(&trace).records), ((51, true), 255), "{:?}", state(&trace));
    // One that stays as it is, and one with a wrong octet.
    put_bytes(&world.disk, "cut.log.1.gz", half);
    let mut wrong = gzip(&message(&sim, 61));
    let at = wrong.len() - 6;
    wrong[at] ^= 1;
    put_bytes(&world.disk, "wrong.log.1.gz", &wrong);
    put_bytes(&world.disk, "empty.log.1.gz", &gzip(""));
    put_bytes(&world.disk, "later.log", message(&sim, 62).as_bytes());
    sim.advance(Duration::from_secs(70));
    let found = state(&trace);
    assert_eq!((found.error.clone(), found.refused.len()), (None, 2), "{found:?}");
    for (told, name) in found.refused.iter().zip(["cut.log.1.gz: damaged", "wrong.log.1.gz: damaged"]) {
        assert!(told.starts_with(name), "{found:?}");
    }
    assert_eq!(total(&trace), (53, true), "what can be read of them, and the others, are");
}

#[test]
fn the_last_record_of_a_utf_16_file_does_not_wait_for_another() {
    for (mark, order) in
        [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
    {
        let sim = SimWorld::new(5);
        let (world, trace) = follow(&sim);
        let wide = |text: &str| -> Vec<u8> {
            let text = text.replace('\n', "\r\n");
            mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
        };
        let first = summary(&world, &[1, 2]);
        put_bytes(&world.disk, "a.csv", &wide(&first));
        sim.advance(Duration::from_secs(2));
        assert_eq!(messages(&trace), 2, "{mark:x?} {:?}", state(&trace));
        let (_, row) = summary(&world, &[3])
            .split_once('\n')
            .map(|(head, row)| (head.to_owned(), row.to_owned()))
            .unwrap();
        put_bytes(&world.disk, "a.csv", &wide(&format!("{first}{row}")));
        sim.advance(Duration::from_secs(2));
        assert_eq!((messages(&trace), state(&trace).records, state(&trace).unknown), (3, 4, 0), "{mark:x?}");
    }
}
