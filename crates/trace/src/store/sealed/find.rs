//! A query against a sealed day: the condition with the fewest rows leads, the others are checked beside it.
//!
//! May touch: a file.
//! Counts come from the dictionaries where a query has one condition; else what leads is gone through.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::conditions::{MessageTest, RowTest};
use super::layout::{Part, SLOWEST_MAX};
use super::packed::Column;
use super::pages::Keep;
use super::plan::Lead;
use super::sets::{MessageSet, Walk};
use super::{SealedDay, StoreError};
use crate::search::RowOrder;
use crate::store::DayWatch;
use crate::store::day::DAY_MICROS;
use crate::store::filter::{After, RowId};
use crate::store::schema::{ORDINAL_BITS, ORDINAL_MAX};

/// Candidates between two looks at whether the search was given up.
const WATCH_EVERY: u64 = 4_096;

/// A query made ready for one sealed day.
pub(crate) struct SealedFilter<'a> {
    pub(super) day: &'a SealedDay,
    pub(super) lead: Lead,
    pub(super) message_tests: Vec<MessageTest<'a>>,
    pub(super) row_tests: Vec<RowTest<'a>>,
    pub(super) row_start: Column<'a>,
    pub(super) slot: Column<'a>,
    pub(super) latency: Column<'a>,
    /// Messages of the window, and their rows.
    pub(super) span: (u64, u64),
    pub(super) rows: (u64, u64),
    /// Messages that newer records of them replace, rising.
    pub(super) skipped: &'a [u64],
    /// Rows of the window, where the dictionaries know.
    pub(super) total: Option<u64>,
    pub(super) watch: DayWatch<'a>,
}

/// What a pass over the rows is told after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    Enough,
}

/// A row by its milliseconds, the newest of equal ones first; its message and the message's first row.
type Slow = (i64, Reverse<u64>, u64, u64);

/// A row that matches.
#[derive(Debug, Clone, Copy)]
struct Hit {
    message: u64,
    row: u64,
    first: u64,
}

impl SealedFilter<'_> {
    fn message_holds(&mut self, message: u64) -> Result<bool, StoreError> {
        for test in &mut self.message_tests {
            if !test.holds(message)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn row_holds(&mut self, message: u64, row: u64) -> Result<bool, StoreError> {
        for test in &mut self.row_tests {
            if !test.holds(message, row)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The rows of one message that match.
    fn rows_of(&mut self, message: u64, take: &mut dyn FnMut(Hit) -> Go) -> Result<Go, StoreError> {
        if !self.message_holds(message)? {
            return Ok(Go::On);
        }
        let (first, end) = (self.row_start.get(message)?, self.row_start.get(message.saturating_add(1))?);
        for row in first..end {
            if self.row_holds(message, row)? && take(Hit { message, row, first }) == Go::Enough {
                return Ok(Go::Enough);
            }
        }
        Ok(Go::On)
    }

    /// Makes the list of what leads.
    fn made(&self, lead: Lead) -> Result<Lead, StoreError> {
        Ok(match lead {
            Lead::OfRecipients(set) => Lead::Rows(self.list((Part::ByAddress, Part::ByAddressStart), &set)?),
            Lead::Listed(set, lists) => {
                let mut count = 0_u64;
                for (_, start) in lists {
                    count = count.saturating_add(self.listed(*start, &set)?);
                }
                let mut messages = MessageSet::for_about(count, self.day.messages());
                for (list, start) in lists {
                    let (mut starts, mut column) = (self.column(*start), self.column(*list));
                    for (low, high) in set.ranges() {
                        for at in starts.get(*low)?..starts.get(*high)? {
                            messages.put(column.get(at)?);
                        }
                    }
                }
                Lead::Messages(messages.settled())
            }
            Lead::OfSubject(hits) => Lead::Messages(self.day.subject_messages(&hits)?),
            made => made,
        })
    }

    /// Goes through all rows that match, from message `from` on, the newest first.
    fn each(&mut self, from: u64, take: &mut dyn FnMut(Hit) -> Go) -> Result<(), StoreError> {
        let from = from.max(self.span.0);
        let lead = std::mem::replace(&mut self.lead, Lead::All);
        let lead = self.made(lead)?;
        let done = match &lead {
            Lead::Messages(set) => self.each_message(set.walk(from, self.span.1), take),
            Lead::Rows(list) => self.each_row(from, list, take),
            _ => self.each_message(Walk::All(from..self.span.1), take),
        };
        self.lead = lead;
        done
    }

    fn is_skipped(&self, message: u64) -> bool {
        !self.skipped.is_empty() && self.skipped.binary_search(&message).is_ok()
    }

    /// Rows of the messages that match, where rows have no conditions of their own.
    fn count_messages(&mut self, from: u64) -> Result<u64, StoreError> {
        let lead = std::mem::replace(&mut self.lead, Lead::All);
        let lead = self.made(lead)?;
        let from = from.max(self.span.0);
        let walk = match &lead {
            Lead::Messages(set) => set.walk(from, self.span.1),
            _ => Walk::All(from..self.span.1),
        };
        let mut rows = 0_u64;
        // Where the rows of the message before ended: it is often the one before.
        let (mut next, mut end) = (u64::MAX, 0);
        for (turn, message) in (1_u64..).zip(walk) {
            if turn.is_multiple_of(WATCH_EVERY) {
                self.watch.check()?;
            }
            if self.is_skipped(message) || !self.message_holds(message)? {
                continue;
            }
            let first = if message == next { end } else { self.row_start.get(message)? };
            next = message.saturating_add(1);
            end = self.row_start.get(next)?;
            rows = rows.saturating_add(end.saturating_sub(first));
        }
        self.lead = lead;
        Ok(rows)
    }

    fn each_message(&mut self, walk: Walk<'_>, take: &mut dyn FnMut(Hit) -> Go) -> Result<(), StoreError> {
        for (turn, message) in (1_u64..).zip(walk) {
            if turn.is_multiple_of(WATCH_EVERY) {
                self.watch.check()?;
            }
            if !self.is_skipped(message) && self.rows_of(message, take)? == Go::Enough {
                break;
            }
        }
        Ok(())
    }

    fn each_row(
        &mut self,
        from: u64,
        list: &[u64],
        take: &mut dyn FnMut(Hit) -> Go,
    ) -> Result<(), StoreError> {
        let low = self.row_start.get(from)?;
        let first = list.partition_point(|row| *row < low);
        let mut near = from;
        for (turn, row) in (0_u64..).zip(list.get(first..).unwrap_or_default()) {
            if turn % WATCH_EVERY == 0 {
                self.watch.check()?;
            }
            if *row >= self.rows.1 {
                break;
            }
            near = self.message_of(*row, near)?;
            if self.is_skipped(near) || !self.row_holds(near, *row)? || !self.message_holds(near)? {
                continue;
            }
            let hit = Hit { message: near, row: *row, first: self.row_start.get(near)? };
            if take(hit) == Go::Enough {
                break;
            }
        }
        Ok(())
    }

    /// The message of a row, which is `near` or a later one.
    fn message_of(&mut self, row: u64, near: u64) -> Result<u64, StoreError> {
        let mut low = near;
        let mut step = 1_u64;
        let last = self.span.1;
        while low.saturating_add(step) < last && self.row_start.get(low.saturating_add(step))? <= row {
            low = low.saturating_add(step);
            step = step.saturating_mul(2);
        }
        let high = low.saturating_add(step).min(last);
        let after = self.row_start.lower_bound(low.saturating_add(1), high, row.saturating_add(1))?;
        Ok(after.saturating_sub(1))
    }

    fn count_hits(&mut self, from: u64) -> Result<u64, StoreError> {
        if self.row_tests.is_empty() && !matches!(self.lead, Lead::Rows(_) | Lead::OfRecipients(_)) {
            // Every row of a message that matches does.
            return self.count_messages(from);
        }
        let mut count = 0_u64;
        self.each(from, &mut |_| {
            count = count.saturating_add(1);
            Go::On
        })?;
        Ok(count)
    }

    /// All rows of the window that match and are not replaced.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        match self.total {
            Some(total) if self.skipped.is_empty() => Ok(total),
            Some(total) => {
                // Those replaced are counted one by one: they are few.
                let (skipped, span) = (std::mem::take(&mut self.skipped), self.span);
                let mut gone = 0_u64;
                for message in skipped.iter().filter(|message| (span.0..span.1).contains(*message)) {
                    self.rows_of(*message, &mut |_| {
                        gone = gone.saturating_add(1);
                        Go::On
                    })?;
                }
                self.skipped = skipped;
                Ok(total.saturating_sub(gone))
            }
            None => self.count_hits(self.span.0),
        }
    }

    /// Rows behind a recipient of the message at its row id, and of all older messages.
    pub(crate) fn count_after(&mut self, slot: i64, key: &str) -> Result<u64, StoreError> {
        let from = self.day.message_from(slot)?;
        let day = self.day;
        let mut own = Vec::new();
        let mut count = 0_u64;
        self.each(from, &mut |hit| {
            if hit.message == from {
                own.push(hit)
            } else {
                count = count.saturating_add(1)
            }
            Go::On
        })?;
        if from < day.messages() && day.slot_of(from)? == slot {
            let mut behind = Vec::new();
            for hit in own {
                if self.key(hit)?.as_str() > key {
                    behind.push(hit);
                }
            }
            own = behind;
        }
        Ok(count.saturating_add(u64::try_from(own.len()).unwrap_or(0)))
    }

    fn key(&self, hit: Hit) -> Result<String, StoreError> {
        let address = self.day.column(Part::Address, Keep::Yes).get(hit.row)?;
        Ok(self.day.address(address)?.unwrap_or_default())
    }

    fn row_id(&mut self, hit: Hit) -> Result<RowId, StoreError> {
        let left = i64::try_from(self.slot.get(hit.message)?).unwrap_or(0);
        let slot = DAY_MICROS.saturating_sub(left);
        let ordinal = i64::try_from(hit.row.saturating_sub(hit.first)).unwrap_or(ORDINAL_MAX);
        Ok(RowId { id: (slot << ORDINAL_BITS) | ORDINAL_MAX.saturating_sub(ordinal), key: None, latency: -1 })
    }

    /// The same with its milliseconds, for the order by latency.
    fn slow_row_id(&mut self, hit: Hit) -> Result<RowId, StoreError> {
        let latency = i64::try_from(self.latency.get(hit.row)?).unwrap_or(i64::MAX).saturating_sub(1);
        Ok(RowId { latency, ..self.row_id(hit)? })
    }

    /// At most `max` rows behind `after`, in order.
    pub(crate) fn page(
        &mut self,
        order: RowOrder,
        after: &After,
        max: usize,
    ) -> Result<Vec<RowId>, StoreError> {
        match order {
            RowOrder::Grid => self.page_by_time(after, max),
            RowOrder::ByRecipient => self.page_by_recipient(after, max),
            RowOrder::Slowest => self.page_by_latency(after, max),
        }
    }

    fn page_by_time(&mut self, after: &After, max: usize) -> Result<Vec<RowId>, StoreError> {
        let (from, from_row) = match after {
            After::Id(id) => {
                let (slot, ordinal) = (id >> ORDINAL_BITS, ORDINAL_MAX.saturating_sub(id & ORDINAL_MAX));
                // A refusal's place is the end of its microsecond: every message at it stands before.
                let from = self.day.message_from(slot)?;
                let at = from < self.day.messages() && self.day.slot_of(from)? == slot;
                let first = self.row_start.get(from)?;
                let next = first.saturating_add(u64::try_from(ordinal).unwrap_or(0)).saturating_add(1);
                (from, if at { next.min(self.row_start.get(from.saturating_add(1))?) } else { first })
            }
            _ => (self.span.0, self.rows.0),
        };
        let mut hits = Vec::new();
        self.each(from, &mut |hit| {
            if hit.row >= from_row {
                hits.push(hit);
            }
            if hits.len() >= max { Go::Enough } else { Go::On }
        })?;
        hits.into_iter().map(|hit| self.row_id(hit)).collect()
    }

    fn page_by_recipient(&mut self, after: &After, max: usize) -> Result<Vec<RowId>, StoreError> {
        let (from, behind) = match after {
            After::Recipient(slot, key) => {
                let from = self.day.message_from(*slot)?;
                let at = from < self.day.messages() && self.day.slot_of(from)? == *slot;
                (from, at.then_some(key.as_str()))
            }
            After::Id(id) => (self.day.message_from((id >> ORDINAL_BITS).saturating_sub(1))?, None),
            _ => (self.span.0, None),
        };
        // Whole messages, one more row's worth than wanted of the first.
        let (mut hits, mut older) = (Vec::new(), 0_usize);
        self.each(from, &mut |hit| {
            if older >= max && hits.last().is_some_and(|last: &Hit| last.message != hit.message) {
                return Go::Enough;
            }
            older = older.saturating_add(usize::from(hit.message != from || behind.is_none()));
            hits.push(hit);
            Go::On
        })?;
        let mut rows = Vec::with_capacity(hits.len());
        for hit in hits {
            let key = self.key(hit)?;
            if hit.message == from && behind.is_some_and(|behind| key.as_str() <= behind) {
                continue;
            }
            rows.push((hit.message, key, hit));
        }
        rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        rows.truncate(max);
        let rows = rows.into_iter().map(|(_, key, hit)| Ok(RowId { key: Some(key), ..self.row_id(hit)? }));
        rows.collect()
    }

    fn page_by_latency(&mut self, after: &After, max: usize) -> Result<Vec<RowId>, StoreError> {
        let (slowest, below) = match after {
            After::Slower { latency, id } => (*latency, *id),
            _ => (i64::MAX, i64::MAX),
        };
        if matches!(self.lead, Lead::All)
            && let Some(rows) = self.page_of_slowest((slowest, below), max)?
        {
            return Ok(rows);
        }
        let mut latency = self.column(Part::Latency);
        let mut heap: BinaryHeap<Reverse<Slow>> = BinaryHeap::new();
        let mut failed = None;
        let mut ties = Vec::new();
        self.each(self.span.0, &mut |hit| {
            let value = match latency.get(hit.row) {
                Ok(value) => i64::try_from(value).unwrap_or(i64::MAX).saturating_sub(1),
                Err(error) => {
                    failed = Some(error);
                    return Go::Enough;
                }
            };
            if value > slowest {
                return Go::On;
            }
            if value == slowest {
                ties.push((value, hit));
                return Go::On;
            }
            let entry = Reverse((value, Reverse(hit.row), hit.message, hit.first));
            if heap.len() < max {
                heap.push(entry);
            } else if heap.peek().is_some_and(|least| entry < *least) {
                heap.pop();
                heap.push(entry);
            }
            Go::On
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let mut hits: Vec<(i64, Hit)> = heap
            .into_iter()
            .map(|Reverse((value, Reverse(row), message, first))| (value, Hit { message, row, first }))
            .collect();
        let mut more = 0_usize;
        for (value, hit) in ties {
            if more < max && self.row_id(hit)?.id < below {
                hits.push((value, hit));
                more = more.saturating_add(1);
            }
        }
        hits.sort_by_key(|(value, hit)| (Reverse(*value), hit.row));
        hits.truncate(max);
        hits.into_iter().map(|(_, hit)| self.slow_row_id(hit)).collect()
    }

    /// A page out of the list of the slowest rows; `None` if it does not reach far enough.
    fn page_of_slowest(
        &mut self,
        (slowest, below): (i64, i64),
        max: usize,
    ) -> Result<Option<Vec<RowId>>, StoreError> {
        let mut list = self.column(Part::Slowest);
        let mut rows = Vec::new();
        for at in 0..list.count() {
            if rows.len() >= max {
                break;
            }
            let row = list.get(at)?;
            if !(self.rows.0..self.rows.1).contains(&row) {
                continue;
            }
            let message = self.message_of(row, self.span.0)?;
            if self.is_skipped(message) || !self.row_holds(message, row)? || !self.message_holds(message)? {
                continue;
            }
            let hit = Hit { message, row, first: self.row_start.get(message)? };
            let found = self.slow_row_id(hit)?;
            if (found.latency, found.id) < (slowest, below) {
                rows.push(found);
            }
        }
        let whole = list.count() > 0 && list.count() < SLOWEST_MAX as u64;
        Ok((whole || rows.len() >= max).then_some(rows))
    }

    /// Row ids of the messages that match and have an event at or after `since`, oldest first.
    pub(crate) fn messages(&mut self, since: i64) -> Result<Vec<i64>, StoreError> {
        let midnight = i64::from(self.day.directory.day).saturating_mul(DAY_MICROS);
        if self.day.last_event_at() < since {
            return Ok(Vec::new());
        }
        let (last, slot) = (self.column(Part::Last), self.column(Part::Slot));
        self.message_tests.push(MessageTest::Since { last, slot, since: since.saturating_sub(midnight) });
        let mut found: Vec<u64> = Vec::new();
        self.each(self.span.0, &mut |hit| {
            if found.last() != Some(&hit.message) {
                found.push(hit.message);
            }
            Go::On
        })?;
        found.reverse();
        found.into_iter().map(|message| self.day.slot_of(message)).collect()
    }
}
