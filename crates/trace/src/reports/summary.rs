//! The Summary report: a line per recipient, in the order and under the names of Get-MessageTraceV2.
//!
//! May touch: nothing (pure).

use super::{ReportFormat, columns};
use crate::search::TraceRow;

pub(super) const COLUMNS: &[&str] = &[
    "Received",
    "SenderAddress",
    "RecipientAddress",
    "Subject",
    "Status",
    "Detail",
    "MessageId",
    "MessageTraceId",
    "FromIP",
    "ToIP",
    "Size",
    "Direction",
];

pub(super) fn write(rows: &[TraceRow], format: ReportFormat, lines: &mut u64, out: &mut String) {
    for row in rows {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let values = [
            columns_time(row.received),
            row.sender_address.clone(),
            row.recipient_address.clone(),
            text(&row.subject),
            row.status.to_string(),
            text(&row.detail),
            row.message_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            row.message_trace_id.to_string(),
            row.from_ip.map(|ip| ip.to_string()).unwrap_or_default(),
            row.to_ip.map(|ip| ip.to_string()).unwrap_or_default(),
            row.size.to_string(),
            row.direction.to_string(),
        ];
        columns::line(format, COLUMNS, &values, out);
        *lines = lines.saturating_add(1);
    }
}

/// UTC with its milliseconds, as every report has times.
pub(super) fn columns_time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
