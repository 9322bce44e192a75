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
            ("a@contoso.example", "Resolve"),
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
    // Above the Receive connector's limit the session refuses it at MAIL; above the organization's alone it fails later.
    let refused = to("60MB", "kim@contoso.example");
    assert_eq!(fates(&refused), [("x@mail.fabrikam.example", "Refuse")]);
    assert!(refused[0]["Reply"].as_str().unwrap().starts_with("552 5.3.4"), "{refused}");
    office.json("Set-TransportConfig -MaxSendSize 20MB");
    let failed = to("25MB", "kim@contoso.example");
    assert_eq!(fates(&failed), [("x@mail.fabrikam.example", "Fail")]);
    assert!(failed[0]["Reply"].as_str().unwrap().contains("SizeLimit.Org"));
    let inward = office.json("Test-MessageRoute -From <> -To kim@contoso.example");
    assert_eq!(fates(&inward), [("kim@contoso.example", "Deliver")]);
    assert!(office.fails("Test-MessageRoute -From nobody -To kim@contoso.example").1.contains("-From"));
}

#[test]
fn who_may_not_relay_would_be_refused_and_who_may_would_not() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    office.json("New-SendConnector Out -AddressSpaces * -SmartHosts relay.contoso.example");
    let line = "Test-MessageRoute -From boss@fabrikam.example -To x@tailspin.example,kim@contoso.example";
    let route = office.json(line);
    assert_eq!(fates(&route), [("x@tailspin.example", "Refuse"), ("kim@contoso.example", "Deliver")]);
    assert_eq!(route[0]["Reply"], "550 5.7.1 Unable to relay");
    assert!(route[0]["Fix"].as_str().unwrap().contains("must sign in"));
    let right = "ANONYMOUS LOGON:Ms-Exch-SMTP-Accept-Any-Recipient";
    let made = "New-ReceiveConnector Printers -Bindings 0.0.0.0:25 -RemoteIPRanges 192.0.2.0/24 -PermissionGroups AnonymousUsers -ExtendedRights";
    let words: Vec<&str> = made.split(' ').chain([right]).collect();
    assert_eq!(office.ask(&words, Answer::NoTerminal).0, 0);
    let from = |ip: &str| office.json(&format!("{line} -ClientIP {ip}"))[0]["Outcome"].clone();
    assert_eq!(from("192.0.2.9"), "Send");
    assert_eq!(from("198.51.100.9"), "Refuse");
    let words: Vec<&str> = line.split(' ').collect();
    let (_, _, err) = office.ask(&words, Answer::NoTerminal);
    assert!(err.contains("Printers") && err.contains("-ClientIP"), "{err}");
    let own = "Test-MessageRoute -From kim@contoso.example -To x@tailspin.example";
    assert_eq!(office.json(own)[0]["Outcome"], "Send");
    assert_eq!(office.json(&format!("{own} -Anonymous"))[0]["Outcome"], "Refuse");
    assert!(office.fails(&format!("{own} -ClientIP 192.0.2.9")).1.contains("-Anonymous"));
}

#[test]
fn what_gives_way_to_another_address_has_a_row_of_its_own() {
    let office = Office::open();
    office.json(
        "New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example -EmailAddresses k@contoso.example",
    );
    office.json("New-Mailbox Ann -Shared -PrimarySmtpAddress ann@contoso.example");
    office.json("Set-Mailbox ann -ForwardingAddress kim");
    let route = office.json("Test-MessageRoute -From <> -To ann@contoso.example,k@contoso.example");
    let fates = fates(&route);
    assert!(fates.contains(&("ann@contoso.example", "Forward")), "{fates:?}");
    assert!(fates.contains(&("k@contoso.example", "Resolve")), "{fates:?}");
    assert!(fates.contains(&("kim@contoso.example", "Deliver")), "{fates:?}");
}

#[test]
fn a_group_closed_to_the_outside_says_what_to_change() {
    let office = Office::open();
    office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example");
    let route = office.json("Test-MessageRoute -From boss@fabrikam.example -To sales@contoso.example");
    assert_eq!(fates(&route), [("sales@contoso.example", "Refuse")]);
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
