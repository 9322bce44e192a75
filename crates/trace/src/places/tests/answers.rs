//! What answers say of places: links that logs state, days, records, places read no more, and times of another place.
//!
//! May touch: a simulated world (tests).

use std::path::Path;

use events::{EventId, MessageFacts, Source};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use uuid::Uuid;
use world::sim::SimWorld;

use super::sources::{message, spec, start};
use super::*;
use crate::places::SourceKind;
use crate::status::NodeId;
use crate::tree::{Basis, Relation};
use crate::{Config, Query, Trace};

pub(super) fn opened(sim: &SimWorld) -> Trace {
    let world = sim.world();
    let config = Config::new("mx1.contoso.example");
    Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/srv/trace"), config).unwrap()
}

fn noon() -> SimWorld {
    SimWorld::starting_at(1, now())
}

/// Our own record of a message from a gateway, at this time.
pub(super) fn own(at: &str) -> Vec<(EventKey, Event)> {
    let at: Timestamp = at.parse().unwrap();
    let mut event = Event::new(at, EventId::Receive, Source::Smtp, NetworkMessageId(Uuid::from_u128(9)))
        .recipient("kim@contoso.example", "");
    event.received = at;
    event.internal_message_id = Some(InternalMessageId(7));
    event.message_id = MessageId::parse("m1@fabrikam.example").ok();
    event.server_hostname = Some("mx1.contoso.example".into());
    event.message =
        Some(MessageFacts { return_path: "mimi@fabrikam.example".into(), ..MessageFacts::default() });
    Vec::from([(EventKey { node: NodeId(1), seq: 1 }, event)])
}

const GATEWAY: &str = "\
2026-11-22T09:00:42.000000+00:00 gwo postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.fabrikam.example[198.51.100.60]
2026-11-22T09:00:42.000000+00:00 gwo postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@fabrikam.example>
2026-11-22T09:00:42.000000+00:00 gwo postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@fabrikam.example>, size=300, nrcpt=1 (queue active)
2026-11-22T09:00:43.000000+00:00 gwo postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=mx1.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=mx1.contoso.example] Queued mail for delivery)
";

const POSTFIX: &str = "\
Nov 22 09:00:00 gw postfix/smtpd[1]: AAAA0001: client=a.fabrikam.example[198.51.100.50]
Nov 22 09:00:00 gw postfix/cleanup[2]: AAAA0001: message-id=<p1@fabrikam.example>
Nov 22 09:00:00 gw postfix/qmgr[3]: AAAA0001: from=<ext@fabrikam.example>, size=5000, nrcpt=1 (queue active)
Nov 22 09:00:02 gw postfix/smtp[5]: AAAA0001: to=<far@northwind.example>, relay=mx.northwind.example[192.0.2.9]:25, delay=2, dsn=5.1.1, status=bounced (host mx.northwind.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))
Nov 22 09:00:02 gw postfix/cleanup[2]: AAAA0002: message-id=<20261122.AAAA0002@gw>
Nov 22 09:00:02 gw postfix/bounce[6]: AAAA0001: sender non-delivery notification: AAAA0002
Nov 22 09:00:02 gw postfix/qmgr[3]: AAAA0002: from=<>, size=7000, nrcpt=1 (queue active)
Nov 22 09:00:03 gw postfix/smtp[4]: AAAA0002: to=<ext@fabrikam.example>, relay=a.fabrikam.example[198.51.100.50]:25, delay=1, dsn=2.0.0, status=sent (250 OK)
";

const EXIM: &str = "\
2026-11-22 09:00:00 1rXabc-000001-2B <= ext@fabrikam.example H=a.fabrikam.example [198.51.100.50] P=esmtp S=500 id=e1@fabrikam.example for far@northwind.example
2026-11-22 09:00:02 1rXabc-000001-2B ** far@northwind.example R=dnslookup T=remote_smtp H=mx.northwind.example [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<far@northwind.example>: 550 5.1.1 no such user
2026-11-22 09:00:02 1rXdsn-000002-3C <= <> R=1rXabc-000001-2B U=exim P=local S=2345
2026-11-22 09:00:02 1rXabc-000001-2B Completed
2026-11-22 09:00:03 1rXdsn-000002-3C => ext@fabrikam.example R=dnslookup T=remote_smtp H=a.fabrikam.example [198.51.100.50] C=\"250 OK\"
";

const SENDMAIL: &str = "\
Nov 22 09:00:00 sm1 sendmail[1]: 3AMHUA0000002: from=<ext@fabrikam.example>, size=1, nrcpts=1, msgid=<s1@fabrikam.example>, relay=a.fabrikam.example [198.51.100.60]
Nov 22 09:00:01 sm1 sendmail[1]: 3AMHUA0000002: to=<far@northwind.example>, delay=00:00:01, mailer=esmtp, relay=mx.northwind.example. [192.0.2.9], dsn=5.1.1, stat=User unknown
Nov 22 09:00:01 sm1 sendmail[1]: 3AMHUA0000002: 3AMHUA0000003: DSN: User unknown
Nov 22 09:00:02 sm1 sendmail[1]: 3AMHUA0000003: to=<ext@fabrikam.example>, delay=00:00:01, mailer=esmtp, relay=a.fabrikam.example. [198.51.100.60], dsn=2.0.0, stat=Sent (ok)
";

#[test]
fn a_report_that_a_log_names_is_linked_for_certain() {
    // A message that waits, and one that was done with before its report was made.
    let waits = EXIM.replace(" ** ", " == ").replace("]: SMTP error", "] defer (-44): SMTP error");
    let waits = waits.replace("550 5.1.1", "450 4.2.1");
    let (mut lines, done) = (EXIM.lines().collect::<Vec<_>>(), EXIM.lines().nth(3).unwrap());
    lines.remove(3);
    lines.insert(2, done);
    let done_before = lines.join("\n") + "\n";
    let logs = [
        ("postfix", POSTFIX),
        ("exim", EXIM),
        ("waits", waits.as_str()),
        ("done_before", done_before.as_str()),
        ("sendmail", SENDMAIL),
    ];
    for (place, log) in logs {
        let sim = noon();
        let trace = opened(&sim);
        trace.places().import(read(place, log).0, now()).unwrap();
        let id = |recipient: &str| {
            let recipients = vec![recipient.parse().unwrap()];
            let start = "2026-11-22T00:00:00Z".parse().ok();
            let answer = trace.search_blocking(&Query { recipients, start, ..Query::default() }).unwrap();
            answer.rows[0].network_message_id
        };
        let (origin, report) = (id("far@northwind.example"), id("ext@fabrikam.example"));
        for (of, to, relation) in [(origin, report, Relation::Report), (report, origin, Relation::Origin)] {
            let tree = sim.run(trace.tree(of)).unwrap().unwrap();
            let found: Vec<_> = tree
                .linked
                .iter()
                .map(|linked| (linked.network_message_id, linked.relation, linked.basis))
                .collect();
            assert_eq!(found, [(to, relation, Basis::Certain)], "{place}");
        }
    }
}

#[test]
fn days_of_other_places_are_not_days_of_this_server() {
    let sim = noon();
    let trace = opened(&sim);
    let whole = Query { start: "2026-11-01T00:00:00Z".parse().ok(), ..Query::default() };
    let days = || trace.search_blocking(&whole).unwrap().sources[0].days;
    trace.places().import(read("gwo", &GATEWAY.replace("11-22T", "11-20T")).0, now()).unwrap();
    assert_eq!(days(), Some(0));
    trace.store().import(own("2026-11-22T09:00:43.218Z")).unwrap();
    assert_eq!(days(), Some(1));
}

#[test]
fn nothing_found_before_a_message_came_here_tells_of_the_place_that_had_it() {
    let sim = noon();
    let trace = opened(&sim);
    trace.store().import(own("2026-11-22T09:00:43.218Z")).unwrap();
    trace.places().import(read("gwo", GATEWAY).0, now()).unwrap();
    let asked = |start: &str, end: &str| {
        let query = Query {
            message_ids: vec![MessageId::parse("m1@fabrikam.example").unwrap()],
            start: start.parse().ok(),
            end: end.parse().ok(),
            ..Query::default()
        };
        let answer = trace.search_blocking(&query).unwrap();
        assert!(answer.gaps.iter().all(|gap| !gap.cause.contains("minute")), "{:?}", answer.gaps);
        (answer.total, answer.gaps.iter().filter(|gap| gap.cause.contains("another place received")).count())
    };
    assert_eq!(asked("2026-11-22T09:00:41Z", "2026-11-22T09:00:43Z"), (0, 1));
    assert_eq!(asked("2026-11-22T09:00:00Z", "2026-11-22T09:00:41Z"), (0, 0));
    assert_eq!(asked("2026-11-22T09:00:41Z", "2026-11-22T09:01:00Z"), (1, 0));
}

#[test]
fn the_place_of_a_removed_source_stays_among_those_searched() {
    let sim = noon();
    let (_, trace) = start(&sim);
    let sources = trace.sources().unwrap();
    sources.add(spec("shipper", SourceKind::Http { token: None })).unwrap();
    sim.run(sources.post("shipper", message(&sim, 1).into())).unwrap();
    let place = sources.list()[0].0.place.clone();
    let before = trace.search_blocking(&Query::default()).unwrap();
    assert_eq!(before.total, 1);
    sources.remove("shipper").unwrap();
    let after = sim.run(trace.search(Query::default())).unwrap();
    let found = after.sources.iter().find(|source| source.place.as_deref() == Some(place.as_str())).unwrap();
    assert!(found.last_record.is_some());
    let gap = after.gaps.iter().find(|gap| gap.source == place).unwrap();
    assert!(gap.cause.contains("shipper was removed"), "{gap:?}");
    // Read again it is no gap.
    sources.add(spec("shipper", SourceKind::Http { token: None })).unwrap();
    let again = sim.run(trace.search(Query::default())).unwrap();
    assert!(!again.gaps.iter().any(|gap| gap.cause.contains("was removed")), "{:?}", again.gaps);
}

#[test]
fn a_source_that_was_removed_before_it_read_anything_is_told_until_it_is_forgotten() {
    let sim = noon();
    let (_, trace) = start(&sim);
    let sources = trace.sources().unwrap();
    sources.add(spec("quiet", SourceKind::Http { token: None })).unwrap();
    let place = sources.list()[0].0.place.clone();
    sources.remove("quiet").unwrap();
    let told = || {
        let answer = sim.run(trace.search(Query::default())).unwrap();
        let gap = answer.gaps.iter().find(|gap| gap.source == place).map(|gap| gap.cause.clone());
        (answer.sources.iter().any(|source| source.place.as_deref() == Some(place.as_str())), gap)
    };
    let (is_named, cause) = told();
    let cause = cause.unwrap();
    assert!(is_named && cause.contains("quiet was removed before it read anything"), "{cause}");
    trace.places().remove_place(&place, &sim.world().clock, &|_| true).unwrap();
    assert_eq!(told(), (false, None));
}

#[test]
fn what_was_handed_on_and_never_seen_is_told_by_the_place_it_is_searched_by() {
    let sim = noon();
    let trace = opened(&sim);
    let known = Surroundings {
        domains: [("contoso.example".to_owned(), DomainKind::Authoritative)].into(),
        hosts: [("mx1".to_owned(), "mx1.contoso.example".to_owned())].into(),
    };
    let (events, _) = read_as("foldgw", GATEWAY, &Arc::new(known));
    trace.places().import(events, now()).unwrap();
    let query = Query {
        recipients: vec!["kim@contoso.example".parse().unwrap()],
        subject: Some(crate::search::SubjectFilter {
            kind: crate::search::SubjectFilterType::Contains,
            text: "nothing of the kind".into(),
        }),
        ..Query::default()
    };
    let text = sim.run(async {
        let answer = trace.search(query.clone()).await.unwrap();
        let (asked, zone, subjects) = (vec![], jiff::tz::TimeZone::UTC, crate::queries::Subjects::Shown);
        let wording = crate::queries::Wording { asked: &asked, zone: &zone, subjects };
        trace.not_found(&query, &answer, &wording).await.unwrap().text
    });
    // Its log names the host gwo.
    assert!(text.contains("Last seen at foldgw, never seen at mx1.contoso.example"), "{text}");
}

#[test]
fn heads_are_no_records() {
    let csv = "\
Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageId,MessageTraceId
2026-11-22T00:00:04Z,mimi@fabrikam.example,lee@contoso.example,Offer,Failed,,192.0.2.25,10,<m1@fabrikam.example>,66666666-6666-6666-6666-666666666666
";
    let (_, tally) = read("exo", csv);
    assert_eq!((tally.lines, tally.records()), (2, 1));
    let log = "\
#Software: Microsoft Exchange Server
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address
2026-11-22T00:00:02.500Z,EXCH01,SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example
";
    let (_, tally) = read("exch", log);
    assert_eq!((tally.lines, tally.records()), (3, 1));
}
