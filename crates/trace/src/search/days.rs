//! The days of a search: what each has of a page and of the total, the newest first, on two threads.
//!
//! May touch: the store (reading); a second thread through the executor.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::api::{Gap, RowOrder, SearchError, TraceRow};
use super::cursor::Place;
use super::engine::{Engine, Page, day_gap, merge, resume};
use super::facets::Facet;
use crate::store::{After, Asked, Day, RowId, StoreError, Watch};

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
        // A page is often full with its first day: then nothing is read of another.
        let (first, rest) = days.split_at(if all { 0 } else { days.len().min(1) });
        for days in [first, rest] {
            let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let work = || self.parts(days, &next, &found, count, page, watch);
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
                    Err(StoreError::Cancelled) => return Err(SearchError::Store(StoreError::Cancelled)),
                    Err(error) => {
                        let cause = format!("the records of this day cannot be read: {error}");
                        page.gaps.push(day_gap(self.server, day, cause));
                    }
                }
            }
        }
        Ok(())
    }

    /// What the next of these days have, each taken by whoever asks first. `found` is how many rows there are already.
    fn parts(
        &self,
        days: &[Day],
        next: &AtomicUsize,
        found: &AtomicUsize,
        count: bool,
        page: &Page<'_>,
        watch: &Watch,
    ) -> Vec<(usize, Day, Result<Part, StoreError>)> {
        let all = count || page.query.order == RowOrder::Slowest;
        let mut parts = Vec::new();
        loop {
            // An upper bound: days are taken in their order, so that only rows of earlier days are counted by now.
            let left = page.left().saturating_sub(found.load(Ordering::Acquire));
            if left == 0 && !all {
                return parts;
            }
            let at = next.fetch_add(1, Ordering::AcqRel);
            let Some(day) = days.get(at).copied() else { return parts };
            let part = self.part(day, left, count, page, watch);
            watch.day_done();
            let rows = part.as_ref().map_or(0, |part| part.rows.len());
            found.fetch_add(rows, Ordering::AcqRel);
            let is_end = matches!(part, Err(StoreError::Cancelled));
            parts.push((at, day, part));
            if is_end {
                return parts;
            }
        }
    }

    /// What a day has, at most `left` rows of it.
    fn part(
        &self,
        day: Day,
        left: usize,
        count: bool,
        page: &Page<'_>,
        watch: &Watch,
    ) -> Result<Part, StoreError> {
        let window = self.window(day, page);
        let (after, before) = resume(day, page);
        let mut part = Part::default();
        let asked = Asked { query: page.query, window, server: self.server, watch };
        let messages = self.messages(day, &asked, &after, left, count, &mut part)?;
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
        left: usize,
        count: bool,
        part: &mut Part,
    ) -> Result<Vec<(RowId, TraceRow)>, StoreError> {
        let slowest = asked.query.order == RowOrder::Slowest;
        let by_place = asked.query.facets.iter().any(|filter| filter.facet == Facet::Place);
        let by_network = asked.query.to_networks.iter().any(|network| network.first().is_ipv6());
        let found = self.store.view(day, |view| {
            part.is_placeless = by_place && view.lacks_places(asked.window)?;
            part.is_networkless = by_network && view.lacks_networks(asked.window)?;
            part.is_own = count && self.is_own(view, asked.watch)?;
            let (total, ids) = view.find(asked, after, left, count)?;
            if count {
                part.total = total;
            }
            if slowest {
                part.slow = ids;
                return Ok(Vec::new());
            }
            self.fill(view, day, ids)
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
