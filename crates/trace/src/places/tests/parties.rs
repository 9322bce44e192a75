//! Who is said to have to act where another place decided, and where this server never saw what was handed to it.
//!
//! May touch: a simulated world (tests).

use world::sim::SimWorld;

use super::answers::opened;
use super::told::{detail, told};
use super::*;
use crate::Query;
use crate::causes::Actor;
use crate::detail::Detail;
use crate::status::{Status, SubStatus};

const KIM: &str = "kim@contoso.example";

/// A Proofpoint record with this final action of the module for access.
fn decided(action: &str) -> Detail {
    let json = r#"{"guid":"PX1","ts":"2026-11-22T10:00:00.000000+0000","connection":{"ip":"198.51.100.40","host":"mx.fabrikam.example"},"envelope":{"from":"joe@fabrikam.example","rcpts":["kim@contoso.example"]},"msg":{"header":{"message-id":["<px1@fabrikam.example>"]},"sizeBytes":1111},"filter":{"disposition":"ACTION","actions":[{"action":"ACTION","isFinal":true,"module":"access","rule":"tmp"}],"qid":"px1"}}"#;
    let (events, _) = read("px", &json.replace("ACTION", action));
    detail(&events, KIM)
}

#[test]
fn what_a_gateway_puts_off_is_not_explained_by_our_connectors() {
    let found = decided("retry");
    assert_eq!(found.row.row.sub_status, Some(SubStatus::Deferred));
    let cause = found.cause.unwrap();
    assert_eq!((cause.name, cause.actor), (None, Actor::Nobody));
    assert!(cause.cause.starts_with("px puts it off"), "{}", cause.cause);
    assert!(cause.fix.contains("administrator of px") && !cause.fix.contains("onnector"), "{}", cause.fix);
}

#[test]
fn what_a_gateway_sends_on_elsewhere_is_no_issue_and_names_no_empty_address() {
    let found = decided("redirect");
    assert_eq!(
        (found.row.status, found.headline, &found.cause),
        (Status::Resolved, "We found your message", &None)
    );
    assert_eq!(told(&found).last().unwrap(), "Redirect: Forwarded to another address");
    assert_eq!(
        found.sentence,
        "The message for kim@contoso.example was sent on elsewhere. Replaced by another address, which the record does not name."
    );
}

#[test]
fn greylisting_at_a_gateway_asks_nobody_to_act() {
    let log = "Nov 22 11:05:00 gwa postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[198.51.100.55]: 450 4.2.0 <kim@contoso.example>: Recipient address rejected: Greylisted; from=<g@fabrikam.example> to=<kim@contoso.example> proto=ESMTP helo=<x>\n";
    let (events, _) = read("gwa", log);
    let cause = detail(&events, KIM).cause.unwrap();
    assert_eq!((cause.name, cause.actor), (Some("RemoteGreylisted"), Actor::Nobody));
    assert!(cause.cause.starts_with("gwa puts off the first attempt"), "{}", cause.cause);
    assert!(cause.fix.contains("the next attempt, some minutes later, is taken"), "{}", cause.fix);
}

const HERE: &str = "\
2026-11-22T09:00:42.000000+00:00 hx postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.fabrikam.example[198.51.100.60]
2026-11-22T09:00:42.000000+00:00 hx postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@fabrikam.example>
2026-11-22T09:00:42.000000+00:00 hx postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@fabrikam.example>, size=300, nrcpt=1 (queue active)
2026-11-22T09:00:43.000000+00:00 hx postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=mx1.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=888888, Hostname=mx1.contoso.example] Queued mail for delivery)
";

/// What is said at this time of what hx handed on to a place of this name.
fn handed_to(place: &str, now: &str) -> Detail {
    let sim = SimWorld::starting_at(1, now.parse().unwrap());
    let trace = opened(&sim);
    let mut known = (*around()).clone();
    known.hosts.insert("mx1".to_owned(), place.to_owned());
    let (events, _) = read_as("hx", HERE, &Arc::new(known));
    trace.places().import(events, now.parse().unwrap()).unwrap();
    let query = Query { recipients: vec![KIM.parse().unwrap()], ..Query::default() };
    let row = sim.run(trace.search(query)).unwrap().rows.remove(0);
    sim.run(trace.detail(row.network_message_id, KIM, &crate::Cut::default())).unwrap().unwrap()
}

#[test]
fn what_was_handed_to_this_server_and_never_came_is_an_issue() {
    for place in ["mx1", "mx1.contoso.example"] {
        let found = handed_to(place, "2026-11-22T09:20:00Z");
        assert_eq!((found.row.status, found.headline), (Status::Pending, "We found an issue"));
        assert_eq!(found.row.row.sub_status, Some(SubStatus::NeverSeenHere));
        assert!(found.sentence.contains("this server has no such message"), "{}", found.sentence);
        let cause = found.cause.unwrap();
        assert_eq!(cause.actor, Actor::Administrator);
        assert!(cause.cause.contains("has no such message, though hx says"), "{}", cause.cause);
        assert!(cause.cause.contains("888888") && cause.fix.contains("really this server"), "{cause:?}");
    }
    // A record of ours may be on its way, and of another place it is not known what it has.
    for (place, now) in [("mx1", "2026-11-22T09:10:00Z"), ("exch01", "2026-11-22T09:20:00Z")] {
        let found = handed_to(place, now);
        assert_eq!(found.row.row.sub_status, Some(SubStatus::NotSeenThereYet), "{place} {now}");
        assert_eq!((found.headline, found.cause), ("We found your message", None), "{place} {now}");
    }
}
