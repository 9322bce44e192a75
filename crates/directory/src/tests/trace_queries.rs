//! Saved searches and alerts: the last ten of each administrator stay, and what is watched is not removed.
//!
//! May touch: a temporary directory.

use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

use super::*;
use crate::{MessageTraceAlert, MessageTraceQuery, TraceQueryKind};

fn query(guid: Uuid, name: &str, kind: TraceQueryKind, owner: &str, number: i64) -> MessageTraceQuery {
    let mut parameters = Map::new();
    parameters.insert("Status".to_owned(), serde_json::json!(["Failed"]));
    MessageTraceQuery {
        guid,
        name: name.to_owned(),
        kind,
        owner: owner.to_owned(),
        parameters,
        when_created: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(number),
    }
}

#[test]
fn the_last_ten_of_each_administrator_are_kept() {
    let house = House::seeded();
    for number in 0..25_i64 {
        let owner = if number % 2 == 0 { "ann" } else { "kim" };
        house
            .change(|draft| {
                let name = format!("Autosaved {number}");
                let guid = draft.new_guid();
                draft.put_message_trace_query(query(guid, &name, TraceQueryKind::Autosaved, owner, number))
            })
            .unwrap();
    }
    let now = house.now();
    let of = |owner: &str| now.message_trace_queries().filter(|query| query.owner == owner).count();
    assert_eq!((of("ann"), of("kim")), (10, 10));
    assert!(now.resolve_message_trace_query("Autosaved 4").is_err());
    assert!(now.resolve_message_trace_query("autosaved 24").is_ok());
}

#[test]
fn a_watched_search_stays_and_an_alert_must_tell_somebody() {
    let house = House::seeded();
    let saved = house
        .change(|draft| {
            let guid = draft.new_guid();
            draft.put_message_trace_query(query(guid, "Failures", TraceQueryKind::Custom, "ann", 0))
        })
        .unwrap();
    let alert = |guid: Uuid| MessageTraceAlert {
        guid,
        name: "Too many".to_owned(),
        query: "failures".to_owned(),
        threshold: 5,
        notify: Vec::new(),
        webhook_url: None,
        enabled: true,
        raised_since: None,
        mailed: None,
        posted: None,
    };
    assert!(house.change(|draft| draft.put_message_trace_alert(alert(draft.new_guid()))).is_err());
    for url in [
        "ftp://x.example",
        "https://x.example/a b",
        "javascript:alert(1)",
        "http://x.example/",
        "http://127.0.0.1@x.example/",
    ] {
        let bad = |guid| MessageTraceAlert { webhook_url: Some(url.to_owned()), ..alert(guid) };
        assert!(house.change(|draft| draft.put_message_trace_alert(bad(draft.new_guid()))).is_err(), "{url}");
    }
    let good =
        |guid| MessageTraceAlert { webhook_url: Some("http://127.0.0.1:1/".to_owned()), ..alert(guid) };
    let made = house.change(|draft| draft.put_message_trace_alert(good(draft.new_guid()))).unwrap();
    let refused = house.change(|draft| draft.remove_message_trace_query(saved.guid)).unwrap_err();
    assert!(refused.to_string().contains("Too many"), "{refused}");
    house.change(|draft| draft.remove_message_trace_alert(made.guid)).unwrap();
    house.change(|draft| draft.remove_message_trace_query(saved.guid)).unwrap();
    assert_eq!(house.now().message_trace_queries().count(), 0);
}
