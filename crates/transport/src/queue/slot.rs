//! A message in a queue: what it is doing, and what is to happen to it when it comes back.
//!
//! May touch: nothing (pure; the present time is an argument).

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use spool::{EntryNo, MessageNo};

use super::held::Held;
use crate::envelope::{Entry, Hold};
use crate::item::Item;

/// What an item is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// May go.
    Ready,
    /// A worker has it, or whoever else is about to change what becomes of it.
    Active,
    /// Waits for its own next attempt.
    Retry(Timestamp),
    /// Held by an administrator.
    Suspended,
}

/// What an administrator asked of an item while a worker had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// Suspend it if it comes back.
    Suspend,
    /// Remove it if it comes back; the administrator who wants it so.
    Remove(RemoveReport, Arc<str>),
}

/// Whether a removal sends a non-delivery report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveReport {
    /// -WithNDR $true.
    WithNdr,
    /// -WithNDR $false.
    Silent,
}

/// An item and its state.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The message's number.
    pub no: MessageNo,
    pub(super) held: Held,
    /// What it is doing.
    pub state: ItemState,
    /// What is to happen when it is given back.
    pub pending: Option<Pending>,
    /// Recipients that came into the queue while the message was in other hands.
    pub(super) joining: Vec<(EntryNo, Entry)>,
    /// Its place among those that are Ready.
    pub(super) ticket: u64,
    /// When a notice or the expiry is due.
    pub(super) deadline: Timestamp,
}

impl Slot {
    /// The message; nothing where it cannot be read.
    #[must_use]
    pub fn item(&self) -> Option<Arc<Item>> {
        self.held.item()
    }
}

/// What an item waits for.
pub(super) fn state_of(item: &Item, now: Timestamp) -> ItemState {
    if item.entries.iter().any(|(_, entry)| entry.hold == Hold::Suspended) {
        return ItemState::Suspended;
    }
    let retry = item.entries.iter().filter_map(|(_, entry)| entry.next_retry).min();
    match retry {
        Some(at) if at > now => ItemState::Retry(at),
        _ => ItemState::Ready,
    }
}

/// Adds recipients to those of a message; a newer state of one takes the place of the older.
pub(super) fn join(entries: &mut Vec<(EntryNo, Entry)>, new: Vec<(EntryNo, Entry)>) {
    if new.is_empty() {
        return;
    }
    let numbers: HashSet<EntryNo> = new.iter().map(|(no, _)| *no).collect();
    entries.retain(|(no, _)| !numbers.contains(no));
    entries.extend(new);
}
