//! Get-MailFlowStatus, Get-MailTrafficReport, Get-MailFlowMap and Get-QueueHistory over the trace of a day.
//! May touch: a simulated world.

use serde_json::{Value, json};

use super::mail_flow::office;

fn sum(rows: &Value, name: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[name].as_u64().unwrap()).sum()
}

#[test]
fn the_status_counts_what_the_trace_shows() {
    let office = office();
    let status = office.json("Get-MailFlowStatus");
    let day = &status["LastDay"];
    for (name, word) in [("Delivered", "Delivered"), ("Failed", "Failed"), ("Quarantined", "Quarantined")] {
        let found = office.json(&format!("Get-MessageTrace -Status {word} -ResultSize Unlimited"));
        assert_eq!(day[name].as_u64(), Some(found.as_array().unwrap().len() as u64), "{name} {status}");
    }
    let ends = ["Delivered", "Failed", "Quarantined", "Pending", "FilteredAsSpam"];
    assert!(ends.iter().any(|name| day[name].as_u64() != Some(0)), "{status}");
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
    assert_eq!(to("Mailboxes", "Messages"), delivered.as_array().unwrap().len() as u64, "{ways}");
    assert!(to("Mailboxes", "Messages") > 0 && to("NotDelivered", "Failed") > 0, "{ways}");
    assert!(to("ReceiveConnector", "Failed") > 0, "what was refused is on the map: {ways}");
    let before = office.json("Get-MailFlowMap -EndDate 2001-01-01");
    assert_eq!(before, json!([]));
}

#[test]
fn the_history_of_queues_has_every_interval_or_says_why_not() {
    let office = office();
    assert!(office.json("Get-QueueHistory").is_array());
    let (_, err) = office.fails("Get-QueueHistory -Interval 00:00:01");
    assert!(err.contains("-Interval must part the time"), "{err}");
}
