//! A search from outside: how far it is, and a way to give it up.
//!
//! May touch: nothing (pure).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::StoreError;

/// Whether a search is still wanted.
#[derive(Debug, Default)]
pub struct Watch {
    cancelled: Arc<AtomicBool>,
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
    pub(crate) fn of_day_until<'w>(&'w self, unneeded: &'w Arc<AtomicBool>) -> DayWatch<'w> {
        DayWatch { search: self, unneeded: Some(unneeded) }
    }
}

/// Whether a day of a search is still wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayWatch<'w> {
    search: &'w Watch,
    unneeded: Option<&'w Arc<AtomicBool>>,
}

impl DayWatch<'_> {
    /// [`StoreError::Cancelled`] or [`StoreError::Unneeded`] where it is not.
    pub(crate) fn check(self) -> Result<(), StoreError> {
        self.search.check()?;
        let unneeded = self.unneeded.is_some_and(|unneeded| unneeded.load(Ordering::Acquire));
        if unneeded { Err(StoreError::Unneeded) } else { Ok(()) }
    }

    /// The same question for where nothing may be borrowed: whether the day is not wanted any more.
    pub(super) fn has_ended(self) -> impl FnMut() -> bool + Send + 'static {
        let (cancelled, unneeded) = (Arc::clone(&self.search.cancelled), self.unneeded.cloned());
        move || {
            cancelled.load(Ordering::Relaxed)
                || unneeded.as_ref().is_some_and(|unneeded| unneeded.load(Ordering::Acquire))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::model::Bench;
    use crate::search::traffic::traffic;
    use crate::store::DayView;

    /// A question that SQLite never comes to the end of.
    fn endless(view: &DayView<'_>) -> Result<i64, StoreError> {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        Ok(view.connection().unwrap().query_row(sql, [], |row| row.get(0))?)
    }

    #[test]
    fn what_sqlite_does_ends_with_the_search_or_when_the_day_is_not_needed() {
        let bench = Bench::new();
        bench.feed(&traffic(7, 20, 1));
        let day = bench.store.days()[0];
        let (watch, unneeded) = (Watch::default(), Arc::new(AtomicBool::new(false)));
        let wanted = watch.of_day_until(&unneeded);
        let ended = bench.store.view_watched(day, Some(wanted), |view| {
            unneeded.store(true, Ordering::Release);
            endless(view)
        });
        assert!(matches!(ended, Err(StoreError::Unneeded)), "{ended:?}");
        let ended = bench.store.view_watched(day, Some(watch.of_day()), |view| {
            watch.cancel();
            endless(view)
        });
        assert!(matches!(ended, Err(StoreError::Cancelled)), "{ended:?}");
        // The connection serves others, who are not ended by that.
        let found = bench.store.view(day, |view| {
            let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT count(*) FROM n";
            Ok(view.connection().unwrap().query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(found.unwrap(), Some(50_000));
    }
}
