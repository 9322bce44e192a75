//! A message on its way with the recipients it still has, as the stages hand it on.
//!
//! May touch: nothing (pure).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::{EntryNo, MessageNo};

use crate::envelope::{Entry, Envelope};

/// A message in one queue, with the recipients it has there.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The message on this server.
    pub no: MessageNo,
    /// What all recipients share.
    pub envelope: Arc<Envelope>,
    /// The recipients that wait in this queue.
    pub entries: Vec<(EntryNo, Entry)>,
}

/// `at` plus `wait`, or the end of time.
#[must_use]
pub fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
