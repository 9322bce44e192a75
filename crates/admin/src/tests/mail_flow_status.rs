//! Get-MailFlowStatus, Get-MailTrafficReport, Get-MailFlowMap and Get-QueueHistory over the trace of a day.
//! May touch: a simulated world.

use events::{Event, EventId, EventRecipient, MessageFacts, Source};
use jiff::SignedDuration;
use mail::{InternalMessageId, NetworkMessageId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::mail_flow::office;

fn sum(rows: &Value, name: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[name].as_u64().unwrap()).sum()
}

#[test]
fn the_status_counts_what_the_trace_shows() {
    let office = office();
    let status = office.json("Get-MailFlowStatus");
    let day = &status["LastDay"];
    assert_eq!(status["Place"], Value::Null, "without a transport the mail of every place counts");
    for (name, word) in [("Delivered", "Delivered"), ("Failed", "Failed"), ("Quarantined", "Quarantined")] {
        let found = office.json(&format!("Get-MessageTrace -Status {word} -ResultSize Unlimited"));
        assert_eq!(day[name].as_u64(), Some(found.as_array().unwrap().len() as u64), "{name} {status}");
    }
    let ends = ["Delivered", "Failed", "Quarantined", "Pending", "FilteredAsSpam"];
    assert!(ends.iter().any(|name| day[name].as_u64() != Some(0)), "{status}");
    let out = office.json("Get-MessageTrace -Direction Outbound -ResultSize Unlimited");
    let left = out
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !["Expanded", "Resolved"].contains(&row["Status"].as_str().unwrap()));
    assert_eq!(day["Out"].as_u64(), Some(left.count() as u64), "what stays inside did not go out: {status}");
    let attention = status["Attention"].as_array().unwrap();
    let ailing = attention.iter().find(|entry| entry["Kind"] == "Health").unwrap();
    assert!(!ailing["Cause"].as_str().unwrap().is_empty(), "the tests' server has no transport: {status}");
}

#[test]
fn reports_add_up_to_the_same_rows() {
    let office = office();
    let days = office.json("Get-MailTrafficReport");
    let all = sum(&days, "Count");
    assert!(all > 0, "{days}");
    for by in ["Hour", "Sender", "SenderDomain", "Recipient", "RecipientDomain", "Path"] {
        let rows = office.json(&format!("Get-MailTrafficReport -GroupBy {by} -ResultSize Unlimited"));
        assert_eq!((sum(&rows, "Count"), sum(&rows, "Bytes")), (all, sum(&days, "Bytes")), "{by} {rows}");
    }
    let codes = office.json("Get-MailTrafficReport -GroupBy FailureCode");
    assert_eq!(sum(&codes, "Count"), sum(&days, "Failed"), "{codes}");
    let paths = office.json("Get-MailTrafficReport -GroupBy Path");
    assert!(paths[0]["From"].is_string() && paths[0]["To"].is_string(), "{paths}");
    let parts = ["Delivered", "Failed", "Pending", "Quarantined", "FilteredAsSpam"];
    for row in paths.as_array().unwrap() {
        let counted: u64 = parts.iter().map(|part| row[part].as_u64().unwrap()).sum();
        assert_eq!(json!(counted), row["Count"], "{row}");
    }
}

#[test]
fn the_map_has_what_the_tracking_log_has() {
    let office = office();
    let ways = office.json("Get-MailFlowMap");
    let to = |kind: &str, name: &str| {
        let ways = ways.as_array().unwrap().iter().filter(|way| way["ToKind"] == kind);
        ways.map(|way| way[name].as_u64().unwrap()).sum::<u64>()
    };
    let delivered = office.json("Get-MessageTrackingLog -EventId DELIVER");
    let messages: std::collections::HashSet<&str> = delivered
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["NetworkMessageId"].as_str().unwrap())
        .collect();
    assert_eq!(to("Mailboxes", "Messages"), messages.len() as u64, "{ways}");
    assert!(to("Mailboxes", "Messages") > 0 && to("NotDelivered", "Failed") > 0, "{ways}");
    assert!(to("ReceiveConnector", "Failed") > 0, "what was refused is on the map: {ways}");
    let before = office.json("Get-MailFlowMap -EndDate 2001-01-01");
    assert_eq!(before, json!([]));
}

#[test]
fn the_history_of_queues_has_every_interval_or_says_why_not() {
    let office = office();
    // A message of three hours ago to two domains: one took it after half an hour, the other has not to this day.
    let now = office.world.clock.now();
    let ago = |minutes: i64| now.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let event = |minutes: i64, id: EventId, source: Source, to: &[&str]| {
        let mut event = Event::new(ago(minutes), id, source, NetworkMessageId(Uuid::from_u128(0xf1)));
        event.internal_message_id = Some(InternalMessageId(0xf1));
        let recipient =
            |address: &&str| EventRecipient { address: (*address).to_owned(), status: String::new() };
        event.recipients = to.iter().map(recipient).collect();
        event
    };
    let queued = |to: &str, queue: &str| {
        let mut event = event(170, EventId::Queued, Source::Queue, &[to]);
        event.detail.queue = Some(queue.to_owned());
        event
    };
    let (slow, quick) = ("a@tailspin.example", "b@fabrikam.example");
    let tried = "c@fabrikam.example";
    let mut came = event(180, EventId::Receive, Source::Smtp, &[slow, quick, tried]);
    came.message = Some(MessageFacts::default());
    let taken = event(140, EventId::SendExternal, Source::Smtp, &[quick]);
    let mut story = vec![came, queued(slow, "tailspin.example"), queued(quick, "fabrikam.example"), taken];
    // What a trial of a connector sends waits in no queue.
    story.push(queued(tried, transport::send::trial::CALLED));
    story.push(event(140, EventId::SendExternal, Source::Smtp, &[tried]));
    assert_eq!(super::fill(office.instance.services.trace().unwrap(), story), 6);
    let start = ago(240);
    let cells = |line: &str, queue: &str| {
        let rows = office.json(line);
        let of_queue = rows.as_array().unwrap().iter().filter(|row| row["NextHop"] == queue);
        of_queue
            .map(|row| (row["Waiting"].as_u64().unwrap(), row["Passed"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    let line = format!("Get-QueueHistory -StartDate {start} -Interval 01:00:00");
    assert_eq!(cells(&line, "tailspin.example"), [(0, 0), (1, 1), (1, 1), (1, 1)]);
    assert_eq!(cells(&line, "fabrikam.example"), [(0, 0), (0, 1), (0, 0), (0, 0)]);
    assert_eq!(cells(&line, transport::send::trial::CALLED), []);
    let rows = office.json(&line);
    assert_eq!((&rows[0]["Start"], &rows[3]["End"]), (&json!(start.to_string()), &json!(now.to_string())));
    assert_eq!(office.json("Get-QueueHistory").as_array().unwrap().len(), 2 * 24, "hours of a day");
    // What is to come is not foretold.
    let later = now.checked_add(SignedDuration::from_hours(5)).unwrap();
    assert_eq!(cells(&format!("{line} -EndDate {later}"), "tailspin.example").len(), 4);
    assert!(office.fails(&format!("Get-QueueHistory -StartDate {later}")).1.contains("not in the future"));
    // Messages are looked for as far back as they may wait.
    let line = format!("Get-QueueHistory -StartDate {} -Interval 00:10:00", ago(30));
    assert_eq!(cells(&line, "tailspin.example"), [(1, 1); 3]);
    office.json("Set-TransportService mx1 -MessageExpirationTimeout 01:00:00");
    assert_eq!(cells(&line, "tailspin.example"), []);
    let (_, err) = office.fails("Get-QueueHistory -Interval 00:00:01");
    assert!(err.contains("-Interval must part the time"), "{err}");
}
