//! Tracking log files out: the `#Fields` CSV of our own events.
//!
//! May touch: nothing (pure).

use events::Event;
use events::csv::{header, record};
use jiff::Timestamp;

/// The text of a tracking log file with these events.
pub fn export(events: &[Event], at: Timestamp) -> String {
    let mut text = header("Postroom", env!("CARGO_PKG_VERSION"), at);
    for event in events {
        text.push_str(&record(event));
    }
    text
}
