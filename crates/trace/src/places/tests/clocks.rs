//! Where the time went over several places: a gateway's queue is the gateway's, and a clock is no delay.
//!
//! May touch: a simulated world (tests).

use world::sim::SimWorld;

use super::answers::{opened, own};
use super::*;
use crate::Query;
use crate::detail::TimeBudget;
use crate::search::RowOrder;

const KIM: &str = "kim@contoso.example";

/// What a gateway in Postfix's manner has of a message that it took at one time and handed on at another.
fn gateway(took: &str, handed_on: &str) -> String {
    format!(
        "\
{took} gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.example[192.0.2.1]
{took} gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@fabrikam.example>
{took} gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@fabrikam.example>, size=10, nrcpt=1 (queue active)
{handed_on} gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=exch01.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=exch01.contoso.example] Queued mail for delivery)
{handed_on} gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: removed
"
    )
}

/// What Exchange has of it, with what it measured.
fn exchange(came: &str, delivered: &str, info: &str) -> String {
    let ids = "7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,";
    format!(
        "\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,message-subject,sender-address,return-path,total-bytes,message-info
{came},EXCH01,SMTP,RECEIVE,{ids},Offer,mimi@fabrikam.example,mimi@fabrikam.example,10,
{delivered},EXCH01,STOREDRIVER,DELIVER,{ids},,,,,{info}
"
    )
}

/// The parts as words, whether the slowest, and what -Slowest goes by, in milliseconds.
fn told<const N: usize>(logs: [String; N]) -> (Vec<(String, i64, bool)>, TimeBudget, i64) {
    let (parts, budget, took, _) = passed(logs);
    (parts, budget, took)
}

/// The same, with the places it passed.
type Way = (Vec<(String, i64, bool)>, TimeBudget, i64, Vec<String>);

fn passed<const N: usize>(logs: [String; N]) -> Way {
    let sim = SimWorld::starting_at(1, now());
    let trace = opened(&sim);
    for (place, log) in ["gw", "exch", "cloud"].into_iter().zip(logs) {
        trace.places().import(read(place, &log).0, now()).unwrap();
    }
    let query = Query { order: RowOrder::Slowest, ..Query::default() };
    let row = sim.run(trace.search(query)).unwrap().rows.remove(0);
    let found = sim.run(trace.detail(row.network_message_id, KIM, &crate::Cut::default())).unwrap().unwrap();
    let budget = found.budget.unwrap();
    assert_eq!(budget.parts.iter().map(|part| part.ms).sum::<i64>(), budget.total_ms, "{budget:?}");
    // Of the times as they are shown.
    let whole = budget.end.as_millisecond() - budget.start.as_millisecond();
    assert_eq!(whole, budget.total_ms, "{budget:?}");
    let parts = budget.parts.iter().map(|part| {
        let hop = part.hop.as_deref().unwrap_or("-");
        (format!("{hop}: {}", part.what), part.ms, part.is_slowest)
    });
    let whole = row.row.ended_at.unwrap().duration_since(row.row.received_at.unwrap());
    let took = whole - row.row.clocks_differ.unwrap_or_default();
    let hops = row.hops.iter().map(|hop| {
        let from = hop.from.as_deref().unwrap_or("-");
        let skew = hop.skew.map(|skew| skew.as_millis()).unwrap_or_default();
        format!("{from} > {} {skew:+}", hop.place)
    });
    (parts.collect(), budget.clone(), i64::try_from(took.as_millis()).unwrap(), hops.collect())
}

fn parts(logs: [String; 2]) -> Vec<(String, i64, bool)> {
    told(logs).0
}

#[test]
fn a_gateways_queue_is_the_gateways() {
    let gateway = gateway("2026-11-22T00:49:44+00:00", "2026-11-22T00:49:47+00:00");
    let info = "2026-11-22T00:49:47.300Z;SRV=EXCH01.contoso.example:TOTAL-HUB=0.150|SMR=0.050|CAT=0.100";
    let found =
        parts([gateway.clone(), exchange("2026-11-22T00:49:47.300Z", "2026-11-22T00:49:47.500Z", info)]);
    let wanted = [
        ("gw: Waiting in a queue, and hand-on to exch01.contoso.example", 3_000, true),
        ("-: On the way to EXCH01", 300, false),
        ("EXCH01.contoso.example: SMTP reception", 50, false),
        ("EXCH01.contoso.example: Categorizer", 100, false),
        ("-: Between the servers", 50, false),
    ];
    assert_eq!(found, wanted.map(|(what, ms, slowest)| (what.to_owned(), ms, slowest)));
    // Its reply is noted when the next place has gone on with it.
    let found = parts([gateway, exchange("2026-11-22T00:49:45.500Z", "2026-11-22T00:49:47.500Z", "")]);
    let wanted = [
        ("gw: Waiting in a queue, and on the way to EXCH01", 1_500, false),
        ("EXCH01: Delivery to the mailbox", 2_000, true),
    ];
    assert_eq!(found[0], (wanted[0].0.to_owned(), wanted[0].1, wanted[0].2), "{found:?}");
    assert_eq!(found[1].1, 2_000, "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn what_came_after_it_was_acknowledged_is_a_clock() {
    let gateway = gateway("2026-11-22T00:49:44.000100+00:00", "2026-11-22T00:49:45.007+00:00");
    let logs = [gateway, exchange("2026-11-22T00:51:24.007Z", "2026-11-22T00:51:25.007Z", "")];
    let (found, budget, took) = told(logs);
    assert_eq!(
        found[1],
        ("-: No time: the clock of exch is 99.000 s ahead of that of gw".to_owned(), 0, false)
    );
    assert!(budget.parts[1].is_clock && !budget.parts[0].is_clock, "{budget:?}");
    assert_eq!(found.iter().filter(|(_, _, slowest)| *slowest).count(), 1, "{found:?}");
    assert_eq!((budget.total_ms, took), (2_007, 2_006));
}

/// What Exchange has of a message that it handed on to the cloud.
fn exchange_to_cloud(came: &str, handed_on: &str) -> String {
    let ids = "7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,";
    format!(
        "\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,message-subject,sender-address,return-path,total-bytes,custom-data
{came},EXCH01,SMTP,RECEIVE,{ids},Offer,mimi@fabrikam.example,mimi@fabrikam.example,10,
{handed_on},EXCH01,SMTP,SENDEXTERNAL,{ids},,,,,S:RemoteHost=EX9.cloud.example
"
    )
}

/// What the cloud's Exchange has of it, with an id of its own.
fn cloud(came: &str, delivered: &str) -> String {
    exchange(came, delivered, "").replace("EXCH01", "EX9").replace("5555-5", "6666-6").replace(",7,", ",9,")
}

/// A minute and second of the hour, with milliseconds, as logs write it.
fn at(millis: i64) -> String {
    let start: Timestamp = "2026-11-22T00:30:00Z".parse().unwrap();
    let at = start + jiff::SignedDuration::from_millis(millis);
    format!("{at:.3}")
}

#[test]
fn a_clock_behind_is_told_and_taken_off() {
    for behind in [3_000, 300_000] {
        let gateway = gateway(&at(100), &at(1_100));
        let exch = exchange(&at(1_100 - behind), &at(3_600 - behind), "");
        let (found, budget, took, hops) = passed([gateway, exch]);
        assert_eq!(hops, ["- > gw +0".to_owned(), format!("gw > exch {:+}", -behind)]);
        let wanted = [
            ("gw: Waiting in a queue, and hand-on to exch01.contoso.example".to_owned(), 1_000, false),
            (
                format!("-: No time: the clock of exch is {}.000 s behind that of gw", behind / 1_000),
                0,
                false,
            ),
            ("EXCH01: Delivery to the mailbox".to_owned(), 2_500, true),
        ];
        assert_eq!(found, wanted);
        assert_eq!((budget.total_ms, took), (3_500, 3_500), "{behind}");
        assert_eq!(budget.start.to_string(), "2026-11-22T00:30:00.1Z");
    }
}

#[test]
fn a_queue_longer_than_a_clock_is_behind_stays_the_gateways() {
    let gateway = gateway(&at(100), &at(600_100));
    let info = "2026-11-22T00:35:00.100Z;SRV=EXCH01.contoso.example:TOTAL-HUB=0.150|SMR=0.050|CAT=0.100";
    let exch = exchange(&at(300_100), &at(302_100), info);
    let (found, budget, took, _) = passed([gateway, exch]);
    assert_eq!(found[0].1, 600_000, "{found:?}");
    assert_eq!(found[1].0, "-: No time: the clock of exch is 300.000 s behind that of gw");
    assert_eq!((budget.total_ms, took), (602_000, 602_000), "{found:?}");
}

#[test]
fn one_of_three_places_may_have_a_clock_of_its_own() {
    // By how much the clock of each differs, in milliseconds.
    for [gw, exch, exo] in [
        [0, 0, 0],
        [0, -3_000, 0],
        [0, -300_000, 0],
        [0, -300_000, -300_000],
        [0, 0, -300_000],
        [0, 99_000, 0],
        [0, 99_000, 99_000],
        [0, -3_000, -6_000],
        [300_000, 0, 0],
        [-300_000, 0, 0],
    ] {
        let logs = [
            gateway(&at(gw + 100), &at(gw + 1_100)),
            exchange_to_cloud(&at(exch + 1_100), &at(exch + 1_600)),
            cloud(&at(exo + 1_600), &at(exo + 3_100)),
        ];
        let (found, budget, took, hops) = passed(logs);
        let wanted = [
            "- > gw +0".to_owned(),
            format!("gw > exch {:+}", exch - gw),
            format!("exch > cloud {:+}", exo - exch),
        ];
        assert_eq!(hops, wanted, "{found:?}");
        let clocks: Vec<&str> =
            found.iter().map(|(what, ..)| what.as_str()).filter(|what| what.contains("No time")).collect();
        let words = |by: i64, place: &str, from: &str| {
            let side = if by < 0 { "behind" } else { "ahead of" };
            let by = by.abs() / 1_000;
            (by != 0).then(|| format!("-: No time: the clock of {place} is {by}.000 s {side} that of {from}"))
        };
        let wanted = [words(exch - gw, "exch", "gw"), words(exo - exch, "cloud", "exch")];
        assert_eq!(clocks, wanted.iter().flatten().collect::<Vec<_>>(), "{found:?}");
        let times: Vec<i64> = found.iter().map(|(_, ms, _)| *ms).filter(|ms| *ms != 0).collect();
        assert_eq!((times, budget.total_ms), (vec![1_000, 500, 1_500], 3_000), "{found:?}");
        assert_eq!(took, 3_000, "{:?}", [gw, exch, exo]);
    }
}

/// What waits at a place whose clock is behind waits there, and is not unseen there.
#[test]
fn what_waits_where_the_clock_is_behind_waits_there() {
    for behind in [0, 3_000, 300_000] {
        let sim = SimWorld::starting_at(1, now());
        let trace = opened(&sim);
        let log = exchange(&at(1_050 - behind), &at(1_080 - behind), "");
        let log = log.replace("STOREDRIVER,DELIVER", "SMTP,DEFER");
        for (place, log) in [("gw", gateway(&at(100), &at(1_100))), ("exch", log)] {
            trace.places().import(read(place, &log).0, now()).unwrap();
        }
        let row = sim.run(trace.search(Query::default())).unwrap().rows.remove(0);
        let told = (row.row.sub_status, row.row.told_by.as_deref());
        assert_eq!(told, (Some(crate::status::SubStatus::Deferred), Some("exch")), "{behind} {row:?}");
    }
}

/// This server is between a gateway and the cloud: its clock is the one that counts.
#[test]
fn this_servers_clock_is_the_one_that_counts() {
    let hour = jiff::SignedDuration::from_millis;
    for ahead in [-300_000, -3_000, 0, 3_000, 300_000] {
        let sim = SimWorld::starting_at(1, now());
        let trace = opened(&sim);
        let mut ours = own(&at(1_100));
        let (_, mut sent) = ours[0].clone();
        sent.event_id = events::EventId::SendExternal;
        sent.at += hour(500);
        sent.message = None;
        sent.detail.remote_host = Some("EX9.cloud.example".to_owned());
        sent.server_hostname.clone_from(&sent.detail.remote_host);
        sent.detail.next_hop = Some(events::NextHop::Outside);
        ours.push((EventKey { seq: 2, ..ours[0].0 }, sent));
        trace.store().import(ours).unwrap();
        let gateway = gateway(&at(ahead + 100), &at(ahead + 1_100)).replace("exch01", "mx1");
        for (place, log) in [("gw", gateway), ("cloud", cloud(&at(1_600), &at(3_100)))] {
            trace.places().import(read(place, &log).0, now()).unwrap();
        }
        let row = sim.run(trace.search(Query::default())).unwrap().rows.remove(0);
        let hops: Vec<&str> = row.hops.iter().map(|hop| hop.place.as_str()).collect();
        assert_eq!(hops, ["gw", "mx1.contoso.example", "cloud"], "{ahead}");
        let skews: Vec<_> = row.hops.iter().map(|hop| hop.skew.map(|skew| skew.as_millis())).collect();
        assert_eq!(skews, [None, Some(i128::from(-ahead)), Some(0)]);
        let cut = crate::Cut::default();
        let found = sim.run(trace.detail(row.network_message_id, KIM, &cut)).unwrap().unwrap();
        let budget = found.budget.unwrap();
        let times: Vec<i64> = budget.parts.iter().map(|part| part.ms).filter(|ms| *ms != 0).collect();
        assert_eq!((times, budget.total_ms), (vec![1_000, 500, 1_500], 3_000), "{ahead} {budget:?}");
        assert_eq!(
            (budget.start.to_string(), budget.end.to_string()),
            (at(100).replace(".100", ".1"), at(3_100).replace(".100", ".1"))
        );
    }
}
