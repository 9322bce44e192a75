//! A message's way through recorder, spool, feed and search.
//!
//! May touch: a simulated world (tests).

use events::{EventId, Reason, Source};
use spool::Batch;
use world::sim::{PowerCut, SimWorld};

use super::*;
use crate::search::{Refused, SubjectFilter, SubjectFilterType};
use crate::tree::{Basis, Relation};
use crate::{Cause, Delivery, Query, Row, Stage, Status, tracking_file};

fn by_recipient(address: &str) -> Query {
    Query { recipients: vec![address.parse().unwrap()], ..Query::default() }
}

fn only(house: &House, query: &Query) -> crate::TraceRow {
    let answer = house.trace.search_blocking(query).unwrap();
    assert_eq!(answer.total, 1, "{answer:?}");
    answer.rows.into_iter().next().unwrap()
}

#[test]
fn a_group_with_a_mailbox_and_a_contact_from_receive_to_end() {
    let sim = SimWorld::new(1);
    let house = House::start(&sim);
    let recorder = house.trace.recorder().clone();
    sim.run(async {
        let mut batch = Batch::new();
        let about = house.receive(1, &["sales@contoso.example"], "Test mail flow", &mut batch);
        house.commit(batch).await;
        assert_eq!(only(&house, &by_recipient("sales@contoso.example")).status, Status::GettingStatus);

        let mut batch = Batch::new();
        let members = ["kj@contoso.example", "x@fabrikam.example"];
        recorder.expanded(&mut batch, &about, "sales@contoso.example", members.map(named).to_vec());
        recorder.queued(&mut batch, &about, vec![named(members[0])], "mx1\\1", None);
        recorder.queued(&mut batch, &about, vec![named(members[1])], "mx1\\2", None);
        batch.remove_entry(about.no, EntryNo(1)).put_entry(about.no, EntryNo(2), vec![1]);
        batch.put_entry(about.no, EntryNo(3), vec![1]);
        house.commit(batch).await;
        let row = only(&house, &by_recipient("KJ@contoso.example"));
        assert_eq!((row.status, row.stage), (Status::Pending, Stage::Processed));
        assert_eq!(row.detail.as_deref(), Some("Queued in queue mx1\\1"));

        let mut batch = Batch::new();
        let delivery = Delivery { folder: Some("Inbox".into()), item_id: Some(7), ..Delivery::default() };
        recorder.delivered(&mut batch, &about, &ended(2, members[0], ""), delivery);
        recorder.sent_external(
            &mut batch,
            &about,
            &ended(3, members[1], "250 2.1.5 Recipient OK"),
            handed_on(),
        );
        house.commit(batch).await;
        assert_eq!(entries(&house.spool, about.no), 0, "an end removes its entry");
    });
    let answer = house.trace.search_blocking(&Query::default()).unwrap();
    let shown: Vec<String> = answer
        .rows
        .iter()
        .map(|row| format!("{} {} {}", row.recipient_address, row.status, row.stage))
        .collect();
    assert_eq!(
        shown,
        [
            "sales@contoso.example Expanded Delivered",
            "kj@contoso.example Delivered Delivered",
            "x@fabrikam.example Delivered HandedOn"
        ]
    );
    let row = only(&house, &Query { to_ip: "192.0.2.9".parse().ok(), ..Query::default() });
    assert_eq!(row.subject.as_deref(), Some("Test mail flow"));
    assert_eq!(
        (row.size, row.from_ip, row.server.as_deref()),
        (2_048, "192.0.2.1".parse().ok(), Some("mx1.contoso.example"))
    );
    assert_eq!(row.row.remote_queue_id.as_deref(), Some("4C1F2"));
    assert_eq!(house.feed.lag().events, 0);
    let totals = house.feed.totals();
    assert_eq!((totals.received, totals.delivered, totals.sent, totals.failed), (1, 1, 1, 0));
}

#[test]
fn a_failure_and_its_report_are_two_messages_linked_in_the_tree() {
    let sim = SimWorld::new(2);
    let house = House::start(&sim);
    let recorder = house.trace.recorder().clone();
    let id = sim.run(async {
        let mut batch = Batch::new();
        let about = house.receive(1, &["nobody@contoso.example"], "Hello", &mut batch);
        house.commit(batch).await;
        let mut batch = Batch::new();
        let mut cause = Cause::new(Source::Routing, Some(Reason::RecipientNotFound));
        cause.reference = vec!["<m2@movetocloud.example>".into()];
        let failed = ended(1, "nobody@contoso.example", "550 5.1.10 RESOLVER.ADR.RecipientNotFound");
        recorder.failed(&mut batch, &about, &failed, cause);
        let report = About {
            no: house.spool.next_message_no(),
            network_message_id: NetworkMessageId(Uuid::from_u128(2)),
            received: house.world.clock.now(),
        };
        batch.message(report.no, vec![1], bytes::Bytes::new()).put_entry(report.no, EntryNo(1), vec![1]);
        let mut facts = super::received(2, &["mimi@movetocloud.example"], "Undeliverable: Hello");
        facts.source = Source::Dsn;
        facts.facts.return_path = "<>".into();
        facts.reference = vec!["<m1@movetocloud.example>".into()];
        recorder.report_made(&mut batch, &report, facts);
        house.commit(batch).await;
        about.network_message_id
    });
    let detail =
        sim.run(house.trace.detail(id, "Nobody@contoso.example", &crate::Cut::default())).unwrap().unwrap();
    assert_eq!(detail.headline, "We found an issue");
    assert_eq!(detail.bar.clone().map(|step| step.name), ["Received", "Processed", "Not delivered"]);
    assert!(detail.cause.unwrap().fix.contains("Set-Mailbox"));
    assert_eq!(detail.reports, ["<m2@movetocloud.example>"]);
    assert_eq!(detail.events.iter().map(|event| event.event).collect::<Vec<_>>(), ["Receive", "Fail"]);
    let tree = sim.run(house.trace.tree(id)).unwrap().unwrap();
    assert_eq!(tree.counts, [(Status::Failed, 1)]);
    let linked = &tree.linked[0];
    assert_eq!((linked.relation, linked.basis), (Relation::Report, Basis::Certain));
    assert_eq!(linked.subject.as_deref(), Some("Undeliverable: Hello"));
    let back = sim.run(house.trace.tree(linked.network_message_id)).unwrap().unwrap();
    assert_eq!((back.linked[0].relation, back.linked[0].network_message_id), (Relation::Origin, id));
    assert_eq!(back.linked[0].basis, Basis::Certain);
    // A null sender is found as such.
    let null = Query { senders: vec!["<>".parse().unwrap()], ..Query::default() };
    assert_eq!(only(&house, &null).recipient_address, "mimi@movetocloud.example");
}

#[test]
fn the_tree_nests_groups_and_shows_a_member_once() {
    let sim = SimWorld::new(3);
    let house = House::start(&sim);
    let recorder = house.trace.recorder().clone();
    let id = sim.run(async {
        let mut batch = Batch::new();
        let about = house.receive(1, &["all@contoso.example", "kj@contoso.example"], "", &mut batch);
        recorder.expanded(
            &mut batch,
            &about,
            "all@contoso.example",
            vec![named("sales@contoso.example"), named("mimi@contoso.example")],
        );
        recorder.expanded(&mut batch, &about, "sales@contoso.example", vec![named("mimi@contoso.example")]);
        recorder.duplicate_expanded(&mut batch, &about, "sales@contoso.example", &["kj@contoso.example"]);
        recorder.delivered(&mut batch, &about, &ended(1, "mimi@contoso.example", ""), Delivery::default());
        house.commit(batch).await;
        about.network_message_id
    });
    let tree = sim.run(house.trace.tree(id)).unwrap().unwrap();
    let name = |node: &crate::tree::Node| tree.rows[node.row].recipient_address.clone();
    assert_eq!(
        tree.roots.iter().map(name).collect::<Vec<_>>(),
        ["all@contoso.example", "kj@contoso.example"]
    );
    let all = &tree.roots[0];
    assert_eq!(
        all.children.iter().map(name).collect::<Vec<_>>(),
        ["sales@contoso.example", "mimi@contoso.example"]
    );
    assert_eq!(all.children[0].children.iter().map(name).collect::<Vec<_>>(), ["mimi@contoso.example"]);
    assert!(all.children[1].shown_before, "a member reached twice is whole once");
    assert_eq!(all.counts, [(Status::Delivered, 1)]);
}

#[test]
fn after_a_power_cut_the_feed_goes_on_and_nothing_is_there_twice() {
    for seed in 0..8 {
        let sim = SimWorld::new(seed);
        let house = House::start(&sim);
        sim.run(async {
            for number in 1..=40 {
                let mut batch = Batch::new();
                let about = house.receive(number, &["kj@contoso.example"], "before", &mut batch);
                if number % 2 == 0 {
                    let ends = ended(1, "kj@contoso.example", "");
                    house.trace.recorder().delivered(&mut batch, &about, &ends, Delivery::default());
                }
                house.spool.commit(batch).await.unwrap();
                if number == 20 {
                    // The mark has moved past some of them.
                    house.feed.caught_up().await;
                    house.world.clock.sleep(std::time::Duration::from_secs(6)).await;
                }
            }
        });
        drop(house);
        sim.crash(
            [PowerCut::LoseAll, PowerCut::KeepAll, PowerCut::Random][usize::try_from(seed % 3).unwrap()],
        );
        let house = House::start(&sim);
        sim.run(async {
            let mut batch = Batch::new();
            house.receive(100, &["kj@contoso.example"], "after", &mut batch);
            house.commit(batch).await;
        });
        let answer = house.trace.search_blocking(&Query::default()).unwrap();
        assert_eq!(answer.total, 41, "seed {seed}");
        let delivered = Query { statuses: vec![Status::Delivered], ..Query::default() };
        assert_eq!(house.trace.search_blocking(&delivered).unwrap().total, 20);
    }
}

#[test]
fn a_store_ahead_of_its_spool_makes_the_spool_number_on_above_it() {
    let sim = SimWorld::new(9);
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        house.receive(1, &["kj@contoso.example"], "kept by the store alone", &mut batch);
        house.commit(batch).await;
        house.feed.stop().await;
    });
    drop(house);
    sim.crash(PowerCut::KeepAll);
    sim.world().disk.remove_dir_all(Path::new("/srv/spool")).unwrap();
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        house.receive(2, &["kj@contoso.example"], "new", &mut batch);
        house.commit(batch).await;
    });
    assert_eq!(house.trace.search_blocking(&Query::default()).unwrap().total, 2);
}

#[test]
fn an_event_that_cannot_be_read_does_not_stop_the_feed() {
    let sim = SimWorld::new(10);
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        batch.event(1, false, None, b"\xff not an event".to_vec());
        house.receive(1, &["kj@contoso.example"], "", &mut batch);
        house.commit(batch).await;
    });
    assert_eq!(house.trace.search_blocking(&Query::default()).unwrap().total, 1);
    assert_eq!(house.feed.lag().unreadable, 1);
}

#[test]
fn the_log_gives_events_with_facts_and_its_file_gives_the_same_rows() {
    let sim = SimWorld::new(11);
    let house = House::start(&sim);
    let recorder = house.trace.recorder().clone();
    sim.run(async {
        for number in 1..=5 {
            let mut batch = Batch::new();
            let about = house.receive(number, &["kj@contoso.example"], "Test \"mail\", flow", &mut batch);
            house.world.clock.sleep(std::time::Duration::from_millis(20)).await;
            recorder.queued(&mut batch, &about, vec![named("kj@contoso.example")], "mx1\\1", None);
            recorder.delivered(
                &mut batch,
                &about,
                &ended(1, "kj@contoso.example", ""),
                Delivery { folder: Some("Inbox".into()), ..Delivery::default() },
            );
            house.commit(batch).await;
        }
    });
    let log =
        |query: crate::LogQuery| sim.run(house.trace.tracking_log(query, std::sync::Arc::default())).unwrap();
    let all = log(crate::LogQuery::default());
    assert_eq!(all.total, 15);
    assert!(all.events.is_sorted_by_key(|event| event.at));
    let newest = log(crate::LogQuery {
        event_ids: vec![EventId::Deliver],
        order: crate::LogOrder::Newest,
        result_size: Some(2),
        message_subject: Some("MAIL\"".into()),
        ..crate::LogQuery::default()
    });
    assert_eq!((newest.total, words(&newest.events)), (5, vec!["STOREDRIVER/DELIVER".to_owned(); 2]));
    assert_eq!(newest.events[0].network_message_id, NetworkMessageId(Uuid::from_u128(5)));
    assert_eq!(newest.events[0].message.as_ref().unwrap().subject, "Test \"mail\", flow");

    let file = tracking_file::export(&all.events, house.world.clock.now());
    let elsewhere = SimWorld::new(12);
    let other = House::start(&elsewhere);
    let path = Path::new("/logs/MSGTRK.LOG");
    other.world.disk.create_dir_all(Path::new("/logs")).unwrap();
    other.world.disk.write_atomic(path, file.as_bytes()).unwrap();
    let (place, now) = ("mx1".parse().unwrap(), other.world.clock.now());
    let around = std::sync::Arc::new(crate::places::Surroundings::default());
    for expected in [15, 0] {
        let options = crate::places::Options::new(now);
        let report =
            other.trace.places().import_path(path, &place, &around, &options, now, &|_| true).unwrap();
        let log = &report.logs[0];
        assert_eq!((log.tally.events, log.imported.new, log.tally.unknown), (15, expected, 0), "{report:?}");
    }
    let subject = Some(SubjectFilter { kind: SubjectFilterType::EndsWith, text: "FLOW".into() });
    let query = Query { subject, refused: Refused::Include, ..Query::default() };
    let rows = |house: &House| -> Vec<(NetworkMessageId, Row)> {
        let answer = house.trace.search_blocking(&query).unwrap();
        answer
            .rows
            .into_iter()
            .map(|row| (row.network_message_id, Row { server: None, told_by: None, ..times_cut(row.row) }))
            .collect()
    };
    assert_eq!(rows(&house), rows(&other));
    assert_eq!(rows(&house).len(), 5);
}

/// The file keeps milliseconds.
fn times_cut(row: Row) -> Row {
    Row { received_at: None, processed_at: None, ended_at: None, last_event_at: None, ..row }
}
