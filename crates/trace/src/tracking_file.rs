//! Tracking log files out: the `#Fields` CSV of our own events.
//!
//! May touch: nothing (pure).

use events::Event;
use events::csv::{header, record};
use jiff::Timestamp;

/// The text of a tracking log file with these events.
pub fn export(events: &[Event], at: Timestamp) -> String {
    let mut text = begin(at);
    append(&mut text, events);
    text
}

/// The first lines of such a file.
pub fn begin(at: Timestamp) -> String {
    header("Postroom", env!("CARGO_PKG_VERSION"), at)
}

/// The lines of further events.
pub fn append(text: &mut String, events: &[Event]) {
    for event in events {
        text.push_str(&record(event));
    }
}
