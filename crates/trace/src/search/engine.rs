//! The search itself: days from the newest to the oldest, messages and refusals merged by time.
//!
//! May touch: the store (reading).

use std::time::Duration;

use events::Event;
use jiff::Timestamp;
use mail::NetworkMessageId;

use super::api::{
    Answer, FILTER_VALUES_MAX, Gap, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Query, Refused, RowOrder, SearchError,
    SourceAsked, TraceRow,
};
use super::cursor::{Cursor, Place};
use super::message::{MessageView, each_once, refused_row};
use crate::refusals::{RefusalRow, RefusalStore};
use crate::status::{EventKey, NodeId, Row, fold, no_end_seen, overdue_before};
use crate::store::{
    After, DAY_MICROS, Day, DayFilter, ORDINAL_BITS, ORDINAL_MAX, RowId, Store, StoreError, StoredMessage,
    Window, read_events,
};

/// How far back a search goes that names neither a time nor an id.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(48 * 3_600);

/// What a search is made with.
pub(crate) struct Engine<'a> {
    pub(crate) store: &'a Store,
    pub(crate) refusals: &'a RefusalStore,
    pub(crate) server: &'a str,
    pub(crate) expiration: Duration,
    pub(crate) now: Timestamp,
}

/// A page in the making.
struct Page<'q> {
    query: &'q Query,
    /// From this on and before that, in microseconds since 1970.
    start: Option<i64>,
    end: i64,
    /// Rows still wanted, one more than the page has.
    wanted: usize,
    size: usize,
    rows: Vec<(Day, TraceRow, Place)>,
    total: u64,
    days: u64,
    gaps: Vec<Gap>,
    refused_listed: bool,
    refused: Option<u64>,
    last: Option<Place>,
}

impl Engine<'_> {
    pub(crate) fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        check(query)?;
        let mut page = self.page(query)?;
        let first_page = page.last.is_none();
        let mut days = self.store.days();
        days.extend(self.refusals.days());
        days.sort_unstable();
        days.dedup();
        for day in days.into_iter().rev() {
            let below_end = day.midnight() < page.end;
            let above_start =
                page.start.is_none_or(|start| day.midnight().saturating_add(DAY_MICROS) > start);
            if !below_end || !above_start {
                continue;
            }
            if !first_page
                && (page.rows.len() >= page.wanted || page.last.as_ref().is_some_and(|last| day > last.day()))
            {
                continue;
            }
            if let Err(error) = self.day(day, first_page, &mut page) {
                page.gaps.push(day_gap(
                    self.server,
                    day,
                    format!("the records of this day cannot be read: {error}"),
                ));
            }
        }
        for day in self.store.damaged_days() {
            let cause = "a damaged file of this day was set aside; records of it may be missing".to_owned();
            page.gaps.push(day_gap(self.server, day, cause));
        }
        Ok(self.answer(page))
    }

    /// All rows of a message, in grid order.
    pub(crate) fn rows(&self, message: &StoredMessage) -> Vec<TraceRow> {
        let view = MessageView::of(&message.events);
        let rows = fold(&message.events).into_iter().map(|mut row| {
            no_end_seen(&mut row, message.received, self.now, self.expiration);
            view.row(row, message.received, self.server)
        });
        rows.collect()
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
        let id_named = !(query.network_message_ids.is_empty()
            && query.message_ids.is_empty()
            && query.internal_message_ids.is_empty());
        let named =
            id_named || !query.senders.is_empty() || !query.recipients.is_empty() || query.from_ip.is_some();
        let back = i64::try_from(DEFAULT_INTERVAL.as_micros()).unwrap_or(i64::MAX);
        let start = match query.start {
            Some(start) => Some(start.as_microsecond()),
            None if query.end.is_some() || id_named => None,
            None => Some(self.now.as_microsecond().saturating_sub(back)),
        };
        let end = query.end.map_or(i64::MAX, Timestamp::as_microsecond);
        let mut page = Page {
            query,
            start,
            end,
            wanted: size.saturating_add(1),
            size,
            rows: Vec::new(),
            total: 0,
            days: 0,
            gaps: Vec::new(),
            refused_listed: named || query.refused == Refused::Include,
            refused: None,
            last: None,
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

    fn window(&self, day: Day, page: &Page<'_>) -> Window {
        let midnight = day.midnight();
        Window {
            low: page.start.map_or(0, |start| start.saturating_sub(midnight)).clamp(0, DAY_MICROS),
            high: page.end.saturating_sub(midnight).clamp(0, DAY_MICROS),
            overdue: overdue_before(self.now, self.expiration).saturating_sub(midnight),
        }
    }

    fn day(&self, day: Day, first_page: bool, page: &mut Page<'_>) -> Result<(), StoreError> {
        let window = self.window(day, page);
        let left = page.wanted.saturating_sub(page.rows.len());
        let (after, before) = resume(day, page);
        let messages = self.messages(day, window, &after, left, first_page, page)?;
        let mut refusals = Vec::new();
        if page.refused_listed {
            let range = (window.low, window.high);
            let (total, found) = self.refusals.find(day, page.query, range, before, left)?;
            refusals = found;
            if first_page {
                page.total = page.total.saturating_add(total);
            }
        } else if first_page {
            let attempts = self.refusals.attempts(day, page.query, (window.low, window.high))?;
            page.refused = Some(page.refused.unwrap_or(0).saturating_add(attempts));
        }
        for (start, end, count) in self.refusals.gaps(day)? {
            let cause = "refused attempts came faster than they could be recorded, or recording was paused"
                .to_owned();
            let (start, end, count) = (Some(start), Some(end), Some(count));
            page.gaps.push(Gap { source: self.server.to_owned(), start, end, count, cause });
        }
        page.rows.extend(merge(day, messages, refusals, self.server).into_iter().take(left));
        Ok(())
    }

    /// The rows of a day file, filled in.
    fn messages(
        &self,
        day: Day,
        window: Window,
        after: &After,
        left: usize,
        first_page: bool,
        page: &mut Page<'_>,
    ) -> Result<Vec<(RowId, TraceRow)>, StoreError> {
        let order = page.query.order;
        let found = self.store.read(day, |connection| {
            // One transaction: what is counted, found and filled in is the same state.
            let transaction = connection.unchecked_transaction()?;
            let Some(filter) = DayFilter::new(connection, page.query, window)? else {
                return Ok((0, Vec::new()));
            };
            let total = match (first_page, after) {
                (false, _) => 0,
                (true, After::Recipient(..)) => filter.count_after(connection, after)?,
                (true, _) => filter.count(connection)?,
            };
            let ids = if left == 0 { Vec::new() } else { filter.page(connection, order, after, left)? };
            let mut rows = Vec::with_capacity(ids.len());
            let mut known: Option<(i64, MessageView, Vec<Option<Row>>)> = None;
            for id in ids {
                let slot = id.id >> ORDINAL_BITS;
                let fresh = match known.take() {
                    Some(same) if same.0 == slot => same,
                    _ => {
                        let mut events = read_events(connection, slot)?;
                        each_once(&mut events);
                        let folded = fold(&events).into_iter().map(Some).collect();
                        (slot, MessageView::of(&events), folded)
                    }
                };
                let (slot, view, folded) = known.insert(fresh);
                let ordinal = usize::try_from(ORDINAL_MAX - (id.id & ORDINAL_MAX)).unwrap_or(usize::MAX);
                let row = folded.get_mut(ordinal).and_then(Option::take);
                let mut row = row.ok_or(StoreError::Inconsistent("a row without its events"))?;
                let received =
                    Timestamp::from_microsecond(day.midnight().saturating_add(*slot)).unwrap_or(self.now);
                no_end_seen(&mut row, received, self.now, self.expiration);
                rows.push((id, view.row(row, received, self.server)));
            }
            transaction.commit()?;
            Ok((total, rows))
        })?;
        let Some((total, rows)) = found else { return Ok(Vec::new()) };
        if first_page {
            page.total = page.total.saturating_add(total);
            page.days = page.days.saturating_add(1);
        }
        Ok(rows)
    }

    fn answer(&self, mut page: Page<'_>) -> Answer {
        let more = page.rows.len() > page.size;
        page.rows.truncate(page.size);
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
            next,
            refused_not_listed: page.refused.filter(|_| !page.refused_listed),
            sources: Vec::from([SourceAsked { name: self.server.to_owned(), days: page.days }]),
            gaps: page.gaps,
            start: page.start.and_then(|start| Timestamp::from_microsecond(start).ok()),
            end: page.query.end,
        }
    }
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

impl Place {
    fn day(&self) -> Day {
        match self {
            Place::Row { day, .. } | Place::Refusal { day, .. } => *day,
        }
    }
}

/// Where a day's messages and refusals go on; a message stands before the refusals of its microsecond.
fn resume(day: Day, page: &Page<'_>) -> (After, Option<i64>) {
    match &page.last {
        Some(Place::Row { day: of, id, key }) if *of == day => {
            let slot = id >> ORDINAL_BITS;
            let after = match key {
                Some(key) => After::Recipient(slot, key.clone()),
                None => After::Id(*id),
            };
            (after, Some(slot.saturating_add(1)))
        }
        Some(Place::Refusal { day: of, id }) if *of == day => (After::Id(id << ORDINAL_BITS), Some(*id)),
        Some(_) => (After::Nothing, None),
        None => match &page.query.starting_recipient {
            Some(recipient) if page.query.end.is_some_and(|end| Day::of(end) == day) => {
                let slot = page.end.saturating_sub(1).saturating_sub(day.midnight());
                (After::Recipient(slot, recipient.to_lowercase()), Some(slot.saturating_add(1)))
            }
            _ => (After::Nothing, None),
        },
    }
}

fn merge(
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

fn check(query: &Query) -> Result<(), SearchError> {
    if query.page_size > PAGE_SIZE_MAX {
        let size = query.page_size;
        return Err(SearchError::Usage(format!(
            "a page has at most {PAGE_SIZE_MAX} rows, {size} were asked for; go on with the cursor"
        )));
    }
    let most = [
        query.senders.len(),
        query.recipients.len(),
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
