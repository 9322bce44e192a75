//! `Detail`, and what else has no field of its own, as custom-data pairs and back.
//!
//! May touch: nothing (pure).

use std::str::FromStr;

use jiff::Timestamp;

use super::quote::{join_list, push_pair, split_list};
use crate::event::{Detail, Event, NextHop};

const RECEIVED: &str = "Received";
const FROM_ADDRESS: &str = "FromAddress";
const AUTHENTICATED_AS: &str = "AuthenticatedAs";

/// All pairs of an event: its own custom-data first, then the detail.
pub(super) fn write(event: &Event) -> String {
    let mut data = String::new();
    for (key, value) in &event.custom_data {
        if key.is_empty() && data.is_empty() {
            data.push_str(value);
        } else {
            push_pair(&mut data, key, value);
        }
    }
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            push_pair(&mut data, key, &value);
        }
    };
    if event.received.as_microsecond() != event.at.as_microsecond() {
        put(RECEIVED, Some(instant(event.received)));
    }
    let facts = event.message.as_ref();
    put(FROM_ADDRESS, facts.and_then(|facts| facts.from_address.clone()));
    put(AUTHENTICATED_AS, facts.and_then(|facts| facts.authenticated_as.clone()));
    let detail = &event.detail;
    put("NextHop", detail.next_hop.as_ref().map(next_hop));
    put("RcptDomain", detail.domain.map(|domain| domain.to_string()));
    put("Folder", detail.folder.clone());
    put("ItemId", detail.item_id.map(|id| id.to_string()));
    put("Queue", detail.queue.clone());
    put("Attempts", detail.attempts.map(|attempts| attempts.to_string()));
    put("NextRetry", detail.next_retry.map(instant));
    put("Expires", detail.expires.map(instant));
    put("Reason", detail.reason.map(|reason| reason.to_string()));
    put("RemoteReply", detail.remote_reply.clone());
    put("RemoteHost", detail.remote_host.clone());
    put("RemoteQueueId", detail.remote_queue_id.clone());
    if !detail.members.is_empty() {
        put("Members", Some(join_list(detail.members.iter().map(String::as_str))));
    }
    put("Tls", detail.tls.clone());
    put("Step", detail.step.map(|step| step.to_string()));
    put("Count", (detail.count != 1).then(|| detail.count.to_string()));
    put("Place", detail.place.clone());
    data
}

/// Sorts the pairs of a line into the event; what is not ours, or cannot be read as ours, stays custom-data.
///
/// Gives back whether a `Received` pair was there.
pub(super) fn read(pairs: Vec<(String, String)>, event: &mut Event) -> bool {
    let mut has_received = false;
    for (key, value) in pairs {
        if key == RECEIVED
            && let Ok(at) = value.parse()
        {
            event.received = at;
            has_received = true;
        } else if let Some(facts) = event.message.as_mut()
            && matches!(key.as_str(), FROM_ADDRESS | AUTHENTICATED_AS)
        {
            match key.as_str() {
                FROM_ADDRESS => facts.from_address = Some(value),
                _ => facts.authenticated_as = Some(value),
            }
        } else if !read_detail(&key, &value, &mut event.detail) {
            event.custom_data.push((key, value));
        }
    }
    has_received
}

/// Whether the pair was one of the detail's.
fn read_detail(key: &str, value: &str, detail: &mut Detail) -> bool {
    match key {
        "NextHop" => set(&mut detail.next_hop, read_next_hop(value)),
        "RcptDomain" => set(&mut detail.domain, parse(value)),
        "Folder" => set(&mut detail.folder, Some(value.to_owned())),
        "ItemId" => set(&mut detail.item_id, parse(value)),
        "Queue" => set(&mut detail.queue, Some(value.to_owned())),
        "Attempts" => set(&mut detail.attempts, parse(value)),
        "NextRetry" => set(&mut detail.next_retry, parse(value)),
        "Expires" => set(&mut detail.expires, parse(value)),
        "Reason" => set(&mut detail.reason, parse(value)),
        "RemoteReply" => set(&mut detail.remote_reply, Some(value.to_owned())),
        "RemoteHost" => set(&mut detail.remote_host, Some(value.to_owned())),
        "RemoteQueueId" => set(&mut detail.remote_queue_id, Some(value.to_owned())),
        "Members" => {
            detail.members = split_list(value);
            true
        }
        "Tls" => set(&mut detail.tls, Some(value.to_owned())),
        "Step" => set(&mut detail.step, parse(value)),
        "Place" => set(&mut detail.place, Some(value.to_owned())),
        "Count" => match value.parse() {
            Ok(count) => {
                detail.count = count;
                true
            }
            Err(_) => false,
        },
        _ => false,
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let read = value.is_some();
    if read {
        *slot = value;
    }
    read
}

fn parse<T: FromStr>(value: &str) -> Option<T> {
    value.parse().ok()
}

/// Microseconds: detail keeps the precision stored events have, date-time itself shows milliseconds.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn next_hop(hop: &NextHop) -> String {
    match hop {
        NextHop::Outside => "outside".to_owned(),
        NextHop::Internal => "internal".to_owned(),
        NextHop::Place(name) => format!("place:{name}"),
    }
}

fn read_next_hop(value: &str) -> Option<NextHop> {
    match value {
        "outside" => Some(NextHop::Outside),
        "internal" => Some(NextHop::Internal),
        _ => value.strip_prefix("place:").map(|name| NextHop::Place(name.to_owned())),
    }
}
