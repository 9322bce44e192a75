//! Logs of Postfix, Exim and Sendmail.
//!
//! May touch: nothing (pure).

use events::{DomainKind, EventId, NextHop, Reason};

use super::*;
use crate::places::Format;

const POSTFIX: &str = "\
Nov 22 03:57:30 mx1 postfix/smtpd[11]: connect from mail.fabrikam.example[192.0.2.1]
Nov 22 03:57:31 mx1 postfix/smtpd[11]: 4C1F2A0001: client=mail.fabrikam.example[192.0.2.1]
Nov 22 03:57:31 mx1 postfix/cleanup[12]: 4C1F2A0001: message-id=<m1@fabrikam.example>
Nov 22 03:57:31 mx1 postfix/cleanup[12]: 4C1F2A0001: warning: header Subject: Offer from May from mail.fabrikam.example[192.0.2.1]; from=<mimi@fabrikam.example> to=<kim@contoso.example> proto=ESMTP helo=<mail.fabrikam.example>
Nov 22 03:57:31 mx1 postfix/qmgr[13]: 4C1F2A0001: from=<mimi@fabrikam.example>, size=2048, nrcpt=3 (queue active)
Nov 22 03:57:31 mx1 postfix/smtpd[11]: disconnect from mail.fabrikam.example[192.0.2.1] ehlo=1 mail=1 rcpt=3 data=1 quit=1 commands=7
Nov 22 03:57:32 mx1 postfix/lmtp[14]: 4C1F2A0001: to=<kim@contoso.example>, orig_to=<info@contoso.example>, relay=mbx.contoso.example[192.0.2.20]:24, delay=1, delays=0.1/0/0.02/0.3, dsn=2.0.0, status=sent (250 2.0.0 <kim@contoso.example> 7xyz Saved)
Nov 22 03:57:33 mx1 postfix/smtp[15]: 4C1F2A0001: to=<x@northwind.example>, relay=mx.northwind.example[198.51.100.9]:25, delay=2, delays=0/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9B7)
Nov 22 03:57:33 mx1 postfix/smtp[15]: 4C1F2A0001: to=<late@northwind.example>, relay=mx.northwind.example[198.51.100.9]:25, delay=2, delays=0/0/1/1, dsn=4.7.1, status=deferred (host mx.northwind.example[198.51.100.9] said: 451 4.7.1 Try again later (in reply to RCPT TO command))
Nov 22 09:57:33 mx1 postfix/qmgr[13]: 4C1F2A0001: from=<mimi@fabrikam.example>, status=expired, returned to sender
Nov 22 09:57:34 mx1 postfix/cleanup[12]: 5D00000002: message-id=<20261122095734.5D00000002@mx1.contoso.example>
Nov 22 09:57:34 mx1 postfix/bounce[16]: 4C1F2A0001: sender non-delivery notification: 5D00000002
Nov 22 09:57:34 mx1 postfix/qmgr[13]: 5D00000002: from=<>, size=4000, nrcpt=1 (queue active)
Nov 22 09:57:34 mx1 postfix/qmgr[13]: 4C1F2A0001: removed
Nov 22 09:57:35 mx1 postfix/smtp[15]: 5D00000002: to=<mimi@fabrikam.example>, relay=mail.fabrikam.example[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 OK id=1rXabc-000001-2B)
Nov 22 09:57:35 mx1 postfix/qmgr[13]: 5D00000002: removed
Nov 22 09:58:00 mx1 postfix/smtpd[17]: NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 554 5.7.1 <y@elsewhere.example>: Relay access denied; from=<s@spam.example> to=<y@elsewhere.example> proto=ESMTP helo=<bad>
Nov 22 09:58:01 mx1 postfix/anvil[18]: statistics: max connection rate 1/60s for (smtp:203.0.113.7) at Nov 22 09:58:01
Nov 22 09:58:02 mx1 dovecot: imap-login: Login: user=<kim>
Nov 22 09:58:03 mx1 postfix/smtp[15]: 6E00000003: to=<kim@contoso.example>, relay=none, status=puzzled (what)
this is no line of a log
";

#[test]
fn a_postfix_log_becomes_messages() {
    let (events, tally) = read("gateway", POSTFIX);
    let expected = [
        "SMTP/RECEIVE[]",
        "ROUTING/RESOLVE[kim@contoso.example<-info@contoso.example]",
        "STOREDRIVER/DELIVER[kim@contoso.example]",
        "SMTP/SENDEXTERNAL[x@northwind.example]",
        "SMTP/DEFER[late@northwind.example]",
        "QUEUE/FAIL[late@northwind.example]",
        "QUEUE/FAIL[]",
        "DSN/DSN[]",
        "SMTP/SENDEXTERNAL[mimi@fabrikam.example]",
        "SMTP/REFUSED[y@elsewhere.example]",
    ];
    assert_eq!(words(&events), expected);
    assert_eq!((tally.lines, tally.unknown, tally.open), (21, 2, 0));
    assert_eq!(tally.other_programs.get("dovecot"), Some(&1));
    let named: Vec<u64> = tally.unknown_lines.iter().map(|line| line.line).collect();
    assert_eq!(named, [20, 21]);
    let facts = events[0].1.message.as_ref().unwrap();
    assert_eq!((facts.subject.as_str(), facts.total_bytes), ("Offer from May", 2_048));
    assert_eq!(events[0].1.client_ip, "192.0.2.1".parse().ok());
    assert_eq!(events[7].1.reference, ["<m1@fabrikam.example>"]);
    assert_eq!(events[4].1.detail.reason, Some(Reason::RemoteTransient));
    assert!(events.iter().all(|(_, event)| event.detail.place.as_deref() == Some("gateway")));
    let expected = [
        "info@contoso.example: Resolved, Resolved to kim@contoso.example",
        "kim@contoso.example: Delivered, Delivered to the mailbox",
        "late@northwind.example: Failed, Expired in the queue: 4.4.7 message expired in the queue",
        "mimi@fabrikam.example: Delivered, Handed on to mail.fabrikam.example: 250 OK id=1rXabc-000001-2B",
        "x@northwind.example: Delivered, Handed on to mx.northwind.example: 250 2.0.0 Ok: queued as 9B7",
    ];
    let shown: Vec<String> = rows(&events);
    assert_eq!(shown.len(), expected.len());
    for (row, wanted) in shown.iter().zip(expected) {
        let (head, _) = wanted.split_once(", ").unwrap();
        assert!(row.starts_with(head), "{row} is not {wanted}");
    }
}

#[test]
fn a_hand_on_of_our_own_recipient_is_not_delivered() {
    let log = "\
2026-11-22T03:57:31.100000+00:00 gw postfix/smtpd[1]: 4ZQ1Xk2Lz3z7Bt: client=a.example[192.0.2.1]
2026-11-22T03:57:31.200000+00:00 gw postfix/cleanup[1]: 4ZQ1Xk2Lz3z7Bt: message-id=<m@a.example>
2026-11-22T03:57:31.300000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: from=<s@a.example>, size=10, nrcpt=1 (queue active)
2026-11-22T03:57:32.000000+00:00 gw postfix/smtp[1]: 4ZQ1Xk2Lz3z7Bt: to=<kim@contoso.example>, relay=mail.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m@a.example> [InternalId=7, Hostname=mx1.contoso.example] Queued mail for delivery)
2026-11-22T03:57:32.100000+00:00 gw postfix/qmgr[1]: 4ZQ1Xk2Lz3z7Bt: removed
";
    let (events, _) = read("gateway", log);
    assert_eq!(
        rows(&events),
        ["kim@contoso.example: Pending, Handed on to mail.contoso.example, not seen there yet"]
    );
    assert_eq!(events[1].1.detail.remote_queue_id.as_deref(), Some("7"));
    // Where nothing is known of domains the next host is the outside.
    let (events, _) = read_as("gateway", log, &Arc::new(Surroundings::default()));
    assert!(rows(&events)[0].contains(": Delivered, Handed on"), "{:?}", rows(&events));
    let mut around = Surroundings::default();
    around.hosts.insert("mail".to_owned(), "mx1".to_owned());
    let (events, _) = read_as("gateway", log, &Arc::new(around));
    assert_eq!(events[1].1.detail.next_hop, Some(NextHop::Place("mx1".to_owned())));
}

#[test]
fn a_short_queue_id_that_comes_again_is_another_message() {
    let one = |minute: u32, to: &str| {
        format!(
            "Nov 22 03:{minute:02}:00 mx1 postfix/smtpd[1]: ABCDEF: client=a.example[192.0.2.1]\n\
             Nov 22 03:{minute:02}:00 mx1 postfix/cleanup[1]: ABCDEF: message-id=<{to}@a.example>\n\
             Nov 22 03:{minute:02}:00 mx1 postfix/qmgr[1]: ABCDEF: from=<s@a.example>, size=10, nrcpt=1 (queue active)\n\
             Nov 22 03:{minute:02}:01 mx1 postfix/virtual[1]: ABCDEF: to=<{to}@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)\n"
        )
    };
    // Of the first the end was not logged.
    let (events, _) = read("gateway", &(one(1, "kim") + &one(2, "lee")));
    let ids: std::collections::BTreeSet<_> =
        events.iter().map(|(_, event)| event.network_message_id).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(rows(&events).len(), 2);
}

#[test]
fn an_administrator_holds_and_removes() {
    let log = "\
Nov 22 03:57:31 mx1 postfix/pickup[1]: AAAAAA: uid=0 from=<root>
Nov 22 03:57:31 mx1 postfix/cleanup[1]: AAAAAA: message-id=<r@mx1>
Nov 22 03:57:31 mx1 postfix/qmgr[1]: AAAAAA: from=<root@mx1.example>, size=10, nrcpt=1 (queue active)
Nov 22 03:57:32 mx1 postfix/smtp[1]: AAAAAA: to=<a@b.example>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to b.example[192.0.2.3]:25: Connection refused)
Nov 22 03:57:40 mx1 postfix/postsuper[1]: AAAAAA: placed on hold
Nov 22 03:57:50 mx1 postfix/postsuper[1]: AAAAAA: removed
";
    let (events, tally) = read("gateway", log);
    assert_eq!(
        words(&events),
        [
            "PICKUP/RECEIVE[]",
            "SMTP/DEFER[a@b.example]",
            "QUEUE/SUPPRESSED[a@b.example]",
            "QUEUE/SUPPRESSED[]",
            "ADMIN/FAIL[a@b.example]",
            "ADMIN/FAIL[]"
        ]
    );
    assert_eq!(events[1].1.detail.reason, Some(Reason::ConnectionRefused));
    assert_eq!(tally.open, 0);
    assert!(rows(&events)[0].starts_with("a@b.example: Failed, Removed by an administrator"));
}

#[test]
fn open_messages_are_bounded() {
    let mut log = String::new();
    for number in 0..50 {
        log.push_str(&format!(
            "Nov 22 03:57:31 mx1 postfix/smtpd[1]: {number:06X}: client=a.example[192.0.2.1]\n"
        ));
    }
    let options = Options { open_max: 20, ..Options::new(now()) };
    let mut reader = Reader::new("gateway".parse().unwrap(), around(), options);
    reader.feed(log.as_bytes()).unwrap();
    reader.end_file().unwrap();
    assert_eq!((reader.tally().open, reader.tally().closed_early), (20, 30));
}

const EXIM: &str = "\
2026-11-22 03:57:31 exim 4.96 daemon started: pid=1, -q30m, listening for SMTP on port 25
2026-11-22 03:57:31 1rXabc-000001-2B <= mimi@fabrikam.example H=mail.fabrikam.example (helo) [192.0.2.1]:41234 P=esmtps X=TLS1.3:ECDHE_X25519__RSA:256 CV=no S=1234 id=m2@fabrikam.example T=\"Offer \\\"now\\\"\" from <mimi@fabrikam.example> for kim@contoso.example lee@contoso.example x@northwind.example
2026-11-22 03:57:32 1rXabc-000001-2B => kim <kim@contoso.example> F=<mimi@fabrikam.example> R=local_user T=local_delivery
2026-11-22 03:57:32 1rXabc-000001-2B -> lee@mail.contoso.example <lee@contoso.example> R=dnslookup T=remote_smtp H=mail.contoso.example [192.0.2.25] X=TLS1.3:x:256 CV=yes C=\"250 2.0.0 Ok: queued as 4C1F2A\"
2026-11-22 03:57:33 1rXabc-000001-2B == x@northwind.example R=dnslookup T=remote_smtp defer (-44): SMTP error from remote mail server after RCPT TO:<x@northwind.example>: 451 4.7.1 later
2026-11-22 04:57:33 1rXabc-000001-2B ** x@northwind.example R=dnslookup T=remote_smtp H=mx.northwind.example [198.51.100.9]: SMTP error from remote mail server after RCPT TO:<x@northwind.example>: 550 5.1.1 no such user
2026-11-22 04:57:34 1rXdsn-000002-3C <= <> R=1rXabc-000001-2B U=Debian-exim P=local S=2345
2026-11-22 04:57:34 1rXabc-000001-2B Completed
2026-11-22 04:57:35 1rXdsn-000002-3C => mimi@fabrikam.example R=dnslookup T=remote_smtp H=mail.fabrikam.example [192.0.2.1] C=\"250 OK\"
2026-11-22 04:57:35 1rXdsn-000002-3C Completed
2026-11-22 04:58:00 H=(bad) [203.0.113.7]:2222 F=<s@spam.example> rejected RCPT <y@elsewhere.example>: relay not permitted
2026-11-22 04:58:01 1rXhol-000003-4D <= a@b.example U=a P=local S=1
2026-11-22 04:58:01 1rXhol-000003-4D => :blackhole: <void@contoso.example> R=void
2026-11-22 04:58:01 1rXhol-000003-4D Completed
";

#[test]
fn an_exim_log_becomes_messages() {
    let (events, tally) = read("exim", EXIM);
    let expected = [
        "SMTP/RECEIVE[kim@contoso.example;lee@contoso.example;x@northwind.example]",
        "STOREDRIVER/DELIVER[kim@contoso.example]",
        "ROUTING/RESOLVE[lee@mail.contoso.example<-lee@contoso.example]",
        "SMTP/SENDEXTERNAL[lee@mail.contoso.example]",
        "SMTP/DEFER[x@northwind.example]",
        "SMTP/FAIL[x@northwind.example]",
        "DSN/DSN[]",
        "SMTP/SENDEXTERNAL[mimi@fabrikam.example]",
        "SMTP/REFUSED[y@elsewhere.example]",
        "PICKUP/RECEIVE[]",
        "ROUTING/DROP[void@contoso.example]",
    ];
    assert_eq!(words(&events), expected);
    assert_eq!((tally.unknown, tally.open, tally.idle), (0, 0, 1));
    let first = &events[0].1;
    assert_eq!(first.message.as_ref().unwrap().subject, "Offer \"now\"");
    assert_eq!(
        (first.client_ip, first.client_hostname.as_deref()),
        ("192.0.2.1".parse().ok(), Some("mail.fabrikam.example"))
    );
    assert_eq!(first.message_id.as_ref().unwrap().as_str(), "<m2@fabrikam.example>");
    assert_eq!(events[3].1.detail.remote_queue_id.as_deref(), Some("4C1F2A"));
    assert_eq!(events[5].1.detail.remote_reply.as_deref(), Some("550 5.1.1 no such user"));
    assert_eq!(events[6].1.reference, ["1rXabc-000001-2B", "<m2@fabrikam.example>"]);
    assert_eq!(events[8].1.detail.reason, Some(Reason::RelayDenied));
    // Through syslog, with the newer ids, an offset and a process number.
    let log = "Nov 22 03:57:31 mx1 exim[7]: 2026-11-22 04:57:31.250 +0100 [7] 1rXabc-00000000abc-2Bcd <= a@b.example H=[192.0.2.1] P=smtp S=5\n";
    let (events, _) = read("exim", log);
    assert_eq!(events[0].1.at, "2026-11-22T03:57:31.250Z".parse().unwrap());
}

const SENDMAIL: &str = "\
Nov 22 03:57:31 mx1 sendmail[11]: 4AM3vVx1001234: from=<mimi@fabrikam.example>, size=1234, class=0, nrcpts=2, msgid=<m3@fabrikam.example>, proto=ESMTP, daemon=MTA, relay=mail.fabrikam.example [192.0.2.1]
Nov 22 03:57:32 mx1 sm-mta[12]: 4AM3vVx1001234: to=<kim@contoso.example>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=31234, dsn=2.0.0, stat=Sent
Nov 22 03:57:33 mx1 sm-mta[12]: 4AM3vVx1001234: to=<x@northwind.example>,<y@northwind.example>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=61234, relay=mx.northwind.example. [198.51.100.9], dsn=2.0.0, stat=Sent (4AM3vXYZ000001 Message accepted for delivery)
Nov 22 03:57:34 mx1 sm-mta[12]: 4AM3vVx2001235: to=<z@northwind.example>, delay=00:00:02, mailer=esmtp, relay=mx.northwind.example. [198.51.100.9], dsn=4.0.0, stat=Deferred: Connection refused by mx.northwind.example.
Nov 22 03:57:35 mx1 sm-mta[12]: 4AM3vVx2001235: to=<q@northwind.example>, mailer=esmtp, dsn=5.1.1, stat=User unknown
Nov 22 03:57:36 mx1 sm-mta[12]: ruleset=check_rcpt, arg1=<y@elsewhere.example>, relay=[203.0.113.7], reject=550 5.7.1 <y@elsewhere.example>... Relaying denied
Nov 22 03:57:37 mx1 sm-mta[12]: 4AM3vVx1001234: done; delay=00:00:03, ntries=1
";

#[test]
fn a_sendmail_log_becomes_messages() {
    let (events, tally) = read("old", SENDMAIL);
    let expected = [
        "SMTP/RECEIVE[]",
        "STOREDRIVER/DELIVER[kim@contoso.example]",
        "SMTP/SENDEXTERNAL[x@northwind.example]",
        "SMTP/SENDEXTERNAL[y@northwind.example]",
        "SMTP/DEFER[z@northwind.example]",
        "SMTP/FAIL[q@northwind.example]",
        "SMTP/REFUSED[y@elsewhere.example]",
    ];
    assert_eq!(words(&events), expected);
    assert_eq!((tally.unknown, tally.open), (0, 0));
    assert_eq!(events[2].1.detail.remote_queue_id.as_deref(), Some("4AM3vXYZ000001"));
    assert_eq!(events[4].1.detail.reason, Some(Reason::ConnectionRefused));
    let said = &events[4].1.recipients[0].status;
    assert_eq!(said, "4.0.0 Connection refused by mx.northwind.example.", "that it was put off is said once");
    assert_eq!(events[5].1.detail.reason, Some(Reason::RecipientNotFound));
    assert_eq!(events[3].1.event_id, EventId::SendExternal);
    assert_eq!(events[3].1.detail.domain, Some(DomainKind::Outside));
}

#[test]
fn formats_are_told_from_their_content() {
    for (text, format) in [
        (POSTFIX, Format::Postfix),
        (EXIM, Format::Exim),
        (SENDMAIL, Format::Sendmail),
        ("#Software: x\n#Fields: date-time,source,event-id\n", Format::TrackingLog),
        (
            "Nov 22 03:57:31 mx1 kernel: hello\nNov 22 03:57:31 mx1 postfix/qmgr[1]: ABCDEF: removed\n",
            Format::Postfix,
        ),
    ] {
        assert_eq!(Format::detect(text), Ok(format));
    }
    for (text, line, reason) in [
        ("", 1, "nothing in it"),
        ("\nhello\n", 2, "neither a tracking log"),
        ("#Fields: date,time,cs-method\n", 1, "not a message tracking log"),
        ("a,b,c\n1,2,3\n", 1, "neither"),
        ("{\"hello\":1}\n", 1, "neither"),
    ] {
        let wrong = Format::detect(text).unwrap_err();
        assert_eq!(wrong.line, line, "{text}");
        assert!(wrong.to_string().contains(reason), "{wrong}");
    }
    let options = Options { format: Some(Format::Exim), ..Options::new(now()) };
    let mut reader = Reader::new("gateway".parse().unwrap(), around(), options);
    reader.feed(POSTFIX.as_bytes()).unwrap();
    let wrong = reader.end_file().unwrap_err().to_string();
    assert!(wrong.starts_with("line 1: this is Postfix, not Exim: Nov 22 03:57:30"), "{wrong}");
}

#[test]
fn lines_nobody_knows_are_counted_and_shown() {
    let log = "\
Nov 22 03:57:31 mx1 postfix/smtpd[11]: connect from mail.fabrikam.example[192.0.2.1]
Nov 22 03:57:31 mx1 postfix/smtpd[11]: 4C1F2A0001: client=mail.fabrikam.example[192.0.2.1]
Nov 22 03:57:31 mx1 postfix/smtpd[11]: wibble wobble nothing known
Nov 22 03:57:31 mx1 postfix/smtp[11]: ABCDEF0001: something utterly new happened here
Nov 22 03:57:31 mx1 postfix/cleanup[11]: ABCDEF0001: something utterly new happened here
Nov 22 03:57:31 mx1 postfix/qmgr[11]: ABCDEF0001: something utterly new happened here
Nov 22 03:57:31 mx1 postfix/smtpd[11]: GGGG000001: client=mail.fabrikam.example[192.0.2.1]
Nov 22 03:57:31 mx1 postfix/smtpd[11]: NOQUEUE: something utterly new happened here
Nov 22 03:57:31 mx1 postfix/smtp[11]: 4C1F2A0001: host mx.northwind.example[198.51.100.9] said: 451 4.7.1 Later (in reply to RCPT TO command)
Nov 22 03:57:31 mx1 postfix/smtp[11]: Untrusted TLS connection established to mx.northwind.example[198.51.100.9]:25: TLSv1.3
Nov 22 03:57:31 mx1 postfix/smtp[11]: warning: no MX host for northwind.example has a valid address record
Nov 22 03:57:31 mx1 postfix/postscreen[11]: PASS OLD [192.0.2.1]:4711
Nov 22 03:57:31 mx1 postfix/cleanup[11]: 4C1F2A0001: replace: header Subject: x from local; from=<a@b.example> to=<c@d.example>: Subject: y
Nov 22 03:57:31 mx1 postfix/smtpd[11]: lost connection after STARTTLS from mail.fabrikam.example[192.0.2.1]
";
    let (_, tally) = read("gateway", log);
    let named: Vec<u64> = tally.unknown_lines.iter().map(|line| line.line).collect();
    assert_eq!((named, tally.idle), (vec![3, 4, 5, 6, 7, 8], 7));
    assert!(tally.unknown_lines[0].reason.contains("wibble wobble"), "{:?}", tally.unknown_lines);

    let log = "\
2026-11-22 03:57:31 1rXabc-000001-2B <= mimi@fabrikam.example H=mail.fabrikam.example [192.0.2.1] P=esmtp S=2048
2026-11-22 03:57:31 weird unknown line
2026-11-22 03:57:31 1rXabc-000001-2B weird unknown line
2026-11-22 03:57:31 Start queue run: pid=4711
2026-11-22 03:57:31 plain_login authenticator failed for (x) [192.0.2.1]: 535 Incorrect authentication data
2026-11-22 03:57:31 1rXabc-000001-2B DKIM: d=fabrikam.example s=x c=relaxed/relaxed a=rsa-sha256 [verification succeeded]
";
    let (_, tally) = read("exim", log);
    let named: Vec<u64> = tally.unknown_lines.iter().map(|line| line.line).collect();
    assert_eq!((named, tally.idle), (vec![2, 3], 3));
}
