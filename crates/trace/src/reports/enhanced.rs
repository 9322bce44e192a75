//! The Enhanced summary: a line per message, with its recipients and what became of each.
//!
//! May touch: nothing (pure).
//!
//! `recipient_status` is `address##Event, Event;address##Event, Event`, as Exchange Online writes it. Recipients are
//! those that the search matches.

use std::collections::HashMap;

use events::{Event, EventId};
use mail::NetworkMessageId;
use serde::{Deserialize, Serialize};

use super::summary::columns_time;
use super::{ReportFormat, ReportState, columns};
use crate::search::TraceRow;
use crate::status::{Stage, Status, SubStatus};

/// Octets of recipients on one line; a message with more has several lines.
const RECIPIENTS_BYTES_MAX: usize = 1 << 20;

pub(super) const COLUMNS: &[&str] = &[
    "origin_timestamp_utc",
    "sender_address",
    "recipient_status",
    "message_subject",
    "total_bytes",
    "message_id",
    "network_message_id",
    "original_client_ip",
    "directionality",
    "connector_id",
    "delivery_priority",
];

/// A line in the making.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EnhancedRow {
    origin: String,
    sender: String,
    recipients: String,
    subject: String,
    bytes: String,
    message_id: String,
    network_message_id: String,
    client_ip: String,
    directionality: String,
    /// Last: in states that were stored before, it is missing.
    #[serde(default)]
    connector: String,
}

impl EnhancedRow {
    /// Whose line it is.
    pub(super) fn network_message_id(&self) -> &str {
        &self.network_message_id
    }
}

/// The connector by which a message came: of the place that received it first. Those by which it left may be several,
/// one for each recipient.
pub(super) fn connector<'a>(events: impl Iterator<Item = &'a Event>) -> Option<String> {
    let entries = events.filter(|event| {
        matches!(event.event_id, EventId::Receive | EventId::Refused) && event.connector_id.is_some()
    });
    entries.min_by_key(|event| event.at).and_then(|event| event.connector_id.clone())
}

pub(super) fn write(
    rows: &[TraceRow],
    connectors: &HashMap<NetworkMessageId, String>,
    format: ReportFormat,
    state: &mut ReportState,
    out: &mut String,
) {
    for row in rows {
        let id = row.network_message_id.to_string();
        let is_same = state.open.as_ref().is_some_and(|open| {
            open.network_message_id == id && open.recipients.len() < RECIPIENTS_BYTES_MAX
        });
        if !is_same {
            flush(format, state, out);
            let connector = connectors.get(&row.network_message_id).cloned().unwrap_or_default();
            state.open = Some(begin(row, id, connector));
        }
        if let Some(open) = &mut state.open {
            if !open.recipients.is_empty() {
                open.recipients.push(';');
            }
            open.recipients.push_str(&row.recipient_address);
            open.recipients.push_str("##");
            open.recipients.push_str(chain(row));
        }
    }
    if state.is_complete {
        flush(format, state, out);
    }
}

fn begin(row: &TraceRow, network_message_id: String, connector: String) -> EnhancedRow {
    EnhancedRow {
        origin: columns_time(row.received),
        sender: row.sender_address.clone(),
        recipients: String::new(),
        subject: row.subject.clone().unwrap_or_default(),
        bytes: row.size.to_string(),
        message_id: row.message_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        network_message_id,
        client_ip: row.from_ip.map(|ip| ip.to_string()).unwrap_or_default(),
        directionality: row.direction.to_string(),
        connector,
    }
}

fn flush(format: ReportFormat, state: &mut ReportState, out: &mut String) {
    let Some(row) = state.open.take() else { return };
    let values = [
        row.origin,
        row.sender,
        row.recipients,
        row.subject,
        row.bytes,
        row.message_id,
        row.network_message_id,
        row.client_ip,
        row.directionality,
        row.connector,
        // There is one priority.
        "Normal".to_owned(),
    ];
    columns::line(format, COLUMNS, &values, out);
    state.lines = state.lines.saturating_add(1);
}

/// `Receive`, and the row's end or where it waits.
fn chain(row: &TraceRow) -> &'static str {
    match row.status {
        Status::Delivered if row.stage == Stage::HandedOn => "Receive, Send",
        Status::Delivered => "Receive, Deliver",
        Status::Expanded => "Receive, Expand",
        Status::Resolved => "Receive, Resolved",
        Status::Quarantined => "Receive, Quarantine",
        Status::FilteredAsSpam => "Receive, Spam",
        Status::Failed if row.stage == Stage::NotReceived => "Fail",
        Status::Failed => "Receive, Fail",
        Status::Recalled => "Receive, Recall",
        Status::Pending
            if matches!(
                row.row.sub_status,
                Some(SubStatus::InTransit | SubStatus::NotSeenThereYet | SubStatus::NeverSeenHere)
            ) =>
        {
            "Receive, Send"
        }
        Status::Pending if row.row.sub_status == Some(SubStatus::Deferred) => "Receive, Defer",
        Status::Pending | Status::GettingStatus => "Receive",
    }
}
