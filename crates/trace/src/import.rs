//! Tracking log files in and out: `#Fields` CSV of our own, of Exchange, and of others who write the layout.
//!
//! May touch: the store.

use std::collections::HashMap;

use events::csv::{BadLine, LogReader, decode_text, header, record};
use events::{Event, EventId};
use jiff::Timestamp;
use mail::NetworkMessageId;
use uuid::Uuid;

use crate::status::{EventKey, NodeId};
use crate::store::{Store, StoreError};

/// Lines that could not be read and are named in the report; more are only counted.
const BAD_LINES_NAMED: usize = 20;
/// Events applied in one piece.
const EVENTS_AT_ONCE: usize = 10_000;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Lines read as events.
    pub read: u64,
    /// Events that were not in the store before.
    pub new: u64,
    /// Lines that could not be read.
    pub bad: u64,
    /// The first of them.
    pub bad_lines: Vec<BadLine>,
}

/// Reads a tracking log file into the store. Reading the same lines again changes nothing. Blocks.
///
/// `node` stands for the place the file comes from; its events never mix with another's numbers.
pub fn import(store: &Store, bytes: &[u8], node: NodeId) -> Result<ImportReport, StoreError> {
    let text = decode_text(bytes);
    let mut report = ImportReport::default();
    let mut events = Vec::new();
    for line in LogReader::new(&text) {
        match line {
            Ok(event) => events.push(event),
            Err(bad) => {
                report.bad = report.bad.saturating_add(1);
                if report.bad_lines.len() < BAD_LINES_NAMED {
                    report.bad_lines.push(bad);
                }
            }
        }
    }
    report.read = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let keys: Vec<EventKey> = events.iter().map(|event| key(event, node)).collect();
    events.iter_mut().for_each(give_id);
    give_received(&mut events);
    let mut keyed: Vec<(EventKey, Event)> = keys.into_iter().zip(events).collect();
    // Oldest first: a message's rows then stand in the order in which they arose.
    keyed.sort_by_key(|(_, event)| event.at);
    while !keyed.is_empty() {
        let rest = keyed.split_off(keyed.len().min(EVENTS_AT_ONCE));
        let new = store.import(std::mem::replace(&mut keyed, rest))?;
        report.new = report.new.saturating_add(u64::try_from(new).unwrap_or(u64::MAX));
    }
    Ok(report)
}

/// The text of a tracking log file with these events.
pub fn export(events: &[Event], at: Timestamp) -> String {
    let mut text = header("Postroom", env!("CARGO_PKG_VERSION"), at);
    for event in events {
        text.push_str(&record(event));
    }
    text
}

/// The log-id identifies a line where there is one; else its content does.
fn key(event: &Event, node: NodeId) -> EventKey {
    let digest = match event.detail.log_id {
        Some(id) => blake3::hash(id.as_bytes()),
        None => blake3::hash(&events::encode(event)),
    };
    let seq = digest.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first));
    EventKey { node, seq }
}

/// Files of 26 fields have no network message id: server, internal id and Message-ID together give one.
fn give_id(event: &mut Event) {
    if event.network_message_id != NetworkMessageId::default() {
        return;
    }
    let server = event.server_hostname.as_deref().unwrap_or_default();
    let message_id = event.message_id.as_ref().map_or("", |id| id.as_str());
    let internal = event.internal_message_id.map_or(0, |id| id.0);
    let digest = blake3::hash(format!("{server}\n{internal}\n{message_id}").as_bytes());
    if let Some(first) = digest.as_bytes().first_chunk::<16>() {
        event.network_message_id = NetworkMessageId(Uuid::from_bytes(*first));
    }
}

/// All events of a message go to the day of its first RECEIVE in the file, or of its first event.
fn give_received(events: &mut [Event]) {
    let mut received: HashMap<NetworkMessageId, (bool, Timestamp)> = HashMap::new();
    for event in events.iter() {
        let entered = matches!(event.event_id, EventId::Receive | EventId::Dsn);
        // Lines after the RECEIVE may say when that was, though it stands in another file.
        let at = event.received.min(event.at);
        let known = received.entry(event.network_message_id).or_insert((entered, at));
        if (entered, std::cmp::Reverse(at)) > (known.0, std::cmp::Reverse(known.1)) {
            *known = (entered, at);
        }
    }
    for event in events {
        if let Some((_, at)) = received.get(&event.network_message_id) {
            event.received = *at;
        }
    }
}
