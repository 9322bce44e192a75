//! Readers and joins on records as the systems write them, and on anything at all.
//!
//! May touch: a simulated world (tests).

mod all_waiting;
mod answers;
mod anything;
mod clocks;
mod cloud;
mod followed;
mod following;
mod graph_service;
pub(super) mod joining;
mod mail_logs;
mod meanwhile;
mod own_word;
mod parties;
mod paths;
mod pod_service;
mod posted;
mod power_cut;
mod recipients;
mod sources;
mod syslog;
mod told;
mod whole;

use std::sync::Arc;

use events::{DomainKind, Event};
use jiff::Timestamp;

use super::{Options, Place, Reader, Surroundings, Tally};
use crate::status::{EventKey, Row, fold};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn around() -> Arc<Surroundings> {
    let domains = [("contoso.example".to_owned(), DomainKind::Authoritative)];
    Arc::new(Surroundings { domains: domains.into(), hosts: std::collections::HashMap::new() })
}

/// Reads a text in pieces of every given size and expects the same each time.
fn read_as(place: &str, text: &str, around: &Arc<Surroundings>) -> (Vec<(EventKey, Event)>, Tally) {
    let mut all: Option<(Vec<(EventKey, Event)>, Tally)> = None;
    for size in [7, 1_000, usize::MAX] {
        let mut reader = Reader::new(place.parse().unwrap(), Arc::clone(around), Options::new(now()));
        for piece in text.as_bytes().chunks(size) {
            reader.feed(piece).unwrap();
        }
        reader.end_file().unwrap();
        let found = (reader.take(), reader.tally());
        if let Some(known) = &all {
            assert_eq!(known, &found, "pieces of {size}");
        }
        all = Some(found);
    }
    all.unwrap()
}

fn read(place: &str, text: &str) -> (Vec<(EventKey, Event)>, Tally) {
    read_as(place, text, &around())
}

/// `SOURCE/EVENT[recipients] status`, in order.
fn words(events: &[(EventKey, Event)]) -> Vec<String> {
    let word = |event: &Event| {
        let recipients: Vec<&str> = event.recipients.iter().map(|one| one.address.as_str()).collect();
        let related =
            event.related_recipient_address.as_ref().map(|of| format!("<-{of}")).unwrap_or_default();
        format!("{}/{}[{}{related}]", event.source, event.event_id, recipients.join(";"))
    };
    events.iter().map(|(_, event)| word(event)).collect()
}

/// The rows of each message, as `address: Status, detail`.
fn rows(events: &[(EventKey, Event)]) -> Vec<String> {
    let mut ids: Vec<_> = events.iter().map(|(_, event)| event.network_message_id).collect();
    ids.sort();
    ids.dedup();
    let mut shown = Vec::new();
    for id in ids {
        let own: Vec<(EventKey, Event)> =
            events.iter().filter(|(_, event)| event.network_message_id == id).cloned().collect();
        shown.extend(fold(&own).iter().map(shown_row));
    }
    shown.sort();
    shown
}

fn shown_row(row: &Row) -> String {
    format!("{}: {}, {}", row.recipient_address, row.status, row.detail.as_deref().unwrap_or_default())
}
