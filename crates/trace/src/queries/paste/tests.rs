//! Pastes as people have them, and the messages they lead to.
//!
//! May touch: a simulated world (tests).

use std::path::Path;

use events::{Event, EventId, MessageFacts, NextHop, Source};
use world::sim::SimWorld;

use super::*;
use crate::status::{EventKey, NodeId};
use crate::{Config, Trace};

const NDR: &str = "Received: from mx1.contoso.example (192.0.2.1) by mail.fabrikam.example; Fri, 20 Nov 2026 09:05:00 +0000\r\n\
From: Microsoft Outlook <postmaster@contoso.example>\r\nTo: <boss@fabrikam.example>\r\nDate: Fri, 20 Nov 2026 09:04:59 +0000\r\n\
Message-ID: <report-1@contoso.example>\r\nIn-Reply-To: <m1@fabrikam.example>\r\nSubject: Undeliverable: Plans\r\n\
Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;mx1.contoso.example\r\n\r\n\
Final-recipient: RFC822;kim@contoso.example\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp;552 5.2.2 mailbox full\r\n\r\n--x\r\n\
Content-Type: message/rfc822\r\n\r\nFrom: boss@fabrikam.example\r\nMessage-ID: <m1@fabrikam.example>\r\nSubject: Plans\r\n\r\nHello\r\n--x--\r\n";

fn guid() -> NetworkMessageId {
    NetworkMessageId(Uuid::from_u128(0xabc))
}

#[test]
fn a_report_names_its_original_first() {
    let paste = Paste::read(NDR.as_bytes());
    assert_eq!(paste.kind, PasteKind::Report);
    assert_eq!(paste.message_ids[0].as_str(), "<m1@fabrikam.example>");
    assert_eq!(paste.recipients, ["boss@fabrikam.example", "kim@contoso.example"]);
    assert!(paste.queue_ids.is_empty(), "{paste:?}");
}

#[test]
fn each_kind_of_line_gives_its_id() {
    let reply = "250 2.6.0 <m1@fabrikam.example> [InternalId=3298534883335, Hostname=mx1.contoso.example] Queued mail for delivery";
    let paste = Paste::read(reply.as_bytes());
    assert_eq!((paste.kind, paste.internal_message_ids[0].0), (PasteKind::Reply, 3_298_534_883_335));
    assert_eq!(paste.message_ids[0].as_str(), "<m1@fabrikam.example>");
    let queue_ids = [
        ("250 2.0.0 Ok: queued as 4C1F2Abc", "4C1F2Abc"),
        ("4bXyZ12Qz9", "4bXyZ12Qz9"),
        ("250 OK id=1rABcd-0003Xx-2k", "1rABcd-0003Xx-2k"),
        ("250 2.0.0 OK  1700000000 d9443c01a7336-1cc.55 - gsmtp", "d9443c01a7336-1cc.55"),
    ];
    for (text, id) in queue_ids {
        assert_eq!(Paste::read(text.as_bytes()).queue_ids, [id], "{text}");
    }
    let id = guid().to_string();
    for text in [
        format!("X-MS-Exchange-Organization-Network-Message-Id: {id}"),
        id.clone(),
        format!("trace {id} please"),
    ] {
        assert_eq!(Paste::read(text.as_bytes()).network_message_ids, [guid()], "{text}");
    }
    assert_eq!(Paste::read(b"m1@fabrikam.example").message_ids[0].as_str(), "<m1@fabrikam.example>");
    assert!(Paste::read(b"").is_empty());
    assert!(Paste::read(b"please help, mail does not arrive").is_empty());
}

#[test]
fn addresses_and_lines_of_logs_are_understood() {
    let read = |text: &str| Paste::read(text.as_bytes());
    let address = read("bob@contoso.example");
    assert_eq!(address.addresses, ["bob@contoso.example"]);
    let line = read("4ABCDE1234: to=<ann@contoso.example>, relay=none, status=deferred");
    assert_eq!(
        (&line.queue_ids[..], &line.recipients[..]),
        (&["4ABCDE1234".to_owned()][..], &["ann@contoso.example".to_owned()][..])
    );
    assert!(line.message_ids.is_empty(), "{line:?}");
    let said = read("550 5.1.1 <ann@contoso.example>: Recipient address rejected");
    assert_eq!(said.addresses, ["ann@contoso.example"]);
    assert_eq!(
        said.diagnostic.as_deref(),
        Some("550 5.1.1 <ann@contoso.example>: Recipient address rejected")
    );
    let report = Paste::read(NDR.as_bytes());
    assert!(report.addresses.is_empty() && report.diagnostic.is_none());
}

/// A report as Outlook shows it: the address bare, and in a line of its own.
#[test]
fn a_report_as_people_read_it_names_its_recipient() {
    let told = "From: boss@fabrikam.example\r\ngone@contoso.example\r\nServer returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup'\r\n";
    let paste = Paste::read(told.as_bytes());
    assert_eq!(paste.recipients, ["gone@contoso.example"]);
    assert_eq!(paste.addresses, ["gone@contoso.example", "boss@fabrikam.example"]);
    let spaced = Paste::read(b"mailto:gone@contoso.example (gone@contoso.example):\n\n550 5.1.10 not found");
    assert_eq!((&spaced.recipients, spaced.addresses.len()), (&vec!["gone@contoso.example".to_owned()], 1));
    let near = Paste::read(b"550 5.1.10 not found: gone@contoso.example.");
    assert_eq!(near.recipients, ["gone@contoso.example"]);
    // Who sent it is not whom it was for, in whatever order.
    let framed = Paste::read(b"gone@contoso.example\nFrom: boss@fabrikam.example\n550 5.1.10 not found");
    assert_eq!(framed.recipients, ["gone@contoso.example"]);
    assert_eq!(framed.addresses, ["gone@contoso.example", "boss@fabrikam.example"]);
    for sender in ["Sender:", "Reply-To:", "Return-Path:", "Absender:\nFrom:", "Sent by:\nsender"] {
        let text = format!("{sender} boss@fabrikam.example\n550 5.1.10 not found");
        assert!(Paste::read(text.as_bytes()).recipients.is_empty(), "{text}");
    }
    for refused in
        ["550 5.7.1 boss@fabrikam.example may not send", "550 5.7.1 sender boss@fabrikam.example unknown"]
    {
        let about_sender = Paste::read(format!("From: boss@fabrikam.example\n{refused}").as_bytes());
        assert!(about_sender.recipients.is_empty(), "{about_sender:?}");
    }
    assert!(Paste::read(b"550 5.7.1 Sender boss@fabrikam.example unknown").recipients.is_empty());
    let far = Paste::read(b"gone@contoso.example\nis somebody\n550 5.1.10 not found");
    assert!(far.recipients.is_empty() && far.addresses.len() == 1, "{far:?}");
}

#[test]
fn a_header_block_and_a_wide_text_are_read() {
    let header = "Received: from a by b with ESMTPS id 4Q1;\r\n Fri, 20 Nov 2026 09:00:00 +0000\r\nFrom: boss@fabrikam.example\r\nTo: \"Kim, Dr.\" <kim@contoso.example>\r\nMessage-ID:\r\n <m1@fabrikam.example>\r\nSubject: x\r\n";
    let paste = Paste::read(header.as_bytes());
    assert_eq!((paste.kind, paste.message_ids.len()), (PasteKind::Message, 1));
    assert!(paste.recipients.contains(&"kim@contoso.example".to_owned()));
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(header.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(Paste::read(&wide).message_ids, paste.message_ids);
}

#[test]
fn nothing_in_a_paste_can_hurt() {
    for hostile in
        [&[0xff; 4096][..], &[0; 4096], "<@".repeat(50_000).as_bytes(), "=\n".repeat(50_000).as_bytes()]
    {
        let paste = Paste::read(hostile);
        assert!(paste.message_ids.len() <= IDS_MAX && paste.queue_ids.len() <= IDS_MAX);
    }
}

fn trace_with_one_message() -> (SimWorld, Trace) {
    let sim = SimWorld::new(3);
    let world = sim.world();
    let config = Config::new("mx1.contoso.example");
    let trace = Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/srv/trace"), config).unwrap();
    let at = world.clock.now();
    let mut receive = Event::new(at, EventId::Receive, Source::Smtp, guid());
    receive.internal_message_id = Some(InternalMessageId(77));
    receive.message_id = MessageId::parse("<m1@fabrikam.example>").ok();
    receive.message =
        Some(MessageFacts { return_path: "boss@fabrikam.example".into(), ..MessageFacts::default() });
    let receive = receive.recipient("ann@contoso.example", "").recipient("kim@contoso.example", "");
    let mut sent = Event::new(at, EventId::SendExternal, Source::Smtp, guid())
        .recipient("kim@contoso.example", "250 ok");
    sent.received = at;
    sent.detail.next_hop = Some(NextHop::Outside);
    sent.detail.remote_reply = Some("250 2.0.0 Ok: queued as 4C1F2Abc".into());
    sent.detail.remote_queue_id = Some("4C1F2Abc".into());
    let events = [receive, sent];
    let keyed = (1..).zip(events).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    trace.store().import(keyed).unwrap();
    (sim, trace)
}

#[test]
fn every_kind_of_paste_finds_the_message() {
    let (sim, trace) = trace_with_one_message();
    let id = guid().to_string();
    let pastes = [
        (NDR, "Message-ID"),
        (id.as_str(), "Network message id"),
        (
            "250 2.6.0 <m1@fabrikam.example> [InternalId=77, Hostname=mx1] Queued mail for delivery",
            "InternalId",
        ),
        ("Ok: queued as 4c1f2abc", "Remote queue id"),
        ("Message-ID: <m1@fabrikam.example>", "Message-ID"),
    ];
    for (text, by) in pastes {
        let found = sim.run(trace.find_pasted(&Paste::read(text.as_bytes()))).unwrap();
        assert_eq!(found.rows.len(), if by == "Remote queue id" { 1 } else { 2 }, "{text}");
        assert_eq!(found.searched.last().map(|one| one.by), Some(by), "{text}");
        assert_eq!(found.gaps, [], "what was found is not among what is too old: {text}");
    }
    let day = crate::Day::of(sim.world().clock.now());
    assert_eq!(trace.store().seal(day).unwrap(), crate::Sealing::Done);
    let sealed = sim.run(trace.find_pasted(&Paste::read(b"Ok: queued as 4C1F2ABC"))).unwrap();
    assert_eq!((sealed.rows.len(), sealed.searched[0].limit.clone()), (1, None));
    assert_eq!(sealed.gaps, []);
    let found = sim.run(trace.find_pasted(&Paste::read(NDR.as_bytes()))).unwrap();
    assert_eq!(found.rows[0].recipient_address, "kim@contoso.example", "the report's recipient comes first");
    let none = sim.run(trace.find_pasted(&Paste::read(b"Message-ID: <other@fabrikam.example>"))).unwrap();
    assert!(none.rows.is_empty());
    assert_eq!((none.searched.len(), none.gaps.len()), (1, 1), "what is too old may have been it");
}

/// Four recipients failed in the same words; the paste names one of them, and her mail that arrived is not meant.
#[test]
fn a_bare_address_before_a_refusal_gives_one_row() {
    let (sim, trace) = trace_with_one_message();
    let at = sim.world().clock.now();
    let said = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup";
    let mut events = Vec::new();
    for (number, name) in (1_u128..).zip(["ann", "gone", "bob", "zoe"]) {
        let id = NetworkMessageId(Uuid::from_u128(number));
        let to = format!("{name}@contoso.example");
        events.push(Event::new(at, EventId::Receive, Source::Smtp, id).recipient(&to, ""));
        let mut fail = Event::new(at, EventId::Fail, Source::Routing, id).recipient(&to, said);
        fail.received = at;
        events.push(fail);
    }
    let id = NetworkMessageId(Uuid::from_u128(99));
    events.push(Event::new(at, EventId::Receive, Source::Smtp, id).recipient("gone@contoso.example", ""));
    let keyed = (10..).zip(events).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    trace.store().import(keyed).unwrap();
    let told = "gone@contoso.example\nServer returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup'";
    let found = sim.run(trace.find_pasted(&Paste::read(told.as_bytes()))).unwrap();
    let rows: Vec<_> = found.rows.iter().map(|row| (row.recipient_address.as_str(), row.status)).collect();
    assert_eq!(rows, [("gone@contoso.example", crate::status::Status::Failed)], "{:?}", found.searched);
}

/// Nobody was refused in these words: the first address decides, and mail between two that the paste names comes once.
#[test]
fn words_that_nobody_was_told_leave_the_rows_of_the_first_address() {
    let (sim, trace) = trace_with_one_message();
    let at = sim.world().clock.now();
    let mut events = Vec::new();
    for (number, from, to) in [(1_u128, "ann", "bob"), (2, "kim", "bob"), (3, "kim", "ann")] {
        let id = NetworkMessageId(Uuid::from_u128(number));
        let mut event = Event::new(at, EventId::Receive, Source::Smtp, id)
            .recipient(format!("{to}@fabrikam.example"), "");
        let return_path = format!("{from}@fabrikam.example");
        event.message = Some(MessageFacts { return_path, ..MessageFacts::default() });
        events.push(event);
    }
    let keyed = (10..).zip(events).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    trace.store().import(keyed).unwrap();
    let told = "ann@fabrikam.example\nbob@fabrikam.example\n\n550 5.1.10 other words";
    let found = sim.run(trace.find_pasted(&Paste::read(told.as_bytes()))).unwrap();
    let mut rows: Vec<_> =
        found.rows.iter().map(|row| (row.sender_address.as_str(), row.recipient_address.as_str())).collect();
    rows.sort_unstable();
    let expected = ["ann", "kim"].map(|from| format!("{from}@fabrikam.example"));
    let expected: Vec<_> = expected.iter().map(|from| (from.as_str(), "bob@fabrikam.example")).collect();
    assert_eq!((rows, found.total), (expected, 2), "{:?}", found.searched);
    assert!(found.searched.iter().any(|one| one.value == "ann@fabrikam.example"), "she was asked about too");
}

#[test]
fn ids_that_begin_with_three_digits_are_ids() {
    assert_eq!(Paste::read(b"640C13BDF5").queue_ids, ["640C13BDF5"]);
    assert_eq!(Paste::read(b"250123-ABC").queue_ids, ["250123-ABC"]);
    for number in [7_u64, 250, 1_234, 32_769, 3_298_534_883_335] {
        let paste = Paste::read(number.to_string().as_bytes());
        assert_eq!(paste.internal_message_ids, [InternalMessageId(number)], "{number}");
    }
    // Ten digits are a queue id as well: hexadecimal, by chance without a letter.
    assert_eq!(Paste::read(b"6401309875").queue_ids, ["6401309875"]);
    assert!(Paste::read(b"32769").queue_ids.is_empty());
    for reply in ["250 2.0.0 Ok: queued as 4C1F2Abc", "250-2.0.0 Ok: queued as 4C1F2Abc"] {
        assert_eq!(Paste::read(reply.as_bytes()).kind, PasteKind::Reply, "{reply}");
    }
}

#[test]
fn long_lines_of_a_log_that_were_folded_are_whole_again() {
    let to = format!("{}@contoso.example", "a.long.name.".repeat(5) + "end");
    let line = format!(
        "Nov 22 10:38:12 gw postfix/smtp[4711]: 640C13BDF5: to=<{to}>, relay=mx1.contoso.example[192.0.2.25]:25, delay=0.61, delays=0.1/0/0.2/0.31, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=77309411, Hostname=mx1.contoso.example] Queued mail for delivery)"
    );
    let whole = Paste::read(line.as_bytes());
    assert_eq!(whole.queue_ids, ["640C13BDF5"]);
    assert_eq!(whole.recipients, [to]);
    let found = |paste: &Paste| {
        (
            paste.queue_ids.clone(),
            paste.recipients.clone(),
            paste.message_ids.clone(),
            paste.internal_message_ids.clone(),
        )
    };
    assert!(!whole.internal_message_ids.is_empty() && !whole.message_ids.is_empty(), "{whole:?}");
    // As mail programs and consoles fold them: at blanks, with a blank, a tab or an indent before what goes on.
    for indent in [" ", "\t", "        "] {
        for end in ["\n", "\r\n"] {
            let mut folded = String::new();
            let mut column = 0;
            for word in line.split(' ') {
                if column > 0 && column + word.len() > 60 {
                    folded.push_str(&format!("{end}{indent}"));
                    column = 0;
                } else if column > 0 {
                    folded.push(' ');
                }
                folded.push_str(word);
                column += word.len() + 1;
            }
            assert!(folded.lines().count() > 5, "{folded}");
            assert_eq!(found(&Paste::read(folded.as_bytes())), found(&whole), "{folded}");
        }
    }
}

/// Every server has a message 77: what the text says beside the number decides whether it is ours.
#[test]
fn a_number_of_another_server_shows_no_strangers_message() {
    let (sim, trace) = trace_with_one_message();
    let find = |text: &str| sim.run(trace.find_pasted(&Paste::read(text.as_bytes()))).unwrap();
    for (text, wrong) in [
        (
            "250 2.6.0 <other@far.example> [InternalId=77, Hostname=mx9.other.example] Queued mail for delivery",
            "Message-ID, host",
        ),
        ("250 2.6.0 <other@far.example> [InternalId=77, Hostname=mx1.contoso.example] Queued", "Message-ID"),
        ("[InternalId=77, Hostname=mx9.other.example] Queued mail for delivery", "host"),
        (
            "4ABCDE1234: to=<zoe@contoso.example>, status=sent (250 [InternalId=77, Hostname=mx1])",
            "recipient",
        ),
        ("Message-ID: <other@far.example>\nInternalId=77", "Message-ID"),
    ] {
        let found = find(text);
        assert!(found.rows.is_empty(), "{text}: {:?}", found.searched);
        let limit = found.searched[0].limit.as_deref().unwrap();
        let told = format!("2 rows left out: another host's id, the text does not agree in {wrong};");
        assert!(limit.starts_with(&told), "{text}: {limit}");
        assert_eq!(found.searched[0].found, 0, "{text}");
    }
    for text in [
        "InternalId=77",
        "77",
        "[InternalId=77, Hostname=MX1.contoso.example] Queued mail for delivery",
        "4ABCDE1234: to=<kim@contoso.example>, status=sent (250 [InternalId=77, Hostname=mx1])",
        // It passed a server of another name, and is ours all the same.
        "250 2.6.0 <m1@fabrikam.example> [InternalId=77, Hostname=mx9.other.example] Queued",
    ] {
        assert_eq!(find(text).rows.len(), 2, "{text}");
    }
    let named = Paste::read(b"[InternalId=77, Hostname=mail.contoso.example] Queued");
    assert!(sim.run(trace.find_pasted(&named)).unwrap().rows.is_empty());
    let named = named.with_own_names(Vec::from(["mail.contoso.example".to_owned()]));
    assert_eq!(sim.run(trace.find_pasted(&named)).unwrap().rows.len(), 2, "a further name of ours");
}

/// The number a next host answered with is not ours: it finds what we handed on there, sealed or not.
#[test]
fn the_number_of_a_next_host_finds_what_was_handed_on_to_it() {
    let (sim, trace) = trace_with_one_message();
    let at = sim.world().clock.now();
    let id = NetworkMessageId(Uuid::from_u128(5));
    let mut receive = Event::new(at, EventId::Receive, Source::Smtp, id).recipient("zoe@far.example", "");
    receive.internal_message_id = Some(InternalMessageId(900));
    let mut sent =
        Event::new(at, EventId::SendExternal, Source::Smtp, id).recipient("zoe@far.example", "250 ok");
    sent.received = at;
    sent.detail.next_hop = Some(NextHop::Outside);
    sent.detail.remote_host = Some("far-mx.example".into());
    sent.detail.remote_reply =
        Some("250 2.6.0 <n@contoso.example> [InternalId=77, Hostname=EXCH.far.example] Queued".into());
    sent.detail.remote_queue_id = Some("77".into());
    let keyed = (10..).zip([receive, sent]);
    let keyed = keyed.map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    trace.store().import(keyed).unwrap();
    let text = "250 2.6.0 [InternalId=77, Hostname=exch.far.example] Queued mail for delivery";
    for is_sealed in [false, true] {
        if is_sealed {
            assert_eq!(trace.store().seal(crate::Day::of(at)).unwrap(), crate::Sealing::Done);
        }
        let found = sim.run(trace.find_pasted(&Paste::read(text.as_bytes()))).unwrap();
        let rows: Vec<_> = found.rows.iter().map(|row| row.recipient_address.as_str()).collect();
        assert_eq!(rows, ["zoe@far.example"], "{:?}", found.searched);
        assert_eq!(found.searched.last().unwrap().by, "Remote InternalId");
        let other = text.replace("exch.far", "exch2.far");
        let found = sim.run(trace.find_pasted(&Paste::read(other.as_bytes()))).unwrap();
        assert!(found.rows.is_empty(), "{:?}", found.searched);
    }
}

/// Queue ids are short and come again elsewhere.
#[test]
fn a_queue_id_of_another_host_shows_no_strangers_message() {
    let (sim, trace) = trace_with_one_message();
    let find = |text: &str| sim.run(trace.find_pasted(&Paste::read(text.as_bytes()))).unwrap();
    let report = |sender: &str, to: &str| {
        format!(
            "Reporting-MTA: dns; mail.out.example\r\nX-Postfix-Queue-ID: 4C1F2Abc\r\nX-Postfix-Sender: rfc822; {sender}\r\nArrival-Date: Mon, 23 Nov 2009 03:44:18 +0000 (UTC)\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: failed\r\nDiagnostic-Code: smtp; 550 5.1.10 not found\r\n"
        )
    };
    let (boss, kim) = ("boss@fabrikam.example", "kim@contoso.example");
    for (sender, to, wrong) in [
        ("rev@movetocloud.example", "nobody@contoso.example", "sender, recipient"),
        ("rev@movetocloud.example", kim, "sender"),
        (boss, "nobody@contoso.example", "recipient"),
    ] {
        let found = find(&report(sender, to));
        assert!(found.rows.is_empty(), "{sender} {to}: {:?}", found.searched);
        assert!(found.searched[0].limit.as_deref().unwrap().contains(&format!("agree in {wrong};")));
    }
    let found = find(&report(boss, kim));
    assert_eq!(found.rows[0].recipient_address, kim, "{:?}", found.searched);
    // Rewritten on the way, it is still theirs.
    assert_eq!(find(&report("SRS0=ab=XY=fabrikam.example=boss@contoso.example", kim)).rows.len(), 1);
    assert_eq!(find("queued as 4C1F2Abc").rows.len(), 1);
}

#[test]
fn a_reply_that_names_its_host_is_of_what_was_handed_on_there() {
    let (sim, trace) = trace_with_one_message();
    let at = sim.world().clock.now();
    let id = NetworkMessageId(Uuid::from_u128(6));
    let mut sent =
        Event::new(at, EventId::SendExternal, Source::Smtp, id).recipient("zoe@far.example", "250 ok");
    sent.received = at;
    sent.detail.remote_host = Some("mx.far.example".into());
    sent.detail.remote_queue_id = Some("4D2E3F5A6B".into());
    trace.store().import(vec![(EventKey { node: NodeId(1), seq: 20 }, sent)]).unwrap();
    let said = |host: &str| {
        let text = format!("host {host}[203.0.113.9] said: 250 2.0.0 Ok: queued as 4D2E3F5A6B");
        sim.run(trace.find_pasted(&Paste::read(text.as_bytes()))).unwrap().rows.len()
    };
    assert_eq!((said("mx9.other.example"), said("mx.far.example")), (0, 1));
}

const REFUSED: &str = "From: MAILER-DAEMON@mail.out.example\r\nTo: rev@movetocloud.example\r\nDate: DATE\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <20261123.4C1F2A09B7@mail.out.example>\r\n\r\n\
<nobody@contoso.example>: host mx1.contoso.example[192.0.2.25] said: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found (in reply to RCPT TO command)\r\n\r\n\
Reporting-MTA: dns; mail.out.example\r\nX-Postfix-Queue-ID: 4C1F2A09B7\r\nSENDERArrival-Date: DATE\r\n\r\n\
Final-Recipient: rfc822; nobody@contoso.example\r\nAction: failed\r\nDiagnostic-Code: smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\r\n\r\n\
From: Rev <rev@movetocloud.example>\r\nMessage-ID: <own@movetocloud.example>\r\n";

/// We refused it at RCPT TO: we have none of its ids, and know when whom whose mail was refused for.
#[test]
fn a_report_of_the_senders_server_finds_what_was_refused_here() {
    let (sim, trace) = trace_with_one_message();
    let at = sim.world().clock.now();
    let refusal = |number: u128, from: &str, to: &str| crate::Refusal {
        network_message_id: NetworkMessageId(Uuid::from_u128(number)),
        step: events::RefusedStep::Rcpt,
        reason: None,
        reply: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found".to_owned(),
        recipients: vec![to.to_owned()],
        return_path: Some(from.to_owned()),
        message: None,
        message_id: None,
        client_ip: None,
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: None,
    };
    let nobody = "nobody@contoso.example";
    trace.refusals().record(refusal(31, "rev@movetocloud.example", nobody));
    trace.refusals().record(refusal(32, "other@movetocloud.example", nobody));
    trace.refusals().record(refusal(33, "rev@movetocloud.example", "else@contoso.example"));
    let own = trace.clone();
    sim.run(async move { own.refusals().close().await });
    let written = |at: jiff::Timestamp, sender: &str| {
        let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000 (UTC)").to_string();
        REFUSED.replace("DATE", &date).replace("SENDER", sender)
    };
    let postfix = "X-Postfix-Sender: rfc822; rev@movetocloud.example\r\n";
    // With the sender in a field, and with who gets the report.
    for sender in [postfix, ""] {
        let found = sim.run(trace.find_pasted(&Paste::read(written(at, sender).as_bytes()))).unwrap();
        let rows: Vec<_> = found
            .rows
            .iter()
            .map(|row| (row.sender_address.as_str(), row.recipient_address.as_str()))
            .collect();
        assert_eq!(rows, [("rev@movetocloud.example", nobody)], "{:?}", found.searched);
        assert_eq!(found.searched.last().unwrap().by, "Recipient, sender and time");
    }
    let hour = jiff::SignedDuration::from_hours(1);
    let late = written(at.checked_add(hour).unwrap(), postfix);
    assert!(sim.run(trace.find_pasted(&Paste::read(late.as_bytes()))).unwrap().rows.is_empty());
    // What the message was elsewhere does not hide what became of the recipient of the report.
    let both = written(at, postfix).replace("own@movetocloud.example", "m1@fabrikam.example");
    let found = sim.run(trace.find_pasted(&Paste::read(both.as_bytes()))).unwrap();
    let rows: Vec<_> = found.rows.iter().map(|row| row.recipient_address.as_str()).collect();
    assert_eq!((rows.len(), rows[0], found.total), (3, nobody, 3), "{:?}", found.searched);
}
