//! The Extended report: a line per event with all fields of the tracking log, under Exchange Online's names.
//!
//! May touch: nothing (pure).

use events::csv::{FIELDS, record};
use events::{Event, MessageFacts};

use super::{ReportFormat, columns};

pub(super) const COLUMNS: &[&str] = &[
    "date_time_utc",
    "client_ip",
    "client_hostname",
    "server_ip",
    "server_hostname",
    "source_context",
    "connector_id",
    "source",
    "event_id",
    "internal_message_id",
    "message_id",
    "network_message_id",
    "recipient_address",
    "recipient_status",
    "total_bytes",
    "recipient_count",
    "related_recipient_address",
    "reference",
    "message_subject",
    "sender_address",
    "return_path",
    "message_info",
    "directionality",
    "tenant_id",
    "original_client_ip",
    "original_server_ip",
    "custom_data",
];

/// The events of one message, oldest first, each with the facts of the message. One that names no server was written at
/// its place, as in the tracking log; `server` is this one.
pub(super) fn write(
    mut events: Vec<Event>,
    server: &str,
    format: ReportFormat,
    lines: &mut u64,
    out: &mut String,
) {
    events.sort_by_key(|event| event.at);
    let facts: Option<MessageFacts> = events.iter().find_map(|event| event.message.clone());
    let message_id = events.iter().find_map(|event| event.message_id.clone());
    for mut event in events {
        if event.message.is_none() {
            event.message.clone_from(&facts);
        }
        if event.message_id.is_none() {
            event.message_id.clone_from(&message_id);
        }
        if event.server_hostname.is_none() {
            event.server_hostname = Some(event.detail.place.as_deref().unwrap_or(server).to_owned());
        }
        // The log's own line has the same fields in the same order, and three more behind them.
        let mut values = fields(&record(&event));
        values.resize(FIELDS.len(), String::new());
        values.truncate(COLUMNS.len());
        columns::line(format, COLUMNS, &values, out);
        *lines = lines.saturating_add(1);
    }
}

/// The fields of one line, quotes taken off.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::with_capacity(FIELDS.len());
    let mut field = String::new();
    let mut quoted = false;
    let mut letters = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            letter => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use mail::NetworkMessageId;

    use super::*;

    #[test]
    fn the_columns_are_the_first_fields_of_the_log() {
        for (column, field) in COLUMNS.iter().zip(FIELDS).skip(1) {
            assert_eq!(*column, field.replace('-', "_"));
        }
        assert_eq!(COLUMNS.len(), 27);
    }

    #[test]
    fn quotes_and_commas_survive() {
        let at = "2026-11-20T09:03:11.25Z".parse().unwrap();
        let mut event = Event::new(at, EventId::Fail, Source::Smtp, NetworkMessageId::default());
        event = event.recipient("\"a,b\"@contoso.example", "550 \"no\", really");
        event.source_context = Some("a, \"b\"".to_owned());
        let values = fields(&record(&event));
        assert_eq!(values.len(), FIELDS.len());
        assert_eq!(values[5], "a, \"b\"");
        assert_eq!(values[0], "2026-11-20T09:03:11.250Z");
    }
}
