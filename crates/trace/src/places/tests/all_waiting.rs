//! What ends in a later file than the one that names its recipients.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::time::Duration;

use world::sim::SimWorld;

use super::joining::Shelf;
use super::sources::{spec, start, state};
use super::told::detail;
use super::*;
use crate::places::SourceKind;
use crate::{Query, Status};

/// A message to three: one is reached, two are put off.
fn begun(queue_id: &str) -> String {
    format!(
        "\
Nov 17 03:57:31 mx1 postfix/smtpd[1]: {queue_id}: client=a.example[192.0.2.1]
Nov 17 03:57:31 mx1 postfix/cleanup[1]: {queue_id}: message-id=<m1@a.example>
Nov 17 03:57:31 mx1 postfix/qmgr[1]: {queue_id}: from=<s@a.example>, size=10, nrcpt=3 (queue active)
Nov 17 03:57:32 mx1 postfix/smtp[1]: {queue_id}: to=<ok@far.example>, relay=mx.far.example[192.0.2.3]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 OK)
Nov 17 03:57:33 mx1 postfix/smtp[1]: {queue_id}: to=<e5@far.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to far.example[192.0.2.3]:25: Connection timed out)
Nov 17 03:57:33 mx1 postfix/smtp[1]: {queue_id}: to=<E6@far.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to far.example[192.0.2.3]:25: Connection timed out)
"
    )
}

/// The day on which one of them was tried once more, and it expired.
fn ended(queue_id: &str) -> String {
    format!(
        "\
Nov 22 03:57:31 mx1 postfix/qmgr[1]: {queue_id}: from=<s@a.example>, size=10, nrcpt=3 (queue active)
Nov 22 03:57:33 mx1 postfix/smtp[1]: {queue_id}: to=<e5@far.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to far.example[192.0.2.3]:25: Connection timed out)
Nov 22 03:57:34 mx1 postfix/qmgr[1]: {queue_id}: from=<s@a.example>, status=expired, returned to sender
Nov 22 03:57:34 mx1 postfix/qmgr[1]: {queue_id}: removed
"
    )
}

fn status_of(shelf: &Shelf) -> Vec<String> {
    let rows = shelf.messages().into_iter().flat_map(|(_, _, rows)| rows);
    rows.map(|row| row.split(": 250").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_expired_in_a_later_file_failed() {
    for queue_id in ["4C1F2A09B7", "4ZQ1Xk2Lz3z7Bt"] {
        let files = [begun(queue_id), ended(queue_id)];
        let together = Shelf::new(&SimWorld::new(1));
        together.import(&read("gw", &files.concat()).0);
        let wanted = [
            "E6@far.example: Failed, Expired in the queue",
            "e5@far.example: Failed, Expired in the queue",
            "ok@far.example: Delivered, Handed on to mx.far.example",
        ];
        for order in [[0, 1], [1, 0]] {
            let shelf = Shelf::new(&SimWorld::new(1));
            for file in order {
                let events = read("gw", &files[file]).0;
                let first = shelf.import(&events);
                assert!(first.new > 0 && first.alone == 0, "{first:?}");
                assert_eq!(shelf.import(&events).new, 0, "again it changes nothing");
            }
            assert_eq!(status_of(&shelf), wanted, "{queue_id} {order:?}");
            assert_eq!(shelf.import(&read("gw", &files.concat()).0).new, 0, "{queue_id} {order:?}");
            assert_eq!(status_of(&shelf), wanted, "{queue_id} {order:?}");
        }
        assert_eq!(status_of(&together), wanted);
        let told = detail(&read("gw", &files.concat()).0, "e5@far.example");
        assert_eq!(told.cause.unwrap().name, Some("QueueExpired"));
        assert_eq!(told.events.iter().filter(|event| event.event == "Fail").count(), 1);
        for file in files {
            // Of a short id the piece begins anew; nothing of what ended is told again.
            assert!(together.import(&read("gw", &file).0).new <= 1, "{queue_id}");
        }
        assert_eq!(status_of(&together), wanted);
    }
}

/// A message put off, in a queue whose ids are used again, and what became of it.
fn one_of_two(day: &str, from: &str, to: &str, ends: &str) -> [String; 2] {
    let line = |minute: u8, program: &str, text: &str| {
        format!("{day} 03:{minute:02}:00 mx1 postfix/{program}[1]: EE00000700: {text}\n")
    };
    let sent = |to: &str, status: &str| {
        format!(
            "to=<{to}>, relay=mx.far.example[192.0.2.3]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status={status}"
        )
    };
    let begins = [
        line(10, "smtpd", "client=a.example[192.0.2.1]"),
        line(10, "cleanup", &format!("message-id=<{from}>")),
        line(10, "qmgr", &format!("from=<{from}>, size=10, nrcpt=1 (queue active)")),
        line(11, "smtp", &sent(to, "deferred (connection timed out)")),
    ];
    let end = match ends {
        "expired" => line(50, "qmgr", &format!("from=<{from}>, status=expired, returned to sender")),
        ends => line(50, "smtp", &sent(to, ends)),
    };
    [begins.concat(), end + &line(51, "qmgr", "removed")]
}

#[test]
fn a_queue_id_that_is_used_again_is_another_message() {
    for (ends, wanted) in [
        ("sent (250 ok)", "wb@far.example: Delivered, Handed on to mx.far.example"),
        ("expired", "wb@far.example: Failed, Expired in the queue"),
    ] {
        let [first, done] = one_of_two("Nov 21", "wa@x.example", "wa@far.example", "sent (250 ok)");
        let [again, end] = one_of_two("Nov 22", "wb@x.example", "wb@far.example", ends);
        let files = [first + &done, again, end];
        for order in [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1], [2, 1, 0], [1, 0, 2]] {
            let shelf = Shelf::new(&SimWorld::new(1));
            for file in order {
                shelf.import(&read("gw", &files[file]).0);
            }
            let said: Vec<Vec<String>> = shelf.messages().into_iter().map(|(_, _, rows)| rows).collect();
            let mut said: Vec<Vec<&str>> = said
                .iter()
                .map(|rows| rows.iter().map(|row| row.split(": 250").next().unwrap()).collect())
                .collect();
            let sent = vec!["wa@far.example: Delivered, Handed on to mx.far.example"];
            said.sort_unstable();
            assert_eq!(said, [sent, vec![wanted]], "{ends} {order:?}");
        }
    }
}

#[test]
fn what_an_administrator_removed_in_a_later_file_is_removed() {
    let shelf = Shelf::new(&SimWorld::new(1));
    shelf.import(&read("gw", &begun("4C1F2A09B7")).0);
    let log = "Nov 18 03:57:34 mx1 postfix/postsuper[1]: 4C1F2A09B7: placed on hold\n";
    shelf.import(&read("gw", log).0);
    assert!(
        status_of(&shelf)[0].starts_with("E6@far.example: Pending, Held back"),
        "{shelf:?}",
        shelf = status_of(&shelf)
    );
    let log = "Nov 18 04:57:34 mx1 postfix/postsuper[1]: 4C1F2A09B7: removed\n";
    shelf.import(&read("gw", log).0);
    let rows = status_of(&shelf);
    assert_eq!(
        rows.iter().filter(|row| row.contains("Failed, Removed by an administrator")).count(),
        2,
        "{rows:?}"
    );
}

#[test]
fn of_another_place_or_queue_id_it_says_nothing_and_is_counted() {
    let shelf = Shelf::new(&SimWorld::new(1));
    shelf.import(&read("gw", &begun("4C1F2A09B7")).0);
    let late = "Nov 22 03:57:34 mx1 postfix/qmgr[1]: 4C1F2A09B7: from=<s@a.example>, status=expired, returned to sender\n";
    let done = shelf.import(&read("other", late).0);
    assert_eq!(done.alone, 1);
    let done = shelf.import(&read("gw", &late.replace("4C1F2A09B7", "4C1F2A09B8")).0);
    assert_eq!(done.alone, 1);
    assert!(done.alone_in_words().is_some_and(|words| words.starts_with("1 lines say")));
    assert_eq!(status_of(&shelf).iter().filter(|row| row.contains("Pending")).count(), 2);
}

#[test]
fn a_followed_folder_knows_it_after_a_restart() {
    let sim = SimWorld::new(3);
    let folder = Path::new("/var/log/mail");
    let line = |sim: &SimWorld, text: &str| {
        format!("{} mx1 postfix/{text}\n", sim.world().clock.now().strftime("%b %e %H:%M:%S"))
    };
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(folder).unwrap();
    let begun = [
        "smtpd[1]: 4C1F2A09B7: client=a.example[192.0.2.1]",
        "cleanup[1]: 4C1F2A09B7: message-id=<m1@a.example>",
        "qmgr[1]: 4C1F2A09B7: from=<s@a.example>, size=10, nrcpt=1 (queue active)",
        "smtp[1]: 4C1F2A09B7: to=<e5@far.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to far.example[192.0.2.3]:25: Connection timed out)",
    ];
    let mut log: String = begun.iter().map(|text| line(&sim, text)).collect();
    world.disk.write_atomic(&folder.join("mail.log"), log.as_bytes()).unwrap();
    trace.sources().unwrap().add(spec("gw", SourceKind::Folder { path: folder.into() })).unwrap();
    sim.advance(Duration::from_secs(3));
    assert_eq!(trace.search_blocking(&Query::default()).unwrap().rows[0].status, Status::Pending);
    let (world, again) = start(&sim);
    log += &line(&sim, "qmgr[1]: 4C1F2A09B7: from=<s@a.example>, status=expired, returned to sender");
    log += &line(&sim, "qmgr[1]: 4C1F2A09B7: removed");
    world.disk.write_atomic(&folder.join("mail.log"), log.as_bytes()).unwrap();
    sim.advance(Duration::from_secs(3));
    let found = again.search_blocking(&Query::default()).unwrap();
    assert_eq!((found.total, found.rows[0].status), (1, Status::Failed), "{:?}", state(&again));
    assert_eq!(found.rows[0].row.reason, Some(events::Reason::QueueExpired));
}

#[test]
fn exim_and_sendmail_name_whom_they_give_up() {
    let exim = [
        "2026-11-17 03:57:31 1rXabc-000001-2B <= s@a.example H=a.example [192.0.2.1] P=esmtp S=10 id=m2@a.example for e5@far.example\n\
         2026-11-17 03:57:33 1rXabc-000001-2B == e5@far.example R=dnslookup T=remote_smtp defer (110): Connection timed out\n",
        "2026-11-22 03:57:33 1rXabc-000001-2B ** e5@far.example: retry timeout exceeded\n\
         2026-11-22 03:57:33 1rXabc-000001-2B Completed\n",
    ];
    let sendmail = [
        "Nov 17 03:57:31 mx1 sendmail[11]: 4AM3vVx1001234: from=<s@a.example>, size=1234, class=0, nrcpts=1, msgid=<m3@a.example>, proto=ESMTP, daemon=MTA, relay=a.example [192.0.2.1]\n\
         Nov 17 03:57:34 mx1 sm-mta[12]: 4AM3vVx1001234: to=<e5@far.example>, delay=00:00:02, mailer=esmtp, relay=mx.far.example. [192.0.2.3], dsn=4.0.0, stat=Deferred: Connection timed out with mx.far.example.\n",
        "Nov 22 03:57:34 mx1 sm-mta[12]: 4AM3vVx1001234: to=<e5@far.example>, delay=5+00:00:02, mailer=esmtp, relay=mx.far.example. [192.0.2.3], dsn=5.4.7, stat=Message could not be delivered for 5 days\n",
    ];
    for files in [exim, sendmail] {
        for order in [[0, 1], [1, 0]] {
            let shelf = Shelf::new(&SimWorld::new(1));
            for file in order {
                shelf.import(&read("gw", files[file]).0);
            }
            let rows = status_of(&shelf);
            assert!(rows.len() == 1 && rows[0].starts_with("e5@far.example: Failed"), "{rows:?}");
        }
    }
}
