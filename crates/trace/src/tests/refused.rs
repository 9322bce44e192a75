//! Refusals: folded, counted, listed only when named, and bounded.
//!
//! May touch: a simulated world (tests).

use events::{Reason, RefusedStep};
use mail::NetworkMessageId;
use world::sim::SimWorld;

use super::*;
use crate::search::{Facet, FacetFilter, Refused, SubjectFilter, SubjectFilterType};
use crate::status::SubStatus;
use crate::{Query, Refusal, Stage, Status};

fn refusal(number: u128, recipient: &str, reply: &str) -> Refusal {
    Refusal {
        network_message_id: NetworkMessageId(Uuid::from_u128(number)),
        step: RefusedStep::Rcpt,
        reason: Some(Reason::RecipientNotFound),
        reply: reply.to_owned(),
        recipients: vec![recipient.to_owned()],
        return_path: Some("spammer@bulk.example".into()),
        message: None,
        message_id: None,
        client_ip: "203.0.113.5".parse().ok(),
        client_hostname: None,
        server_ip: None,
        connector_id: Some("Default Frontend mx1".into()),
        source_context: None,
    }
}

fn facet(facet: Facet, value: &str) -> Query {
    Query { facets: vec![FacetFilter::any(facet, [value])], ..Query::default() }
}

fn without_tls() -> Query {
    let none = FacetFilter { not: true, ..FacetFilter::any(Facet::Tls, ["*"]) };
    Query { facets: vec![none], ..Query::default() }
}

#[test]
fn equal_refusals_fold_and_are_counted_unless_named() {
    let sim = SimWorld::new(1);
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        house.receive(1, &["kj@contoso.example"], "mail", &mut batch);
        house.commit(batch).await;
        house.world.clock.sleep(std::time::Duration::from_secs(1)).await;
        for number in 0..25 {
            house.trace.refusals().record(refusal(
                100 + number,
                &format!("u{number}@contoso.example"),
                "550 5.1.10 unknown",
            ));
        }
        house.trace.refusals().close().await;
    });
    let plain = house.trace.search_blocking(&Query::default()).unwrap();
    assert_eq!((plain.total, plain.refused_not_listed), (1, Some(25)));
    let delivered = Query { statuses: vec![Status::Delivered], ..Query::default() };
    assert_eq!(house.trace.search_blocking(&delivered).unwrap().refused_not_listed, Some(0));
    let subject = SubjectFilter { kind: SubjectFilterType::Contains, text: "mail".to_owned() };
    let by_subject = Query { subject: Some(subject), ..Query::default() };
    assert_eq!(house.trace.search_blocking(&by_subject).unwrap().refused_not_listed, Some(0));
    // What a refused attempt has not, it is not counted for; what it has, it is.
    for (query, attempts) in [
        (facet(Facet::Connector, "nope"), 0),
        (facet(Facet::Server, "exch99"), 0),
        (facet(Facet::Tls, "TLS1.3*"), 0),
        (facet(Facet::Rule, "*"), 0),
        (facet(Facet::Spf, "pass"), 0),
        (Query { size_min: Some(1), ..Query::default() }, 0),
        (Query { size_max: Some(10 << 20), ..Query::default() }, 0),
        (Query { to_networks: vec!["0.0.0.0/0".parse().unwrap()], ..Query::default() }, 0),
        // Whether it was by TLS is not recorded of it.
        (without_tls(), 0),
        (facet(Facet::Connector, "Default*"), 25),
        (Query { not_senders: vec!["*@bulk.example".parse().unwrap()], ..Query::default() }, 0),
    ] {
        let counted = house.trace.search_blocking(&query).unwrap().refused_not_listed;
        assert_eq!(counted, Some(attempts), "{query:?}");
    }
    let named = Query { from_ip: "203.0.113.5".parse().ok(), ..Query::default() };
    let listed = house.trace.search_blocking(&named).unwrap();
    assert_eq!((listed.total, listed.refused_not_listed), (11, None));
    assert_eq!(listed.rows.iter().map(|row| row.row.count).sum::<u32>(), 25);
    let one = &listed.rows[0];
    assert_eq!(
        (one.status, one.stage, one.row.sub_status),
        (Status::Failed, Stage::NotReceived, Some(SubStatus::Refused))
    );
    assert_eq!(one.detail.as_deref(), Some("Refused at RCPT: 550 5.1.10 unknown (15 times)"));
    assert_eq!(one.sender_address, "spammer@bulk.example");
    // Beside mail, newest first, paged.
    let mut query = Query { refused: Refused::Include, page_size: 5, ..Query::default() };
    let mut rows = Vec::new();
    loop {
        let answer = house.trace.search_blocking(&query).unwrap();
        assert_eq!(answer.total, 12);
        rows.extend(answer.rows);
        match answer.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(rows.len(), 12);
    assert!(rows.windows(2).all(|pair| pair[0].received >= pair[1].received));
    assert_eq!(rows[11].recipient_address, "kj@contoso.example");
}

#[test]
fn a_refusal_has_a_detail_and_a_temporary_one_says_so() {
    let sim = SimWorld::new(2);
    let house = House::start(&sim);
    let id = NetworkMessageId(Uuid::from_u128(7));
    sim.run(async {
        house.trace.refusals().record(refusal(7, "kj@contoso.example", "452 4.2.2 full"));
        house.trace.refusals().close().await;
    });
    let detail =
        sim.run(house.trace.detail(id, "kj@contoso.example", &crate::Cut::default())).unwrap().unwrap();
    assert_eq!(detail.bar[0].name, "Not received");
    assert_eq!(detail.row.row.sub_status, Some(SubStatus::RefusedTemporary));
    assert!(
        sim.run(house.trace.detail(id, "other@contoso.example", &crate::Cut::default())).unwrap().is_none()
    );
    let by_id = Query { network_message_ids: vec![id], ..Query::default() };
    assert_eq!(house.trace.search_blocking(&by_id).unwrap().total, 1);
}

#[test]
fn what_is_dropped_is_a_gap() {
    let sim = SimWorld::new(3);
    let house = House::start(&sim);
    sim.run(async {
        house.trace.refusals().set_paused(true);
        for number in 0..3 {
            house.trace.refusals().record(refusal(number, "a@contoso.example", "550"));
        }
        let answer = house.trace.search_blocking(&Query::default()).unwrap();
        assert_eq!(answer.gaps.iter().map(|gap| gap.count).collect::<Vec<_>>(), [Some(3)]);
        house.trace.refusals().set_paused(false);
        house.trace.refusals().record(refusal(9, "a@contoso.example", "550"));
        house.trace.refusals().close().await;
    });
    let answer = house.trace.search_blocking(&Query::default()).unwrap();
    assert_eq!(answer.gaps.iter().map(|gap| gap.count).collect::<Vec<_>>(), [Some(3)]);
    assert_eq!(answer.refused_not_listed, Some(1));
    assert_eq!(house.trace.refusals().dropped(), 3);
}
