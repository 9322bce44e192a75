//! The cmdlets of the trace and of the tracking log over a trace that holds a small day.
//! May touch: a simulated world.

use std::path::Path;

use events::csv::LogReader;
use events::{
    Directionality, DomainKind, Event, EventId, EventRecipient, MessageFacts, NextHop, Reason, RefusedStep,
    Source,
};
use jiff::{SignedDuration, Timestamp};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde_json::json;
use trace::{Refusal, Trace};
use uuid::Uuid;
use world::World;
use world::sim::SimWorld;

use super::*;

pub(super) const GROUP: u128 = 0xa;
const OLD: u128 = 0xb;
const SPAM: u128 = 0xc;

fn id(number: u128) -> NetworkMessageId {
    NetworkMessageId(Uuid::from_u128(number))
}

pub(super) fn named(number: u128) -> String {
    id(number).to_string()
}

/// A message of a day, event after event a second apart.
struct Story {
    events: Vec<Event>,
    at: Timestamp,
    number: u128,
}

impl Story {
    fn begins(at: Timestamp, number: u128, facts: MessageFacts, recipients: &[&str]) -> Story {
        let mut story = Story { events: Vec::new(), at, number };
        story.then(EventId::Receive, Source::Smtp, recipients, |event| {
            event.message = Some(facts);
            event.message_id = Some(MessageId::parse(&format!("m{number}@fabrikam.example")).unwrap());
            event.client_ip = Some("192.0.2.10".parse().unwrap());
            event.client_hostname = Some("mail.fabrikam.example".to_owned());
        });
        story
    }

    fn then(&mut self, id: EventId, source: Source, recipients: &[&str], edit: impl FnOnce(&mut Event)) {
        let mut event = Event::new(self.at, id, source, self::id(self.number));
        event.received = self.events.first().map_or(self.at, |first| first.at);
        event.internal_message_id = Some(InternalMessageId(u64::try_from(self.number).unwrap()));
        event.recipients = recipients
            .iter()
            .map(|address| EventRecipient { address: (*address).to_owned(), status: String::new() })
            .collect();
        edit(&mut event);
        self.events.push(event);
        self.at = self.at.checked_add(SignedDuration::from_secs(1)).unwrap();
    }
}

fn facts(subject: &str, sender: &str) -> MessageFacts {
    MessageFacts {
        subject: subject.to_owned(),
        sender_address: "boss@fabrikam.example".to_owned(),
        from_address: Some("boss@fabrikam.example".to_owned()),
        return_path: sender.to_owned(),
        total_bytes: 2_048,
        directionality: Directionality::Incoming,
        ..MessageFacts::default()
    }
}

/// A message to a group and to an address outside that refuses it; one of ten days ago; one that was spam.
fn day(now: Timestamp) -> Vec<Event> {
    let ago = |hours: i64| {
        let at = now.checked_sub(SignedDuration::from_hours(hours)).unwrap();
        Timestamp::from_millisecond(at.as_millisecond()).unwrap()
    };
    let mut group = Story::begins(
        ago(2),
        GROUP,
        facts("Plans", "bounce@fabrikam.example"),
        &["sales@contoso.example", "x@tailspin.example"],
    );
    group.then(EventId::Expand, Source::Routing, &["ann@contoso.example", "kim@contoso.example"], |event| {
        event.related_recipient_address = Some("sales@contoso.example".to_owned());
    });
    group.then(EventId::Deliver, Source::StoreDriver, &["ann@contoso.example"], |event| {
        event.detail.folder = Some("Inbox".to_owned());
    });
    group.then(EventId::Deliver, Source::StoreDriver, &["kim@contoso.example"], |event| {
        event.detail.folder = Some("Inbox".to_owned());
    });
    group.then(EventId::Fail, Source::Smtp, &["x@tailspin.example"], |event| {
        event.recipients[0].status = "550 5.1.1 no such user".to_owned();
        event.detail.reason = Some(Reason::RemotePermanent);
        event.detail.remote_reply = Some("550 5.1.1 no such user".to_owned());
        event.detail.remote_host = Some("mx.tailspin.example".to_owned());
        event.reference = vec!["<dsn@contoso.example>".to_owned()];
    });
    let mut old = Story::begins(ago(240), OLD, facts("Old news", "<>"), &["x@tailspin.example"]);
    old.then(EventId::SendExternal, Source::Smtp, &["x@tailspin.example"], |event| {
        event.recipients[0].status = "250 2.1.5 ok".to_owned();
        event.detail.next_hop = Some(NextHop::Outside);
        event.detail.domain = Some(DomainKind::Outside);
        event.server_ip = Some("203.0.113.7".parse().unwrap());
    });
    let mut spam = Story::begins(ago(1), SPAM, facts("Win", "win@lottery.example"), &["kim@contoso.example"]);
    spam.then(EventId::Fail, Source::Agent, &["kim@contoso.example"], |event| {
        event.recipients[0].status = "550 5.7.1 spam".to_owned();
        event.detail.reason = Some(Reason::Spam);
    });
    [group.events, old.events, spam.events].concat()
}

fn refusal(world: &World) -> Refusal {
    Refusal {
        network_message_id: NetworkMessageId(world.chance.uuid_v4()),
        step: RefusedStep::Rcpt,
        reason: Some(Reason::RecipientNotFound),
        reply: "550 5.1.10 RESOLVER.ADR.RecipientNotFound".to_owned(),
        recipients: vec!["nobody@contoso.example".to_owned()],
        return_path: Some("a@lottery.example".to_owned()),
        message: None,
        message_id: None,
        client_ip: Some("198.51.100.4".parse().unwrap()),
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: None,
    }
}

fn services(sim: &SimWorld, world: &World) -> Services {
    let dir = Path::new("/data/trace");
    let config = trace::Config::new("mx1.contoso.example");
    let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
    let now = world.clock.now();
    trace.refusals().record(refusal(world));
    let own = trace.clone();
    sim.run(async move { own.refusals().close().await });
    assert_eq!(fill(&trace, day(now)), 9);
    // Webhooks of these tests are on the machine itself.
    let allowed = crate::services::Allowed { private_webhooks: true, ..Default::default() };
    Services { trace: Some(trace), allowed, ..Services::default() }
}

pub(super) fn office() -> Office {
    Office::with(services)
}

#[test]
fn a_row_has_the_properties_of_the_contract() {
    let office = office();
    let rows = office.json("Get-MessageTrace -RecipientAddress sales@contoso.example");
    let names: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let declared = [
        "MessageTraceId",
        "NetworkMessageId",
        "MessageId",
        "Received",
        "InternalMessageId",
        "SenderAddress",
        "FromAddress",
        "RecipientAddress",
        "FinalRecipientAddress",
        "FinalStatus",
        "Subject",
        "Status",
        "Size",
        "FromIP",
        "ToIP",
        "Direction",
        "Folder",
        "Server",
        "Place",
        "Stage",
        "Detail",
        "Hops",
    ];
    assert_eq!(names, declared);
    let row = &rows[0];
    assert_eq!(
        (&row["MessageTraceId"], &row["NetworkMessageId"]),
        (&json!(named(GROUP)), &json!(named(GROUP)))
    );
    assert_eq!(row["MessageId"], "<m10@fabrikam.example>");
    assert_eq!((&row["Status"], &row["Stage"]), (&json!("Expanded"), &json!("Delivered")));
    assert_eq!((&row["SenderAddress"], &row["Size"]), (&json!("bounce@fabrikam.example"), &json!(2048)));
    assert_eq!(
        (&row["FromIP"], &row["ToIP"], &row["FinalStatus"]),
        (&json!("192.0.2.10"), &Value::Null, &Value::Null)
    );
    assert!(row["Received"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn rows_are_found_by_each_condition() {
    let office = office();
    let group = named(GROUP);
    let lines = [
        ("Get-MessageTrace", 5),
        ("Get-MessageTraceV2", 5),
        ("Get-MessageTrace -SenderAddress BOSS@fabrikam.example", 5),
        ("Get-MessageTrace -SenderAddress bounce@fabrikam.example", 4),
        ("Get-MessageTrace -SenderAddress <> -StartDate 2000-01-01", 1),
        ("Get-MessageTrace -RecipientAddress *@contoso.example -Status Delivered,FilteredAsSpam", 3),
        ("Get-MessageTrace -RecipientAddress ann@contoso.example;sales@contoso.example", 2),
        ("Get-MessageTrace -Subject plan -SubjectFilterType StartsWith", 4),
        ("Get-MessageTrace -Subject lans -SubjectFilterType StartsWith", 0),
        ("Get-MessageTrace -MessageId m11@fabrikam.example", 1),
        ("Get-MessageTrace -InternalMessageId 11", 1),
        ("Get-MessageTrace -ToIP 203.0.113.7 -StartDate 2000-01-01", 1),
        ("Get-MessageTrace -ToIP 203.0.113.0/24,2001:db8::/32 -StartDate 2000-01-01", 1),
        ("Get-MessageTrace -ToIP 203.0.112.0/24 -StartDate 2000-01-01", 0),
        ("Get-MessageTrace -Direction Outbound", 0),
        ("Get-MessageTrace -Direction Inbound", 5),
        ("Get-MessageTrace -IncludeRefused", 6),
        ("Get-MessageTrace -FromIP 198.51.100.4", 1),
        ("Get-MessageTrace -MessageTraceId 00000000-0000-0000-0000-0000000000ff", 0),
    ];
    for (line, count) in lines {
        assert_eq!(office.json(line).as_array().unwrap().len(), count, "{line}");
    }
    let found = office.json(&format!("Get-MessageTrace -MessageTraceId {}", group.to_uppercase()));
    assert_eq!(found.as_array().unwrap().len(), 4);
}

#[test]
fn people_are_told_what_they_do_not_see() {
    let office = office();
    let (code, out, err) = office.ask(&["Get-MessageTrace"], Answer::NoTerminal);
    assert_eq!(code, 0);
    assert!(out.contains("Filtered as spam") && !out.contains("FilteredAsSpam"), "{out}");
    assert!(err.contains("1 refused attempt not shown; -IncludeRefused shows them"), "{err}");
    let line =
        ["Get-MessageTrace", "-StartDate", "07/08/2023", "-EndDate", "2023-08-01", "-TimeZone", "+02:00"];
    let (_, out, err) = office.ask(&line, Answer::NoTerminal);
    assert_eq!(out, "");
    assert!(err.contains("read month first: 8 July 2023"), "{err}");
    assert!(
        err.contains("From 2023-07-08 00:00:00 to 2023-08-01 00:00:00 (+02), the end not included"),
        "{err}"
    );
}

#[test]
fn a_part_is_continued_by_its_cursor() {
    let office = office();
    let whole = office.json("Get-MessageTrace");
    let (_, out, err) =
        office.ask(&["Get-MessageTrace", "-ResultSize", "3", "-Format", "json"], Answer::NoTerminal);
    assert!(err.contains("WARNING: 3 of 5 shown"), "{err}");
    let cursor = err.lines().find_map(|line| line.strip_prefix("Go on with: -Cursor ")).unwrap();
    let mut rows: Value = serde_json::from_str(&out).unwrap();
    let rest = office.json(&format!("Get-MessageTrace -ResultSize Unlimited -Cursor {cursor}"));
    rows.as_array_mut().unwrap().extend(rest.as_array().unwrap().iter().cloned());
    assert_eq!(rows, whole);
    let first = office.json("Get-MessageTraceV2 -ResultSize 2");
    let last = &first[1];
    let rest = office.json(&format!(
        "Get-MessageTraceV2 -EndDate {} -StartingRecipientAddress {}",
        last["Received"].as_str().unwrap(),
        last["RecipientAddress"].as_str().unwrap()
    ));
    assert!(!rest.as_array().unwrap().contains(last), "{rest}");
    assert!(rest.as_array().unwrap().len() >= 3, "{rest}");
}

/// A table shows milliseconds, and a row has microseconds: what is copied from it goes on behind that row.
#[test]
fn a_part_is_continued_by_the_time_as_it_was_shown() {
    let office = office();
    let at = office.world.clock.now() - jiff::SignedDuration::from_mins(90);
    let at = jiff::Timestamp::from_microsecond(at.as_millisecond() * 1_000 + 404).unwrap();
    let id = mail::NetworkMessageId(uuid::Uuid::from_u128(404));
    let mut event = events::Event::new(at, events::EventId::Receive, events::Source::Smtp, id);
    for name in ["ann", "carl", "kim", "zoe"] {
        event = event.recipient(format!("{name}@contoso.example"), "");
    }
    event.received = at;
    let key = trace::EventKey { node: trace::NodeId(1), seq: 4_040 };
    office.instance.services.trace().unwrap().store().import(Vec::from([(key, event)])).unwrap();
    let whole = office.json("Get-MessageTraceV2 -ResultSize Unlimited -StartDate 2000-01-01");
    let whole = whole.as_array().unwrap().clone();
    let mut shortened = 0;
    for (number, row) in whole.iter().enumerate() {
        let received = row["Received"].as_str().unwrap();
        let at: jiff::Timestamp = received.parse().unwrap();
        let shown = at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        shortened += usize::from(shown.parse::<jiff::Timestamp>().unwrap() != at);
        let next = office.json(&format!(
            "Get-MessageTraceV2 -ResultSize Unlimited -StartDate 2000-01-01 -EndDate {shown} -StartingRecipientAddress {}",
            row["RecipientAddress"].as_str().unwrap()
        ));
        assert_eq!(next.as_array().unwrap().as_slice(), &whole[number + 1..], "behind {row}");
    }
    assert_eq!(shortened, 4, "rows with microseconds");
}

#[test]
fn the_detail_says_what_happened_who_acts_and_the_fix() {
    let office = office();
    let line = format!("Get-MessageTraceDetail {} X@tailspin.example", named(GROUP));
    let events = office.json(&line);
    let events = events.as_array().unwrap();
    let words: Vec<_> = events.iter().map(|event| event["Event"].as_str().unwrap()).collect();
    assert_eq!(words, ["Receive", "Fail"]);
    let fail = &events[1];
    assert_eq!((&fail["Status"], &fail["Stage"]), (&json!("Failed"), &json!("NotDelivered")));
    assert_eq!(fail["StageBar"][2]["Name"], "Not delivered");
    assert_eq!(fail["StageBar"][2]["State"], "Failed");
    assert_eq!(
        (&fail["ActionNeededBy"], &fail["CauseId"]),
        (&json!("the sender"), &json!("RemoteUserUnknown"))
    );
    assert_eq!(fail["RemoteReply"], "550 5.1.1 no such user");
    assert!(fail["Headline"].as_str().unwrap().starts_with("We found an issue. "), "{fail}");
    assert!(fail["Data"].as_str().unwrap().starts_with("<root><MEP Name=\""), "{fail}");
    assert_eq!(
        (&fail["MessageTraceId"], &fail["SenderAddress"]),
        (&json!(named(GROUP)), &json!("bounce@fabrikam.example"))
    );
    let words: Vec<&str> = line.split(' ').collect();
    let (_, out, err) = office.ask(&words, Answer::NoTerminal);
    // In a pipe or a file the stages, the cause and the fix stay with the rows.
    assert!(out.contains("\n\nDate (UTC)"), "{out}");
    assert_eq!(err, "");
    for expected in [
        "[x] Received",
        "[!] Not delivered",
        "Cause: ",
        "Must act: ",
        "Fix: ",
        "The remote server said: 550 5.1.1",
        "Reported to the sender in <dsn@",
    ] {
        assert!(out.contains(expected), "{expected}: {out}");
    }
    let (_, csv, err) = office.ask(&[words.as_slice(), &["-Format", "csv"]].concat(), Answer::NoTerminal);
    assert!(!csv.contains("\nMust act: ") && err.contains("Must act: "), "{csv}");
    let (_, out, _) = office.ask(&[words.as_slice(), &["-Format", "list"]].concat(), Answer::NoTerminal);
    assert!(out.lines().any(|line| line.starts_with("StageBar") && line.contains("[x] Received")), "{out}");
    assert_eq!(office.json(&format!("{line} -Event defer")), json!([]));
    assert_eq!(office.json(&format!("{line} -SenderAddress else@fabrikam.example")), json!([]));
    let nobody = format!("Get-MessageTraceDetailV2 {} nobody@contoso.example", named(GROUP));
    assert_eq!(office.json(&nobody), json!([]));
}

#[test]
fn the_tree_is_one_object_and_reads_well() {
    let office = office();
    let line = format!("Get-MessageTraceTree {}", named(GROUP));
    let tree = office.json(&line);
    assert_eq!(tree["Subject"], "Plans");
    assert_eq!(tree["Counts"], json!({ "Delivered": 2, "Failed": 1 }));
    let group = &tree["Nodes"][0];
    assert_eq!(
        (&group["RecipientAddress"], &group["ReplacedBy"]),
        (&json!("sales@contoso.example"), &json!("Members"))
    );
    assert_eq!(group["Nodes"].as_array().unwrap().len(), 2);
    assert_eq!(tree["Nodes"].as_array().unwrap().len(), 2);
    let words: Vec<&str> = line.split(' ').collect();
    for format in [&[][..], &["-Format", "list"], &["-Format", "table"]] {
        let (_, out, _) = office.ask(&[words.as_slice(), format].concat(), Answer::NoTerminal);
        assert!(out.contains("├─ ann@contoso.example") && out.contains("└─ kim@contoso.example"), "{out}");
        assert!(out.contains("2 Delivered, 1 Failed") || out.contains("1 Failed, 2 Delivered"), "{out}");
    }
    let (code, err) = office.fails("Get-MessageTraceTree 00000000-0000-0000-0000-0000000000ff");
    assert_eq!((code, err.contains("there is no message")), (1, true), "{err}");
}

#[test]
fn a_refused_transaction_has_a_tree_too() {
    let office = office();
    let rows = office.json("Get-MessageTrace -SenderAddress a@lottery.example");
    assert_eq!((&rows[0]["Status"], &rows[0]["Stage"]), (&json!("Failed"), &json!("NotReceived")));
    let tree = office.json(&format!("Get-MessageTraceTree {}", rows[0]["MessageTraceId"].as_str().unwrap()));
    assert_eq!(tree["Nodes"][0]["RecipientAddress"], "nobody@contoso.example");
    assert_eq!(tree["Counts"], json!({ "Failed": 1 }));
}

#[test]
fn the_tracking_log_has_exchanges_names() {
    let office = office();
    let events = office.json("Get-MessageTrackingLog -Recipient x@tailspin.example -EventId fail");
    let event = &events[0];
    assert_eq!((&event["EventId"], &event["Source"]), (&json!("FAIL"), &json!("SMTP")));
    assert_eq!(event["Recipients"], json!(["x@tailspin.example"]));
    assert_eq!(event["RecipientStatus"], json!(["550 5.1.1 no such user"]));
    assert_eq!(
        (&event["Sender"], &event["ReturnPath"]),
        (&json!("boss@fabrikam.example"), &json!("bounce@fabrikam.example"))
    );
    assert_eq!((&event["MessageSubject"], &event["RecipientCount"]), (&json!("Plans"), &json!(1)));
    assert_eq!(event["Reference"], json!(["<dsn@contoso.example>"]));
    assert_eq!(event["EventData"]["Reason"], "RemotePermanent");
    let counts = [
        ("Get-MessageTrackingLog", 7),
        ("Get-MessageTrackingLog -Server mx1 -Start 2000-01-01 -ResultSize Unlimited", 9),
        ("Get-MessageTrackingLog -Source STOREDRIVER", 2),
        ("Get-MessageTrackingLog -MessageSubject lan", 5),
        ("Get-MessageTrackingLog -Sender *@lottery.example", 2),
        ("Get-MessageTrackingLog -MessageId <m11@fabrikam.example>", 2),
        ("Get-MessageTrackingLog -Reference <dsn@contoso.example>", 1),
        ("Get-MessageTrackingLog -EventId REFUSED", 1),
        ("Get-MessageTrackingLog -TransportTrafficType email", 7),
        ("Get-MessageTrackingLog -TransportTrafficType Shadow", 0),
    ];
    for (line, count) in counts {
        assert_eq!(office.json(line).as_array().unwrap().len(), count, "{line}");
    }
    for (line, code, words) in [
        ("Get-MessageTrackingLog -Server mx9", 1, "the known ones are: mx1"),
        ("Get-MessageTrackingLog -EventId RECIEVE", 2, "did you mean RECEIVE?"),
        ("Get-MessageTrace -MessageTraceId x", 2, "takes a GUID"),
        ("Get-MessageTrace -FromIP x", 2, "takes an IP address"),
        ("Get-MessageTrace -Cursor zz", 2, "search again without it"),
        ("Get-MessageTrace -StartingRecipientAddress a@contoso.example", 2, "end time"),
        ("Get-MessageTrace -StartDate 2026-11-02 -EndDate 2026-11-01", 2, "after the end"),
        ("Get-MessageTraceDetail x", 2, "needs -RecipientAddress"),
    ] {
        let (got, err) = office.fails(line);
        assert_eq!(got, code, "{line}: {err}");
        assert!(err.contains(words), "{line}: {err}");
    }
}

#[test]
fn the_tracking_log_is_written_as_a_file_that_can_be_read_back() {
    let office = office();
    let line = ["Get-MessageTrackingLog", "-Start", "2000-01-01", "-Path", "-"];
    let (code, out, err) = office.ask(&line, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("#Software: Postroom\r\n"), "{out}");
    let read: Vec<Event> = LogReader::new(&out).collect::<Result<_, _>>().unwrap();
    assert_eq!(read.len(), 9);
    let fail =
        read.iter().find(|event| event.event_id == EventId::Fail && event.source == Source::Smtp).unwrap();
    assert_eq!(fail.network_message_id, id(GROUP));
    assert_eq!(fail.detail.reason, Some(Reason::RemotePermanent));
    let (_, out, _) = office.ask(&[&line[..], &["-ResultSize", "2"]].concat(), Answer::NoTerminal);
    assert_eq!(LogReader::new(&out).count(), 2);
}

#[test]
fn who_looked_for_what_is_audited() {
    let office = office();
    let found = office.json("Get-MessageTrace -RecipientAddress sales@contoso.example");
    let found = found.as_array().unwrap().len();
    office.json("Get-MessageTrackingLog -EventId FAIL");
    office.fails("Get-MessageTrace -Cursor nonsense");
    let rows = office.json("Search-AdminAuditLog -Cmdlets Get-MessageTrace");
    assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
    assert_eq!((&rows[0]["Succeeded"], &rows[0]["ResultRows"]), (&json!(false), &Value::Null));
    assert_eq!(rows[1]["CmdletParameters"]["RecipientAddress"], json!(["sales@contoso.example"]));
    assert_eq!((&rows[1]["ResultRows"], &rows[1]["Caller"]), (&json!(found), &json!("local administrator")));
    let changes = office.json("Search-AdminAuditLog");
    // No look-up: only what made the organization, which was no cmdlet and is named by what it was.
    let is_made = |row: &Value| row["CmdletName"] == json!(format!("({})", row["Caller"].as_str().unwrap()));
    assert!(changes.as_array().unwrap().iter().all(is_made), "{changes}");
    let all = office.json("Search-AdminAuditLog -IncludeLookUps");
    assert!(all.as_array().unwrap().iter().any(|row| row["CmdletName"] == "Get-MessageTrackingLog"));
}
