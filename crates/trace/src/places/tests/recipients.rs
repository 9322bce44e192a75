//! What is told of one recipient of a message that others got too: its places, and when it came.
//!
//! May touch: a simulated world (tests).

use mail::{MessageId, NetworkMessageId};
use world::sim::SimWorld;

use super::joining::Shelf;
use super::whole::found;
use super::*;
use crate::places::Passed;
use crate::search::Query;
use crate::store::Lookup;

/// A gateway that hands ann's copy on, and whose next server refuses zoe's.
const GATEWAY: &str = "\
2026-11-22T03:00:00.100000+00:00 gw postfix/smtpd[1]: 4VbQkL0RvMz1XyB: client=a.example[198.51.100.9]
2026-11-22T03:00:00.200000+00:00 gw postfix/cleanup[1]: 4VbQkL0RvMz1XyB: message-id=<j1@fabrikam.example>
2026-11-22T03:00:00.300000+00:00 gw postfix/qmgr[1]: 4VbQkL0RvMz1XyB: from=<joe@fabrikam.example>, size=2048, nrcpt=2 (queue active)
2026-11-22T03:00:02.000000+00:00 gw postfix/smtp[1]: 4VbQkL0RvMz1XyB: to=<ann@contoso.example>, relay=exch01.contoso.example[192.0.2.5]:25, delay=2, dsn=2.6.0, status=sent (250 2.6.0 <j1@fabrikam.example> [InternalId=77, Hostname=exch01.contoso.example] Queued mail for delivery)
2026-11-22T03:00:03.000000+00:00 gw postfix/smtp[1]: 4VbQkL0RvMz1XyB: to=<zoe@contoso.example>, relay=exch01.contoso.example[192.0.2.5]:25, delay=3, dsn=5.1.1, status=bounced (host exch01.contoso.example[192.0.2.5] said: 550 5.1.1 User unknown (in reply to RCPT TO command))
2026-11-22T03:00:03.100000+00:00 gw postfix/qmgr[1]: 4VbQkL0RvMz1XyB: removed
";

/// The record of EXCH01, which knows ann by another address; `id` and `message` tell messages apart.
fn exchange(id: char, message: &str, recipient: &str) -> String {
    let id = "55555555-5555-5555-5555-55555555555X".replace('X', &id.to_string());
    format!("\
#Fields: date-time,client-ip,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,message-subject,sender-address,return-path,total-bytes
2026-11-22T03:00:02.150Z,192.0.2.2,EXCH01,SMTP,RECEIVE,77,{message},{id},{recipient},Offer,joe@fabrikam.example,joe@fabrikam.example,2048
2026-11-22T03:00:03.000Z,192.0.2.2,EXCH01,STOREDRIVER,DELIVER,77,{message},{id},{recipient},Offer,joe@fabrikam.example,joe@fabrikam.example,2048
")
}

fn places(shelf: &Shelf, id: &str, recipient: &str) -> Vec<String> {
    let id: NetworkMessageId = id.parse().unwrap();
    let message = shelf.store.look_up(Lookup::NetworkId(id), None).unwrap().remove(0);
    Passed::of(&message.events, "mx1").by(recipient).into_iter().map(|hop| hop.place).collect()
}

#[test]
fn a_recipient_that_was_refused_never_was_where_the_others_went() {
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    shelf.import(&read("gateway", GATEWAY).0);
    shelf.import(&read("exch01", &exchange('a', "<j1@fabrikam.example>", "a.miller@contoso.example")).0);
    let id = "55555555-5555-5555-5555-55555555555a";
    assert_eq!(places(&shelf, id, "ann@contoso.example"), ["gateway", "exch01"], "as it is called there");
    assert_eq!(places(&shelf, id, "a.miller@contoso.example"), ["gateway", "exch01"], "where it came from");
    assert_eq!(places(&shelf, id, "zoe@contoso.example"), ["gateway"]);
}

#[test]
fn a_joined_message_came_when_its_first_place_took_it() {
    for order in [[0, 1], [1, 0]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        let parts = [
            read("gateway", GATEWAY).0,
            read("exch01", &exchange('a', "<j1@fabrikam.example>", "ann@contoso.example")).0,
        ];
        for at in order {
            shelf.import(&parts[at]);
        }
        let [(_, received, _)] = &shelf.messages()[..] else { panic!("one message") };
        assert_eq!(received.to_string(), "2026-11-22T03:00:00.1Z", "{order:?}");
    }
}

#[test]
fn an_internal_id_that_two_servers_gave_joins_no_message_with_another_message_id() {
    let own = exchange('a', "<j1@fabrikam.example>", "ann@contoso.example");
    let other = exchange('b', "<j16@fabrikam.example>", "ann@contoso.example");
    let files = [("gateway", GATEWAY), ("exch01", &own), ("copy", &other)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 1, 0]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        for at in order {
            let (place, log) = files[at];
            shelf.import(&read(place, log).0);
        }
        let ids: Vec<String> = shelf.messages().into_iter().map(|(id, ..)| id.to_string()).collect();
        let wanted = ["55555555-5555-5555-5555-55555555555a", "55555555-5555-5555-5555-55555555555b"];
        assert_eq!(ids, wanted, "{order:?}");
        assert_eq!(places(&shelf, wanted[1], "ann@contoso.example"), ["copy"], "{order:?}");
    }
}

/// A server that hands the message on to `gw`, which gives it another Message-ID.
const BEFORE: &str = "\
2026-11-22T02:59:58.100000+00:00 edge postfix/smtpd[1]: 4VbQkL0RvMz1BBB: client=a.example[198.51.100.9]
2026-11-22T02:59:58.200000+00:00 edge postfix/cleanup[1]: 4VbQkL0RvMz1BBB: message-id=<old@fabrikam.example>
2026-11-22T02:59:58.300000+00:00 edge postfix/qmgr[1]: 4VbQkL0RvMz1BBB: from=<joe@fabrikam.example>, size=2048, nrcpt=1 (queue active)
2026-11-22T02:59:59.000000+00:00 edge postfix/smtp[1]: 4VbQkL0RvMz1BBB: to=<ann@contoso.example>, relay=gw.contoso.example[192.0.2.4]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4VbQkL0RvMz1XyB)
2026-11-22T02:59:59.100000+00:00 edge postfix/qmgr[1]: 4VbQkL0RvMz1BBB: removed
";

#[test]
fn a_message_is_found_by_whatever_message_id_a_place_knows_it_by() {
    for order in [[0, 1], [1, 0]] {
        let sim = SimWorld::new(1);
        let shelf = Shelf::new(&sim);
        let parts = [read("edge", BEFORE).0, read("gw", GATEWAY).0];
        for at in order {
            shelf.import(&parts[at]);
        }
        assert_eq!(shelf.messages().len(), 1, "{order:?}");
        for (id, count) in
            [("old@fabrikam.example", 1), ("j1@fabrikam.example", 1), ("x@fabrikam.example", 0)]
        {
            let message_ids = Vec::from([MessageId::parse(id).unwrap()]);
            let kept_under = shelf.places().with_message_ids(&message_ids).unwrap();
            let query = Query { message_ids, kept_under, ..Query::default() };
            assert_eq!(found(&shelf, &query), count, "{id} {order:?}");
        }
    }
}

#[test]
fn what_an_internal_id_of_another_database_has_is_no_piece_of_a_message_with_another_message_id() {
    let whole = exchange('a', "<j1@fabrikam.example>", "ann@contoso.example");
    // The log begins behind its RECEIVE.
    let rest = exchange('b', "<j16@fabrikam.example>", "zoe@contoso.example");
    let rest: Vec<&str> = rest.lines().filter(|line| !line.contains("RECEIVE")).collect();
    let sim = SimWorld::new(1);
    let shelf = Shelf::new(&sim);
    shelf.import(&read("exch01", &whole).0);
    shelf.import(&read("exch01", &(rest.join("\n") + "\n")).0);
    assert_eq!(shelf.messages().len(), 2);
}
