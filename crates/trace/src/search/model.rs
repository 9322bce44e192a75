//! Search against a naive model: the same questions asked of a list in memory.
//!
//! May touch: a temporary folder (tests).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use events::{Directionality, Event, EventId};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use world::{Disk, Executor};

use super::traffic::{Dice, GROUPS, MIDNIGHT, PEOPLE, SENDERS, SUBJECTS, traffic};
use super::*;
use crate::refusals::{Dropped, RefusalLimits, RefusalStore};
use crate::status::{EventKey, Status, SubStatus, fold, no_end_seen, overdue_before};
use crate::store::{Day, Incoming, Sealing, Store};

const EXPIRATION: Duration = Duration::from_secs(2 * 86_400);

pub(crate) struct Bench {
    dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) refusals: RefusalStore,
    pub(crate) now: Timestamp,
    exec: Executor,
    _runtime: tokio::runtime::Runtime,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::over(tempfile::tempdir().unwrap())
    }

    /// For a folder that is filled before it is [`Bench::reopened`].
    pub(crate) fn empty() -> Bench {
        Bench::new()
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Closes the files and opens them again.
    pub(crate) fn reopened(self) -> Bench {
        let Bench { dir, store, refusals, .. } = self;
        drop((store, refusals));
        Bench::over(dir)
    }

    fn over(dir: tempfile::TempDir) -> Bench {
        let store = Store::open(&Disk::real(), dir.path()).unwrap();
        let limits = RefusalLimits { retention_days: 14, bytes_max: 64 << 20 };
        let refused = dir.path().join("refused");
        let refusals =
            RefusalStore::open(&Disk::real(), &refused, limits, Arc::new(Dropped::default())).unwrap();
        let now = Timestamp::from_second(MIDNIGHT + 4 * 86_400).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let exec = Executor::real(runtime.handle().clone());
        Bench { dir, store, refusals, now, exec, _runtime: runtime }
    }

    pub(crate) fn feed(&self, events: &[(EventKey, Event)]) {
        self.store.apply(incoming(events)).unwrap();
    }

    /// Seals the day with this number after the first, if there is anything of it.
    pub(crate) fn seal(&self, number: u64) {
        let midnight = Timestamp::from_second(MIDNIGHT).unwrap();
        let day = Day(Day::of(midnight).0 + i32::try_from(number).unwrap());
        if self.store.days().contains(&day) {
            assert_ne!(self.store.seal(day).unwrap(), Sealing::Busy);
        }
    }

    pub(crate) fn search(&self, query: &Query) -> Answer {
        let answer = self.ask(query);
        assert!(answer.gaps.is_empty(), "{:?}", answer.gaps);
        answer
    }

    pub(crate) fn ask(&self, query: &Query) -> Answer {
        self.engine().search(query).unwrap()
    }

    /// Events, as the tracking log gives them.
    pub(crate) fn log(&self, query: &crate::LogQuery) -> crate::LogAnswer {
        let watch = crate::store::Watch::default();
        crate::tracking_log::query(
            &self.store,
            &self.refusals,
            "mx1.contoso.example",
            self.now,
            query,
            &watch,
        )
        .unwrap()
    }

    pub(crate) fn engine(&self) -> Engine<'_> {
        Engine {
            exec: &self.exec,
            store: &self.store,
            refusals: &self.refusals,
            server: "mx1.contoso.example",
            expiration: EXPIRATION,
            now: self.now,
            is_current: true,
        }
    }

    /// All pages of a query.
    pub(crate) fn all(&self, query: &Query) -> Vec<TraceRow> {
        let mut rows = Vec::new();
        let mut query = query.clone();
        loop {
            let answer = self.search(&query);
            rows.extend(answer.rows);
            match answer.next {
                // Through text and back, as a caller would hold it.
                Some(next) => query.cursor = Some(next.to_string().parse().unwrap()),
                None => return rows,
            }
        }
    }
}

pub(crate) fn incoming(events: &[(EventKey, Event)]) -> Vec<Incoming> {
    events
        .iter()
        .map(|(key, event)| Incoming { key: *key, event: event.clone(), bytes: events::encode(event).into() })
        .collect()
}

/// What is compared of a row.
pub(crate) fn shown(row: &TraceRow) -> String {
    format!("{} {} {} {}", row.network_message_id, row.recipient_address, row.status, row.stage)
}

/// The rows of the traffic, by message in the order in which messages first came.
fn model(events: &[(EventKey, Event)], now: Timestamp) -> Vec<(Vec<Event>, Vec<crate::status::Row>)> {
    let mut messages: BTreeMap<NetworkMessageId, Vec<(EventKey, Event)>> = BTreeMap::new();
    for (key, event) in events {
        messages.entry(event.network_message_id).or_default().push((*key, event.clone()));
    }
    messages
        .into_values()
        .map(|events| {
            let mut rows = fold(&events);
            rows.iter_mut().for_each(|row| no_end_seen(row, events[0].1.received, now, EXPIRATION));
            (events.into_iter().map(|(_, event)| event).collect(), rows)
        })
        .collect()
}

/// The filters again, written without looking at the SQL.
/// Whether a row is to one of the domains, or sent from one inside.
fn is_within(query: &Query, facts: &events::MessageFacts, recipient: &str) -> bool {
    let of = |address: &str| {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase();
        query.within.contains(&domain)
    };
    of(recipient) || (facts.directionality == Directionality::Originating && of(&facts.return_path))
}

/// Whether a row, after `no_end_seen`, was not handed on long ago to a host of which nothing is read.
fn is_expected(row: &crate::status::Row, events: &[Event], now: Timestamp) -> bool {
    let is_handed_on = row.sub_status == Some(SubStatus::NotSeenThereYet) && row.place.is_none();
    let last = events.iter().map(|event| event.at.as_microsecond()).max().unwrap_or(0);
    !is_handed_on || last >= overdue_before(now, EXPIRATION)
}

fn matches(query: &Query, events: &[Event], row: &crate::status::Row, now: Timestamp) -> bool {
    let head = &events[0];
    let facts = head.message.as_ref().unwrap();
    let any =
        |patterns: &[AddressPattern], address: &str| patterns.iter().any(|pattern| pattern.matches(address));
    let sender = query.senders.is_empty()
        || any(&query.senders, &facts.return_path)
        || facts.from_address.as_deref().is_some_and(|from| any(&query.senders, from));
    let subject_is = |filter: &SubjectFilter| {
        let fold = |text: &str| crate::search::SubjectFold::Full.fold(text);
        let (subject, text) = (fold(&facts.subject), fold(&filter.text));
        match filter.kind {
            SubjectFilterType::Contains => subject.contains(&text),
            SubjectFilterType::StartsWith => subject.starts_with(&text),
            SubjectFilterType::EndsWith => subject.ends_with(&text),
            SubjectFilterType::Equals => text.is_empty() || subject == text,
        }
    };
    let subject = query.subject.as_ref().is_none_or(subject_is);
    let from = facts.from_address.as_deref().unwrap_or(&facts.return_path);
    let has = |filter: &FacetFilter| {
        let has = |value: &str| filter.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(value));
        let found = events.iter().any(|event| match filter.facet {
            Facet::Server => true,
            Facet::Connector => event.connector_id.as_deref().is_some_and(has),
            Facet::Tls => event.detail.tls.as_deref().is_some_and(has),
            Facet::Dmarc => event.custom_data.iter().any(|(key, value)| key == "S:DMARC" && has(value)),
            _ => false,
        });
        found != filter.not
    };
    let ended = row.ended_at.is_some() && row.status.is_leaf();
    let more = (query.return_paths.is_empty() || any(&query.return_paths, &facts.return_path))
        && (query.from_addresses.is_empty() || any(&query.from_addresses, from))
        && !any(&query.not_senders, &facts.return_path)
        && !any(&query.not_senders, from)
        && !any(&query.not_recipients, &row.recipient_address)
        && (query.also_recipients.is_empty() || any(&query.also_recipients, &row.recipient_address))
        && (query.within.is_empty() || is_within(query, facts, &row.recipient_address))
        && !query.not_subject.as_ref().is_some_and(|filter| !filter.text.is_empty() && subject_is(filter))
        && (query.from_networks.is_empty()
            || query
                .from_networks
                .iter()
                .any(|network| head.client_ip.is_some_and(|ip| network.contains(ip))))
        && query.facets.iter().all(has)
        && query.size_min.is_none_or(|size| facts.total_bytes >= size)
        && query.size_max.is_none_or(|size| facts.total_bytes <= size)
        && (query.order != RowOrder::Slowest || ended);
    let received = head.received;
    sender
        && subject
        && more
        && (query.recipients.is_empty() || any(&query.recipients, &row.recipient_address))
        && (query.statuses.is_empty() || query.statuses.contains(&row.status))
        && (!query.still_expected || is_expected(row, events, now))
        && (query.message_ids.is_empty() || query.message_ids.contains(head.message_id.as_ref().unwrap()))
        && (query.network_message_ids.is_empty()
            || query.network_message_ids.contains(&head.network_message_id))
        && (query.internal_message_ids.is_empty()
            || query.internal_message_ids.contains(&head.internal_message_id.unwrap()))
        && (query.directions.is_empty() || query.directions.contains(&facts.directionality))
        && (query.event_ids.is_empty()
            || events.iter().any(|event| query.event_ids.contains(&event.event_id)))
        && query.from_ip.is_none_or(|ip| head.client_ip == Some(ip))
        && query.to_ip.is_none_or(|ip| row.to_ip == Some(ip))
        && (query.to_networks.is_empty()
            || query.to_networks.iter().any(|network| row.to_ip.is_some_and(|ip| network.contains(ip))))
        && query.start.is_none_or(|start| received >= start)
        && query.end.is_none_or(|end| received < end)
}

fn patterns(dice: &mut Dice, from: &[&str]) -> Vec<AddressPattern> {
    let one = dice.pick(from);
    let domain = one.rsplit_once('@').map_or("none.example", |(_, domain)| domain).to_owned();
    let text = match dice.roll(6) {
        0 => format!("*@{domain}"),
        1 => format!("{}*", one.chars().take(2).collect::<String>()),
        2 => format!("*{}*", one.chars().skip(1).take(3).collect::<String>()),
        3 => "nobody@nowhere.example".to_owned(),
        _ => one.to_owned(),
    };
    let mut patterns = vec![text.parse().unwrap()];
    if dice.roll(3) == 0 {
        patterns.push(dice.pick(from).parse().unwrap());
    }
    patterns
}

/// The filters that no cmdlet of Exchange has.
fn more_filters(dice: &mut Dice, query: &mut Query) {
    if dice.roll(8) == 0 {
        query.return_paths = patterns(dice, SENDERS);
    }
    if dice.roll(8) == 0 {
        let whom = if dice.roll(2) == 0 { SENDERS } else { PEOPLE };
        query.from_addresses = patterns(dice, whom);
    }
    if dice.roll(6) == 0 {
        let whom = if dice.roll(2) == 0 { SENDERS } else { PEOPLE };
        query.not_senders = patterns(dice, whom);
    }
    if dice.roll(6) == 0 {
        query.not_recipients = patterns(dice, PEOPLE);
    }
    if dice.roll(8) == 0 {
        query.also_recipients = patterns(dice, PEOPLE);
    }
    if dice.roll(8) == 0 {
        let whom = if dice.roll(2) == 0 { SENDERS } else { PEOPLE };
        let one = dice.pick(whom).to_lowercase();
        query.within = vec![one.rsplit_once('@').map_or("nowhere.example", |(_, domain)| domain).to_owned()];
    }
    if dice.roll(8) == 0 {
        let text = dice.pick(&["TEST", "änderung", "a", "50%", "", "nowhere"]).to_owned();
        query.not_subject = Some(SubjectFilter { kind: SubjectFilterType::Contains, text });
    }
    if dice.roll(6) == 0 {
        let networks =
            ["198.51.100.0/31", "198.51.100.3", "0.0.0.0/0", "2001:db8::/127", "::/0", "203.0.113.0/24"];
        query.from_networks = vec![dice.pick(&networks).parse().unwrap()];
        if dice.roll(2) == 0 {
            query.from_networks.push(dice.pick(&networks).parse().unwrap());
        }
    }
    if dice.roll(8) == 0 {
        let networks = ["192.0.2.8/31", "192.0.2.10", "2001:db8:1::/127", "::/0", "203.0.113.0/24"];
        query.to_networks = vec![dice.pick(&networks).parse().unwrap()];
        if dice.roll(2) == 0 {
            query.to_networks.push(dice.pick(&networks).parse().unwrap());
        }
    }
    if dice.roll(5) == 0 {
        let (facet, value) = dice.pick(&[
            (Facet::Connector, "Internet"),
            (Facet::Connector, "default frontend MX1"),
            (Facet::Tls, "tls1_3"),
            (Facet::Dmarc, "fail"),
            (Facet::Server, "mx1.contoso.example"),
            (Facet::Connector, "none"),
        ]);
        query.facets = vec![FacetFilter { not: dice.roll(3) == 0, ..FacetFilter::any(facet, [value]) }];
    }
    if dice.roll(6) == 0 {
        query.size_min = Some(100 + dice.roll(500));
    }
    if dice.roll(6) == 0 {
        query.size_max = Some(400 + dice.roll(700));
    }
}

fn random_query(dice: &mut Dice) -> Query {
    let mut query = Query { start: Timestamp::from_second(MIDNIGHT - 1).ok(), ..Query::default() };
    if dice.roll(3) == 0 {
        query.recipients = patterns(dice, PEOPLE);
    } else if dice.roll(5) == 0 {
        query.recipients = patterns(dice, GROUPS);
    }
    if dice.roll(3) == 0 {
        let whom = if dice.roll(2) == 0 { SENDERS } else { PEOPLE };
        query.senders = patterns(dice, whom);
    }
    if dice.roll(4) == 0 {
        let subject = dice.pick(SUBJECTS);
        let skip = usize::try_from(dice.roll(6)).unwrap();
        let text = subject.chars().skip(skip).take(5).collect::<String>().to_uppercase();
        let kind = dice.pick(&[
            SubjectFilterType::Contains,
            SubjectFilterType::StartsWith,
            SubjectFilterType::EndsWith,
            SubjectFilterType::Equals,
        ]);
        let text = if kind == SubjectFilterType::Equals { subject.to_uppercase() } else { text };
        query.subject = Some(SubjectFilter { kind, text });
    }
    if dice.roll(3) == 0 {
        query.statuses = vec![dice.pick(Status::ALL)];
        if dice.roll(2) == 0 {
            query.statuses.push(dice.pick(Status::ALL));
        }
    }
    query.still_expected = dice.roll(4) == 0;
    more_filters(dice, &mut query);
    if dice.roll(6) == 0 {
        query.directions = vec![Directionality::Incoming];
    }
    if dice.roll(6) == 0 {
        query.event_ids = vec![dice.pick(&[EventId::Expand, EventId::Fail, EventId::Defer])];
    }
    if dice.roll(8) == 0 {
        query.from_ip = Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2)));
    }
    if dice.roll(10) == 0 {
        query.to_ip = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));
    }
    if dice.roll(8) == 0 {
        query.message_ids = vec![MessageId::parse("m7@movetocloud.example").unwrap()];
    }
    if dice.roll(12) == 0 {
        query.network_message_ids =
            vec![NetworkMessageId(uuid::Uuid::from_u128(9)), NetworkMessageId::default()];
    }
    if dice.roll(12) == 0 {
        query.internal_message_ids = vec![InternalMessageId(70)];
    }
    if dice.roll(2) == 0 {
        query.start = Timestamp::from_second(MIDNIGHT + i64::try_from(dice.roll(200_000)).unwrap()).ok();
    }
    if dice.roll(2) == 0 {
        let start = query.start.unwrap().as_second();
        query.end = Timestamp::from_second(start + i64::try_from(dice.roll(200_000)).unwrap()).ok();
    }
    if dice.roll(3) == 0 {
        query.order = if dice.roll(2) == 0 { RowOrder::ByRecipient } else { RowOrder::Slowest };
    }
    query.page_size = dice.pick(&[1, 3, 10, 5_000]);
    query
}

#[test]
fn search_finds_what_a_list_in_memory_finds_and_pages_join_to_the_whole() {
    let mut with_rows = 0;
    for seed in 1..9 {
        let mut bench = Bench::new();
        let events = traffic(seed, 160, 3);
        // In batches of every size, as the feed would; days are sealed never, now and then, or in the end.
        let mut dice = Dice::new(seed + 100);
        let mut rest = events.as_slice();
        while !rest.is_empty() {
            let size = usize::try_from(dice.roll(60) + 1).unwrap().min(rest.len());
            let (batch, left) = rest.split_at(size);
            bench.feed(batch);
            rest = left;
            if seed % 4 > 1 && dice.roll(6) == 0 {
                bench.seal(dice.roll(3));
            }
            if seed % 4 > 1 && dice.roll(12) == 0 {
                bench = bench.reopened();
            }
        }
        if seed % 2 == 1 {
            (0..3).for_each(|day| bench.seal(day));
        }
        let model = model(&events, bench.now);
        for _ in 0..150 {
            let query = random_query(&mut dice);
            let mut expected: Vec<String> = Vec::new();
            for (events, rows) in &model {
                for row in rows.iter().filter(|row| matches(&query, events, row, bench.now)) {
                    expected.push(format!(
                        "{} {} {} {}",
                        events[0].network_message_id, row.recipient_address, row.status, row.stage
                    ));
                }
            }
            let answer = bench.search(&query);
            assert_eq!(answer.total, expected.len() as u64, "{query:?}");
            with_rows += usize::from(!expected.is_empty());
            let rows = bench.all(&query);
            let mut found: Vec<String> = rows.iter().map(shown).collect();
            assert_in_order(&rows, query.order);
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{query:?}");
            let alone = bench.search(&Query { total: Total::Alone, ..query.clone() });
            assert_eq!((alone.total, alone.rows.len(), alone.total_known), (answer.total, 0, true));
            let later = bench.search(&Query { total: Total::Later, ..query.clone() });
            assert_eq!(later.rows, answer.rows);
            assert_eq!(later.total_known, later.next.is_none());
            assert!(later.total == answer.total || !later.total_known);
            let whole = bench.search(&Query { page_size: 5_000, ..query.clone() });
            let joined: Vec<&TraceRow> = rows.iter().collect();
            assert_eq!(
                whole.rows.iter().map(shown).collect::<Vec<_>>(),
                joined.iter().map(|row| shown(row)).collect::<Vec<_>>()
            );
        }
    }
    assert!(with_rows > 250, "most queries found nothing: {with_rows}");
}

/// Milliseconds from receiving to the end.
fn latency(row: &TraceRow) -> i64 {
    let took = row.row.ended_at.unwrap().duration_since(row.row.received_at.unwrap());
    i64::try_from(took.as_millis()).unwrap()
}

fn assert_in_order(rows: &[TraceRow], order: RowOrder) {
    if order == RowOrder::Slowest {
        let key = |row: &TraceRow| (std::cmp::Reverse(latency(row)), std::cmp::Reverse(row.received));
        assert!(rows.windows(2).all(|pair| key(&pair[0]) <= key(&pair[1])), "the slowest stand first");
        return;
    }
    for pair in rows.windows(2) {
        assert!(pair[0].received >= pair[1].received);
        let same = pair[0].network_message_id == pair[1].network_message_id;
        assert_eq!(same, pair[0].received == pair[1].received, "a message's rows stand together");
        if same && order == RowOrder::ByRecipient {
            assert!(pair[0].row.key < pair[1].row.key);
        }
        if same && order == RowOrder::Grid {
            assert!(!pair[0].row.parents.contains(&pair[1].row.key), "a group stands before its members");
        }
    }
}

#[test]
fn feeding_again_changes_nothing_whatever_the_batches() {
    let bench = Bench::new();
    let events = traffic(7, 80, 2);
    bench.feed(&events);
    let query = Query { start: Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    let before = bench.search(&query);
    let store = bench.store.clone();
    assert_eq!(store.apply(incoming(&events)).unwrap(), 0);
    assert_eq!(bench.search(&query), before);
    // As an import, which knows doubles by key, also in another order.
    let mut backwards = events.clone();
    backwards.reverse();
    assert_eq!(store.import(backwards).unwrap(), 0);
    assert_eq!(bench.search(&query), before);
}

#[test]
fn an_import_in_any_order_gives_the_same_statuses() {
    let (forward, backward) = (Bench::new(), Bench::new());
    let events = traffic(8, 60, 2);
    forward.feed(&events);
    for batch in events.rchunks(7) {
        let mut batch = batch.to_vec();
        batch.reverse();
        backward.store.import(batch).unwrap();
    }
    let query = Query { start: Timestamp::from_second(MIDNIGHT).ok(), page_size: 5_000, ..Query::default() };
    let rows = |bench: &Bench| {
        let mut rows: Vec<String> = bench.search(&query).rows.iter().map(shown).collect();
        rows.sort();
        rows
    };
    assert_eq!(rows(&forward), rows(&backward));
    let subject = Some(SubjectFilter { kind: SubjectFilterType::Contains, text: "mail flow".into() });
    let by_subject = Query { subject, ..query.clone() };
    assert_eq!(forward.search(&by_subject).total, backward.search(&by_subject).total);
}

#[test]
fn v2_paging_goes_on_behind_the_last_row() {
    let bench = Bench::new();
    bench.feed(&traffic(9, 60, 1));
    let whole = Query {
        start: Timestamp::from_second(MIDNIGHT).ok(),
        order: RowOrder::ByRecipient,
        page_size: 5_000,
        ..Query::default()
    };
    let expected: Vec<String> = bench.search(&whole).rows.iter().map(shown).collect();
    let mut query = Query { page_size: 3, ..whole };
    let mut found = Vec::new();
    loop {
        let answer = bench.search(&query);
        assert_eq!(answer.total + found.len() as u64, expected.len() as u64);
        let Some(last) = answer.rows.last() else { break };
        query.end = Some(last.received);
        query.starting_recipient = Some(last.recipient_address.clone());
        found.extend(answer.rows.iter().map(shown));
    }
    assert_eq!(found, expected);
}

#[test]
fn a_cursor_of_another_query_is_refused() {
    let bench = Bench::new();
    bench.feed(&traffic(3, 30, 1));
    let query = Query { start: Timestamp::from_second(MIDNIGHT).ok(), page_size: 2, ..Query::default() };
    let next = bench.search(&query).next;
    let engine = Engine {
        exec: &bench.exec,
        store: &bench.store,
        refusals: &bench.refusals,
        server: "",
        expiration: EXPIRATION,
        now: bench.now,
        is_current: true,
    };
    let other = Query { statuses: vec![Status::Failed], cursor: next, ..query };
    assert!(matches!(engine.search(&other), Err(SearchError::Cursor)));
}

#[test]
fn a_cursor_goes_on_in_the_interval_of_its_first_page() {
    let bench = Bench::new();
    bench.feed(&traffic(3, 30, 1));
    let query = Query { start: Timestamp::from_second(MIDNIGHT).ok(), page_size: 2, ..Query::default() };
    let whole = bench.search(&Query { page_size: 100, ..query.clone() });
    let first = bench.search(&query);
    // The same relative time is another one on the next call.
    let later =
        Query { start: Some(bench.now), end: None, cursor: first.next.clone(), page_size: 100, ..query };
    let rest = bench.search(&later);
    let ids = |answer: &Answer| -> Vec<_> { answer.rows.iter().map(shown).collect() };
    assert_eq!([ids(&first), ids(&rest)].concat(), ids(&whole));
}
