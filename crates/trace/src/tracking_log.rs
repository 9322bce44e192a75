//! The tracking log as Get-MessageTrackingLog shows it: single events, with the message's facts filled in.
//!
//! May touch: the store (reading).

use std::collections::{BTreeMap, BinaryHeap};

use events::{Event, EventId, EventRecipient, MessageFacts, Source};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};

use crate::cut::Cut;
use crate::places::{is_same_place, place_of};
use crate::refusals::RefusalStore;
use crate::search::{
    AddressPattern, Gap, Gathered, Query, SearchError, SourceAsked, SubjectFilter, SubjectFilterType,
    day_gap, lost_days,
};
use crate::store::{Asked, DAY_MICROS, Day, Store, StoreError, Watch, Window};

/// Events given unless asked otherwise: ResultSize of the cmdlet.
pub const RESULT_SIZE_DEFAULT: usize = 1_000;
/// Events one answer holds at most, `Unlimited` included; the total still counts all.
pub const RESULT_SIZE_MAX: usize = 1_000_000;
/// Octets the events of one answer take in memory at most, about; the total still counts all.
pub const RESULT_BYTES_MAX: usize = 256 << 20;
/// Servers and places named that have events which were not asked for.
const ELSEWHERE_MAX: usize = 100;
/// How far back a query goes that names neither a time nor an id, in microseconds.
const DEFAULT_MICROS: i64 = 48 * 3_600 * 1_000_000;
/// How long after its day's begin a message may have events, in microseconds: longer than it waits in any queue.
const LAST_MICROS: i64 = 8 * 86_400 * 1_000_000;
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
    /// What the reader may not see of them.
    pub cut: Cut,
    /// Names of a server or place, without regard to case: only events of one that has one of them.
    pub servers: Vec<String>,
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
    /// Events that match but for their server or place, by its name.
    pub elsewhere: BTreeMap<String, u64>,
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
    bytes: usize,
    newest: bool,
    total: u64,
    elsewhere: BTreeMap<String, u64>,
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
            self.pop();
        }
        let entry = Entry { rank, event: event() };
        self.bytes = self.bytes.saturating_add(weight(&entry.event));
        self.heap.push(entry);
        // From now on there is no room for more than these: the first stay the first.
        while self.bytes > RESULT_BYTES_MAX && self.heap.len() > 1 {
            self.pop();
            self.max = self.heap.len();
        }
    }

    fn pop(&mut self) {
        if let Some(last) = self.heap.pop() {
            self.bytes = self.bytes.saturating_sub(weight(&last.event));
        }
    }

    /// Counts an event of a server or place that was not asked for.
    fn note_elsewhere(&mut self, place: &str) {
        if let Some(count) = self.elsewhere.get_mut(place) {
            *count = count.saturating_add(1);
        } else if self.elsewhere.len() < ELSEWHERE_MAX {
            self.elsewhere.insert(place.to_owned(), 1);
        }
    }
}

/// What an event takes in memory, about.
fn weight(event: &Event) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let listed =
        |list: &[String]| list.iter().map(|one| one.len().saturating_add(size_of::<String>())).sum::<usize>();
    let recipients = event.recipients.iter().map(|recipient| {
        let text = recipient.address.len().saturating_add(recipient.status.len());
        text.saturating_add(size_of::<EventRecipient>())
    });
    let data = event.custom_data.iter().map(|(key, value)| {
        key.len().saturating_add(value.len()).saturating_add(size_of::<(String, String)>())
    });
    let facts = event.message.as_ref().map_or(0, |facts| {
        let senders = facts.sender_address.len().saturating_add(facts.return_path.len());
        senders.saturating_add(facts.subject.len()).saturating_add(text(&facts.from_address))
    });
    let parts = [
        size_of::<Entry>(),
        facts,
        recipients.sum(),
        data.sum(),
        listed(&event.detail.members),
        listed(&event.reference),
        text(&event.detail.remote_reply),
        text(&event.source_context),
        text(&event.message_info),
    ];
    parts.into_iter().fold(0, usize::saturating_add)
}

/// Runs a query over all day files whose events may lie in the interval.
pub(crate) fn query(
    store: &Store,
    refusals: &RefusalStore,
    server: &str,
    now: Timestamp,
    query: &LogQuery,
    watch: &Watch,
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
    let mut first = First {
        heap: BinaryHeap::new(),
        max,
        bytes: 0,
        newest: query.order == LogOrder::Newest,
        total: 0,
        elsewhere: BTreeMap::new(),
    };
    let (mut gaps, mut days) = (Vec::new(), 0_u64);
    for day in store.days() {
        if day.midnight() >= end {
            break;
        }
        days = days.saturating_add(1);
        watch.check()?;
        let of = Of { store, server, query, watch, interval: (start, end) };
        if let Err(error) = day_events(&of, day, &mut first) {
            watch.check()?;
            gaps.push(day_gap(server, day, format!("the records of this day cannot be read: {error}")));
        }
    }
    // Events of the interval may be of messages that came days before it.
    let reaching = start.saturating_sub(LAST_MICROS).saturating_add(DAY_MICROS);
    gaps.extend(lost_days(store, server, Some(reaching), end));
    if query.event_ids.contains(&EventId::Refused) {
        refused_events(refusals, server, query, (start, end), &mut first)?;
    }
    let (total, elsewhere) = (first.total, first.elsewhere);
    let mut events: Vec<Event> = first.heap.into_sorted_vec().into_iter().map(|entry| entry.event).collect();
    query.cut.events(&mut events, None);
    let start = Timestamp::from_microsecond(start).ok().filter(|_| start != i64::MIN);
    let sources = Vec::from([SourceAsked::server(server, days)]);
    Ok(LogAnswer { events, total, elsewhere, sources, gaps, start, end: query.end })
}

/// What is asked, and of which store.
struct Of<'a> {
    store: &'a Store,
    server: &'a str,
    query: &'a LogQuery,
    watch: &'a Watch,
    /// Microseconds: from the first on, before the second.
    interval: (i64, i64),
}

fn day_events(of: &Of<'_>, day: Day, first: &mut First) -> Result<(), StoreError> {
    let Of { store, server, query, watch, interval: (start, end) } = *of;
    let high = end.saturating_sub(day.midnight()).clamp(0, DAY_MICROS);
    let window = Window { midnight: 0, low: 0, high, overdue: 0 };
    let asked = message_query(query);
    let asked = Asked { query: &asked, window, server, watch: watch.of_day() };
    store.view_watched(day, Some(asked.watch), |view| {
        for slot in view.messages(&asked, start)? {
            watch.check()?;
            let events = view.events(slot)?;
            let gathered = Gathered::of(&events);
            let (facts, message_id) = (gathered.facts(), gathered.message_id().cloned());
            for (number, (_, event)) in events.into_iter().enumerate() {
                let at = event.at.as_microsecond();
                let is_theirs = facts.as_ref().is_none_or(|facts| shows(&query.messages, facts, &event));
                if at < start || at >= end || !is_theirs || !wanted(query, &event) {
                    continue;
                }
                let place = place_of(&event, server);
                if !is_of(&query.servers, &event, place) {
                    first.note_elsewhere(place);
                    continue;
                }
                // An event that names no server was written at its place.
                let place = place.to_owned();
                first.offer((at, day, slot, number), || {
                    let mut event = event;
                    event.message = event.message.or_else(|| facts.clone());
                    event.message_id = event.message_id.or_else(|| message_id.clone());
                    event.server_hostname = event.server_hostname.or(Some(place));
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

/// Whether an event is of a server or place that has one of these names; of a place also if one of its servers has. The
/// host a message was handed to has no part in it.
fn is_of(names: &[String], event: &Event, place: &str) -> bool {
    let named = |name: &str| names.iter().any(|wanted| is_same_place(wanted, name));
    let is_host = |name: &str| names.iter().any(|wanted| is_same_host(wanted, name));
    let hands_on = matches!(event.event_id, EventId::Send | EventId::SendExternal);
    // An attempt that came to nothing names the next host in the same column.
    let is_next =
        hands_on || event.server_hostname.is_some() && event.server_hostname == event.detail.remote_host;
    let host = event.server_hostname.as_deref().filter(|_| event.detail.place.is_some() && !is_next);
    names.is_empty() || named(place) || host.is_some_and(is_host)
}

/// Whether two names are of one host: records have it with and without its domain, and with a dot at the end.
pub fn is_same_host(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches('.'), other.trim_end_matches('.'));
    let is_short_of = |short: &str, long: &str| {
        !short.contains('.')
            && long.split_once('.').is_some_and(|(first, _)| first.eq_ignore_ascii_case(short))
    };
    one.eq_ignore_ascii_case(other) || is_short_of(one, other) || is_short_of(other, one)
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
    server: &str,
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
                let place = place_of(&row.event, server);
                if !is_of(&query.servers, &row.event, place) {
                    first.note_elsewhere(place);
                    continue;
                }
                first.offer((day.midnight().saturating_add(row.id), day, row.id, 0), || row.event);
            }
            before = Some(last);
        }
    }
    Ok(())
}
