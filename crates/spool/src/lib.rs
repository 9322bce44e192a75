//! The durable log of the transport: messages, queue state and events in one commit.
//!
//! May touch: Disk, Clock, Executor.
//!
//! ```text
//! commit -> committer (group commit: one write, one fdatasync) -> segments log/*.log, large bodies bodies/*.body
//!                                                              -> state in memory -> answers, feed of events
//! open   -> footers of full segments + scan of the open one    -> the same state
//! ```
//! A [`Batch`] is durable as a whole or not at all. The spool knows no mail: envelopes, entries, bodies and events are
//! bytes. See `format.rs` for what is on disk, `committer.rs` for how it gets there, `recover.rs` for how it is read
//! again and `compact.rs` for how it stays bounded.

mod batch;
mod body;
mod check;
mod committer;
mod compact;
mod config;
mod encode;
mod error;
mod feed;
mod format;
mod housekeeping;
mod index;
mod recover;
mod replay;
mod report;
mod scan;
mod segment;
mod shared;
mod spool;
mod state;

pub use batch::{Batch, EntryNo, EventSeq, Mark, MessageNo, Position};
pub use committer::Committed;
pub use config::{Config, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
pub use error::SpoolError;
pub use feed::SpoolEvent;
pub use report::{Damage, RecoveryReport, TornTail};
pub use spool::{Spool, Stats, StoredMessage};

#[cfg(test)]
mod tests;
