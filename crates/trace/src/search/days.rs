//! The days of a search: what each has of a page and of the total, the newest first, on two threads.
//!
//! May touch: the store (reading); a second thread through the executor.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::api::{Gap, RowOrder, SearchError, TraceRow};
use super::cursor::Place;
use super::engine::{Engine, Page, day_unread, merge, resume};
use super::facets::Facet;
use crate::store::{After, Asked, Day, DayWatch, RowId, StoreError, Watch};

/// What a day has of a page, and of the total.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<(Day, TraceRow, Place)>,
    total: u64,
    /// Attempts that were refused and are not listed.
    refused: Option<u64>,
    gaps: Vec<Gap>,
    /// Whether it has a record of this server; where one counts.
    is_own: bool,
    is_placeless: bool,
    is_networkless: bool,
    /// Where the order is by latency: the rows found, not filled in yet.
    slow: Vec<RowId>,
}

/// What the threads that go through the days of one page know of each other.
struct Shared {
    /// The day to be taken next.
    next: AtomicUsize,
    days: Vec<Taken>,
    /// Rows still wanted of all these days.
    wanted: usize,
    /// Whether days are wanted even when the page is full: for the total, or for what was slowest.
    all: bool,
}

/// A day of these.
#[derive(Default)]
struct Taken {
    /// Rows it has for the page, once they are known.
    rows: OnceLock<usize>,
    /// Newer days have the whole page.
    unneeded: Arc<AtomicBool>,
}

impl Shared {
    fn new(days: usize, wanted: usize, all: bool) -> Shared {
        let days = std::iter::repeat_with(Taken::default).take(days).collect();
        Shared { next: AtomicUsize::new(0), days, wanted, all }
    }

    /// Rows wanted of this day as far as newer ones are known: no less than there will be.
    fn left(&self, at: usize) -> usize {
        let newer = self.days.iter().take(at).filter_map(|day| day.rows.get());
        self.wanted.saturating_sub(newer.sum())
    }

    /// Notes the rows of a day; older ones that are not needed any more are given up by who is at them.
    fn done(&self, at: usize, rows: usize) {
        let Some(day) = self.days.get(at) else { return };
        let _ = day.rows.set(rows);
        if self.all {
            return;
        }
        let mut left = self.wanted;
        for day in &self.days {
            if left == 0 {
                day.unneeded.store(true, Ordering::Release);
            }
            left = left.saturating_sub(day.rows.get().copied().unwrap_or(0));
        }
    }
}

/// A day as one of the threads has taken it.
struct Turn<'s> {
    shared: &'s Shared,
    at: usize,
    count: bool,
    watch: DayWatch<'s>,
}

impl Engine<'_> {
    /// Goes through these days until the page is full; through all of them for a total, or for what was slowest.
    pub(super) fn go_through(
        &self,
        days: &[Day],
        count: bool,
        page: &mut Page<'_>,
        watch: &Watch,
    ) -> Result<(), SearchError> {
        let all = count || page.query.order == RowOrder::Slowest;
        let shared = Shared::new(days.len(), page.left(), all);
        let work = || self.parts(days, &shared, count, page, watch);
        let mut parts = match days {
            [] | [_] => work(),
            _ => self.exec.on_two_threads(work).into_iter().flatten().collect(),
        };
        parts.sort_by_key(|(at, ..)| *at);
        for (_, day, part) in parts {
            if page.left() == 0 && !all {
                // Taken by the other thread before the page was known to be full.
                return Ok(());
            }
            match part {
                Ok(part) => page.take(day, part),
                Err(error @ (StoreError::Cancelled | StoreError::Unneeded)) => {
                    return Err(SearchError::Store(error));
                }
                Err(error) => page.gaps.push(day_unread(self.server, day, &error)),
            }
        }
        Ok(())
    }

    /// What the next of these days have, each taken by whoever asks first.
    fn parts(
        &self,
        days: &[Day],
        shared: &Shared,
        count: bool,
        page: &Page<'_>,
        watch: &Watch,
    ) -> Vec<(usize, Day, Result<Part, StoreError>)> {
        let mut parts = Vec::new();
        loop {
            let at = shared.next.fetch_add(1, Ordering::AcqRel);
            let (Some(day), Some(taken)) = (days.get(at).copied(), shared.days.get(at)) else { return parts };
            if !shared.all && shared.left(at) == 0 {
                return parts;
            }
            let turn = Turn { shared, at, count, watch: watch.of_day_until(&taken.unneeded) };
            let part = self.part(day, &turn, page);
            shared.done(at, part.as_ref().map_or(0, |part| part.rows.len()));
            let is_end = matches!(part, Err(StoreError::Cancelled | StoreError::Unneeded));
            parts.push((at, day, part));
            if is_end {
                return parts;
            }
            watch.day_done();
        }
    }

    /// What a day has: of its rows those that may be wanted.
    fn part(&self, day: Day, turn: &Turn<'_>, page: &Page<'_>) -> Result<Part, StoreError> {
        let (left, count) = (turn.shared.left(turn.at), turn.count);
        let window = self.window(day, page);
        let (after, before) = resume(day, page);
        let mut part = Part::default();
        let asked = Asked { query: page.query, window, server: self.server, watch: turn.watch };
        let messages = self.messages(day, &asked, &after, turn, &mut part)?;
        let mut refusals = Vec::new();
        if page.refused_listed {
            let range = (window.low, window.high);
            let (total, found) = self.refusals.find(day, page.query, range, before, left)?;
            refusals = found;
            if count {
                part.total = part.total.saturating_add(total);
            }
        } else if count && page.query.within.is_empty() {
            part.refused = Some(self.refusals.attempts(day, page.query, (window.low, window.high))?);
        }
        for (start, end, count) in self.refusals.gaps(day)? {
            let cause = "refused attempts came faster than they could be recorded, or recording was paused"
                .to_owned();
            let (start, end, count) = (Some(start), Some(end), Some(count));
            part.gaps.push(Gap { source: self.server.to_owned(), start, end, count, cause });
        }
        part.rows = merge(day, messages, refusals, self.server).into_iter().take(left).collect();
        Ok(part)
    }

    /// The rows of a day file, filled in.
    fn messages(
        &self,
        day: Day,
        asked: &Asked<'_>,
        after: &After,
        turn: &Turn<'_>,
        part: &mut Part,
    ) -> Result<Vec<(RowId, TraceRow)>, StoreError> {
        let slowest = asked.query.order == RowOrder::Slowest;
        let by_place = asked.query.facets.iter().any(|filter| filter.facet == Facet::Place);
        let by_network = asked.query.to_networks.iter().any(|network| network.first().is_ipv6());
        let found = self.store.view_watched(day, Some(asked.watch), |view| {
            part.is_placeless = by_place && view.lacks_places(asked.window)?;
            part.is_networkless = by_network && view.lacks_networks(asked.window)?;
            part.is_own = turn.count && self.is_own(view, asked.watch)?;
            let (total, mut ids) = view.find(asked, after, turn.shared.left(turn.at), turn.count)?;
            if turn.count {
                part.total = total;
            }
            if slowest {
                part.slow = ids;
                return Ok(Vec::new());
            }
            // Newer days may be known by now.
            ids.truncate(turn.shared.left(turn.at));
            self.fill(view, day, ids, asked.watch)
        })?;
        Ok(found.unwrap_or_default())
    }
}

impl Page<'_> {
    /// Rows still wanted.
    fn left(&self) -> usize {
        self.wanted.saturating_sub(self.rows.len())
    }

    /// Takes what a day has, older than those before.
    fn take(&mut self, day: Day, part: Part) {
        let left = self.left();
        self.rows.extend(part.rows.into_iter().take(left));
        self.total = self.total.saturating_add(part.total);
        self.days = self.days.saturating_add(u64::from(part.is_own));
        if let Some(attempts) = part.refused {
            self.refused = Some(self.refused.unwrap_or(0).saturating_add(attempts));
        }
        self.gaps.extend(part.gaps);
        self.placeless.extend(part.is_placeless.then_some(day));
        self.networkless.extend(part.is_networkless.then_some(day));
        if !part.slow.is_empty() {
            // The slowest so far, over all days.
            self.slow.extend(part.slow.into_iter().map(|id| (day, id)));
            self.slow.sort_unstable_by_key(|(day, id)| std::cmp::Reverse((id.latency, *day, id.id)));
            self.slow.truncate(self.wanted);
        }
    }
}

#[cfg(test)]
mod tests;
