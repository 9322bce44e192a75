//! The second part of the table of cases, and properties every case must hold.
//!
//! May touch: nothing (tests).

use std::time::Duration;

use jiff::Timestamp;

use super::cases::{CASES, Case, check, parse};
use super::{Status, SubStatus, fold, no_end_seen};

#[rustfmt::skip]
const MORE: &[Case] = &[
    Case { id: "S38", given: &["SMTP/HAREDIRECTFAIL[a] | status=No suitable shadow servers", "SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a]"],
        rows: &["a Delivered Delivered"] },
    Case { id: "S39", given: &["SMTP/HAREDIRECT[a]", "SMTP/HARECEIVE[a]", "SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a]", "REDUNDANCY/HADISCARD[a;other]"],
        rows: &["a Delivered Delivered"] },
    Case { id: "S40", given: &["SMTP/HARECEIVE[a]", "REDUNDANCY/RESUBMIT[a]", "STOREDRIVER/DELIVER[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S41", given: &["SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a] | folder=Inbox", "SAFETYNET/RESUBMIT[a]", "STOREDRIVER/DUPLICATEDELIVER[a]"],
        rows: &["a Delivered Delivered in Inbox"] },
    Case { id: "S42", given: &["SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a] | folder=Inbox", "SAFETYNET/RESUBMIT[a]", "SAFETYNET/RESUBMITFAIL[a]"],
        rows: &["a Delivered Delivered in Inbox"] },
    Case { id: "S43", given: &["SMTP/RECEIVE[a;b]", "ROUTING/TRANSFER[b] | reference=17", "STOREDRIVER/DELIVER[a]", "ROUTING/FAIL[b]"],
        rows: &["a Delivered Delivered", "b Failed NotDelivered rejected"] },
    Case { id: "S44", given: &["POISONMESSAGE/POISONMESSAGE[a]"], rows: &["a Pending NotReceived poison queue, needs an administrator"] },
    Case { id: "S45", given: &["SMTP/RECEIVE[a]", "ADMIN/FAIL[a] | status=removed by administrator@contoso.example"],
        rows: &["a Failed NotDelivered removed by an administrator"] },
    Case { id: "S46", given: &["PICKUP/BADMAIL[a]"], rows: &["a Failed NotDelivered rejected"] },
    Case { id: "S47", given: &["STOREDRIVER/SUBMITFAIL[a]", "2:STOREDRIVER/SUBMITDEFER[b]"],
        rows: &["a Failed NotDelivered rejected", "2:b Pending NotReceived deferred"] },
    Case { id: "S48", given: &["STOREDRIVER/DELIVERFAIL[a] | status=folder missing", "STOREDRIVER/DELIVER[a] | folder=Inbox"],
        rows: &["a Delivered Delivered in Inbox"] },
    Case { id: "S49", given: &["SMTP/RECEIVE[a]", "2:AGENT/RECEIVE[journal] | reference=<first@them>", "2:STOREDRIVER/DELIVER[journal]", "STOREDRIVER/DELIVER[a]"],
        rows: &["a Delivered Delivered", "2:journal Delivered Delivered"] },
    Case { id: "S50", given: &["SMTP/RECEIVE[g]", "ROUTING/EXPAND[m1] | related=g", "ROUTING/FAIL[m1] | reason=NdrSuppressedByRequest"],
        rows: &["g Expanded Processed", "m1 Failed NotDelivered rejected"] },
    Case { id: "S51", given: &["SMTP/RECEIVE[a;b]", "STOREDRIVER/DELIVER[a;b]", "STOREDRIVER/RECALL[a] | status=250 recalled",
        "STOREDRIVER/RECALL[b] | status=550 already read"], rows: &["a Recalled Processed", "b Delivered Delivered"] },
    Case { id: "S52", given: &["STOREDRIVER/DELIVER[a]", "SMTP/RECEIVE[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S53", given: &["SMTP/RECEIVE[a]", "QUEUE/QUEUED[a]"], rows: &["a Pending Processed queued"] },
    Case { id: "S55", given: &["SMTP/RECEIVE[x]", "SMTP/FAIL[x] | status=550 5.7.1 message looks like spam | reason=RemotePermanent"],
        rows: &["x Failed NotDelivered rejected"] },
    Case { id: "S56", given: &["SMTP/RECEIVE[a]", "SMTP/SEND[a] | hop=exchange2019 | domain=authoritative"],
        rows: &["a Pending Processed handed on, not seen there yet"] },
    Case { id: "S56 then", given: &["SMTP/RECEIVE[a]", "SMTP/SEND[a] | hop=exchange2019", "SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a]"],
        rows: &["a Delivered Delivered"] },
    Case { id: "S57", given: &["SMTP/RECEIVE[a]", "SMTP/SENDEXTERNAL[a] | domain=authoritative | host=mail.contoso.example"],
        rows: &["a Pending Processed handed on, not seen there yet"] },
    Case { id: "a group's own open path", given: &["SMTP/RECEIVE[a]", "ROUTING/REDIRECT[b] | related=a", "QUEUE/QUEUED[a;b]", "STOREDRIVER/DELIVER[b]"],
        rows: &["a Pending Processed queued", "b Delivered Delivered"] },
    Case { id: "a broken chain", given: &["SMTP/RECEIVE[a]", "ROUTING/REDIRECT[b] | related=a", "ROUTING/REDIRECT[a] | related=b"],
        rows: &["a Resolved Processed", "b Resolved Processed"] },
    Case { id: "a chain of two", given: &["SMTP/RECEIVE[a2]", "ROUTING/RESOLVE[a] | related=a2", "ROUTING/REDIRECT[x] | related=a", "SMTP/SENDEXTERNAL[x] | hop=outside"],
        rows: &["a2 Resolved HandedOn -> x Delivered", "a Resolved HandedOn -> x Delivered", "x Delivered HandedOn handed on"] },
    Case { id: "a place that reported the message", given: &["SMTP/RECEIVE[a]", "SMTP/SEND[a] | hop=exchange2019", "SMTP/RECEIVE[a]"],
        rows: &["a Pending Processed in transit inside the organization"] },
];

#[test]
fn cases_s38_to_s57() {
    MORE.iter().for_each(check);
}

/// S54 has no RECEIVE and so no row of the fold: refusals make their rows, see `refusals`.
#[test]
fn every_case_of_the_table_is_there() {
    let known: Vec<&str> = CASES.iter().chain(MORE).map(|case| case.id).collect();
    let missing: Vec<String> = (1..=57)
        .map(|number| format!("S{number:02}"))
        .filter(|id| id != "S54" && !known.contains(&id.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_end_seen_is_pending_and_never_failed() {
    let events: Vec<_> = ["SMTP/RECEIVE[a;b]", "STOREDRIVER/DELIVER[b]"]
        .iter()
        .enumerate()
        .map(|(number, line)| parse(line, number))
        .collect();
    let mut rows = fold(&events);
    let now = Timestamp::from_second(1_700_000_000 + 3 * 86_400).unwrap();
    let two_days = Duration::from_secs(2 * 86_400);
    for row in &mut rows {
        no_end_seen(row, events[0].1.at, now, two_days);
    }
    assert_eq!((rows[0].status, rows[0].sub_status), (Status::Pending, Some(SubStatus::NoEndSeen)));
    assert_eq!(rows[1].status, Status::Delivered);
    let mut early = fold(&events);
    no_end_seen(&mut early[0], events[0].1.at, Timestamp::from_second(1_700_000_100).unwrap(), two_days);
    assert_eq!(early[0].status, Status::GettingStatus);
}

#[test]
fn a_row_carries_what_the_next_attempt_needs() {
    let case = CASES.iter().find(|case| case.id == "S09").unwrap();
    let events: Vec<_> = case.given.iter().enumerate().map(|(number, line)| parse(line, number)).collect();
    let row = fold(&events).remove(0);
    assert_eq!(row.attempts, Some(1));
    assert_eq!(row.last_reply.as_deref(), Some("451 4.7.1 Greylisted"));
    assert_eq!(row.next_retry.map(|at| at.as_second()), Some(1_700_000_060));
    assert!(row.detail.unwrap().contains("451 4.7.1 Greylisted"));
}
