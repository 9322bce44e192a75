//! The files of the refusals: one SQLite file per UTC day, small, never synced on purpose.
//!
//! May touch: the disk.

mod take_out;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::Event;
use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use world::{Disk, FileKind, SqliteMode};

use super::fold::{Fate, Folding};
use super::{Dropped, RefusalLimits};
use crate::search::{AddressPattern, Query, RowOrder, SubjectFilterType, SubjectFold};
use crate::status::{Status, address_key};
use crate::store::{DAY_MICROS, Day, Slots, StoreError, glob, ip_number, message_id_number, remove_database};

/// Version of the tables.
const SCHEMA_VERSION: i32 = 2;
/// The version before, which differs in how subjects are folded.
const SIMPLE_FOLD_VERSION: i32 = 1;
/// A gap that goes on within this time is the same gap, in microseconds.
const SAME_GAP_MICROS: i64 = 60_000_000;

const TABLES: &str = "
CREATE TABLE refusal(
  id INTEGER PRIMARY KEY,
  network_id BLOB NOT NULL,
  message_id INTEGER,
  sender TEXT NOT NULL,
  author TEXT,
  recipient TEXT NOT NULL,
  from_ip INTEGER,
  direction INTEGER NOT NULL,
  subject TEXT NOT NULL,
  count INTEGER NOT NULL,
  event BLOB NOT NULL
) STRICT;
CREATE INDEX refusal_network_id ON refusal(network_id);
CREATE INDEX refusal_message_id ON refusal(message_id) WHERE message_id IS NOT NULL;
CREATE INDEX refusal_sender ON refusal(sender);
CREATE INDEX refusal_recipient ON refusal(recipient);
CREATE INDEX refusal_from_ip ON refusal(from_ip);
CREATE TABLE gap(start INTEGER PRIMARY KEY, finish INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
";

/// A refusal as found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RefusalRow {
    /// Microseconds since midnight, made unique.
    pub(crate) id: i64,
    /// The event, with its count.
    pub(crate) event: Event,
}

/// The refusals' files. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct RefusalStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    disk: Disk,
    dir: PathBuf,
    limits: RefusalLimits,
    dropped: Arc<Dropped>,
    days: Mutex<BTreeSet<Day>>,
    writer: Mutex<Option<(Day, Connection, Slots)>>,
}

impl RefusalStore {
    pub(crate) fn open(
        disk: &Disk,
        dir: &Path,
        limits: RefusalLimits,
        dropped: Arc<Dropped>,
    ) -> Result<RefusalStore, StoreError> {
        let io = |source| StoreError::Io { path: dir.to_owned(), source };
        disk.create_dir_all(dir).map_err(io)?;
        let mut days = BTreeSet::new();
        for entry in disk.read_dir(dir).map_err(io)? {
            if let (FileKind::File, Some(day)) = (entry.kind, entry.name.to_str().and_then(Day::parse)) {
                days.insert(day);
            }
        }
        Ok(RefusalStore(Arc::new(Inner {
            disk: disk.clone(),
            dir: dir.to_owned(),
            limits,
            dropped,
            days: Mutex::new(days),
            writer: Mutex::new(None),
        })))
    }

    pub(crate) fn days(&self) -> Vec<Day> {
        self.0.days.lock().iter().copied().collect()
    }

    fn path(&self, day: Day) -> PathBuf {
        self.0.dir.join(day.file_name())
    }

    /// Writes a batch, all of one transaction per day, and gives those that have a row of their own. What does not fit is
    /// counted as dropped.
    pub(crate) fn add(
        &self,
        folding: &mut Folding,
        batch: Vec<Event>,
        now: Timestamp,
    ) -> Result<Vec<Event>, StoreError> {
        let mut by_day: Vec<(Day, Vec<Event>)> = Vec::new();
        for event in batch {
            let day = Day::of(event.at);
            match by_day.last_mut() {
                Some((last, events)) if *last == day => events.push(event),
                _ => by_day.push((day, Vec::from([event]))),
            }
        }
        let mut rows = Vec::new();
        for (day, mut events) in by_day {
            match self.add_to_day(folding, day, &events, now) {
                Ok(has_row) => {
                    let mut has_row = has_row.into_iter();
                    events.retain(|_| has_row.next() == Some(true));
                    rows.append(&mut events);
                }
                Err(error) => {
                    folding.forget();
                    *self.0.writer.lock() = None;
                    events.iter().for_each(|event| self.0.dropped.add(event.at));
                    return Err(error);
                }
            }
        }
        Ok(rows)
    }

    /// Gives for each, in order, whether it has a row.
    fn add_to_day(
        &self,
        folding: &mut Folding,
        day: Day,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let mut open = self.0.writer.lock();
        if open.as_ref().is_none_or(|(known, ..)| *known != day) {
            *open = None;
            self.delete_old(Day::of(now))?;
            let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadWriteCreate)?;
            prepare(&connection)?;
            self.0.days.lock().insert(day);
            // Rows that hold counts are in the file before.
            folding.forget();
            *open = Some((day, connection, Slots::of_refusals()));
        }
        let Some((_, connection, slots)) = open.as_mut() else { return Ok(Vec::new()) };
        if !self.has_room(connection, day)? {
            events.iter().for_each(|event| self.0.dropped.add(event.at));
            return Ok(Vec::new());
        }
        let transaction = connection.unchecked_transaction()?;
        let mut counted: HashMap<i64, i64> = HashMap::new();
        let mut has_row = Vec::with_capacity(events.len());
        for event in events {
            let fate = folding.fate(event);
            has_row.push(!matches!(fate, Fate::Counted(_)));
            match fate {
                Fate::Row => {
                    insert(connection, slots, day, event)?;
                }
                Fate::CountingRow => {
                    let row = insert(connection, slots, day, event)?;
                    folding.counts_in(event, row);
                }
                Fate::Counted(row) => {
                    let count = counted.entry(row).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        let mut raise = connection.prepare_cached("UPDATE refusal SET count = count + ?2 WHERE id = ?1")?;
        for (row, count) in counted {
            raise.execute([row, count])?;
        }
        drop(raise);
        if let Some((since, count)) = self.0.dropped.take() {
            add_gap(connection, since, now, count)?;
        }
        transaction.commit()?;
        Ok(has_row)
    }

    /// Adds imported refusals, each once and none folded. Those that were not there before are put into `new` once they
    /// are written, also where others then cannot be.
    ///
    /// What is older than refusals are kept, or does not fit, is left out.
    pub(crate) fn import<'e>(
        &self,
        events: &'e [Event],
        now: Timestamp,
        new: &mut Vec<&'e Event>,
    ) -> Result<(), StoreError> {
        let mut by_day: HashMap<Day, Vec<&'e Event>> = HashMap::new();
        for event in events {
            by_day.entry(Day::of(event.at)).or_default().push(event);
        }
        let keep = i32::try_from(self.0.limits.retention_days).unwrap_or(i32::MAX);
        let oldest = Day(Day::of(now).0.saturating_sub(keep));
        let mut days: Vec<(Day, Vec<&'e Event>)> =
            by_day.into_iter().filter(|(day, _)| *day >= oldest).collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        let mut open = self.0.writer.lock();
        for (day, events) in days {
            // The writer of today is for what is refused here; the feed opens it again.
            *open = None;
            let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadWriteCreate)?;
            prepare(&connection)?;
            // Records of other systems are told to be kept, and where reading stopped is remembered: unlike what is
            // refused here they are synced.
            connection.pragma_update(None, "synchronous", "FULL")?;
            self.0.days.lock().insert(day);
            if !self.has_room(&connection, day)? {
                continue;
            }
            let transaction = connection.unchecked_transaction()?;
            let mut slots = Slots::of_refusals();
            let mut of_day = Vec::new();
            for event in events {
                let recipient = event.recipients.first().map_or("", |recipient| recipient.address.as_str());
                let mut find = connection
                    .prepare_cached("SELECT 1 FROM refusal WHERE network_id = ?1 AND recipient = ?2")?;
                let id = event.network_message_id.0.as_bytes().as_slice();
                if !find.exists(params![id, address_key(recipient)])? {
                    insert(&connection, &mut slots, day, event)?;
                    of_day.push(event);
                }
            }
            transaction.commit()?;
            new.append(&mut of_day);
        }
        Ok(())
    }

    /// Whether the files together are under their cap; older days go first.
    fn has_room(&self, connection: &Connection, today: Day) -> Result<bool, StoreError> {
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let own = u64::try_from(pages.saturating_mul(page)).unwrap_or(0);
        if own > self.0.limits.bytes_max {
            return Ok(false);
        }
        loop {
            let older: Vec<Day> = self.days().into_iter().filter(|day| *day < today).collect();
            let sizes =
                older.iter().map(|day| self.0.disk.metadata(&self.path(*day)).map_or(0, |found| found.len));
            if sizes.fold(own, u64::saturating_add) <= self.0.limits.bytes_max {
                return Ok(true);
            }
            let Some(oldest) = older.first() else { return Ok(false) };
            self.delete(*oldest)?;
        }
    }

    fn delete_old(&self, today: Day) -> Result<(), StoreError> {
        let keep = i32::try_from(self.0.limits.retention_days).unwrap_or(i32::MAX);
        let oldest = Day(today.0.saturating_sub(keep));
        let gone: Vec<Day> = self.days().into_iter().take_while(|day| *day < oldest).collect();
        gone.into_iter().try_for_each(|day| self.delete(day))
    }

    fn delete(&self, day: Day) -> Result<(), StoreError> {
        self.0.days.lock().remove(&day);
        remove_database(&self.0.disk, &self.path(day))
    }

    fn read<T>(
        &self,
        day: Day,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if !self.0.days.lock().contains(&day) {
            return Ok(None);
        }
        let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadOnly)?;
        let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => Ok(None),
            SCHEMA_VERSION | SIMPLE_FOLD_VERSION => work(&connection).map(Some),
            found => Err(StoreError::Newer { found }),
        }
    }

    /// Refusals of a day in `low..high` microseconds that match: how many rows, and at most `max` below `before`,
    /// newest first.
    pub(crate) fn find(
        &self,
        day: Day,
        query: &Query,
        (low, high): (i64, i64),
        before: Option<i64>,
        max: usize,
    ) -> Result<(u64, Vec<RefusalRow>), StoreError> {
        let more = query.asks_more();
        let found = self.read(day, |connection| {
            let fold = subject_fold(connection)?;
            let Some((wheres, values)) = conditions(query, low, high, fold) else {
                return Ok((0, Vec::new()));
            };
            if more {
                return find_one_by_one(connection, query, (&wheres, &values), before, max);
            }
            let sql = format!("SELECT count(*) FROM refusal WHERE {wheres}");
            let total: i64 = connection.query_row(&sql, params_from_iter(&values), |row| row.get(0))?;
            let below = before.map_or_else(String::new, |id| format!(" AND id < {id}"));
            let sql = format!(
                "SELECT id, count, event FROM refusal WHERE {wheres}{below} ORDER BY id DESC LIMIT {max}"
            );
            let mut statement = connection.prepare(&sql)?;
            let mut found = statement.query(params_from_iter(&values))?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                rows.push(refusal(row)?);
            }
            Ok((u64::try_from(total).unwrap_or(0), rows))
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Attempts refused on a day in `low..high` microseconds that match, folded ones counted each.
    pub(crate) fn attempts(
        &self,
        day: Day,
        query: &Query,
        (low, high): (i64, i64),
    ) -> Result<u64, StoreError> {
        let count = self.read(day, |connection| {
            let fold = subject_fold(connection)?;
            let Some((wheres, values)) = conditions(query, low, high, fold) else { return Ok(0) };
            if query.asks_more() {
                return count_one_by_one(connection, query, (&wheres, &values), |count| count);
            }
            let sql = format!("SELECT coalesce(sum(count), 0) FROM refusal WHERE {wheres}");
            Ok(connection.query_row(&sql, params_from_iter(&values), |row| row.get::<_, i64>(0))?)
        })?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Attempts of a day in `low..high` microseconds that match and were only counted, in a row of another one.
    pub(crate) fn folded(&self, day: Day, query: &Query, (low, high): (i64, i64)) -> Result<u64, StoreError> {
        let count = self.read(day, |connection| {
            let fold = subject_fold(connection)?;
            let Some((wheres, values)) = conditions(query, low, high, fold) else { return Ok(0) };
            let wheres = format!("count > 1 AND {wheres}");
            if query.asks_more() {
                let less = |count: u32| count.saturating_sub(1);
                return count_one_by_one(connection, query, (&wheres, &values), less);
            }
            let sql = format!("SELECT coalesce(sum(count - 1), 0) FROM refusal WHERE {wheres}");
            Ok(connection.query_row(&sql, params_from_iter(&values), |row| row.get::<_, i64>(0))?)
        })?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Gaps of a day: start, end, and how many were dropped.
    pub(crate) fn gaps(&self, day: Day) -> Result<Vec<(Timestamp, Timestamp, u64)>, StoreError> {
        let gaps = self.read(day, |connection| {
            let mut statement = connection.prepare("SELECT start, finish, count FROM gap ORDER BY start")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
            let mut gaps = Vec::new();
            for row in rows {
                let (start, end, count) = row?;
                if let (Ok(start), Ok(end)) =
                    (Timestamp::from_microsecond(start), Timestamp::from_microsecond(end))
                {
                    gaps.push((start, end, u64::try_from(count).unwrap_or(0)));
                }
            }
            Ok(gaps)
        })?;
        Ok(gaps.unwrap_or_default())
    }

    /// What was dropped and is not yet written down.
    pub(crate) fn open_gap(&self) -> Option<(Timestamp, u64)> {
        self.0.dropped.peek()
    }
}

/// The columns id, count and event.
fn refusal(row: &rusqlite::Row<'_>) -> Result<RefusalRow, StoreError> {
    let bytes: Vec<u8> = row.get(2)?;
    let mut event = events::decode(&bytes).map_err(|error| StoreError::Events(error.to_string()))?;
    event.detail.count = row.get(1)?;
    Ok(RefusalRow { id: row.get(0)?, event })
}

/// The conditions that have no column are asked of each refusal; a day's file is bounded by its size cap.
fn find_one_by_one(
    connection: &Connection,
    query: &Query,
    (wheres, values): (&str, &[Value]),
    before: Option<i64>,
    max: usize,
) -> Result<(u64, Vec<RefusalRow>), StoreError> {
    let sql = format!("SELECT id, count, event FROM refusal WHERE {wheres} ORDER BY id DESC");
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let (mut total, mut rows) = (0_u64, Vec::new());
    while let Some(row) = found.next()? {
        let refusal = refusal(row)?;
        if !query.wants_more_of(&refusal.event) {
            continue;
        }
        total = total.saturating_add(1);
        if rows.len() < max && before.is_none_or(|before| refusal.id < before) {
            rows.push(refusal);
        }
    }
    Ok((total, rows))
}

/// The attempts of those refusals: of each row as many as `attempts_of` makes of its count.
fn count_one_by_one(
    connection: &Connection,
    query: &Query,
    (wheres, values): (&str, &[Value]),
    attempts_of: fn(u32) -> u32,
) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare(&format!("SELECT id, count, event FROM refusal WHERE {wheres}"))?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut attempts = 0_i64;
    while let Some(row) = found.next()? {
        let refusal = refusal(row)?;
        if query.wants_more_of(&refusal.event) {
            attempts = attempts.saturating_add(i64::from(attempts_of(refusal.event.detail.count)));
        }
    }
    Ok(attempts)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -1_024)?;
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => {
            let transaction = connection.unchecked_transaction()?;
            connection.execute_batch(TABLES)?;
            connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
            Ok(())
        }
        SCHEMA_VERSION | SIMPLE_FOLD_VERSION => Ok(()),
        found => Err(StoreError::Newer { found }),
    }
}

/// How the file folds subjects.
fn subject_fold(connection: &Connection) -> Result<SubjectFold, StoreError> {
    let version: i32 = connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))?;
    Ok(if version == SIMPLE_FOLD_VERSION { SubjectFold::Simple } else { SubjectFold::Full })
}

/// Inserts a refusal at the first free microsecond of the day from its time on; returns its row id.
fn insert(connection: &Connection, slots: &mut Slots, day: Day, event: &Event) -> Result<i64, StoreError> {
    let wanted = event.at.as_microsecond().saturating_sub(day.midnight()).clamp(0, DAY_MICROS - 1);
    let id = slots.free(connection, wanted)?;
    if id != wanted {
        slots.take(id);
    }
    let facts = event.message.clone().unwrap_or_default();
    let recipient = event.recipients.first().map_or("", |recipient| recipient.address.as_str());
    let mut insert = connection.prepare_cached(
        "INSERT INTO refusal(id, network_id, message_id, sender, author, recipient, from_ip, direction, subject, count, event)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        id,
        event.network_message_id.0.as_bytes().as_slice(),
        event.message_id.as_ref().map(message_id_number),
        address_key(&facts.return_path),
        facts.from_address.as_deref().map(address_key),
        address_key(recipient),
        facts.original_client_ip.or(event.client_ip).map(ip_number),
        facts.directionality.code(),
        subject_fold(connection)?.fold(&facts.subject),
        event.detail.count.max(1),
        events::encode(event),
    ])?;
    Ok(id)
}

fn add_gap(connection: &Connection, since: Timestamp, now: Timestamp, count: u64) -> Result<(), StoreError> {
    let (since, now) = (since.as_microsecond(), now.as_microsecond());
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let recent = since.saturating_sub(SAME_GAP_MICROS);
    let grown = connection.execute(
        "UPDATE gap SET finish = ?1, count = count + ?2 WHERE start = (SELECT max(start) FROM gap WHERE finish >= ?3)",
        [now, count, recent],
    )?;
    if grown == 0 {
        connection.execute("INSERT OR REPLACE INTO gap VALUES (?1, ?2, ?3)", [since, now, count])?;
    }
    Ok(())
}

/// The WHERE of a query over refusals; `None` if no refusal can match.
fn conditions(query: &Query, low: i64, high: i64, fold: SubjectFold) -> Option<(String, Vec<Value>)> {
    let other_status = !query.statuses.is_empty() && !query.statuses.contains(&Status::Failed);
    let other_event = !query.event_ids.is_empty() && !query.event_ids.contains(&events::EventId::Refused);
    let by_latency = query.order == RowOrder::Slowest;
    if by_latency
        || other_status
        || other_event
        || query.to_ip.is_some()
        || !query.to_networks.is_empty()
        || !query.internal_message_ids.is_empty()
    {
        return None;
    }
    let mut wheres = Vec::from([format!("id >= {low} AND id < {high}")]);
    let mut values = Vec::new();
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    if !query.network_message_ids.is_empty() {
        let marks: Vec<String> =
            query.network_message_ids.iter().map(|id| bind(Value::Blob(id.0.as_bytes().to_vec()))).collect();
        wheres.push(format!("network_id IN ({})", marks.join(",")));
    }
    if !query.message_ids.is_empty() {
        let ids: Vec<String> = query.message_ids.iter().map(|id| message_id_number(id).to_string()).collect();
        wheres.push(format!("message_id IN ({})", ids.join(",")));
    }
    for (patterns, columns) in
        [(&query.recipients, &["recipient"][..]), (&query.senders, &["sender", "author"])]
    {
        let mut any = Vec::new();
        for column in columns {
            any.extend(patterns.iter().map(|pattern| match pattern {
                AddressPattern::Exact(key) => {
                    format!("{column} = {}", bind(Value::Text(address_key(key).into_owned())))
                }
                AddressPattern::Domain(domain) => {
                    format!("{column} GLOB {}", bind(Value::Text(format!("*@{}", glob(domain)))))
                }
                AddressPattern::Wild(wild) => format!("{column} GLOB {}", bind(Value::Text(glob(wild)))),
            }));
        }
        if !any.is_empty() {
            wheres.push(format!("({})", any.join(" OR ")));
        }
    }
    if let Some(subject) = query.subject.as_ref().filter(|subject| !subject.text.is_empty()) {
        let mark = bind(Value::Text(fold.fold(&subject.text)));
        wheres.push(match subject.kind {
            SubjectFilterType::Contains => format!("instr(subject, {mark}) > 0"),
            SubjectFilterType::StartsWith => format!("substr(subject, 1, length({mark})) = {mark}"),
            SubjectFilterType::EndsWith => format!("substr(subject, -length({mark})) = {mark}"),
            SubjectFilterType::Equals => format!("subject = {mark}"),
        });
    }
    if let Some(ip) = query.from_ip {
        wheres.push(format!("from_ip = {}", ip_number(ip)));
    }
    if !query.directions.is_empty() {
        let codes: Vec<String> =
            query.directions.iter().map(|direction| direction.code().to_string()).collect();
        wheres.push(format!("direction IN ({})", codes.join(",")));
    }
    Some((wheres.join(" AND "), values))
}
