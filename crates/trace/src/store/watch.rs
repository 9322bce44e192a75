//! A search from outside: how far it is, and a way to give it up.
//!
//! May touch: nothing (pure).

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::StoreError;

/// Whether a search is still wanted.
#[derive(Debug, Default)]
pub struct Watch {
    cancelled: AtomicBool,
    days_done: AtomicU32,
    days: AtomicU32,
}

impl Watch {
    /// Gives the search up: it ends with an error soon.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Days gone through, and days there are to go through.
    pub fn progress(&self) -> (u32, u32) {
        (self.days_done.load(Ordering::Relaxed), self.days.load(Ordering::Relaxed))
    }

    pub(crate) fn begin(&self, days: usize) {
        self.days.store(u32::try_from(days).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.days_done.store(0, Ordering::Relaxed);
    }

    pub(crate) fn day_done(&self) {
        self.days_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.cancelled.load(Ordering::Relaxed) { Err(StoreError::Cancelled) } else { Ok(()) }
    }
}
