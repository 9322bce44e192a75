//! Joins: which hops are put together, on what that rests, and that no order or split changes it.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::sync::OnceLock;

use events::{EventId, MessageFacts, NextHop, Source};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use proptest::prelude::*;
use uuid::Uuid;
use world::sim::SimWorld;

use super::*;
use crate::places::{Basis, Passed, Places};
use crate::refusals::{RefusalLimits, Refusals};
use crate::status::NodeId;
use crate::store::{Lookup, Store};

/// A trace of places on a simulated disk.
pub(in crate::places) struct Shelf {
    pub(in crate::places) store: Store,
    places: Places,
}

impl Shelf {
    pub(in crate::places) fn new(sim: &SimWorld) -> Shelf {
        let world = sim.world();
        let dir = Path::new("/srv/trace");
        let store = Store::open(&world.disk, dir).unwrap();
        let limits = RefusalLimits { retention_days: 14, bytes_max: 1 << 30 };
        let (folder, news) = (dir.join("refused"), crate::feeder::Bulletin::default());
        let refusals = Refusals::open(&world.disk, &world.clock, &world.exec, &folder, limits, news).unwrap();
        let places = Places::new(
            &world.disk,
            dir.to_owned(),
            store.clone(),
            refusals.store().clone(),
            "mx1.contoso.example",
            90,
            crate::feeder::Bulletin::default(),
        );
        Shelf { store, places }
    }

    pub(in crate::places) fn places(&self) -> &Places {
        &self.places
    }

    pub(in crate::places) fn import(&self, events: &[(EventKey, Event)]) -> super::super::Imported {
        self.places.import(events.to_vec(), now()).unwrap()
    }

    /// Every message: its id, its receive time, and its rows.
    pub(in crate::places) fn messages(&self) -> Vec<(NetworkMessageId, Timestamp, Vec<String>)> {
        let mut all = Vec::new();
        for day in self.store.days() {
            let mut ids = Vec::new();
            let read = self.store.view(day, |view| {
                view.each_message(&mut |_, events| {
                    ids.extend(events.first().map(|(_, event)| event.network_message_id));
                    Ok(())
                })
            });
            read.unwrap();
            for id in ids {
                for mut message in self.store.look_up_between(Lookup::NetworkId(id), day, day).unwrap() {
                    crate::search::each_once(&mut message.events);
                    message.events.sort_by_key(|(key, event)| (event.at, *key));
                    let mut rows: Vec<String> = fold(&message.events).iter().map(shown_row).collect();
                    rows.sort();
                    all.push((id, message.received, rows));
                }
            }
        }
        all.sort();
        all
    }
}

/// Messages with their rows, and what they are joined by.
pub(in crate::places) type Shown = (Vec<(NetworkMessageId, Timestamp, Vec<String>)>, Vec<Vec<String>>);

impl Shelf {
    pub(in crate::places) fn shown(&self) -> Shown {
        (self.messages(), self.bases())
    }

    /// Of every message: its places, where each took it from and on what that rests.
    fn bases(&self) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for (id, ..) in self.messages() {
            for message in self.store.look_up(Lookup::NetworkId(id), None).unwrap() {
                let seen = Passed::of(&message.events, "mx1.contoso.example").all();
                let shown = seen.iter().map(|hop| {
                    format!("{id} {} {:?} {:?} {:?}", hop.place, hop.queue_ids, hop.from, hop.basis)
                });
                all.push(shown.collect());
            }
        }
        all
    }
}

const GATEWAY: &str = "\
2026-11-21T23:59:59.100000+00:00 gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.example[192.0.2.1]
2026-11-21T23:59:59.200000+00:00 gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@fabrikam.example>
2026-11-21T23:59:59.300000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@fabrikam.example>, size=10, nrcpt=2 (queue active)
2026-11-22T00:00:01.000000+00:00 gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=exch01.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=exch01.contoso.example] Queued mail for delivery)
2026-11-22T00:00:01.000000+00:00 gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<lee@contoso.example>, relay=exch01.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=exch01.contoso.example] Queued mail for delivery)
2026-11-22T00:00:01.100000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: removed
";

const EXCHANGE: &str = "\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,message-subject,sender-address,return-path,total-bytes,custom-data
2026-11-22T00:00:02.500Z,EXCH01,SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example;lee@contoso.example,,Offer,mimi@fabrikam.example,mimi@fabrikam.example,10,
2026-11-22T00:00:03.000Z,EXCH01,STOREDRIVER,DELIVER,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,,,,,,
2026-11-22T00:00:03.500Z,EXCH01,SMTP,SENDEXTERNAL,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,lee@contoso.example,,,,,,S:RemoteHost=contoso.mail.example
";

const CLOUD: &str = "\
Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageId,MessageTraceId
2026-11-22T00:00:04Z,mimi@fabrikam.example,lee@contoso.example,Offer,Failed,,192.0.2.25,10,<m1@fabrikam.example>,66666666-6666-6666-6666-666666666666
";

/// A stranger with the same Message-ID, an hour later and to somebody else.
const STRANGER: &str = "\
2026-11-22T01:00:00.000000+00:00 other postfix/smtpd[1]: 4ZQ1Xk2Lz3z9Bt: client=a.example[192.0.2.1]
2026-11-22T01:00:00.000000+00:00 other postfix/cleanup[1]: 4ZQ1Xk2Lz3z9Bt: message-id=<m1@fabrikam.example>
2026-11-22T01:00:00.000000+00:00 other postfix/qmgr[1]: 4ZQ1Xk2Lz3z9Bt: from=<list@fabrikam.example>, size=10, nrcpt=1 (queue active)
2026-11-22T01:00:01.000000+00:00 other postfix/virtual[1]: 4ZQ1Xk2Lz3z9Bt: to=<zoe@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)
";

pub(in crate::places) fn all_events() -> Vec<(EventKey, Event)> {
    let mut events = read("gateway", GATEWAY).0;
    events.extend(read("exchange", EXCHANGE).0);
    events.extend(read("exo", CLOUD).0);
    events.extend(read("gateway", STRANGER).0);
    events
}

fn expected() -> Vec<(NetworkMessageId, Timestamp, Vec<String>)> {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    shelf.import(&all_events());
    shelf.messages()
}

#[test]
fn every_page_of_a_search_by_another_places_id_is_found() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let config = crate::Config::new("mx1.contoso.example");
    let dir = Path::new("/srv/trace");
    let trace = crate::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
    trace.places().import(all_events(), now()).unwrap();
    let query = crate::Query {
        network_message_ids: vec!["66666666-6666-6666-6666-666666666666".parse().unwrap()],
        end: "2026-12-01T00:00:00Z".parse().ok(),
        page_size: 1,
        ..crate::Query::default()
    };
    let first = trace.search_blocking(&query).unwrap();
    let second = trace.search_blocking(&crate::Query { cursor: first.next.clone(), ..query }).unwrap();
    let found: Vec<&str> =
        first.rows.iter().chain(&second.rows).map(|row| row.recipient_address.as_str()).collect();
    assert_eq!((first.total, found), (2, vec!["kim@contoso.example", "lee@contoso.example"]));
}

#[test]
fn gateway_server_and_cloud_are_one_trace() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    let first = shelf.import(&read("gateway", GATEWAY).0);
    assert_eq!((first.new, first.joined.certain), (3, 0));
    let [(_, _, rows)] = &shelf.messages()[..] else { panic!("one message") };
    assert!(
        rows.iter()
            .all(|row| row.contains("Pending, Handed on to exch01.contoso.example, not seen there yet")),
        "{rows:?}"
    );
    let second = shelf.import(&read("exchange", EXCHANGE).0);
    assert_eq!((second.new, second.joined.certain, second.joined.probable), (3, 1, 0));
    let third = shelf.import(&read("exo", CLOUD).0);
    assert_eq!((third.new, third.joined.certain, third.joined.probable), (2, 0, 1));
    let messages = shelf.messages();
    let [(id, received, rows)] = &messages[..] else { panic!("one message: {messages:?}") };
    assert_eq!(id.to_string(), "55555555-5555-5555-5555-555555555555");
    // When the gateway took it.
    assert_eq!(received.to_string(), "2026-11-21T23:59:59.1Z");
    assert_eq!(
        rows[..],
        [
            "kim@contoso.example: Delivered, Delivered to the mailbox",
            "lee@contoso.example: Failed, Not delivered"
        ]
    );
    // Either id finds it.
    let exo = "66666666-6666-6666-6666-666666666666".parse().unwrap();
    assert_eq!(shelf.places.kept_under(exo).unwrap(), Some(*id));
    let message = shelf.store.look_up(Lookup::NetworkId(*id), None).unwrap().remove(0);
    let seen = Passed::of(&message.events, "mx1").all();
    let shown: Vec<_> = seen.iter().map(|hop| (hop.place.as_str(), hop.from.as_deref(), hop.basis)).collect();
    let wanted = [
        ("gateway", None, None),
        ("exchange", Some("gateway"), Some(Basis::Certain)),
        ("exo", Some("exchange"), Some(Basis::Probable)),
    ];
    assert_eq!(shown, wanted);
    assert_eq!(seen[1].skew.unwrap().as_millis(), 1_500);
    assert_eq!(shelf.places.kept_under_during_import(exo), Some(Some(*id)), "no import is waited for");
    // Again: nothing changes.
    let again = shelf.import(&all_events()[..8]);
    assert_eq!((again.new, again.joined), (0, super::super::Joined::default()));
    assert_eq!(shelf.messages(), messages);
}

/// The log of a server that took a message from one and handed it on to the cloud.
fn of_server(server: &str, from: &str, to: &str) -> String {
    format!("\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,message-subject,sender-address,return-path,total-bytes,custom-data
2026-11-22T00:00:{from}Z,{server},SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,lee@contoso.example,,Offer,mimi@fabrikam.example,mimi@fabrikam.example,10,
2026-11-22T00:00:{to}Z,{server},SMTP,SENDEXTERNAL,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,lee@contoso.example,,,,,,S:RemoteHost=next.contoso.example
")
}

#[test]
fn places_with_the_same_network_message_id_are_joined_for_certain_and_in_one_direction() {
    let files = [
        ("one", of_server("EXCH01", "01.000", "02.000")),
        ("two", of_server("EXCH02", "02.500", "03.000")),
        ("exo", CLOUD.to_owned()),
    ];
    // In whatever order the logs are read.
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        for at in order {
            shelf.import(&read(files[at].0, &files[at].1).0);
        }
        let [(id, ..)] = &shelf.messages()[..] else { panic!("one message") };
        let message = shelf.store.look_up(Lookup::NetworkId(*id), None).unwrap().remove(0);
        let seen = Passed::of(&message.events, "mx1").all();
        let shown: Vec<_> = seen
            .iter()
            .map(|hop| {
                (hop.place.as_str(), hop.from.as_deref(), hop.basis, hop.skew.map(|skew| skew.as_millis()))
            })
            .collect();
        let wanted = [
            ("one", None, None, None),
            ("two", Some("one"), Some(Basis::Certain), Some(500)),
            // It has an id of its own.
            ("exo", Some("two"), Some(Basis::Probable), Some(1_000)),
        ];
        assert_eq!(shown, wanted, "{order:?}");
    }
}

#[test]
fn message_id_alone_never_joins() {
    let messages = expected();
    assert_eq!(messages.len(), 2);
    assert!(
        messages
            .iter()
            .any(|(_, _, rows)| rows[..] == ["zoe@contoso.example: Delivered, Delivered to the mailbox"])
    );
}

/// An event of our own server, as the feed writes it.
fn own(id: u128, seq: u64, event_id: EventId, source: Source, at: &str) -> (EventKey, Event) {
    let at: Timestamp = at.parse().unwrap();
    let mut event = Event::new(at, event_id, source, NetworkMessageId(Uuid::from_u128(id)))
        .recipient("kim@contoso.example", "");
    event.received = "2026-11-22T00:00:01Z".parse().unwrap();
    event.internal_message_id = Some(InternalMessageId(7));
    event.message_id = MessageId::parse("m1@fabrikam.example").ok();
    if event_id == EventId::Receive {
        event.message =
            Some(MessageFacts { return_path: "mimi@fabrikam.example".into(), ..MessageFacts::default() });
    }
    (EventKey { node: NodeId(1), seq }, event)
}

#[test]
fn our_own_message_keeps_its_id_and_later_events_find_it() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    let log = GATEWAY.replace("exch01", "mx1");
    shelf.store.import(vec![own(9, 1, EventId::Receive, Source::Smtp, "2026-11-22T00:00:01Z")]).unwrap();
    let done = shelf.import(&read("gateway", &log).0);
    assert_eq!((done.new, done.joined.certain), (3, 1));
    shelf
        .store
        .import(vec![own(9, 2, EventId::Deliver, Source::StoreDriver, "2026-11-22T00:00:02Z")])
        .unwrap();
    let messages = shelf.messages();
    let [(id, _, rows)] = &messages[..] else { panic!("one message: {messages:?}") };
    assert_eq!(id.0.as_u128(), 9);
    assert!(rows[0].starts_with("kim@contoso.example: Delivered, Delivered to the mailbox"), "{rows:?}");
    assert!(
        rows[1].starts_with("lee@contoso.example: Pending, Handed on to mx1.contoso.example, not seen"),
        "{rows:?}"
    );
}

#[test]
fn what_our_own_message_does_after_it_was_joined_joins_it_further() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    let log = GATEWAY.replace("exch01", "mx1");
    shelf.store.import(vec![own(9, 1, EventId::Receive, Source::Smtp, "2026-11-22T00:00:01Z")]).unwrap();
    assert_eq!(shelf.import(&read("gateway", &log).0).joined.certain, 1);
    // Handed on to the cloud only now, which received it for the same recipient.
    shelf.store.import(vec![own(9, 2, EventId::SendExternal, Source::Smtp, "2026-11-22T00:00:03Z")]).unwrap();
    let cloud = CLOUD.replace("lee@", "kim@");
    let done = shelf.import(&read("exo", &cloud).0);
    assert_eq!((done.joined.certain, done.joined.probable), (0, 1));
    let messages = shelf.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(messages[0].0.0.as_u128(), 9);
}

#[test]
fn a_log_cut_in_the_middle_of_a_message_is_one_message() {
    let text = GATEWAY.replace("4ZQ1Xk2Lz3z7Bt", "ABCDEF0");
    let lines: Vec<&str> = text.lines().collect();
    let (head, tail) = (lines[..3].join("\n") + "\n", lines[3..].join("\n") + "\n");
    let mut all = Vec::new();
    for order in [[&head, &tail], [&tail, &head]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        for part in order {
            shelf.import(&read("gateway", part).0);
        }
        all.push(shelf.messages());
    }
    assert_eq!(all[0], all[1]);
    assert_eq!((all[0].len(), all[0][0].2.len()), (1, 2));
}

/// A partner took a message of ours twice: once its reply got lost, and once it named its queue id.
const TWICE: &str = "\
2026-11-22T00:00:03.100000+00:00 partner postfix/smtpd[1]: 640C13BDF5: client=mx1.contoso.example[192.0.2.25]
2026-11-22T00:00:03.200000+00:00 partner postfix/cleanup[1]: 640C13BDF5: message-id=<m1@fabrikam.example>
2026-11-22T00:00:03.300000+00:00 partner postfix/qmgr[1]: 640C13BDF5: from=<mimi@fabrikam.example>, size=500, nrcpt=1 (queue active)
2026-11-22T00:00:03.900000+00:00 partner postfix/virtual[1]: 640C13BDF5: to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)
2026-11-22T00:00:09.100000+00:00 partner postfix/smtpd[1]: 640C13BDF6: client=mx1.contoso.example[192.0.2.25]
2026-11-22T00:00:09.200000+00:00 partner postfix/cleanup[1]: 640C13BDF6: message-id=<m1@fabrikam.example>
2026-11-22T00:00:09.300000+00:00 partner postfix/qmgr[1]: 640C13BDF6: from=<mimi@fabrikam.example>, size=500, nrcpt=1 (queue active)
2026-11-22T00:00:09.900000+00:00 partner postfix/virtual[1]: 640C13BDF6: to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)
";

/// Our two messages of it; the second was received on the day before, so that another file keeps it.
pub(in crate::places) fn twice_own() -> Vec<(EventKey, Event)> {
    let mut events = vec![
        own(9, 1, EventId::Receive, Source::Smtp, "2026-11-22T00:00:01Z"),
        own(9, 2, EventId::SendExternal, Source::Smtp, "2026-11-22T00:00:03Z"),
        own(10, 3, EventId::Receive, Source::Smtp, "2026-11-21T23:59:59Z"),
        own(10, 4, EventId::SendExternal, Source::Smtp, "2026-11-22T00:00:07Z"),
    ];
    for (_, event) in &mut events {
        event.detail.next_hop = (event.event_id == EventId::SendExternal).then_some(NextHop::Outside);
        event.detail.remote_host = Some("partner.contoso.example".into());
        if event.network_message_id.0.as_u128() == 10 {
            event.received = "2026-11-21T23:59:59Z".parse().unwrap();
            event.internal_message_id = Some(InternalMessageId(8));
            event.detail.remote_queue_id = Some("640C13BDF5".into());
        }
    }
    events
}

/// What the partner tells of them.
pub(in crate::places) fn twice_partner() -> Vec<(EventKey, Event)> {
    read("partner", TWICE).0
}

#[test]
fn a_certain_join_takes_over_what_a_probable_one_had() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    let (ours, partner) = (twice_own(), read("partner", TWICE).0);
    let (first, retry) = ours.split_at(2);
    shelf.store.import(first.to_vec()).unwrap();
    let done = shelf.import(&partner[..2]).joined;
    assert_eq!((done.certain, done.probable), (0, 1), "all that is known fits");
    let rows = |id: u128| {
        let messages = shelf.messages();
        let found = messages.into_iter().find(|(kept, ..)| kept.0.as_u128() == id);
        found.map(|(_, _, rows)| rows).unwrap_or_default()
    };
    assert_eq!(rows(9), ["kim@contoso.example: Delivered, Delivered to the mailbox"]);
    shelf.store.import(retry.to_vec()).unwrap();
    let again = shelf.import(&partner[..2]);
    assert_eq!((again.new, again.joined.certain, again.joined.probable), (0, 1, 0));
    // The first is told as its own record tells it, the second ends where the partner says.
    let handed_on = rows(9);
    assert_eq!(rows(10), ["kim@contoso.example: Delivered, Delivered to the mailbox"]);
    let alone = SimWorld::new(1);
    let alone = Shelf::new(&alone);
    alone.store.import(first.to_vec()).unwrap();
    assert_eq!(alone.messages()[0].2, handed_on);
    let event =
        shelf.store.look_up(Lookup::NetworkId(first[0].1.network_message_id), None).unwrap().remove(0);
    assert_eq!(event.events, first);
    // What it really made comes later.
    assert_eq!(shelf.import(&partner).joined.probable, 1);
    assert_eq!(rows(9), ["kim@contoso.example: Delivered, Delivered to the mailbox"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whoever_comes_first_the_better_join_stays(
        order in Just((0..8_usize).chain(4..8).collect::<Vec<_>>()).prop_shuffle(),
        cuts in proptest::collection::vec(1_usize..5, 0..12),
    ) {
        let (ours, partner) = (twice_own(), read("partner", TWICE).0);
        prop_assert_eq!((ours.len(), partner.len()), (4, 4));
        static EXPECTED: OnceLock<Shown> = OnceLock::new();
        let expected = EXPECTED.get_or_init(|| {
            let sim = SimWorld::new(1);
            let shelf = Shelf::new(&sim);
            shelf.store.import(ours.clone()).unwrap();
            shelf.import(&partner);
            shelf.shown()
        });
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        let mut rest = &order[..];
        let mut cuts = cuts.into_iter();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(cuts.next().unwrap_or(rest.len()).min(rest.len()));
            let fed: Vec<_> = now.iter().filter_map(|at| ours.get(*at).cloned()).collect();
            shelf.store.import(fed).unwrap();
            let read: Vec<_> = now.iter().filter_map(|at| partner.get(at.checked_sub(4)?).cloned()).collect();
            shelf.import(&read);
            rest = later;
        }
        // Our own messages are looked for when records of others come.
        shelf.import(&partner);
        prop_assert_eq!(&shelf.shown(), expected);
        let again = shelf.import(&partner);
        prop_assert_eq!((again.new, again.joined), (0, super::super::Joined::default()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_duplication_any_split_gives_the_same_rows(
        order in Just((0..10_usize).chain(0..10).collect::<Vec<_>>()).prop_shuffle(),
        cuts in proptest::collection::vec(1_usize..8, 0..20),
    ) {
        let events = all_events();
        prop_assert_eq!(events.len(), 10);
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        let mut rest = &order[..];
        let mut cuts = cuts.into_iter();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(cuts.next().unwrap_or(rest.len()).min(rest.len()));
            let batch: Vec<_> = now.iter().map(|at| events[*at].clone()).collect();
            shelf.import(&batch);
            rest = later;
        }
        static EXPECTED: OnceLock<Shown> = OnceLock::new();
        let expected = EXPECTED.get_or_init(|| {
            let sim = SimWorld::new(1);
            let shelf = Shelf::new(&sim);
            shelf.import(&all_events());
            shelf.shown()
        });
        prop_assert_eq!(&shelf.shown(), expected);
    }
}
