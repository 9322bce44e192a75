//! What a row, its events and its cause say where another system's record decides.
//!
//! May touch: a simulated world (tests).

use std::time::Duration;

use events::{Directionality, EventId};
use world::sim::SimWorld;

use super::*;
use crate::Query;
use crate::causes::Actor;
use crate::detail::{Detail, StepState, choose};
use crate::search::{MessageView, TraceRow, refused_row};
use crate::status::{Status, no_end_seen};

const OWN: &str = "mx1.contoso.example";
const DAYS_2: Duration = Duration::from_hours(48);

/// The events of the message that has a recipient.
fn message_of(events: &[(EventKey, Event)], recipient: &str) -> Vec<(EventKey, Event)> {
    let names = |event: &Event| event.recipients.iter().any(|one| one.address == recipient);
    let id = events.iter().find(|(_, event)| names(event)).unwrap().1.network_message_id;
    events.iter().filter(|(_, event)| event.network_message_id == id).cloned().collect()
}

/// The detail of a recipient, asked for at this time.
fn detail_at(events: &[(EventKey, Event)], recipient: &str, now: Timestamp) -> Detail {
    let own = message_of(events, recipient);
    let view = MessageView::of(&own).with_hops(&own, OWN);
    let received = own[0].1.received;
    let folded = match own.iter().find(|(_, event)| event.event_id == EventId::Refused) {
        Some((_, event)) => Vec::from([refused_row(event)]),
        None => fold(&own),
    };
    let rows = folded.into_iter().map(|mut row| {
        no_end_seen(&mut row, received, now, DAYS_2);
        view.row(row, received, OWN)
    });
    let row: TraceRow = choose(rows.collect(), recipient).unwrap();
    Detail::of(row, own, &crate::Cut::default(), now)
}

pub(super) fn detail(events: &[(EventKey, Event)], recipient: &str) -> Detail {
    detail_at(events, recipient, now())
}

/// The events as they are told, `Name: words`.
pub(super) fn told(detail: &Detail) -> Vec<String> {
    detail.events.iter().map(|event| format!("{}: {}", event.event, event.detail)).collect()
}

/// The rows that are Pending at this time, and those of them of which more is to be expected.
fn pending(events: &[(EventKey, Event)], now: Timestamp) -> (u64, u64) {
    let sim = SimWorld::starting_at(1, now);
    let trace = super::answers::opened(&sim);
    trace.places().import(events.to_vec(), now).unwrap();
    let count = |still_expected| {
        let start = "2026-11-01T00:00:00Z".parse().ok();
        let query = Query { statuses: vec![Status::Pending], start, still_expected, ..Query::default() };
        trace.search_blocking(&query).unwrap().total
    };
    (count(false), count(true))
}

const HANDED_ON: &str = "\
Nov 22 10:00:00 gwa postfix/smtpd[1]: DEAD0001: client=a.fabrikam.example[198.51.100.60]
Nov 22 10:00:00 gwa postfix/cleanup[1]: DEAD0001: message-id=<dst1@fabrikam.example>
Nov 22 10:00:00 gwa postfix/qmgr[1]: DEAD0001: from=<d@fabrikam.example>, size=1, nrcpt=1 (queue active)
Nov 22 10:00:02 gwa postfix/smtp[1]: DEAD0001: to=<kim@contoso.example>, relay=x.northwind.example[192.0.2.4]:25, delay=2, dsn=2.0.0, status=sent (250 ok)
";

#[test]
fn what_an_old_log_handed_on_keeps_its_next_host_and_reply() {
    let (events, _) = read("gwa", HANDED_ON);
    let later = "2026-12-20T12:00:00Z".parse().unwrap();
    let found = detail_at(&events, "kim@contoso.example", later);
    assert_eq!(
        found.row.detail.as_deref(),
        Some("Handed on to x.northwind.example, which accepted it (250 ok); no record of that place is read")
    );
    assert!(!found.sentence.contains("on its way"), "{}", found.sentence);
    assert_eq!((pending(&events, later), pending(&events, now())), ((1, 0), (1, 1)));
    assert_eq!((found.headline, found.cause), ("We found your message", None));
    // Where the next host is one whose records are read it is amiss that they have nothing of it.
    let mut around = (*around()).clone();
    around.hosts.insert("x.northwind.example".into(), "exch01".into());
    let (events, _) = read_as("gwa", HANDED_ON, &Arc::new(around));
    let found = detail_at(&events, "kim@contoso.example", later);
    assert_eq!(
        found.row.detail.as_deref(),
        Some(
            "Handed on to x.northwind.example, which accepted it (250 ok); no end seen: never seen at exch01"
        )
    );
    assert_eq!(found.headline, "We found an issue");
    assert!(found.cause.unwrap().cause.contains("have nothing of it"));
    assert_eq!(pending(&events, later), (1, 1));
    // It is at gwa as far as is known, and this server never saw it.
    assert_eq!((found.row.place.as_deref(), found.row.server.as_deref()), (Some("gwa"), Some("gwa")));
}

#[test]
fn a_hand_on_names_the_host_it_went_to() {
    let (events, _) = read("gwa", HANDED_ON);
    let found = told(&detail(&events, "kim@contoso.example"));
    assert_eq!(found.last().unwrap(), "Send: Handed on to x.northwind.example: 250 ok");
    let log = "\
Nov 22 10:00:00 sm1 sendmail[1]: 3AMHUA0000001: from=<s@fabrikam.example>, size=1, nrcpts=1, msgid=<s1@fabrikam.example>, relay=a.fabrikam.example [198.51.100.60]
Nov 22 10:00:01 sm1 sendmail[1]: 3AMHUA0000001: to=<x@northwind.example>, delay=00:00:01, mailer=esmtp, relay=mx.northwind.example. [192.0.2.4], dsn=2.0.0, stat=Sent (ok)
";
    let (events, _) = read("sm1", log);
    let found = told(&detail(&events, "x@northwind.example"));
    assert_eq!(found.last().unwrap(), "Send: Handed on to mx.northwind.example: ok");
}

const ENDED: &str = "\
Nov 21 10:00:00 gwa postfix/smtpd[1]: AAAA0001: client=mail.fabrikam.example[198.51.100.50]
Nov 21 10:00:00 gwa postfix/cleanup[2]: AAAA0001: message-id=<pa1@fabrikam.example>
Nov 21 10:00:00 gwa postfix/qmgr[3]: AAAA0001: from=<ext@fabrikam.example>, size=5000, nrcpt=1 (queue active)
Nov 21 10:00:01 gwa postfix/smtp[4]: AAAA0001: to=<kim@contoso.example>, relay=none, delay=1, delays=0.5/0/0.5/0, dsn=4.4.1, status=deferred (connect to mx1.contoso.example[192.0.2.9]:25: Connection timed out)
Nov 22 10:00:00 gwa postfix/qmgr[3]: AAAA0001: from=<ext@fabrikam.example>, status=expired, returned to sender
Nov 22 11:00:00 gwa postfix/smtpd[1]: AAAA0003: client=unknown[198.51.100.51]
Nov 22 11:00:00 gwa postfix/cleanup[2]: AAAA0003: hold: header Subject: invoice from unknown[198.51.100.51]; from=<held@fabrikam.example> to=<lee@contoso.example> proto=ESMTP helo=<x>: held for review
Nov 22 11:00:00 gwa postfix/cleanup[2]: AAAA0003: message-id=<held1@fabrikam.example>
Nov 22 11:01:00 gwa postfix/smtpd[1]: AAAA0004: client=unknown[198.51.100.51]
Nov 22 11:01:00 gwa postfix/cleanup[2]: AAAA0004: message-id=<disc1@fabrikam.example>
Nov 22 11:01:00 gwa postfix/cleanup[2]: AAAA0004: discard: header Subject: x from unknown[198.51.100.51]; from=<disc@fabrikam.example> to=<may@contoso.example> proto=ESMTP helo=<x>: spam thrown away
Nov 22 11:04:01 gwa postfix/postscreen[1]: NOQUEUE: reject: RCPT from [198.51.100.54]:4444: 550 5.7.1 Service unavailable; client [198.51.100.54] blocked using zen.spamhaus.org; from=<s@tailspin.example>, to=<bob@contoso.example>, proto=ESMTP, helo=<x>
";

#[test]
fn a_block_list_of_a_gateway_is_not_explained_by_our_connectors() {
    let (events, _) = read("gwa", ENDED);
    let found = detail(&events, "bob@contoso.example");
    let cause = found.cause.unwrap();
    assert_eq!((cause.name, cause.actor), (Some("RemoteDnsBlockList"), Actor::Sender));
    assert!(cause.cause.starts_with("At gwa: ") && cause.cause.contains("block list"), "{}", cause.cause);
    assert!(!cause.fix.contains("connector") && cause.fix.contains("administrator of gwa"), "{}", cause.fix);
    assert_eq!((found.row.place.as_deref(), found.row.server.as_deref()), (Some("gwa"), Some("gwa")));
}

#[test]
fn what_a_gateway_throws_away_is_for_its_administrator_to_say() {
    let (events, _) = read("gwa", ENDED);
    let found = detail(&events, "may@contoso.example");
    let cause = found.cause.as_ref().unwrap();
    assert_eq!(cause.actor, Actor::Administrator);
    assert!(cause.cause.contains("gwa threw it away") && cause.cause.contains("spam thrown away"));
    assert!(cause.fix.contains("administrator of gwa") && !cause.fix.contains("plainer"), "{}", cause.fix);
    assert_eq!(found.bar[0].state, StepState::Done);
    let events = told(&found);
    assert_eq!(events[0], "Receive: Received from 198.51.100.51");
    assert!(events[1].starts_with("Drop: "), "{events:?}");
}

#[test]
fn expiry_on_the_way_to_our_own_domain_is_ours_to_mend() {
    let (events, _) = read("gwa", ENDED);
    let found = detail(&events, "kim@contoso.example");
    let cause = found.cause.as_ref().unwrap();
    assert_eq!((cause.name, cause.actor), (Some("QueueExpired"), Actor::Administrator));
    assert!(cause.fix.starts_with("gwa could not hand it to the mail system of your own domain"));
    assert!(!cause.fix.contains("port 25 for you") && !cause.fix.contains("provider"), "{}", cause.fix);
    let fail = told(&found).pop().unwrap();
    assert!(fail.contains("could not be handed on") && !fail.contains("took the message"), "{fail}");
}

#[test]
fn a_hold_waits_for_the_administrator_of_the_gateway() {
    let (events, _) = read("gwa", ENDED);
    let found = detail(&events, "lee@contoso.example");
    assert_eq!((found.row.status, found.headline), (Status::Pending, "We found an issue"));
    let cause = found.cause.as_ref().unwrap();
    assert_eq!(cause.actor, Actor::Administrator);
    assert!(cause.cause.contains("held at gwa") && cause.fix.contains("postsuper -H AAAA0003"), "{cause:?}");
    assert!(found.sentence.contains("is held") && !found.sentence.contains("on its way"));
    assert_eq!(found.bar[0].state, StepState::Done);
    let words = told(&found);
    assert!(words[0].starts_with("Receive") && words[1].starts_with("Suppressed"), "{words:?}");
    // Once it is let go, its size is known.
    let log = format!(
        "{ENDED}Nov 22 11:30:00 gwa postfix/qmgr[3]: AAAA0003: from=<held@fabrikam.example>, size=700, nrcpt=1 (queue active)\n"
    );
    let (events, _) = read("gwa", &log);
    assert_eq!(detail(&events, "lee@contoso.example").row.size, 700);
}

#[test]
fn each_recipient_of_a_summary_has_its_own_events() {
    let csv = "\
origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority
2026-11-22T09:10:00.0000000Z,joe@fabrikam.example,\"kim@contoso.example##Receive, Deliver;bob@contoso.example##Receive, Fail\",Enh one,9000,<enh1@northwind.example>,33333333-3333-4444-5555-08dbcccccccd,198.51.100.43,1,,Normal
";
    let (events, _) = read("exo", csv);
    for (recipient, last) in [("kim@contoso.example", "Deliver"), ("bob@contoso.example", "Fail")] {
        let found = detail(&events, recipient);
        let names: Vec<&str> = found.events.iter().map(|event| event.event).collect();
        assert_eq!(names, ["Receive", last], "{recipient}");
        assert_eq!((found.row.place.as_deref(), found.row.server.as_deref()), (Some("exo"), Some("exo")));
    }
}

#[test]
fn what_a_gateway_lets_pass_names_no_unknown_queue() {
    let json = r#"{"guid":"PODG2","ts":"2026-11-22T10:00:00.000000+0000","connection":{"ip":"198.51.100.41","host":"mx.fabrikam.example"},"envelope":{"from":"joe@fabrikam.example","rcpts":["kim@contoso.example"]},"msg":{"header":{"message-id":["<pod2@fabrikam.example>"]},"sizeBytes":22},"filter":{"disposition":"continue","quarantine":{"folder":"Bulk"},"actions":[{"action":"continue","isFinal":true,"module":"access","rule":"system"}],"qid":"4BQ0000001"}}"#;
    let (events, _) = read("pod", json);
    let found = told(&detail(&events, "kim@contoso.example"));
    assert_eq!(
        found.last().unwrap(),
        "Queued: Passed on for delivery; a copy is held in the quarantine folder Bulk"
    );
    let (events, _) = read("pod", &json.replace(r#""quarantine":{"folder":"Bulk"},"#, ""));
    assert_eq!(
        told(&detail(&events, "kim@contoso.example")).last().unwrap(),
        "Queued: Passed on for delivery"
    );
}

#[test]
fn a_status_without_a_word_is_told() {
    let (events, _) = read("graph", UNNAMED);
    let found = detail(&events, "kim@contoso.example");
    assert_eq!((found.row.status, found.row.place.as_deref()), (Status::GettingStatus, Some("graph")));
    assert!(told(&found).last().unwrap().contains("no word for yet"), "{:?}", told(&found));
}

#[test]
fn a_status_without_a_word_is_read_twice_and_kept_once() {
    let sim = world::sim::SimWorld::starting_at(1, now());
    let world = sim.world();
    let dir = std::path::Path::new("/srv/trace");
    let open = || {
        let config = crate::Config::new("mx1.contoso.example");
        crate::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap()
    };
    let file = std::path::Path::new("/var/graph.json");
    world.disk.create_dir_all(std::path::Path::new("/var")).unwrap();
    world.disk.write_atomic(file, UNNAMED.as_bytes()).unwrap();
    let import = |trace: &crate::Trace| {
        let place = "graph".parse().unwrap();
        let done =
            trace.places().import_path(file, &place, &around(), &Options::new(now()), now(), &|_| true);
        done.unwrap().logs[0].imported
    };
    let trace = open();
    assert_eq!(import(&trace).new, 2);
    assert_eq!(import(&trace).new, 0);
    drop(trace);
    assert_eq!(import(&open()).new, 0, "after a restart");
}

const UNNAMED: &str = r#"{"value":[{"id":"33333333-3333-4444-5555-08dbcccccce1","senderAddress":"joe@fabrikam.example","recipientAddress":"kim@contoso.example","messageId":"<gr2@northwind.example>","receivedDateTime":"2026-11-22T09:21:00Z","subject":"Graph two","size":123,"status":"unknownFutureValue"}]}"#;

const SIGNED_IN: &str = "\
Nov 22 10:00:00 gwa postfix/smtpd[1]: EEEE0001: client=pc.contoso.example[192.0.2.60], sasl_method=PLAIN, sasl_username=kim@contoso.example
Nov 22 10:00:00 gwa postfix/cleanup[1]: EEEE0001: message-id=<own1@contoso.example>
Nov 22 10:00:01 gwa postfix/cleanup[1]: EEEE0001: milter-reject: END-OF-MESSAGE from pc.contoso.example[192.0.2.60]: 5.7.1 Command rejected; from=<kim@contoso.example> to=<far@northwind.example> proto=ESMTP helo=<pc>
";

#[test]
fn what_was_refused_came_from_inside_only_if_somebody_had_signed_in() {
    let told = |log: &str| {
        let (events, _) = read("gwa", log);
        let refused = events.into_iter().find(|(_, event)| event.event_id == EventId::Refused);
        let facts = refused.unwrap().1.message.unwrap();
        (facts.directionality, facts.authenticated_as)
    };
    let kim = Some("kim@contoso.example".to_owned());
    assert_eq!(told(SIGNED_IN), (Directionality::Originating, kim.clone()));
    let stranger = SIGNED_IN.replace(", sasl_method=PLAIN, sasl_username=kim@contoso.example", "");
    assert_eq!(told(&stranger), (Directionality::Incoming, None), "the name of a sender proves nothing");
    let named = stranger.replace("helo=<pc>", "helo=<pc> sasl_username=<kim@contoso.example>");
    assert_eq!(told(&named), (Directionality::Originating, kim));
}

const AT_HOME: &str = "\
Nov 22 10:00:00 gwa postfix/smtpd[1]: FADE0001: client=mail.fabrikam.example[198.51.100.60]
Nov 22 10:00:00 gwa postfix/cleanup[1]: FADE0001: message-id=<home1@fabrikam.example>
Nov 22 10:00:00 gwa postfix/qmgr[1]: FADE0001: from=<d@fabrikam.example>, size=1, nrcpt=1 (queue active)
";

#[test]
fn the_words_of_a_log_are_not_said_twice_and_are_no_reply_of_a_remote_server() {
    let end = |line: &str| {
        let (events, _) = read("gwa", &format!("{AT_HOME}{line}\n"));
        let found = detail(&events, "kim@contoso.example");
        (found.remote_reply.clone(), told(&found).pop().unwrap(), found.row.detail.unwrap())
    };
    let local = |text: &str| {
        end(&format!(
            "Nov 22 10:00:02 gwa postfix/virtual[1]: FADE0001: to=<kim@contoso.example>, relay=virtual, delay=2, dsn=2.0.0, status=sent ({text})"
        ))
    };
    let (reply, event, _) = local("delivered to mailbox");
    assert_eq!((reply, event.as_str()), (None, "Deliver: Delivered to the mailbox"));
    let (reply, event, _) = local("delivered to maildir");
    assert_eq!(
        (reply, event.as_str()),
        (None, "Deliver: Delivered to the mailbox: 2.0.0 delivered to maildir")
    );
    let (reply, ..) = local("250 2.1.5 <kim@contoso.example> saved");
    assert_eq!(reply.as_deref(), Some("250 2.1.5 <kim@contoso.example> saved"));
    let waits = "Nov 22 10:00:02 gwa postfix/smtp[1]: FADE0001: to=<kim@contoso.example>, relay=none, delay=2, dsn=4.4.1, status=deferred (connect to mx1.contoso.example[192.0.2.5]:25: Connection refused)";
    let (_, event, row) =
        end(&format!("{waits}\nNov 22 10:00:03 gwa postfix/postsuper[1]: FADE0001: removed"));
    assert_eq!(row, "Removed by an administrator");
    assert!(!event.contains("removed by an administrator"), "{event}");
    let expired = "Nov 22 10:00:03 gwa postfix/qmgr[1]: FADE0001: from=<d@fabrikam.example>, status=expired, returned to sender";
    assert_eq!(end(&format!("{waits}\n{expired}")).2, "Expired in the queue");
}
