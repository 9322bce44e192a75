//! Messages of ours that come into the trace after another place has told of them.
//!
//! May touch: a simulated world (tests).

use spool::Batch;
use world::sim::SimWorld;

use super::*;
use crate::places::{Options, Reader, Surroundings};
use crate::search::{Facet, FacetFilter};
use crate::{Query, Status};

/// Imports the lines of a Postfix log that were written now.
fn log(house: &House, place: &str, lines: &[&str]) {
    let now = house.world.clock.now();
    let mut reader =
        Reader::new(place.parse().unwrap(), std::sync::Arc::new(Surroundings::default()), Options::new(now));
    for line in lines {
        reader.feed(format!("{} {line}\n", now.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")).as_bytes()).unwrap();
    }
    reader.end_file().unwrap();
    house.trace.places().import(reader.take(), now).unwrap();
}

fn only(house: &House) -> crate::TraceRow {
    let answer = house.trace.search_blocking(&Query::default()).unwrap();
    assert_eq!(answer.total, 1, "{:#?}", answer.rows);
    answer.rows.into_iter().next().unwrap()
}

#[test]
fn a_gateway_that_told_of_a_message_before_the_feed_did_is_joined() {
    let sim = SimWorld::new(71);
    let house = House::start(&sim);
    let mut batch = Batch::new();
    let about = house.receive(1, &["kj@contoso.example"], "Hello", &mut batch);
    let sent = format!(
        "gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kj@contoso.example>, relay=mx1.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@movetocloud.example> [InternalId={}, Hostname=mx1.contoso.example] Queued mail for delivery)",
        about.no.0
    );
    log(
        &house,
        "gw",
        &[
            "gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.fabrikam.example[198.51.100.60]",
            "gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@movetocloud.example>",
            "gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@movetocloud.example>, size=300, nrcpt=1 (queue active)",
            &sent,
        ],
    );
    sim.run(house.commit(batch));
    // Rows are there first, joins come behind them.
    sim.run_until_stalled();
    let row = only(&house);
    assert_eq!(row.network_message_id, about.network_message_id);
    let tells = |of: &str| Query { facets: vec![FacetFilter::any(Facet::Place, [of])], ..Query::default() };
    for place in ["gw", "mx1.contoso.example"] {
        assert_eq!(house.trace.search_blocking(&tells(place)).unwrap().total, 1, "{place}");
    }
}

#[test]
fn a_hand_on_that_is_noted_after_the_next_host_has_failed_is_told_by_that_host() {
    let sim = SimWorld::new(72);
    let house = House::start(&sim);
    let mut batch = Batch::new();
    let about = house.receive(1, &["x@fabrikam.example"], "Hello", &mut batch);
    sim.run(house.commit(batch));
    log(
        &house,
        "smarthost",
        &[
            "sh postfix/smtpd[1]: 4C1F2: client=mx1.contoso.example[192.0.2.25]",
            "sh postfix/cleanup[1]: 4C1F2: message-id=<m1@movetocloud.example>",
            "sh postfix/qmgr[1]: 4C1F2: from=<mimi@movetocloud.example>, size=300, nrcpt=1 (queue active)",
            "sh postfix/smtp[1]: 4C1F2: to=<x@fabrikam.example>, relay=mx.fabrikam.example[192.0.2.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx.fabrikam.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
        ],
    );
    let mut batch = Batch::new();
    house.trace.recorder().sent_external(
        &mut batch,
        &about,
        &ended(1, "x@fabrikam.example", "250 2.0.0"),
        handed_on(),
    );
    sim.run(house.commit(batch));
    // Rows are there first, joins come behind them.
    sim.run_until_stalled();
    let row = only(&house);
    assert_eq!((row.status, row.row.told_by.as_deref()), (Status::Failed, Some("smarthost")));
}
