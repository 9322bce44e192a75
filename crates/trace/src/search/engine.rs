//! The search itself: days from the newest to the oldest, messages and refusals merged by time.
//!
//! May touch: the store (reading).

use std::collections::BTreeMap;
use std::time::Duration;

use events::Event;
use jiff::Timestamp;
use mail::NetworkMessageId;

use super::api::{
    Answer, FILTER_VALUES_MAX, Gap, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Query, RowOrder, SearchError,
    SourceAsked, Total, TraceRow,
};
use super::cursor::{Cursor, Place};
use super::facets::{Facet, FacetFilter};
use super::message::{MessageView, refused_row};
use world::Executor;

use crate::places::is_of_place;
use crate::refusals::{RefusalRow, RefusalStore};
use crate::status::{EventKey, NodeId, Row, Status, fold, never_seen_here, no_end_seen, overdue_before};
use crate::store::{
    After, Asked, DAY_MICROS, Day, DayView, DayWatch, HOUR_MICROS, ORDINAL_BITS, ORDINAL_MAX, RowId, Store,
    StoreError, StoredMessage, Watch, Window,
};

/// So long behind the time asked for is looked for what another place received in it: joined clocks differ no more.
const HANDED_ON_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);
/// Rows looked at for that.
const BEHIND_MAX: usize = 100;
/// Hours of a UTC day.
const HOURS_A_DAY: i64 = 24;

/// What a search is made with.
pub(crate) struct Engine<'a> {
    pub(crate) exec: &'a Executor,
    pub(crate) store: &'a Store,
    pub(crate) refusals: &'a RefusalStore,
    pub(crate) server: &'a str,
    pub(crate) expiration: Duration,
    pub(crate) now: Timestamp,
    /// Whether all that this server recorded is in the store.
    pub(crate) is_current: bool,
}

/// A page in the making.
pub(super) struct Page<'q> {
    pub(super) query: &'q Query,
    /// From this on and before that, in microseconds since 1970.
    pub(super) start: Option<i64>,
    pub(super) end: i64,
    /// Rows still wanted, one more than the page has.
    pub(super) wanted: usize,
    size: usize,
    pub(super) rows: Vec<(Day, TraceRow, Place)>,
    pub(super) total: u64,
    pub(super) days: u64,
    pub(super) gaps: Vec<Gap>,
    /// Days with messages that name no place, where one is asked for.
    pub(super) placeless: Vec<Day>,
    /// Days with IPv6 next hosts that no network finds, where one is asked for.
    pub(super) networkless: Vec<Day>,
    pub(super) refused_listed: bool,
    pub(super) refused: Option<u64>,
    last: Option<Place>,
    /// Where the order is by latency: the rows found, not filled in yet.
    pub(super) slow: Vec<(Day, RowId)>,
}

impl Engine<'_> {
    #[cfg(test)]
    pub(crate) fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        self.search_watched(query, &Watch::default())
    }

    /// Searches until it is done or given up.
    pub(crate) fn search_watched(&self, query: &Query, watch: &Watch) -> Result<Answer, SearchError> {
        check(query)?;
        let mut page = self.page(query)?;
        let slowest = query.order == RowOrder::Slowest;
        let count = page.last.is_none() && query.total != Total::Later;
        let mut days = self.store.days();
        days.extend(self.refusals.days());
        days.sort_unstable();
        days.dedup();
        days.retain(|day| {
            let below_end = day.midnight() < page.end;
            below_end && page.start.is_none_or(|start| day.midnight().saturating_add(DAY_MICROS) > start)
        });
        if !count && !slowest {
            days.retain(|day| page.last.as_ref().is_none_or(|last| *day <= last.day()));
        }
        days.reverse();
        watch.begin(days.len());
        self.go_through(&days, count, &mut page, watch)?;
        if slowest {
            self.fill_slowest(&mut page, watch)?;
        }
        if count && page.total == 0 && !slowest && query.starting_recipient.is_none() {
            page.gaps.extend(self.received_elsewhere(query, page.start, watch)?);
        }
        page.gaps.extend(gaps_of_before(self.server, &page.placeless, PLACELESS));
        page.gaps.extend(gaps_of_before(self.server, &page.networkless, NETWORKLESS));
        page.gaps.extend(lost_days(self.store, self.server, page.start, page.end));
        Ok(self.answer(page))
    }

    /// What another place received in the time asked for, of which nothing was found, and this server after it: such
    /// messages stand where this server received them.
    fn received_elsewhere(
        &self,
        query: &Query,
        start: Option<i64>,
        watch: &Watch,
    ) -> Result<Option<Gap>, SearchError> {
        let Some(end) = query.end.filter(|end| *end < self.now) else { return Ok(None) };
        let behind = Query {
            start: Some(end),
            end: end.checked_add(HANDED_ON_WITHIN).ok(),
            total: Total::Later,
            cursor: None,
            page_size: BEHIND_MAX,
            ..query.clone()
        };
        let found = self.search_watched(&behind, watch)?;
        let within = |at: Timestamp| at < end && start.is_none_or(|start| at.as_microsecond() >= start);
        let rows = found.rows.iter().filter(|row| row.hops.iter().any(|hop| within(hop.first))).count();
        let cause = "another place received matching messages in this time, and this server after it: they are listed at the time at which this server received them, which is not within this time";
        Ok((rows > 0).then(|| Gap {
            source: self.server.to_owned(),
            start: start.and_then(|start| Timestamp::from_microsecond(start).ok()),
            end: Some(end),
            count: u64::try_from(rows).ok(),
            cause: cause.to_owned(),
        }))
    }

    /// Rows by day and status, from a day to another, both with all their hours.
    pub(crate) fn counts(&self, first: Day, last: Day) -> Result<Vec<(Day, Status, u64)>, SearchError> {
        let mut counts = Vec::new();
        for day in self.store.days().into_iter().filter(|day| (first..=last).contains(day)) {
            let overdue = overdue_before(self.now, self.expiration).saturating_sub(day.midnight());
            let mut own = self.store.view(day, |view| view.counts(overdue))?.unwrap_or_default();
            let hour = overdue.div_euclid(HOUR_MICROS);
            if (0..HOURS_A_DAY).contains(&hour) && overdue % HOUR_MICROS > 0 {
                // In the hour in which the time runs out some are overdue and some are not.
                let query = Query { statuses: Vec::from([Status::GettingStatus]), ..Query::default() };
                let low = hour.saturating_mul(HOUR_MICROS);
                let window = Window { midnight: day.midnight(), low, high: overdue, overdue: i64::MIN };
                let watch = Watch::default();
                let asked = Asked { query: &query, window, server: self.server, watch: watch.of_day() };
                let late = self.store.view(day, |view| Ok(view.find(&asked, &After::Nothing, 0, true)?.0))?;
                own = moved(own, late.unwrap_or(0));
            }
            counts.extend(own.into_iter().map(|(status, rows)| (day, status, rows)));
        }
        Ok(counts)
    }

    /// All rows of a message, in grid order.
    pub(crate) fn rows(&self, message: &StoredMessage) -> Vec<TraceRow> {
        let view = MessageView::of(&message.events).with_hops(&message.events, self.server);
        let rows = fold(&message.events).into_iter().map(|mut row| {
            self.age(&mut row, message.received);
            view.row(row, message.received, self.server)
        });
        rows.collect()
    }

    /// What the time that has passed says of a row.
    fn age(&self, row: &mut Row, received: Timestamp) {
        no_end_seen(row, received, self.now, self.expiration);
        if self.is_current {
            never_seen_here(row, self.server, self.now);
        }
    }

    /// The refusals of a transaction, newest first.
    pub(crate) fn refusals_of(&self, id: NetworkMessageId) -> Result<Vec<(TraceRow, Event)>, StoreError> {
        let query = Query { network_message_ids: Vec::from([id]), ..Query::default() };
        let mut rows = Vec::new();
        for day in self.refusals.days().into_iter().rev() {
            let (_, found) = self.refusals.find(day, &query, (0, DAY_MICROS), None, PAGE_SIZE_MAX)?;
            for refusal in found {
                let event = refusal.event.clone();
                rows.extend(
                    merge(day, Vec::new(), Vec::from([refusal]), self.server)
                        .into_iter()
                        .map(|(_, row, _)| (row, event.clone())),
                );
            }
        }
        Ok(rows)
    }

    fn page<'q>(&self, query: &'q Query) -> Result<Page<'q>, SearchError> {
        let size = match query.page_size {
            0 => PAGE_SIZE_DEFAULT,
            size => size,
        };
        let start = query.start_at(self.now).map(Timestamp::as_microsecond);
        let end = query.end.map_or(i64::MAX, Timestamp::as_microsecond);
        let mut page = Page {
            query,
            start,
            end,
            wanted: if query.total == Total::Alone { 0 } else { size.saturating_add(1) },
            size,
            rows: Vec::new(),
            total: 0,
            days: 0,
            gaps: Vec::new(),
            placeless: Vec::new(),
            networkless: Vec::new(),
            refused_listed: query.lists_refused(),
            refused: None,
            last: None,
            slow: Vec::new(),
        };
        if query.starting_recipient.is_some() {
            // The message at `end` itself is asked for, behind the recipient named.
            page.end = page.end.saturating_add(1);
        }
        if let Some(cursor) = &query.cursor {
            if cursor.query != Cursor::fingerprint(query) {
                return Err(SearchError::Cursor);
            }
            (page.start, page.end, page.total, page.refused) =
                (cursor.start, cursor.end, cursor.total, cursor.refused);
            page.last = Some(cursor.last.clone());
        }
        Ok(page)
    }

    pub(super) fn window(&self, day: Day, page: &Page<'_>) -> Window {
        let midnight = day.midnight();
        Window {
            midnight,
            low: page.start.map_or(0, |start| start.saturating_sub(midnight)).clamp(0, DAY_MICROS),
            high: page.end.saturating_sub(midnight).clamp(0, DAY_MICROS),
            overdue: overdue_before(self.now, self.expiration).saturating_sub(midnight),
        }
    }

    /// Whether a day has a record of this server, and not of other places alone.
    pub(super) fn is_own(&self, view: &DayView<'_>, watch: DayWatch<'_>) -> Result<bool, StoreError> {
        // What the feed applied is noted with the day; the rest is found by its place.
        if view.applied()?.iter().any(|(node, _)| !is_of_place(NodeId(*node))) {
            return Ok(true);
        }
        let window = Window { midnight: 0, low: 0, high: DAY_MICROS, overdue: i64::MIN };
        if view.lacks_places(window)? {
            return Ok(true);
        }
        let facets = Vec::from([FacetFilter::any(Facet::Place, [self.server])]);
        let query = Query { facets, ..Query::default() };
        let asked = Asked { query: &query, window, server: self.server, watch };
        Ok(!view.find(&asked, &After::Nothing, 1, false)?.1.is_empty())
    }

    /// The rows with these ids.
    pub(super) fn fill(
        &self,
        view: &DayView<'_>,
        day: Day,
        ids: Vec<RowId>,
        watch: DayWatch<'_>,
    ) -> Result<Vec<(RowId, TraceRow)>, StoreError> {
        let filled = self.fill_known(view, day, ids, watch)?.into_iter();
        filled.map(|row| row.ok_or(StoreError::Inconsistent("a row without its events"))).collect()
    }

    /// The rows with these ids, found in another view of the day: `None` is one that is not there any more.
    fn fill_known(
        &self,
        view: &DayView<'_>,
        day: Day,
        ids: Vec<RowId>,
        watch: DayWatch<'_>,
    ) -> Result<Vec<Option<(RowId, TraceRow)>>, StoreError> {
        let mut rows = Vec::with_capacity(ids.len());
        let mut known: Option<(i64, MessageView, Vec<Option<Row>>)> = None;
        let mut reader = view.reader()?;
        for id in ids {
            watch.check()?;
            let slot = id.id >> ORDINAL_BITS;
            let fresh = match known.take() {
                Some(same) if same.0 == slot => same,
                _ => {
                    let events = reader.events(slot)?;
                    let folded = fold(&events).into_iter().map(Some).collect();
                    (slot, MessageView::of(&events).with_hops(&events, self.server), folded)
                }
            };
            let (slot, view, folded) = known.insert(fresh);
            let ordinal = usize::try_from(ORDINAL_MAX - (id.id & ORDINAL_MAX)).unwrap_or(usize::MAX);
            let row = folded.get_mut(ordinal).and_then(Option::take).map(|mut row| {
                let received =
                    Timestamp::from_microsecond(day.midnight().saturating_add(*slot)).unwrap_or(self.now);
                self.age(&mut row, received);
                (id, view.row(row, received, self.server))
            });
            rows.push(row);
        }
        Ok(rows)
    }

    /// Fills in the rows of an order by latency, once the slowest of all days are known.
    fn fill_slowest(&self, page: &mut Page<'_>, watch: &Watch) -> Result<(), StoreError> {
        let mut by_day: BTreeMap<Day, Vec<RowId>> = BTreeMap::new();
        for (day, id) in std::mem::take(&mut page.slow) {
            by_day.entry(day).or_default().push(id);
        }
        for (day, ids) in by_day {
            // A day that retention deleted since has no rows any more, nor has a message that joined another.
            let found = match self.store.view(day, |view| self.fill_known(view, day, ids, watch.of_day())) {
                Ok(found) => found.unwrap_or_default(),
                Err(error @ (StoreError::Cancelled | StoreError::Unneeded)) => return Err(error),
                Err(error) => {
                    page.gaps.push(day_unread(self.server, day, &error));
                    continue;
                }
            };
            page.rows.extend(found.into_iter().flatten().map(|(id, row)| {
                let place = Place::Slow { day, id: id.id, latency: id.latency };
                (day, row, place)
            }));
        }
        page.rows.sort_by_key(|(_, _, place)| match place {
            Place::Slow { day, id, latency } => std::cmp::Reverse((*latency, *day, *id)),
            _ => std::cmp::Reverse((i64::MIN, Day(i32::MIN), i64::MIN)),
        });
        Ok(())
    }

    fn answer(&self, mut page: Page<'_>) -> Answer {
        let more = page.rows.len() > page.size;
        page.rows.truncate(page.size);
        let total_known = page.query.total != Total::Later || (!more && page.last.is_none());
        if page.query.total == Total::Later {
            page.total = page.total.saturating_add(u64::try_from(page.rows.len()).unwrap_or(u64::MAX));
        }
        if let Some((since, count)) = self.refusals.open_gap() {
            page.gaps.push(Gap {
                source: self.server.to_owned(),
                start: Some(since),
                end: None,
                count: Some(count),
                cause: "refused attempts are not being recorded".to_owned(),
            });
        }
        let next = page.rows.last().filter(|_| more).map(|(_, _, place)| Cursor {
            query: Cursor::fingerprint(page.query),
            total: page.total,
            refused: page.refused,
            start: page.start,
            end: page.end,
            last: place.clone(),
        });
        Answer {
            rows: page.rows.into_iter().map(|(_, row, _)| row).collect(),
            total: page.total,
            total_known,
            next,
            refused_not_listed: page.refused.filter(|_| !page.refused_listed),
            sources: Vec::from([SourceAsked::server(self.server, page.days)]),
            gaps: page.gaps,
            start: page.start.and_then(|start| Timestamp::from_microsecond(start).ok()),
            end: page.query.end,
        }
    }
}

/// Counts with so many of GettingStatus as Pending.
fn moved(counts: Vec<(Status, u64)>, late: u64) -> Vec<(Status, u64)> {
    let mut by_status: BTreeMap<Status, u64> = counts.into_iter().collect();
    if let Some(early) = by_status.get_mut(&Status::GettingStatus) {
        *early = early.saturating_sub(late);
    }
    let pending = by_status.entry(Status::Pending).or_default();
    *pending = pending.saturating_add(late);
    by_status.into_iter().filter(|(_, rows)| *rows > 0).collect()
}

/// A gap of a whole day.
pub(crate) fn day_gap(server: &str, day: Day, cause: String) -> Gap {
    Gap {
        source: server.to_owned(),
        start: Timestamp::from_microsecond(day.midnight()).ok(),
        end: Timestamp::from_microsecond(day.midnight().saturating_add(DAY_MICROS)).ok(),
        count: None,
        cause,
    }
}

/// Days within a time of which a file was damaged, or is not there any more.
pub(crate) fn lost_days(store: &Store, server: &str, start: Option<i64>, end: i64) -> Vec<Gap> {
    let damaged = store.damaged_days().into_iter().map(|day| (day, DAMAGED));
    let lost = damaged.chain(store.missing_days().into_iter().map(|day| (day, MISSING)));
    let within = lost.filter(|(day, _)| {
        let after = start.is_none_or(|start| day.midnight().saturating_add(DAY_MICROS) > start);
        after && day.midnight() < end
    });
    within.map(|(day, cause)| day_gap(server, day, cause.to_owned())).collect()
}

/// What is said of a day of which a file was set aside.
const DAMAGED: &str = "a damaged file of this day was set aside; records of it may be missing";
/// And of one of which a file was taken away.
const MISSING: &str =
    "the file of this day is not there any more; its records are missing, unless a backup has it";

/// What is said of a day that cannot be read.
pub(super) fn day_unread(server: &str, day: Day, error: &StoreError) -> Gap {
    day_gap(server, day, format!("the records of this day cannot be read: {error}"))
}

/// What is said of days whose messages are not found by their place.
const PLACELESS: &str = "messages of this time were recorded before -Place could be asked for, and are not found by it; search this time without -Place";
/// And of those whose next hosts are not found by a network.
const NETWORKLESS: &str = "messages of this time were recorded before -ToIP took networks of IPv6 addresses, and are not found by one; search this time for a whole address, or without -ToIP";

/// Days written before a condition could be asked for, those next to each other in one gap; `days` from the newest on.
fn gaps_of_before(server: &str, days: &[Day], cause: &str) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut first: Option<Day> = None;
    for day in days {
        let gap = day_gap(server, *day, cause.to_owned());
        match gaps.last_mut().filter(|_| first == Some(Day(day.0.saturating_add(1)))) {
            Some(last) => last.start = gap.start,
            None => gaps.push(gap),
        }
        first = Some(*day);
    }
    gaps
}

impl Place {
    fn day(&self) -> Day {
        match self {
            Place::Row { day, .. } | Place::Refusal { day, .. } | Place::Slow { day, .. } => *day,
        }
    }
}

/// Where a day's messages and refusals go on; a message stands before the refusals of its microsecond.
pub(super) fn resume(day: Day, page: &Page<'_>) -> (After, Option<i64>) {
    match &page.last {
        Some(Place::Row { day: of, id, key }) if *of == day => {
            let slot = id >> ORDINAL_BITS;
            let after = match key {
                Some(key) => After::Recipient(slot, key.clone()),
                None => After::Id(*id),
            };
            (after, Some(slot.saturating_add(1)))
        }
        Some(Place::Slow { day: of, id, latency }) => {
            // Of the rows as slow as the last one, those of newer days were shown.
            let id = match day.cmp(of) {
                std::cmp::Ordering::Greater => i64::MIN,
                std::cmp::Ordering::Equal => *id,
                std::cmp::Ordering::Less => i64::MAX,
            };
            (After::Slower { latency: *latency, id }, None)
        }
        Some(Place::Refusal { day: of, id }) if *of == day => (After::Id(id << ORDINAL_BITS), Some(*id)),
        Some(_) => (After::Nothing, None),
        None => match &page.query.starting_recipient {
            Some(recipient) if page.query.end.is_some_and(|end| Day::of(end) == day) => {
                let slot = page.end.saturating_sub(1).saturating_sub(day.midnight());
                (
                    After::Recipient(slot, crate::status::address_key(recipient).into_owned()),
                    Some(slot.saturating_add(1)),
                )
            }
            _ => (After::Nothing, None),
        },
    }
}

pub(super) fn merge(
    day: Day,
    messages: Vec<(RowId, TraceRow)>,
    refusals: Vec<RefusalRow>,
    server: &str,
) -> Vec<(Day, TraceRow, Place)> {
    let mut shown: Vec<(i64, u8, TraceRow, Place)> =
        Vec::with_capacity(messages.len().saturating_add(refusals.len()));
    shown.extend(messages.into_iter().map(|(id, row)| {
        let slot = id.id >> ORDINAL_BITS;
        (slot, 0, row, Place::Row { day, id: id.id, key: id.key })
    }));
    shown.extend(refusals.into_iter().map(|refusal| {
        let at = day.midnight().saturating_add(refusal.id);
        let received = Timestamp::from_microsecond(at).unwrap_or(refusal.event.at);
        let (row, place) = (refused_row(&refusal.event), Place::Refusal { day, id: refusal.id });
        let key = EventKey { node: NodeId(0), seq: refusal.id.cast_unsigned() };
        let view = MessageView::of(&[(key, refusal.event)]);
        (refusal.id, 1, view.row(row, received, server), place)
    }));
    // Stable: rows of a message keep the order the day file gave them.
    shown.sort_by_key(|(slot, source, _, _)| (std::cmp::Reverse(*slot), *source));
    shown.into_iter().map(|(_, _, row, place)| (day, row, place)).collect()
}

pub(super) fn check(query: &Query) -> Result<(), SearchError> {
    if query.page_size > PAGE_SIZE_MAX {
        let size = query.page_size;
        return Err(SearchError::Usage(format!(
            "a page has at most {PAGE_SIZE_MAX} rows, {size} were asked for; go on with the cursor"
        )));
    }
    let most = [
        query.senders.len(),
        query.return_paths.len(),
        query.from_addresses.len(),
        query.not_senders.len(),
        query.recipients.len(),
        query.not_recipients.len(),
        query.also_recipients.len(),
        query.within.len(),
        query.from_networks.len(),
        query.to_networks.len(),
        query.facets.iter().map(|filter| filter.values.len()).sum::<usize>().max(query.facets.len()),
        query.message_ids.len(),
        query.network_message_ids.len(),
        query.internal_message_ids.len(),
    ];
    if let Some(count) = most.into_iter().find(|count| *count > FILTER_VALUES_MAX) {
        return Err(SearchError::Usage(format!(
            "a filter takes at most {FILTER_VALUES_MAX} values, {count} were given"
        )));
    }
    if let (Some(start), Some(end)) = (query.start, query.end)
        && start > end
    {
        return Err(SearchError::Usage(format!("the start {start} is after the end {end}; exchange them")));
    }
    if query.starting_recipient.is_some() && (query.end.is_none() || query.order != RowOrder::ByRecipient) {
        let text = "a starting recipient needs the end time of the row before it and the order by recipient";
        return Err(SearchError::Usage(text.to_owned()));
    }
    Ok(())
}
