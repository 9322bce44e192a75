//! The tracking log as Get-MessageTrackingLog shows it: single events, with the message's facts filled in.
//!
//! May touch: the store (reading).

use std::collections::BinaryHeap;

use events::{Event, EventId, MessageFacts, Source};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};

use crate::refusals::RefusalStore;
use crate::search::{
    AddressPattern, Gap, Query, SearchError, SourceAsked, SubjectFilter, SubjectFilterType, day_gap,
};
use crate::store::{Asked, DAY_MICROS, Day, Store, StoreError, Watch, Window};

/// Events given unless asked otherwise: ResultSize of the cmdlet.
pub const RESULT_SIZE_DEFAULT: usize = 1_000;
/// Events one answer holds at most, `Unlimited` included; the total still counts all.
pub const RESULT_SIZE_MAX: usize = 1_000_000;
/// How far back a query goes that names neither a time nor an id, in microseconds.
const DEFAULT_MICROS: i64 = 48 * 3_600 * 1_000_000;
/// Refusals read from a day at once.
const REFUSALS_AT_ONCE: usize = 5_000;

/// What events to give. Filters are joined by AND, the values of one by OR; an empty one filters nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogQuery {
    /// Sender:, From: or MAIL FROM.
    pub senders: Vec<AddressPattern>,
    /// Recipients of the event, or its related recipient.
    pub recipients: Vec<AddressPattern>,
    /// Message-ID header.
    pub message_ids: Vec<MessageId>,
    /// Network message ids.
    pub network_message_ids: Vec<NetworkMessageId>,
    /// Internal message ids.
    pub internal_message_ids: Vec<InternalMessageId>,
    /// Event ids; refusals are given only when REFUSED is named.
    pub event_ids: Vec<EventId>,
    /// Sources.
    pub sources: Vec<Source>,
    /// Part of the subject, without regard to case.
    pub message_subject: Option<String>,
    /// One of the event's references, whole.
    pub reference: Option<String>,
    /// Further conditions, on the messages whose events are wanted; what the fields above ask is not asked here.
    pub messages: Query,
    /// Events at or after this.
    pub start: Option<Timestamp>,
    /// Events before this.
    pub end: Option<Timestamp>,
    /// Events wanted; `None` is Unlimited, which is [`RESULT_SIZE_MAX`].
    pub result_size: Option<usize>,
    /// Which events are given if there are more, and in which order.
    pub order: LogOrder,
}

/// Order of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LogOrder {
    /// The oldest first.
    #[default]
    Oldest,
    /// The newest first.
    Newest,
}

/// Events, and how many there are in all.
#[derive(Debug, Clone, PartialEq)]
pub struct LogAnswer {
    /// The events, in order, facts filled in.
    pub events: Vec<Event>,
    /// All that match.
    pub total: u64,
    /// What was asked.
    pub sources: Vec<SourceAsked>,
    /// What could hide an event.
    pub gaps: Vec<Gap>,
    /// The interval as understood.
    pub start: Option<Timestamp>,
    /// Its end.
    pub end: Option<Timestamp>,
}

/// An event's place: time, then message and number in it.
type Key = (i64, Day, i64, usize);

/// The first `max` events of those offered, by key.
struct First {
    heap: BinaryHeap<Entry>,
    max: usize,
    newest: bool,
    total: u64,
}

struct Entry {
    rank: (i64, i64, i64, i64),
    event: Event,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl First {
    fn offer(&mut self, key: Key, event: impl FnOnce() -> Event) {
        self.total = self.total.saturating_add(1);
        let turn = |value: i64| if self.newest { value.saturating_neg() } else { value };
        let place = i64::try_from(key.3).unwrap_or(i64::MAX);
        let rank = (turn(key.0), turn(i64::from(key.1.0)), turn(key.2), turn(place));
        if self.heap.len() >= self.max {
            if self.heap.peek().is_none_or(|last| last.rank <= rank) {
                return;
            }
            self.heap.pop();
        }
        self.heap.push(Entry { rank, event: event() });
    }
}

/// Runs a query over all day files whose events may lie in the interval.
pub(crate) fn query(
    store: &Store,
    refusals: &RefusalStore,
    server: &str,
    now: Timestamp,
    query: &LogQuery,
) -> Result<LogAnswer, SearchError> {
    let id_named = !(query.network_message_ids.is_empty()
        && query.message_ids.is_empty()
        && query.internal_message_ids.is_empty());
    let start = match query.start {
        Some(start) => start.as_microsecond(),
        None if id_named || query.end.is_some() => i64::MIN,
        None => now.as_microsecond().saturating_sub(DEFAULT_MICROS),
    };
    let end = query.end.map_or(i64::MAX, Timestamp::as_microsecond);
    if start > end {
        return Err(SearchError::Usage("the start is after the end; exchange them".to_owned()));
    }
    let max = query.result_size.unwrap_or(RESULT_SIZE_MAX).min(RESULT_SIZE_MAX);
    let mut first = First { heap: BinaryHeap::new(), max, newest: query.order == LogOrder::Newest, total: 0 };
    let (mut gaps, mut days) = (Vec::new(), 0_u64);
    for day in store.days() {
        if day.midnight() >= end {
            break;
        }
        days = days.saturating_add(1);
        if let Err(error) = day_events(store, server, query, (start, end), day, &mut first) {
            gaps.push(day_gap(server, day, format!("the records of this day cannot be read: {error}")));
        }
    }
    for day in store.damaged_days().into_iter().filter(|day| day.midnight() < end) {
        let cause = "a damaged file of this day was set aside; records of it may be missing".to_owned();
        gaps.push(day_gap(server, day, cause));
    }
    if query.event_ids.contains(&EventId::Refused) {
        refused_events(refusals, query, (start, end), &mut first)?;
    }
    let events = first.heap.into_sorted_vec().into_iter().map(|entry| entry.event).collect();
    let start = Timestamp::from_microsecond(start).ok().filter(|_| start != i64::MIN);
    let sources = Vec::from([SourceAsked::server(server, days)]);
    Ok(LogAnswer { events, total: first.total, sources, gaps, start, end: query.end })
}

fn day_events(
    store: &Store,
    server: &str,
    query: &LogQuery,
    (start, end): (i64, i64),
    day: Day,
    first: &mut First,
) -> Result<(), StoreError> {
    let high = end.saturating_sub(day.midnight()).clamp(0, DAY_MICROS);
    let window = Window { low: 0, high, overdue: 0 };
    let (asked, watch) = (message_query(query), Watch::default());
    let asked = Asked { query: &asked, window, server, watch: &watch };
    store.view(day, |view| {
        for slot in view.messages(&asked, start)? {
            let events = view.events(slot)?;
            let facts = events.iter().find_map(|(_, event)| event.message.clone());
            let message_id = events.iter().find_map(|(_, event)| event.message_id.clone());
            for (number, (_, event)) in events.into_iter().enumerate() {
                let at = event.at.as_microsecond();
                let is_theirs = facts.as_ref().is_none_or(|facts| shows(&query.messages, facts, &event));
                if at < start || at >= end || !is_theirs || !wanted(query, &event) {
                    continue;
                }
                first.offer((at, day, slot, number), || {
                    let mut event = event;
                    event.message = event.message.or_else(|| facts.clone());
                    event.message_id = event.message_id.or_else(|| message_id.clone());
                    event.server_hostname = event.server_hostname.or_else(|| Some(server.to_owned()));
                    event
                });
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// What of the query can be asked of messages.
fn message_query(query: &LogQuery) -> Query {
    Query {
        senders: query.senders.clone(),
        recipients: query.recipients.clone(),
        message_ids: query.message_ids.clone(),
        network_message_ids: query.network_message_ids.clone(),
        internal_message_ids: query.internal_message_ids.clone(),
        subject: query
            .message_subject
            .clone()
            .map(|text| SubjectFilter { kind: SubjectFilterType::Contains, text }),
        event_ids: query.event_ids.clone(),
        start: None,
        end: None,
        ..query.messages.clone()
    }
}

/// Whether an event is of the domains the query is confined to: one that names recipients names one of them.
fn shows(messages: &Query, facts: &MessageFacts, event: &Event) -> bool {
    let of = |address: &str| messages.is_within(facts.directionality, &facts.return_path, address);
    messages.within.is_empty()
        || of("")
        || (event.recipients.is_empty() && event.related_recipient_address.is_none())
        || event.recipients.iter().any(|recipient| of(&recipient.address))
        || event.related_recipient_address.as_deref().is_some_and(of)
}

/// What must be asked of the event itself.
fn wanted(query: &LogQuery, event: &Event) -> bool {
    let named = |address: &str| query.recipients.iter().any(|pattern| pattern.matches(address));
    let unwanted =
        |address: &str| query.messages.not_recipients.iter().any(|pattern| pattern.matches(address));
    let is_left_out =
        !event.recipients.is_empty() && event.recipients.iter().all(|recipient| unwanted(&recipient.address));
    if is_left_out {
        return false;
    }
    (query.event_ids.is_empty() || query.event_ids.contains(&event.event_id))
        && (query.sources.is_empty() || query.sources.contains(&event.source))
        && query.reference.as_ref().is_none_or(|reference| event.reference.contains(reference))
        && (query.internal_message_ids.is_empty()
            || event.internal_message_id.is_some_and(|id| query.internal_message_ids.contains(&id)))
        && (query.recipients.is_empty()
            || event.recipients.iter().any(|recipient| named(&recipient.address))
            || event.related_recipient_address.as_deref().is_some_and(named))
}

fn refused_events(
    refusals: &RefusalStore,
    query: &LogQuery,
    (start, end): (i64, i64),
    first: &mut First,
) -> Result<(), StoreError> {
    let asked = message_query(query);
    for day in refusals.days() {
        let low = start.saturating_sub(day.midnight()).clamp(0, DAY_MICROS);
        let high = end.saturating_sub(day.midnight()).clamp(0, DAY_MICROS);
        let mut before = None;
        loop {
            let (_, rows) = refusals.find(day, &asked, (low, high), before, REFUSALS_AT_ONCE)?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            for row in rows.into_iter().filter(|row| wanted(query, &row.event)) {
                first.offer((day.midnight().saturating_add(row.id), day, row.id, 0), || row.event);
            }
            before = Some(last);
        }
    }
    Ok(())
}
