//! Joins messages of ours with what other places recorded of them before the feed brought ours.
//!
//! May touch: the store, the index of hops, the disk.
//!
//! An import looks for ours in the store. Where the record of a gateway comes first, because the feed is behind or a hand-on
//! is noted a moment after the next host has logged it, the feed looks for the gateway's.

use std::collections::BTreeSet;
use std::time::Duration;

use events::{Event, EventId};

use super::super::index::JoinIndex as _;
use super::super::joins::{QUEUE_MICROS, WINDOW_MICROS, numbers_of};
use super::joiner::Joiner;
use super::{INDEX_FILE, Places};
use crate::store::StoreError;

/// The feed waits no longer for an import that is at a batch: it comes again.
const PATIENCE: Duration = Duration::from_millis(200);

/// A number by which another place may know a message of ours, and when ours told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnNumber {
    number: u64,
    at: i64,
}

impl Places {
    /// The numbers that events of ours tell.
    pub(crate) fn own_numbers<'a>(&self, events: impl Iterator<Item = &'a Event>) -> Vec<OwnNumber> {
        let of = |event: &&Event| {
            matches!(event.event_id, EventId::Receive | EventId::Send | EventId::SendExternal)
        };
        let mut found = Vec::new();
        for event in events.filter(of) {
            let at = event.at.as_microsecond();
            found.extend(numbers_of(event, &self.0.own).into_iter().map(|number| OwnNumber { number, at }));
        }
        // In the order of the index: neighbours are on the same page while it is at hand.
        found.sort_unstable();
        found
    }

    /// Whether anything was ever imported, so that there may be something to join. To be asked when the store has the
    /// events: an import that began later finds them there. Blocks.
    ///
    /// # Errors
    /// If the disk does not say.
    pub(crate) fn has_hops(&self) -> Result<bool, StoreError> {
        let path = self.0.dir.join(INDEX_FILE);
        self.0.disk.exists(&path).map_err(|source| StoreError::Io { path, source })
    }

    /// Joins hops of other places that have these numbers with our messages, which the store has by now. Again it changes
    /// nothing. `false` if an import or a removal has the index and `waits` is not set. Blocks.
    ///
    /// # Errors
    /// If the trace cannot be read or written.
    pub(crate) fn join_own(&self, numbers: &[OwnNumber], waits: bool) -> Result<bool, StoreError> {
        // An import that looked for ours before the store had it notes its hops before it lets go of the index.
        let held = match waits {
            true => Some(self.0.index.lock()),
            false => self.0.index.try_lock_for(PATIENCE),
        };
        let Some(mut index) = held else { return Ok(false) };
        let index = self.open(&mut index)?;
        let (mut seen, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        for OwnNumber { number, at } in numbers {
            let (from, to) = (at.saturating_sub(QUEUE_MICROS), at.saturating_add(WINDOW_MICROS));
            for key in index.with_number(*number, from, to)? {
                if seen.insert(key) && index.hop(key)?.is_some_and(|hop| !hop.is_own) {
                    foreign.insert(key);
                }
            }
        }
        if !foreign.is_empty() {
            let plan = Joiner::new(index, self, &self.0.own).plan_again(foreign)?;
            self.write(index, plan)?;
        }
        Ok(true)
    }
}
