//! The tracking log as a `#Fields` CSV file: what is common to writing and reading it.
//!
//! May touch: nothing (pure).
//! Standards: Microsoft's message tracking documentation; RFC 4180 §2 for quoting.
//!
//! A record is one physical line; control characters in values become spaces, so that line-by-line
//! tools read the file. What our events hold beyond the 30 fields stands in custom-data as
//! `S:Key=Value` pairs and is read back.

mod detail;
mod quote;
mod read;
mod write;

pub use quote::split_line;
pub use read::{BadLine, LINE_BYTES_MAX, Layout, LogReader, decode_text};
pub use write::{header, record};

/// The 30 fields of a current file, in its order.
pub const FIELDS: [&str; 30] = [
    "date-time",
    "client-ip",
    "client-hostname",
    "server-ip",
    "server-hostname",
    "source-context",
    "connector-id",
    "source",
    "event-id",
    "internal-message-id",
    "message-id",
    "network-message-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
    "related-recipient-address",
    "reference",
    "message-subject",
    "sender-address",
    "return-path",
    "message-info",
    "directionality",
    "tenant-id",
    "original-client-ip",
    "original-server-ip",
    "custom-data",
    "transport-traffic-type",
    "log-id",
    "schema-version",
];

/// The schema-version written.
pub const SCHEMA_VERSION: &str = "15.02.0000.000";

/// The log type in the file's head.
pub const LOG_TYPE: &str = "Message Tracking Log";

#[cfg(test)]
mod tests;
