//! Events to status: a pure fold from the events of one message to one row per recipient.
//!
//! May touch: nothing (pure).
//! The fold keeps, per recipient, the earliest or latest event of each kind and nothing else; so the result
//! depends neither on the order in which events arrive nor on how often one arrives.

mod clocks;
mod decide;
mod row;
mod state;
mod words;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod cases_two;

pub(crate) use clocks::{REPLY_MICROS, ahead_of, is_there_already, time_left_open};
pub(crate) use decide::overdue_before;
pub use decide::{Rollup, never_seen_here, no_end_seen, roll_up};
pub(crate) use row::HANDED_ON_CODE;
pub use row::{Replacement, Row, Stage, Status, SubStatus};
pub use state::{EventKey, Fold, NodeId, address_key};
pub(crate) use words::{is_unreachable, unwrapped, waiting_in_words, with_reply};

use events::Event;

/// Folds the events of one message; rows stand in the order in which their addresses first appear.
///
/// Events with a key seen before are dropped. All events must have the same network message id.
pub fn fold(events: &[(EventKey, Event)]) -> Vec<Row> {
    let mut fold = Fold::default();
    let mut kept = Vec::with_capacity(events.len());
    let mut seen = std::collections::HashSet::with_capacity(events.len());
    for (key, event) in events {
        if seen.insert(*key) {
            fold.absorb(*key, event);
            kept.push(event);
        }
    }
    fold.rows(&kept)
}
