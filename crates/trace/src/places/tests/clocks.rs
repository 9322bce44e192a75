//! Where the time went over several places: a gateway's queue is the gateway's, and a clock is no delay.
//!
//! May touch: a simulated world (tests).

use world::sim::SimWorld;

use super::answers::opened;
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
fn told(logs: [String; 2]) -> (Vec<(String, i64, bool)>, TimeBudget, i64) {
    let sim = SimWorld::starting_at(1, now());
    let trace = opened(&sim);
    for (place, log) in ["gw", "exch"].into_iter().zip(logs) {
        trace.places().import(read(place, &log).0, now()).unwrap();
    }
    let query = Query { order: RowOrder::Slowest, ..Query::default() };
    let row = sim.run(trace.search(query)).unwrap().rows.remove(0);
    let found = sim.run(trace.detail(row.network_message_id, KIM, &crate::Cut::default())).unwrap().unwrap();
    let budget = found.budget.unwrap();
    assert_eq!(budget.parts.iter().map(|part| part.ms).sum::<i64>(), budget.total_ms, "{budget:?}");
    let parts = budget.parts.iter().map(|part| {
        let hop = part.hop.as_deref().unwrap_or("-");
        (format!("{hop}: {}", part.what), part.ms, part.is_slowest)
    });
    let whole = row.row.ended_at.unwrap().duration_since(row.row.received_at.unwrap());
    let took = whole - row.row.clocks_differ.unwrap_or_default();
    (parts.collect(), budget.clone(), i64::try_from(took.as_millis()).unwrap())
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
    assert_eq!(found[1], ("-: No time: the clock of exch is ahead of that of gw".to_owned(), 99_000, false));
    assert!(budget.parts[1].is_clock && !budget.parts[0].is_clock, "{budget:?}");
    assert_eq!(found.iter().filter(|(_, _, slowest)| *slowest).count(), 1, "{found:?}");
    assert_eq!((budget.total_ms, took), (101_007, 2_006));
}
