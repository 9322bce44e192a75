//! Detail, causes and routes through the whole stack: command line, HTTP, output.
//! May touch: a simulated world.

use serde_json::json;

use super::*;

fn fates(value: &Value) -> Vec<(&str, &str)> {
    let rows = value.as_array().unwrap().iter();
    rows.map(|row| (row["RecipientAddress"].as_str().unwrap(), row["Outcome"].as_str().unwrap())).collect()
}

#[test]
fn a_route_is_shown_without_a_message_and_without_a_trace_of_it() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    office.json("New-Mailbox Ann -Shared -PrimarySmtpAddress ann@contoso.example");
    office.json("Set-Mailbox ann -ForwardingAddress kim -DeliverToMailboxAndForward true -EmailAddresses @{Add='a@contoso.example'}");
    office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example -Members kim,ann");
    let route = office.json(
        "Test-MessageRoute -From kim@contoso.example -To sales@contoso.example,a@contoso.example,nobody@contoso.example,x@fabrikam.example",
    );
    assert_eq!(
        fates(&route),
        [
            ("sales@contoso.example", "Expand"),
            ("kim@contoso.example", "Deliver"),
            ("ann@contoso.example", "Deliver"),
            ("kim@contoso.example", "Duplicate"),
            ("nobody@contoso.example", "Fail"),
            ("x@fabrikam.example", "Wait"),
        ]
    );
    let failed = route.as_array().unwrap().iter().find(|row| row["Outcome"] == "Fail").unwrap();
    assert!(failed["Reply"].as_str().unwrap().starts_with("550 5.1.10"));
    assert!(failed["Fix"].as_str().unwrap().contains("proxy address"));
}

#[test]
fn a_route_shows_the_connector_and_the_limits() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    office.json("New-SendConnector Out -AddressSpaces *.fabrikam.example -SmartHosts relay.contoso.example -MaxMessageSize 5MB");
    let to = |size: &str, from: &str| {
        let line = format!("Test-MessageRoute -From {from} -To x@mail.fabrikam.example -Size {size}");
        office.json(&line)
    };
    let route = to("1MB", "kim@contoso.example");
    assert_eq!(fates(&route), [("x@mail.fabrikam.example", "Send")]);
    assert_eq!(
        (&route[0]["Connector"], &route[0]["NextHop"]),
        (&json!("Out"), &json!("relay.contoso.example"))
    );
    assert!(to("6MB", "kim@contoso.example")[0]["Reply"].as_str().unwrap().contains("ROUTING.SizeLimit"));
    assert!(to("60MB", "kim@contoso.example")[0]["Reply"].as_str().unwrap().contains("SizeLimit.Org"));
    let inward = office.json("Test-MessageRoute -From <> -To kim@contoso.example");
    assert_eq!(fates(&inward), [("kim@contoso.example", "Deliver")]);
    assert!(office.fails("Test-MessageRoute -From nobody -To kim@contoso.example").1.contains("-From"));
}

#[test]
fn a_group_closed_to_the_outside_says_what_to_change() {
    let office = Office::open();
    office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example");
    let route = office.json("Test-MessageRoute -From boss@fabrikam.example -To sales@contoso.example");
    assert_eq!(fates(&route), [("sales@contoso.example", "Fail")]);
    assert!(route[0]["Fix"].as_str().unwrap().contains("RequireSenderAuthenticationEnabled"));
}

/// A mailbox with one message, and the trace of it.
fn with_a_delivered_message() -> (Office, mailbox::MailboxStore, uuid::Uuid, i64) {
    use mailbox::{Delivery, DeliveryFolder, ItemSummary, Outcome, Pass, SpoolEntry, SpoolPosition};
    use trace::{EventKey, NodeId};

    let mut stores = None;
    let office = Office::with(|_, world| {
        let config = mailbox::Config::default();
        let store =
            mailbox::MailboxStore::open(&world.disk, &world.clock, &world.exec, Path::new("/data"), config)
                .unwrap();
        let config = trace::Config::new("mx1.contoso.example");
        let trace =
            trace::Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/data/trace"), config)
                .unwrap();
        stores = Some((store.clone(), trace.clone()));
        Services { mailboxes: Some(store), trace: Some(trace), ..Services::default() }
    });
    let (store, trace) = stores.unwrap();
    let made = office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    let guid: uuid::Uuid = made["Guid"].as_str().unwrap().parse().unwrap();
    let now = office.world.clock.now();
    let id = mail::NetworkMessageId(uuid::Uuid::from_u128(7));
    let delivery = Delivery {
        mailbox: guid,
        network_message_id: id,
        entry: SpoolEntry { message: 7, entry: 0 },
        folder: DeliveryFolder::Inbox,
        body: bytes::Bytes::from_static(b"Subject: Plans\r\n\r\nHello\r\n"),
        received: now,
        at: now,
        summary: ItemSummary { subject: "Plans".to_owned(), from: None, message_id: None, date: None },
        resend_key: None,
        quota: None,
        pass: Pass::First,
        position: SpoolPosition(7),
    };
    let outcome = office.sim.run(store.deliver(vec![delivery])).remove(0);
    let Outcome::Delivered(delivered) = outcome else { panic!("not delivered: {outcome:?}") };
    let event = |kind, source| {
        let mut event = events::Event::new(now, kind, source, id).recipient("kim@contoso.example", "");
        event.detail.folder = Some("Inbox".to_owned());
        event.detail.item_id = Some(delivered.item_id);
        event
    };
    let story = [
        event(events::EventId::Receive, events::Source::Smtp),
        event(events::EventId::Deliver, events::Source::StoreDriver),
    ];
    let keyed = (1..).zip(story).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    trace.store().import(keyed).unwrap();
    (office, store, guid, delivered.item_id)
}

#[test]
fn the_detail_says_where_the_item_is_now() {
    let (office, store, mailbox, item) = with_a_delivered_message();
    let line = format!("Get-MessageTraceDetail {} kim@contoso.example", uuid::Uuid::from_u128(7));
    let detail = office.json(&line);
    assert_eq!(detail[0]["FolderNow"], "still in Inbox, not read");
    assert_eq!(detail[0]["TimeBudget"]["TotalMs"], 0);
    office.sim.run(store.remove_item(mailbox, item)).unwrap();
    let detail = office.json(&line);
    assert!(detail[1]["FolderNow"].as_str().unwrap().contains("not in the mailbox"), "{detail}");
    let newest = office.json(&format!("{line} -Newest"));
    assert_eq!((&newest[0]["Event"], &detail[0]["Event"]), (&json!("Deliver"), &json!("Receive")));
}
