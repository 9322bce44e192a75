//! Writes the head of a tracking log file and its lines.
//!
//! May touch: nothing (pure).
//! Standards: Microsoft's message tracking documentation.

use std::net::IpAddr;

use jiff::Timestamp;

use super::quote::{join_list, push_field};
use super::{FIELDS, LOG_TYPE, SCHEMA_VERSION, detail};
use crate::event::{Event, MessageFacts};

/// The five `#` lines a file begins with, each ended by CRLF.
pub fn header(software: &str, version: &str, at: Timestamp) -> String {
    format!(
        "#Software: {software}\r\n#Version: {version}\r\n#Log-Type: {LOG_TYPE}\r\n#Date: {}\r\n#Fields: {}\r\n",
        date_time(at),
        FIELDS.join(",")
    )
}

/// One event as one line of the 30 [`FIELDS`], ended by CRLF; times are UTC to the millisecond.
pub fn record(event: &Event) -> String {
    let facts = event.message.as_ref();
    let fact = |get: fn(&MessageFacts) -> String| facts.map(get).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let statuses = if event.recipients.iter().all(|recipient| recipient.status.is_empty()) {
        String::new()
    } else {
        join_list(event.recipients.iter().map(|recipient| recipient.status.as_str()))
    };
    let values: [String; 30] = [
        date_time(event.at),
        ip(event.client_ip),
        text(&event.client_hostname),
        ip(event.server_ip),
        text(&event.server_hostname),
        text(&event.source_context),
        text(&event.connector_id),
        event.source.to_string(),
        event.event_id.to_string(),
        event.internal_message_id.map(|id| id.to_string()).unwrap_or_default(),
        event.message_id.as_ref().map(|id| id.to_string()).unwrap_or_default(),
        event.network_message_id.to_string(),
        join_list(event.recipients.iter().map(|recipient| recipient.address.as_str())),
        statuses,
        fact(|facts| facts.total_bytes.to_string()),
        event.recipients.len().to_string(),
        text(&event.related_recipient_address),
        join_list(event.reference.iter().map(String::as_str)),
        fact(|facts| facts.subject.clone()),
        fact(|facts| facts.sender_address.clone()),
        fact(|facts| facts.return_path.clone()),
        text(&event.message_info),
        fact(|facts| facts.directionality.to_string()),
        text(&event.detail.tenant_id),
        fact(|facts| ip(facts.original_client_ip)),
        fact(|facts| ip(facts.original_server_ip)),
        detail::write(event),
        text(&event.detail.traffic_type),
        event.detail.log_id.map(|id| id.to_string()).unwrap_or_default(),
        SCHEMA_VERSION.to_owned(),
    ];
    let mut line = String::with_capacity(values.iter().map(|value| value.len() + 1).sum::<usize>() + 2);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        push_field(&mut line, value);
    }
    line.push_str("\r\n");
    line
}

fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn ip(ip: Option<IpAddr>) -> String {
    ip.map(|ip| ip.to_string()).unwrap_or_default()
}
