//! kill -9 under load: what had its `250` is delivered exactly once and traced; what was sent again is not doubled.
//!
//! May touch: processes, sockets on loopback.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::house::{House, address};
use super::message::{assert_below_added, plain};
use super::patience::{until, until_eq};
use super::session::Session;

/// Mailboxes the load goes to.
const MAILBOXES: usize = 5;
/// Sessions at once.
const SESSIONS: usize = 8;
/// Messages acknowledged before the server is killed, each time.
const ACKNOWLEDGED_MIN: usize = 150;
/// How often it is killed.
const KILLS: usize = 3;
const FROM: &str = "loader@src.test";

fn name(mailbox: usize) -> String {
    format!("box{mailbox}")
}

/// What became of every message the load has tried to send, by number.
#[derive(Default)]
struct Log {
    acknowledged: Mutex<Vec<usize>>,
    /// Begun, and cut off before an answer.
    open: Mutex<Vec<usize>>,
    next: AtomicUsize,
    stop: AtomicBool,
}

fn content(number: usize) -> (String, Vec<u8>) {
    let to = address(&name(number % MAILBOXES));
    let message = plain(FROM, &to, &format!("load-{number}"));
    (to, message)
}

/// One loader: sends until the server is gone, a few messages to a session.
fn load(port: u16, log: &Log) {
    while !log.stop.load(Ordering::SeqCst) {
        let Ok(mut session) = Session::open(port) else { return };
        for _ in 0..7 {
            let number = log.next.fetch_add(1, Ordering::SeqCst);
            let (to, message) = content(number);
            match session.send(FROM, &to, &message) {
                Ok(()) => log.acknowledged.lock().unwrap().push(number),
                Err(_) => return log.open.lock().unwrap().push(number),
            }
        }
    }
}

#[test]
fn kill_under_load_loses_and_doubles_nothing() {
    let mut house = House::new();
    for mailbox in 0..MAILBOXES {
        house.add_mailbox(&name(mailbox));
    }
    let log = Arc::new(Log::default());
    for round in 1..=KILLS {
        let port = house.port("smtp");
        let loaders: Vec<_> = (0..SESSIONS)
            .map(|_| {
                let log = Arc::clone(&log);
                std::thread::spawn(move || load(port, &log))
            })
            .collect();
        until("enough acknowledged messages", || {
            (log.acknowledged.lock().unwrap().len() >= round * ACKNOWLEDGED_MIN).then_some(())
        });
        house.kill();
        for loader in loaders {
            loader.join().unwrap();
        }
        house.start();
        // As a sending server does: what had no answer is sent again, the same bytes from the same sender.
        let open = std::mem::take(&mut *log.open.lock().unwrap());
        let mut session = Session::open(house.port("smtp")).unwrap();
        for number in open {
            let (to, message) = content(number);
            session.send(FROM, &to, &message).unwrap();
            log.acknowledged.lock().unwrap().push(number);
        }
    }
    check(&house, &log.acknowledged.lock().unwrap());
}

fn check(house: &House, acknowledged: &[usize]) {
    let wanted: BTreeMap<String, usize> =
        acknowledged.iter().map(|number| (format!("<load-{number}@load.test>"), 1)).collect();
    until_eq("empty queues", &0, || house.rows(&["Get-Message", "-ResultSize", "Unlimited"]).len());
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for mailbox in 0..MAILBOXES {
        for item in house.items(&name(mailbox)) {
            *found.entry(item["MessageId"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let lost: Vec<_> = wanted.keys().filter(|id| !found.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} acknowledged messages were lost: {lost:?}", lost.len());
    let doubled: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
    assert!(doubled.is_empty(), "delivered more than once: {doubled:?}");
    let foreign: Vec<_> = found.keys().filter(|id| !wanted.contains_key(*id)).collect();
    assert!(foreign.is_empty(), "nobody sent {foreign:?}");
    // Every message has its row.
    until_eq("a Delivered row for every message", &Vec::<String>::new(), || {
        let rows = house.rows(&["Get-MessageTrace", "-SenderAddress", FROM, "-ResultSize", "Unlimited"]);
        let delivered: Vec<&str> = rows
            .iter()
            .filter(|row| row["Status"] == "Delivered")
            .filter_map(|row| row["MessageId"].as_str())
            .collect();
        wanted.keys().filter(|id| !delivered.contains(&id.as_str())).cloned().collect()
    });
    // And is what was sent.
    let number = |message: &[u8]| -> usize {
        let text = String::from_utf8_lossy(message).into_owned();
        let rest = text.split("Subject: Message load-").nth(1).unwrap();
        rest.lines().next().unwrap().parse().unwrap()
    };
    for message in house.inbox(&name(0)).iter().step_by(7) {
        assert_below_added(message, &content(number(message)).1);
    }
}
