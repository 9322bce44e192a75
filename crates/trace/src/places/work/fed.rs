//! Joins messages of ours with what other places recorded of them before the feed brought ours.
//!
//! May touch: the store, the index of hops, the disk.
//!
//! An import looks for ours in the store. Where the record of a gateway comes first, because the feed is behind or a hand-on
//! is noted a moment after the next host has logged it, the feed looks for the gateway's.

use std::collections::BTreeSet;

use events::{Event, EventId};

use super::super::index::JoinIndex as _;
use super::super::joins::{Hop, QUEUE_MICROS, WINDOW_MICROS};
use super::joiner::Joiner;
use super::{INDEX_FILE, Places};
use crate::store::StoreError;

/// A number that an event of ours names its message by, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fed {
    number: u64,
    at: i64,
}

impl Places {
    /// What hops of other places may be found by that events of ours tell of; nothing where none was ever imported.
    /// Blocks.
    pub(crate) fn names_of<'a>(&self, events: impl Iterator<Item = &'a Event>) -> Vec<Fed> {
        if !self.0.disk.exists(&self.0.dir.join(INDEX_FILE)).unwrap_or(false) {
            return Vec::new();
        }
        let mut names = Vec::new();
        for event in events {
            if matches!(event.event_id, EventId::Receive | EventId::Send | EventId::SendExternal) {
                let at = event.at.as_microsecond();
                let mut hop = Hop::new(event.network_message_id, &self.0.own, true, at);
                hop.absorb(event);
                names.extend(hop.keys().into_iter().map(|number| Fed { number, at }));
            }
        }
        // In the order of the index: neighbours are on the same page while it is at hand.
        names.sort_unstable();
        names
    }

    /// Joins hops of other places that have these numbers with our messages. Blocks. To be called when the store has
    /// those; again it changes nothing.
    ///
    /// # Errors
    /// If the trace cannot be read or written.
    pub(crate) fn join_fed(&self, names: &[Fed]) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        // An import that looked for ours too early has noted its hops when it lets go.
        let mut index = self.0.index.lock();
        let index = self.open(&mut index)?;
        let mut found = BTreeSet::new();
        for Fed { number, at } in names {
            let (from, to) = (at.saturating_sub(QUEUE_MICROS), at.saturating_add(WINDOW_MICROS));
            for key in index.with_number(*number, from, to)? {
                if !found.contains(&key) && index.hop(key)?.is_some_and(|hop| !hop.is_own) {
                    found.insert(key);
                }
            }
        }
        if !found.is_empty() {
            let plan = Joiner::new(index, self, &self.0.own).plan_again(found)?;
            self.write(index, plan)?;
        }
        Ok(())
    }
}
