//! What a joined message is as a whole, subject, sender, size and first host, whichever record came first.
//!
//! May touch: a simulated world (tests).

use events::{Directionality, EventId, MessageFacts, Source};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use uuid::Uuid;
use world::sim::SimWorld;

use super::joining::Shelf;
use super::*;
use crate::search::{MessageView, Query, SubjectFilter, SubjectFilterType};
use crate::status::NodeId;
use crate::store::{Asked, DAY_MICROS, Day, Watch, Window};

/// A gateway whose clock is five seconds ahead takes the message from outside and gives it to us.
const BEFORE: &str = "\
2026-11-22T03:00:05.100000+00:00 gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.example[198.51.100.9]
2026-11-22T03:00:05.200000+00:00 gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m1@fabrikam.example>
2026-11-22T03:00:05.300000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<mimi@fabrikam.example>, size=500, nrcpt=1 (queue active)
2026-11-22T03:00:05.900000+00:00 gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=mx1.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=mx1.contoso.example] Queued mail for delivery)
2026-11-22T03:00:05.910000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: removed
";

/// A partner behind us, whose clock is ten seconds late.
const BEHIND: &str = "\
2026-11-22T02:59:52.100000+00:00 partner postfix/smtpd[1]: 640C13BDF5: client=mx1.contoso.example[192.0.2.25]
2026-11-22T02:59:52.200000+00:00 partner postfix/cleanup[1]: 640C13BDF5: message-id=<m1@fabrikam.example>
2026-11-22T02:59:52.300000+00:00 partner postfix/qmgr[1]: 640C13BDF5: from=<mimi@fabrikam.example>, size=500, nrcpt=1 (queue active)
2026-11-22T02:59:53.000000+00:00 partner postfix/virtual[1]: 640C13BDF5: to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)
";

/// Our own record, as the feed writes it.
fn own() -> Vec<(EventKey, Event)> {
    let event = |seq: u64, event_id, at: &str| {
        let at: Timestamp = at.parse().unwrap();
        let mut event = Event::new(at, event_id, Source::Smtp, NetworkMessageId(Uuid::from_u128(9)))
            .recipient("kim@contoso.example", "");
        event.received = "2026-11-22T03:00:01Z".parse().unwrap();
        event.internal_message_id = Some(InternalMessageId(7));
        event.message_id = MessageId::parse("m1@fabrikam.example").ok();
        (EventKey { node: NodeId(1), seq }, event)
    };
    let mut came = event(1, EventId::Receive, "2026-11-22T03:00:01Z");
    came.1.client_ip = "127.0.0.1".parse().ok();
    came.1.message = Some(MessageFacts {
        subject: "Offer for May".into(),
        sender_address: "mimi@fabrikam.example".into(),
        from_address: Some("may@fabrikam.example".into()),
        return_path: "mimi@fabrikam.example".into(),
        total_bytes: 4_096,
        directionality: Directionality::Incoming,
        ..MessageFacts::default()
    });
    let mut went = event(2, EventId::SendExternal, "2026-11-22T03:00:02Z");
    went.1.detail.remote_host = Some("partner.contoso.example".into());
    went.1.detail.remote_queue_id = Some("640C13BDF5".into());
    went.1.detail.remote_reply = Some("250 2.0.0 Ok: queued as 640C13BDF5".into());
    Vec::from([came, went])
}

/// How many messages of the day match.
pub(super) fn found(shelf: &Shelf, query: &Query) -> usize {
    let day = Day::of(now());
    let (window, watch) = (Window { midnight: 0, low: 0, high: DAY_MICROS, overdue: 0 }, Watch::default());
    let asked = Asked { query, window, server: "mx1.contoso.example", watch: watch.of_day() };
    shelf.store.view(day, |view| view.messages(&asked, 0)).unwrap().map_or(0, |found| found.len())
}

fn stands(shelf: &Shelf, what: &str) {
    let mut views = Vec::new();
    shelf
        .store
        .view(Day::of(now()), |view| {
            view.each_message(&mut |_, events| {
                views.push(MessageView::of(&events));
                Ok(())
            })
        })
        .unwrap();
    let [view] = &views[..] else { panic!("{what}: one message: {views:?}") };
    assert_eq!(view.subject.as_deref(), Some("Offer for May"), "{what}");
    assert_eq!(view.from_address.as_deref(), Some("may@fabrikam.example"), "{what}");
    assert_eq!((view.size, view.direction), (4_096, Directionality::Incoming), "{what}");
    assert_eq!(view.from_ip, "198.51.100.9".parse().ok(), "{what}");
    let subject = |text: &str| Query {
        subject: Some(SubjectFilter { kind: SubjectFilterType::Contains, text: text.into() }),
        ..Query::default()
    };
    let by_columns = [
        subject("offer for"),
        Query { from_addresses: vec!["may@fabrikam.example".parse().unwrap()], ..Query::default() },
        Query { from_ip: "198.51.100.9".parse().ok(), ..Query::default() },
        Query { size_min: Some(4_096), size_max: Some(4_096), ..Query::default() },
    ];
    for query in &by_columns {
        assert_eq!(found(shelf, query), 1, "{what}: {query:?}");
    }
    let other = Query { from_ip: "127.0.0.1".parse().ok(), ..Query::default() };
    assert_eq!((found(shelf, &subject("offer of")), found(shelf, &other)), (0, 0), "{what}");
}

#[test]
fn records_of_other_places_take_no_fact_away_in_any_order() {
    let parts = [own(), read("gateway", BEFORE).0, read("partner", BEHIND).0];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        for part in order {
            shelf.import(&parts[part]);
        }
        stands(&shelf, &format!("{order:?}"));
        shelf.store.seal(Day::of(now())).unwrap();
        stands(&shelf, &format!("{order:?}, sealed"));
    }
}

#[test]
fn the_record_of_receiving_tells_more_than_the_one_before_it() {
    let log = "\
#Fields: date-time,client-ip,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,message-subject,sender-address,return-path,total-bytes
2026-11-22T03:00:02.500Z,,EXCH01,SMTP,HAREDIRECT,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,Offer for May,may@fabrikam.example,mimi@fabrikam.example,4096
2026-11-22T03:00:02.500Z,198.51.100.9,EXCH01,SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,Offer for May,may@fabrikam.example,mimi@fabrikam.example,4096
2026-11-22T03:00:03.000Z,192.0.2.25,EXCH01,STOREDRIVER,DELIVER,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,Offer for May,may@fabrikam.example,mimi@fabrikam.example,4096
";
    let (events, _) = read("exchange", log);
    let by_ip = Query { from_ip: "198.51.100.9".parse().ok(), ..Query::default() };
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        for at in order {
            shelf.import(&events[at..=at]);
        }
        assert_eq!(found(&shelf, &by_ip), 1, "{order:?}");
    }
    assert_eq!(MessageView::of(&events).from_ip, "198.51.100.9".parse().ok());
}
