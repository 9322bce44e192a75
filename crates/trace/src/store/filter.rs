//! A query against one day file: which index leads, what is checked beside it, the count and the page.
//!
//! May touch: a SQLite connection.
//! Every condition can be checked by SQL alone, so that counts are exact and pages are cut by the database.

mod order;
mod placeless;
mod subject;

use std::net::IpAddr;

use events::Directionality;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

pub(crate) use placeless::{lacks_networks, lacks_places};

use super::StoreError;
use super::day::{DAY_MICROS, HOUR_MICROS};
use super::names::Addresses;
use super::open_message::{event_bit, ip_number, message_id_number};
use super::schema::{ORDINAL_BITS, subject_fold};
use crate::search::{AddressPattern, IpNetwork, Query, RowOrder, SubjectFold, satisfies};
use crate::status::{HANDED_ON_CODE, Status};

/// Leading conditions are compared by counting their rows up to this many.
const ESTIMATE_MAX: i64 = 2_000;
/// With so few rows no other condition is tried.
const ESTIMATE_ENOUGH: i64 = 32;
/// With so few rows their subjects are compared rather than looked up by their trigrams.
const COMPARE_ENOUGH: i64 = 512;

/// The rows of one day a query is about, in microseconds since its midnight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// That midnight, in microseconds since 1970.
    pub(crate) midnight: i64,
    /// From this on.
    pub(crate) low: i64,
    /// Before this.
    pub(crate) high: i64,
    /// Rows received before this that have only GettingStatus count as Pending: their time is over.
    pub(crate) overdue: i64,
}

/// Where the page begins.
#[derive(Debug, Clone)]
pub(crate) enum After {
    /// At the newest row.
    Nothing,
    /// Behind this row id.
    Id(i64),
    /// Behind this recipient of the message with this id; ordered by recipient.
    Recipient(i64, String),
    /// Rows as slow with a lower id, and all that were quicker; ordered by latency.
    Slower {
        /// Milliseconds.
        latency: i64,
        /// Row id.
        id: i64,
    },
}

/// A query made ready for one day.
#[derive(Debug, Clone)]
pub(crate) struct DayFilter {
    /// Conditions on the message, on the recipient row, and on time.
    message: Vec<String>,
    recipient: Vec<String>,
    /// Conditions of which one must hold, on the recipient row and on the message.
    either: Option<(String, String)>,
    values: Vec<Value>,
    fold: SubjectFold,
    lead: Lead,
    /// Which of the conditions in `message` asks the index of trigrams. It only finds the rows quicker: the condition on the
    /// text itself stands beside it and decides, so this one may be left out.
    by_trigrams: Option<usize>,
    /// Whether the lead has few rows: they are found by its index and sorted, not met on the way through all messages.
    is_rare: bool,
    window: Window,
    /// Where only time and status are asked for, the counters know most of the answer.
    statuses_only: Option<Vec<Status>>,
}

/// Which table is gone through, and by which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Message,
    /// Messages by the trigrams of their subject.
    Trigrams,
    Recipient(&'static str),
}

/// A row found: message row id and recipient row id in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowId {
    pub(crate) id: i64,
    /// Case-folded address, where the order is by recipient.
    pub(crate) key: Option<String>,
    /// Milliseconds to its end; -1 if it has none of its own.
    pub(crate) latency: i64,
}

impl DayFilter {
    /// `None` if nothing of the day can match, for example because an address never occurred in it. `server` is the
    /// name of the server whose store it is.
    pub(crate) fn new(
        connection: &Connection,
        query: &Query,
        window: Window,
        server: &str,
    ) -> Result<Option<DayFilter>, StoreError> {
        let mut filter = DayFilter {
            message: Vec::new(),
            recipient: Vec::new(),
            either: None,
            values: Vec::new(),
            fold: subject_fold(connection)?,
            lead: Lead::Recipient(""),
            by_trigrams: None,
            is_rare: false,
            window,
            statuses_only: None,
        };
        let mut leads: Vec<(Lead, String)> = Vec::new();
        filter.add_ids(query, &mut leads);
        if !filter.add_recipients(connection, query, &mut leads)?
            || !filter.add_senders(connection, query, &mut leads)?
            || !filter.add_facets(connection, query, server)?
        {
            return Ok(None);
        }
        filter.add_subject(query, &mut leads);
        filter.add_client(query, &mut leads);
        filter.add_rest(query);
        filter.add_within(connection, query)?;
        let nothing_else =
            filter.message.is_empty() && filter.recipient.is_empty() && filter.either.is_none();
        filter.add_statuses(query, &mut leads);
        filter.add_still_expected(query);
        let overdue_matters =
            query.statuses.contains(&Status::Pending) != query.statuses.contains(&Status::GettingStatus);
        if nothing_else && !overdue_matters && !query.still_expected {
            filter.statuses_only = Some(query.statuses.clone());
        }
        (filter.lead, filter.is_rare) = filter.best(connection, leads)?;
        if filter.is_rare && filter.lead != Lead::Trigrams {
            // Else the whole list of messages with these trigrams is made for a few.
            let redundant = filter.by_trigrams.take().filter(|at| *at < filter.message.len());
            redundant.map(|at| filter.message.remove(at));
        }
        Ok(Some(filter))
    }

    fn add_ids(&mut self, query: &Query, leads: &mut Vec<(Lead, String)>) {
        if !query.network_message_ids.is_empty() {
            let ids = query.network_message_ids.iter().map(|id| Value::Blob(id.0.as_bytes().to_vec()));
            let marks = self.bind(ids);
            self.lead_message(leads, format!("m.network_id IN ({marks})"));
        }
        if !query.message_ids.is_empty() {
            let ids: Vec<i64> = query.message_ids.iter().map(message_id_number).collect();
            let mut condition = format!("m.message_id IN ({})", list(&ids));
            if !query.kept_under.is_empty() {
                let kept = query.kept_under.iter().map(|id| Value::Blob(id.0.as_bytes().to_vec()));
                condition = format!("({condition} OR m.network_id IN ({}))", self.bind(kept));
            }
            self.lead_message(leads, condition);
        }
        if !query.internal_message_ids.is_empty() {
            let ids: Vec<i64> = query.internal_message_ids.iter().map(|id| id.0.cast_signed()).collect();
            self.lead_message(leads, format!("m.internal_id IN ({})", list(&ids)));
        }
    }

    fn lead_message(&mut self, leads: &mut Vec<(Lead, String)>, condition: String) {
        leads.push((Lead::Message, format!("SELECT 1 FROM message m WHERE {condition}")));
        self.message.push(condition);
    }

    fn add_recipients(
        &mut self,
        connection: &Connection,
        query: &Query,
        leads: &mut Vec<(Lead, String)>,
    ) -> Result<bool, StoreError> {
        if let Some(ids) = Addresses::resolve(connection, &query.not_recipients)? {
            let condition = ids.condition(self, &[("r.address", "r.domain")]);
            self.recipient.push(format!("NOT {condition}"));
        }
        if !query.also_recipients.is_empty() {
            let Some(ids) = Addresses::resolve(connection, &query.also_recipients)? else {
                return Ok(false);
            };
            let condition = ids.condition(self, &[("r.address", "r.domain")]);
            self.recipient.push(condition);
        }
        if query.recipients.is_empty() {
            return Ok(true);
        }
        let Some(ids) = Addresses::resolve(connection, &query.recipients)? else { return Ok(false) };
        let condition = ids.condition(self, &[("r.address", "r.domain")]);
        let index = match (ids.exact.is_empty(), ids.domains.is_empty(), ids.wild.is_empty()) {
            (false, true, true) => Some("recipient_address"),
            (true, false, true) => Some("recipient_domain"),
            _ => None,
        };
        if let Some(index) = index {
            leads.push((Lead::Recipient(index), format!("SELECT 1 FROM recipient r WHERE {condition}")));
        }
        self.recipient.push(condition);
        Ok(true)
    }

    /// Rows to these domains, and those of messages sent from them inside.
    fn add_within(&mut self, connection: &Connection, query: &Query) -> Result<(), StoreError> {
        if query.within.is_empty() {
            return Ok(());
        }
        let domains: Vec<AddressPattern> = query.within.iter().cloned().map(AddressPattern::Domain).collect();
        self.either = Some(match Addresses::resolve(connection, &domains)? {
            Some(ids) => {
                let sender = ids.condition(self, &[("m.sender", "m.sender_domain")]);
                let inside = Directionality::Originating.code();
                (
                    ids.condition(self, &[("r.address", "r.domain")]),
                    format!("(m.direction = {inside} AND {sender})"),
                )
            }
            None => ("0".to_owned(), "0".to_owned()),
        });
        Ok(())
    }

    fn add_senders(
        &mut self,
        connection: &Connection,
        query: &Query,
        leads: &mut Vec<(Lead, String)>,
    ) -> Result<bool, StoreError> {
        if let Some(ids) = Addresses::resolve(connection, &query.not_senders)? {
            let columns = [("m.sender", "m.sender_domain"), ("m.author", "m.author_domain")];
            let condition = ids.condition(self, &columns);
            self.message.push(format!("coalesce(NOT {condition}, 1)"));
        }
        if !query.return_paths.is_empty() {
            let Some(ids) = Addresses::resolve(connection, &query.return_paths)? else { return Ok(false) };
            let condition = ids.condition(self, &[("m.sender", "m.sender_domain")]);
            self.lead_message(leads, condition);
        }
        if !query.from_addresses.is_empty() {
            let Some(ids) = Addresses::resolve(connection, &query.from_addresses)? else { return Ok(false) };
            let author = ids.condition(self, &[("m.author", "m.author_domain")]);
            let sender = ids.condition(self, &[("m.sender", "m.sender_domain")]);
            self.lead_message(
                leads,
                format!(
                    "m.id IN (SELECT id FROM message m WHERE {author}
                       UNION SELECT id FROM message m WHERE m.author IS NULL AND {sender})"
                ),
            );
        }
        if query.senders.is_empty() {
            return Ok(true);
        }
        let Some(ids) = Addresses::resolve(connection, &query.senders)? else { return Ok(false) };
        if ids.wild.is_empty() {
            // Each half goes by its own index; the union is small against the day.
            let halves = [("m.sender", "m.sender_domain"), ("m.author", "m.author_domain")]
                .map(|columns| format!("SELECT id FROM message m WHERE {}", ids.condition(self, &[columns])));
            self.lead_message(leads, format!("m.id IN ({} UNION {})", halves[0], halves[1]));
        } else {
            let columns = [("m.sender", "m.sender_domain"), ("m.author", "m.author_domain")];
            let condition = ids.condition(self, &columns);
            self.message.push(condition);
        }
        Ok(true)
    }

    /// Which sets of facets are meant: there are few, whatever the number of messages.
    fn add_facets(
        &mut self,
        connection: &Connection,
        query: &Query,
        server: &str,
    ) -> Result<bool, StoreError> {
        if query.facets.is_empty() {
            return Ok(true);
        }
        let mut sets = connection.prepare_cached("SELECT id, facets FROM facet_set")?;
        let mut sets = sets.query([])?;
        let (mut wanted, mut is_all): (Vec<i64>, bool) = (Vec::new(), true);
        while let Some(row) = sets.next()? {
            let facets = row.get_ref(1)?.as_blob().unwrap_or_default();
            if satisfies(facets, &query.facets, server) {
                wanted.push(row.get(0)?);
            } else {
                is_all = false;
            }
        }
        // Of a day on which all have it, as of its place where no other is known, nothing need be looked at: the
        // counters of its hours answer.
        if !is_all {
            self.message.push(format!("m.facets IN ({})", list(&wanted)));
        }
        Ok(!wanted.is_empty())
    }

    fn add_client(&mut self, query: &Query, leads: &mut Vec<(Lead, String)>) {
        if let Some(ip) = query.from_ip {
            self.lead_message(leads, format!("m.from_ip = {}", ip_number(ip)));
        }
        if !query.from_networks.is_empty() {
            let any: Vec<String> =
                query.from_networks.iter().map(|network| self.network("m.from_ip", *network)).collect();
            self.lead_message(leads, format!("({})", any.join(" OR ")));
        }
    }

    fn network(&mut self, column: &str, network: IpNetwork) -> String {
        match (network.first(), network.last()) {
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                let marks = [first, last].map(|ip| self.bind([Value::Blob(ip.octets().to_vec())]));
                let [first, last] = marks;
                format!("{column} IN (SELECT id FROM ip6 WHERE bytes BETWEEN {first} AND {last})")
            }
            (first, last) => format!("{column} BETWEEN {} AND {}", ip_number(first), ip_number(last)),
        }
    }

    fn add_rest(&mut self, query: &Query) {
        if let Some(subject) = query.not_subject.as_ref().filter(|subject| !subject.text.is_empty()) {
            let condition = self.subject_condition(subject);
            self.message.push(format!("NOT ({condition})"));
        }
        for (size, sign) in [(query.size_min, ">="), (query.size_max, "<=")] {
            if let Some(size) = size {
                self.message.push(format!("m.size {sign} {}", i64::try_from(size).unwrap_or(i64::MAX)));
            }
        }
        if query.order == RowOrder::Slowest {
            self.recipient.push("r.latency IS NOT NULL".to_owned());
        }
        if let Some(ip) = query.to_ip {
            self.recipient.push(format!("r.to_ip = {}", ip_number(ip)));
        }
        if !query.to_networks.is_empty() {
            let any: Vec<String> =
                query.to_networks.iter().map(|network| self.network("r.to_ip", *network)).collect();
            self.recipient.push(format!("({})", any.join(" OR ")));
        }
        if !query.directions.is_empty() {
            let codes: Vec<i64> = query
                .directions
                .iter()
                .map(|direction: &Directionality| i64::from(direction.code()))
                .collect();
            self.message.push(format!("m.direction IN ({})", list(&codes)));
        }
        if !query.event_ids.is_empty() {
            let bits = query.event_ids.iter().fold(0, |bits, id| bits | event_bit(*id));
            self.message.push(format!("(m.event_ids & {bits}) <> 0"));
        }
    }

    fn add_statuses(&mut self, query: &Query, leads: &mut Vec<(Lead, String)>) {
        if query.statuses.is_empty() {
            return;
        }
        let codes = codes(&query.statuses);
        let overdue = self.window.overdue.clamp(0, DAY_MICROS) << ORDINAL_BITS;
        let getting = Status::GettingStatus.code();
        let (pending, early) =
            (query.statuses.contains(&Status::Pending), query.statuses.contains(&Status::GettingStatus));
        let listed = format!("r.status IN ({})", list(&codes));
        let condition = match (pending, early) {
            (true, false) => {
                format!(
                    "r.status IN ({},{getting}) AND NOT (r.status = {getting} AND r.id >= {overdue})",
                    list(&codes)
                )
            }
            (false, true) => format!("({listed} AND NOT (r.status = {getting} AND r.id < {overdue}))"),
            _ => listed,
        };
        self.recipient.push(condition.clone());
        if !query.statuses.contains(&Status::Delivered) {
            // The index holds rare statuses only; SQLite must be told that these are.
            let rare = "r.status <> 2".to_owned();
            leads.push((
                Lead::Recipient("recipient_status"),
                format!("SELECT 1 FROM recipient r WHERE {condition} AND {rare}"),
            ));
            self.recipient.push(rare);
        }
    }

    fn add_still_expected(&mut self, query: &Query) {
        if query.still_expected {
            let silent = self.window.midnight.saturating_add(self.window.overdue);
            let last = format!("(SELECT last_at FROM message WHERE id = r.id >> {ORDINAL_BITS})");
            self.recipient.push(format!("NOT (r.status = {HANDED_ON_CODE} AND {last} < {silent})"));
        }
    }

    /// The condition with the fewest rows leads; and whether they are few.
    fn best(&self, connection: &Connection, leads: Vec<(Lead, String)>) -> Result<(Lead, bool), StoreError> {
        let mut best = (ESTIMATE_MAX, Lead::Recipient(""));
        let only = leads.len() == 1;
        for (lead, select) in leads {
            if only && matches!(lead, Lead::Recipient(_)) {
                return Ok((lead, false));
            }
            if best.0 <= ESTIMATE_ENOUGH {
                break;
            }
            if lead == Lead::Trigrams && best.0 <= COMPARE_ENOUGH {
                continue;
            }
            // Whether it has fewer than the best one is all there is to know.
            let sql = format!("SELECT count(*) FROM ({select} LIMIT {})", best.0);
            let rows: i64 = self.query_number(connection, &sql)?;
            if rows < best.0 || best.1 == Lead::Recipient("") {
                best = (rows, lead);
            }
        }
        Ok((best.1, best.0 < ESTIMATE_MAX))
    }

    /// `?n` for values; the same ones serve the estimate, the count and the page.
    pub(super) fn bind(&mut self, values: impl IntoIterator<Item = Value>) -> String {
        let mut marks = Vec::new();
        for value in values {
            self.values.push(value);
            marks.push(format!("?{}", self.values.len()));
        }
        marks.join(", ")
    }

    /// Runs a statement that gives one number. Values it does not use are not bound.
    fn query_number(&self, connection: &Connection, sql: &str) -> Result<i64, StoreError> {
        let mut statement = connection.prepare(sql)?;
        let values = self.values.iter().take(statement.parameter_count());
        Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
    }

    fn sources_and_conditions(&self, after: &After, with_address: bool) -> String {
        let (low, high) = (self.window.low, self.window.high);
        let mut wheres: Vec<String> = self.recipient.iter().chain(&self.message).cloned().collect();
        wheres.extend(self.either.iter().map(|(row, message)| format!("({row} OR {message})")));
        let from = match self.lead {
            Lead::Message | Lead::Trigrams => {
                wheres.push(format!("m.id >= {low} AND m.id < {high}"));
                format!(
                    "message m CROSS JOIN recipient r ON r.id BETWEEN (m.id << {ORDINAL_BITS}) AND ((m.id << {ORDINAL_BITS}) | {})",
                    super::schema::ORDINAL_MAX
                )
            }
            Lead::Recipient(index) => {
                wheres.push(format!("r.id >= {} AND r.id < {}", low << ORDINAL_BITS, high << ORDINAL_BITS));
                let index = if index.is_empty() { String::new() } else { format!(" INDEXED BY {index}") };
                let join = if self.message.is_empty() && self.either.is_none() {
                    String::new()
                } else {
                    format!(" CROSS JOIN message m ON m.id = (r.id >> {ORDINAL_BITS})")
                };
                format!("recipient r{index}{join}")
            }
        };
        let address = if with_address { " CROSS JOIN address a ON a.id = r.address" } else { "" };
        match after {
            After::Nothing => {}
            After::Id(id) => wheres.push(format!("r.id < {id}")),
            After::Recipient(slot, _) => wheres.push(format!(
                "r.id < {} AND (r.id < {} OR a.key > ?{})",
                slot.saturating_add(1) << ORDINAL_BITS,
                slot << ORDINAL_BITS,
                self.values.len().saturating_add(1)
            )),
            After::Slower { latency, id } => {
                wheres.push(format!("(r.latency < {latency} OR (r.latency = {latency} AND r.id < {id}))"));
            }
        }
        format!("FROM {from}{address} WHERE {}", wheres.join(" AND "))
    }

    /// All rows of the day that match.
    pub(crate) fn count(&self, connection: &Connection) -> Result<u64, StoreError> {
        if let Some(statuses) = &self.statuses_only {
            return self.count_by_counters(connection, statuses);
        }
        let sql = format!("SELECT count(*) {}", self.sources_and_conditions(&After::Nothing, false));
        Ok(u64::try_from(self.query_number(connection, &sql)?).unwrap_or(0))
    }

    /// Rows behind a recipient of the message at `slot`, and of all older messages.
    pub(crate) fn count_after(&self, connection: &Connection, after: &After) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) {}", self.sources_and_conditions(after, true));
        let mut statement = connection.prepare(&sql)?;
        let values = self.values_with(after);
        let rows: i64 = statement.query_row(params_from_iter(values), |row| row.get(0))?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// Whole hours from the counters, the rest by counting.
    fn count_by_counters(&self, connection: &Connection, statuses: &[Status]) -> Result<u64, StoreError> {
        let (low, high) = (self.window.low, self.window.high.min(DAY_MICROS));
        let first = low.div_euclid(HOUR_MICROS).saturating_add(i64::from(low.rem_euclid(HOUR_MICROS) != 0));
        let last = high.div_euclid(HOUR_MICROS);
        let codes = codes(statuses);
        let status = |name: &str| {
            if codes.is_empty() { String::new() } else { format!(" AND {name} IN ({})", list(&codes)) }
        };
        let count = |from: i64, to: i64| {
            let sql = format!(
                "SELECT count(*) FROM recipient WHERE id >= {} AND id < {}{}",
                from << ORDINAL_BITS,
                to << ORDINAL_BITS,
                status("status")
            );
            connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
        };
        let total = if first >= last {
            count(low, high)?
        } else {
            let sql = format!(
                "SELECT coalesce(sum(rows), 0) FROM counter WHERE hour >= {first} AND hour < {last}{}",
                status("status")
            );
            let hours: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            let edges = count(low, first.saturating_mul(HOUR_MICROS))?
                .saturating_add(count(last.saturating_mul(HOUR_MICROS), high)?);
            hours.saturating_add(edges)
        };
        Ok(u64::try_from(total).unwrap_or(0))
    }

    /// The messages of the window that match and have an event at or after `since`, oldest first.
    pub(crate) fn messages(&self, connection: &Connection, since: i64) -> Result<Vec<i64>, StoreError> {
        let last: Option<i64> = connection
            .query_row("SELECT value FROM fact WHERE name = 'last_event_at'", [], |row| row.get(0))
            .optional()?;
        if last.is_none_or(|last| last < since) {
            return Ok(Vec::new());
        }
        let mut wheres: Vec<String> = self.message.clone();
        wheres.push(format!("m.id >= {} AND m.id < {}", self.window.low, self.window.high));
        wheres.push(format!("m.last_at >= {since}"));
        let with_row =
            |rows: &str| format!("m.id IN (SELECT r.id >> {ORDINAL_BITS} FROM recipient r WHERE {rows})");
        if !self.recipient.is_empty() {
            wheres.push(with_row(&self.recipient.join(" AND ")));
        }
        if let Some((row, message)) = &self.either {
            wheres.push(format!("({message} OR {})", with_row(row)));
        }
        let sql = format!("SELECT m.id FROM message m WHERE {} ORDER BY m.id", wheres.join(" AND "));
        let mut statement = connection.prepare(&sql)?;
        let values = self.values.iter().take(statement.parameter_count());
        let slots = statement.query_map(params_from_iter(values), |row| row.get(0))?;
        Ok(slots.collect::<Result<_, _>>()?)
    }

    fn values_with(&self, after: &After) -> Vec<Value> {
        let mut values = self.values.clone();
        if let After::Recipient(_, key) = after {
            values.push(Value::Text(key.clone()));
        }
        values
    }
}

/// SQLite's GLOB with only `*` special; a literal start makes it a range of the dictionary's index.
pub(crate) fn glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len());
    for ch in pattern.chars() {
        match ch {
            '?' | '[' => {
                glob.push('[');
                glob.push(ch);
                glob.push(']');
            }
            other => glob.push(other),
        }
    }
    glob
}

/// What stands for these statuses in the store.
fn codes(statuses: &[Status]) -> Vec<i64> {
    let handed_on = statuses.contains(&Status::Pending).then_some(HANDED_ON_CODE);
    statuses.iter().map(|status| status.code()).chain(handed_on).map(i64::from).collect()
}

/// Numbers of ours as a list in SQL: nothing a caller wrote.
pub(super) fn list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
