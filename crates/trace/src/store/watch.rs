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

    /// For a day that is wanted as long as the search is.
    pub(crate) fn of_day(&self) -> DayWatch<'_> {
        DayWatch { search: self, unneeded: None }
    }

    /// For a day that is not wanted any more once newer ones have the whole page.
    pub(crate) fn of_day_until<'w>(&'w self, unneeded: &'w AtomicBool) -> DayWatch<'w> {
        DayWatch { search: self, unneeded: Some(unneeded) }
    }
}

/// Whether a day of a search is still wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayWatch<'w> {
    search: &'w Watch,
    unneeded: Option<&'w AtomicBool>,
}

impl DayWatch<'_> {
    /// [`StoreError::Cancelled`] where it is not.
    pub(crate) fn check(self) -> Result<(), StoreError> {
        self.search.check()?;
        let unneeded = self.unneeded.is_some_and(|unneeded| unneeded.load(Ordering::Acquire));
        if unneeded { Err(StoreError::Cancelled) } else { Ok(()) }
    }
}
