//! A query made ready for one sealed day: what its conditions mean there, and which of them leads.
//!
//! May touch: a file.
//! Counts come from the dictionaries where a query has one condition.

use super::conditions::{MessageTest, RowTest};
use super::find::SealedFilter;
use super::layout::Part;
use super::packed::Column;
use super::pages::Keep;
use super::sets::{MessageSet, NumberSet};
use super::subject::{SubjectHits, SubjectTest};
use super::{SealedDay, StoreError};
use crate::search::{AddressPattern, IpNetwork, Query, RowOrder, SubjectFilter, satisfies, with_own_place};
use crate::status::{HANDED_ON_CODE, Status};
use crate::store::DayWatch;
use crate::store::day::DAY_MICROS;
use crate::store::filter::Window;
use crate::store::open_message::event_bit;

/// A list leads only where it has at most this part of the day's rows; else all are gone through in order.
const LIST_SHARE: u64 = 4;
/// A list this short always may.
const LEAD_MIN: u64 = 16;
/// With at most this many candidates a subject is compared rather than looked up by its words.
const COMPARE_MAX: u64 = 4;
/// To unpack the block of a subject costs as much as so many entries of the lists of words.
const COMPARE_ENTRIES: u64 = 4_096;
/// To read the list of a word costs as much as so many of its entries.
const LIST_ENTRIES: u64 = 2_048;

/// What is gone through. Lists are made when they are first gone through: a count often needs none.
pub(super) enum Lead {
    All,
    Messages(MessageSet),
    /// Rows, rising.
    Rows(Vec<u64>),
    /// Rows of these addresses.
    OfRecipients(NumberSet),
    /// Messages these lists have for a set.
    Listed(NumberSet, &'static [(Part, Part)]),
    OfSubject(SubjectHits),
}

/// A condition by its place in the tests.
#[derive(Debug, Clone, Copy)]
enum Place {
    Message(usize),
    Row(usize),
}

/// What leads, as far as found while conditions are read.
struct Plan {
    lead: Lead,
    rows: u64,
    /// The test that holds for all the lead gives.
    answered: Option<Place>,
    /// Conditions so far, for totals known from one alone.
    conditions: u32,
    total: Option<u64>,
}

impl Plan {
    fn offer(&mut self, rows: u64, answers: Option<Place>, lead: impl FnOnce() -> Lead) {
        if rows < self.rows {
            self.lead = lead();
            self.rows = rows;
            self.answered = answers;
        }
    }
}

/// Whether lists give the messages meant, or others beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    Exact,
    Wider,
}

impl<'a> SealedFilter<'a> {
    /// `None` if nothing of the day can match. `server` is the name of the server whose store it is.
    pub(crate) fn new(
        day: &'a SealedDay,
        query: &Query,
        window: Window,
        server: &str,
        skipped: &'a [u64],
        watch: DayWatch<'a>,
    ) -> Result<Option<SealedFilter<'a>>, StoreError> {
        // Most days are asked for as a whole.
        let newest =
            if window.high < DAY_MICROS { day.message_from(window.high.saturating_sub(1))? } else { 0 };
        let oldest =
            if window.low > 0 { day.message_from(window.low.saturating_sub(1))? } else { day.messages() };
        let span = (newest, oldest);
        let mut row_start = day.column(Part::RowStart, Keep::Yes);
        let rows = (row_start.get(span.0)?, row_start.get(span.1)?);
        if span.0 >= span.1 {
            return Ok(None);
        }
        let whole = span == (0, day.messages());
        let mut filter = SealedFilter {
            day,
            lead: Lead::All,
            message_tests: Vec::new(),
            row_tests: Vec::new(),
            row_start,
            slot: day.column(Part::Slot, Keep::Yes),
            latency: day.column(Part::Latency, Keep::Yes),
            span,
            rows,
            skipped,
            total: None,
            watch,
        };
        let share = rows.1.saturating_sub(rows.0) / LIST_SHARE;
        let mut plan =
            Plan { lead: Lead::All, rows: share.max(LEAD_MIN), answered: None, conditions: 0, total: None };
        let possible = filter.add_ids(query, &mut plan)?
            && filter.add_recipients(query, &mut plan)?
            && filter.add_senders(query, &mut plan)?
            && filter.add_client(query, &mut plan)?
            && filter.add_rest(query, server, &mut plan)?
            && filter.add_statuses(query, window, &mut plan)?
            && filter.add_subjects(query, &mut plan)?;
        if !possible {
            return Ok(None);
        }
        filter.add_still_expected(query, window, &mut plan);
        if plan.conditions == 0 {
            plan.total = Some(rows.1.saturating_sub(rows.0));
        }
        filter.total = plan.total.filter(|_| plan.conditions == 0 || (plan.conditions == 1 && whole));
        filter.lead = plan.lead;
        // Messages that are replaced are counted by the tests alone.
        if skipped.is_empty() {
            filter.forget(plan.answered);
        }
        Ok(Some(filter))
    }

    /// Leaves out the test that what leads answers already.
    fn forget(&mut self, answered: Option<Place>) {
        match answered {
            Some(Place::Message(at)) if at < self.message_tests.len() => drop(self.message_tests.remove(at)),
            Some(Place::Row(at)) if at < self.row_tests.len() => drop(self.row_tests.remove(at)),
            _ => {}
        }
    }

    /// How columns are read that every candidate asks.
    pub(super) fn column(&self, part: Part) -> Column<'a> {
        self.day.column(part, Keep::Yes)
    }

    fn add_ids(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        let mut lists = Vec::new();
        if !query.network_message_ids.is_empty() {
            let mut found = Vec::new();
            for id in &query.network_message_ids {
                found.extend(self.day.by_network_id(*id)?);
            }
            lists.push(found);
        }
        if !query.message_ids.is_empty() {
            let mut found = Vec::new();
            for id in &query.message_ids {
                found.extend(self.day.by_message_id(crate::store::message_id_number(id))?);
            }
            lists.push(found);
        }
        if !query.internal_message_ids.is_empty() {
            let ids: Vec<u64> = query.internal_message_ids.iter().map(|id| id.0).collect();
            lists.push(self.day.by_internal_id(&ids)?);
        }
        for mut list in lists {
            list.sort_unstable();
            list.dedup();
            if list.is_empty() {
                return Ok(false);
            }
            plan.conditions = plan.conditions.saturating_add(1);
            let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
            let answers = Some(Place::Message(self.message_tests.len()));
            plan.offer(count, answers, || Lead::Messages(MessageSet::List(list.clone())));
            self.message_tests.push(MessageTest::In(MessageSet::List(list)));
        }
        Ok(true)
    }

    /// All numbers a list column has for a set, sorted.
    pub(super) fn list(&self, (list, start): (Part, Part), set: &NumberSet) -> Result<Vec<u64>, StoreError> {
        let (mut starts, mut column) = (self.column(start), self.column(list));
        let mut numbers = Vec::new();
        for (low, high) in set.ranges() {
            for at in starts.get(*low)?..starts.get(*high)? {
                numbers.push(column.get(at)?);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// How many numbers [`SealedFilter::list`] gives.
    pub(super) fn listed(&self, start: Part, set: &NumberSet) -> Result<u64, StoreError> {
        let mut starts = self.column(start);
        let mut count = 0_u64;
        for (low, high) in set.ranges() {
            count = count.saturating_add(starts.get(*high)?.saturating_sub(starts.get(*low)?));
        }
        Ok(count)
    }

    fn add_recipients(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        if !query.recipients.is_empty() {
            let set = self.day.addresses(&query.recipients)?;
            let count = self.listed(Part::ByAddressStart, &set)?;
            if count == 0 {
                return Ok(false);
            }
            plan.conditions = plan.conditions.saturating_add(1);
            plan.total = Some(count);
            let answers = Some(Place::Row(self.row_tests.len()));
            plan.offer(count, answers, || Lead::OfRecipients(set.clone()));
            self.row_tests.push(RowTest::Address { column: self.column(Part::Address), set, not: false });
        }
        if !query.also_recipients.is_empty() {
            let set = self.day.addresses(&query.also_recipients)?;
            plan.conditions = plan.conditions.saturating_add(1);
            self.row_tests.push(RowTest::Address { column: self.column(Part::Address), set, not: false });
        }
        if !query.within.is_empty() {
            let domains: Vec<AddressPattern> =
                query.within.iter().cloned().map(AddressPattern::Domain).collect();
            plan.conditions = plan.conditions.saturating_add(1);
            self.row_tests.push(RowTest::Within {
                recipient: self.column(Part::Address),
                direction: self.column(Part::Direction),
                sender: self.column(Part::Sender),
                set: self.day.addresses(&domains)?,
            });
        }
        if !query.not_recipients.is_empty() {
            let set = self.day.addresses(&query.not_recipients)?;
            if !set.is_empty() {
                plan.conditions = plan.conditions.saturating_add(1);
                self.row_tests.push(RowTest::Address { column: self.column(Part::Address), set, not: true });
            }
        }
        Ok(true)
    }

    /// A set of addresses and its lists of messages as MAIL FROM and as From; `None` if there is no such message.
    fn names(
        &self,
        patterns: &[AddressPattern],
        lists: &'static [(Part, Part)],
        meant: Lists,
        plan: &mut Plan,
    ) -> Result<Option<NumberSet>, StoreError> {
        let set = self.day.addresses(patterns)?;
        let mut count = 0_u64;
        for (_, start) in lists {
            count = count.saturating_add(self.listed(*start, &set)?);
        }
        if count == 0 {
            return Ok(None);
        }
        plan.conditions = plan.conditions.saturating_add(1);
        let answers = (meant == Lists::Exact).then_some(Place::Message(self.message_tests.len()));
        plan.offer(count, answers, || Lead::Listed(set.clone(), lists));
        Ok(Some(set))
    }

    fn add_senders(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        const SENDER: (Part, Part) = (Part::BySender, Part::BySenderStart);
        const AUTHOR: (Part, Part) = (Part::ByAuthor, Part::ByAuthorStart);
        if !query.senders.is_empty() {
            let Some(set) = self.names(&query.senders, &[SENDER, AUTHOR], Lists::Exact, plan)? else {
                return Ok(false);
            };
            self.name_test(set, true, false);
        }
        if !query.return_paths.is_empty() {
            let Some(set) = self.names(&query.return_paths, &[SENDER], Lists::Exact, plan)? else {
                return Ok(false);
            };
            self.name_test(set, false, false);
        }
        if !query.from_addresses.is_empty() {
            let Some(set) = self.names(&query.from_addresses, &[SENDER, AUTHOR], Lists::Wider, plan)? else {
                return Ok(false);
            };
            let (sender, author) = (self.column(Part::Sender), self.column(Part::Author));
            self.message_tests.push(MessageTest::From { sender, author, set });
        }
        if !query.not_senders.is_empty() {
            let set = self.day.addresses(&query.not_senders)?;
            if !set.is_empty() {
                plan.conditions = plan.conditions.saturating_add(1);
                self.name_test(set, true, true);
            }
        }
        Ok(true)
    }

    fn name_test(&mut self, set: NumberSet, both: bool, not: bool) {
        let author = both.then(|| self.column(Part::Author));
        self.message_tests.push(MessageTest::Names { sender: self.column(Part::Sender), author, set, not });
    }

    fn add_client(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        let exact = query.from_ip.map(|ip| Vec::from([IpNetwork::from(ip)]));
        for networks in exact.iter().chain([&query.from_networks]).filter(|networks| !networks.is_empty()) {
            let set = self.day.networks(networks)?;
            let count = self.listed(Part::ByIpStart, &set)?;
            if count == 0 {
                return Ok(false);
            }
            plan.conditions = plan.conditions.saturating_add(1);
            let answers = Some(Place::Message(self.message_tests.len()));
            plan.offer(count, answers, || Lead::Listed(set.clone(), &[(Part::ByIp, Part::ByIpStart)]));
            self.message_tests.push(MessageTest::Ip(self.column(Part::FromIp), set));
        }
        let exact = query.to_ip.map(|ip| Vec::from([IpNetwork::from(ip)]));
        for networks in exact.iter().chain([&query.to_networks]).filter(|networks| !networks.is_empty()) {
            let set = self.day.networks(networks)?;
            if set.is_empty() {
                return Ok(false);
            }
            plan.conditions = plan.conditions.saturating_add(1);
            self.row_tests.push(RowTest::ToIp(self.column(Part::ToIp), set));
        }
        Ok(true)
    }

    fn add_rest(&mut self, query: &Query, server: &str, plan: &mut Plan) -> Result<bool, StoreError> {
        let before = self.message_tests.len().saturating_add(self.row_tests.len());
        if !query.directions.is_empty() {
            let mut wanted = vec![false; 256];
            for direction in &query.directions {
                if let Some(one) = wanted.get_mut(usize::from(direction.code())) {
                    *one = true;
                }
            }
            self.message_tests.push(MessageTest::OneOf(self.column(Part::Direction), wanted));
        }
        if !query.event_ids.is_empty() {
            let bits = query.event_ids.iter().fold(0, |bits, id| bits | event_bit(*id));
            let wanted: Vec<bool> = self.day.directory.event_ids.iter().map(|set| set & bits != 0).collect();
            if !wanted.contains(&true) {
                return Ok(false);
            }
            self.message_tests.push(MessageTest::OneOf(self.column(Part::EventIds), wanted));
        }
        if !query.facets.is_empty() {
            let mut sets = self.day.blocks(Part::Facets, Keep::Yes)?;
            let mut wanted = Vec::new();
            for set in 0..sets.items()? {
                // A day with records of other places is never sealed.
                wanted.push(satisfies(&with_own_place(sets.item(set)?), &query.facets, server));
            }
            if !wanted.contains(&true) {
                return Ok(false);
            }
            if wanted.contains(&false) {
                self.message_tests.push(MessageTest::OneOf(self.column(Part::FacetSet), wanted));
            }
        }
        if query.size_min.is_some() || query.size_max.is_some() {
            let (low, high) = (query.size_min.unwrap_or(0), query.size_max.unwrap_or(u64::MAX));
            self.message_tests.push(MessageTest::Size(self.column(Part::Size), low, high));
        }
        if query.order == RowOrder::Slowest {
            self.row_tests.push(RowTest::Ended(self.column(Part::Latency)));
        }
        let more = self.message_tests.len().saturating_add(self.row_tests.len()).saturating_sub(before);
        plan.conditions = plan.conditions.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        Ok(true)
    }

    fn add_still_expected(&mut self, query: &Query, window: Window, plan: &mut Plan) {
        if query.still_expected && self.day.counters().iter().any(|(_, code, _)| *code == HANDED_ON_CODE) {
            plan.conditions = plan.conditions.saturating_add(1);
            plan.total = None;
            let (column, last, slot) =
                (self.column(Part::Status), self.column(Part::Last), self.column(Part::Slot));
            self.row_tests.push(RowTest::Expected { column, last, slot, since: window.overdue });
        }
    }

    fn add_statuses(&mut self, query: &Query, window: Window, plan: &mut Plan) -> Result<bool, StoreError> {
        if query.statuses.is_empty() {
            return Ok(true);
        }
        let bit = |status: Status| 1_u16.checked_shl(u32::from(status.code())).unwrap_or(0);
        let bits = query.statuses.iter().fold(0, |bits, status| bits | bit(*status));
        let counted = |wanted: u16| {
            let counters = self.day.counters().iter();
            let counters = counters
                .filter(|(_, code, _)| Status::from_code(*code).is_some_and(|code| wanted & bit(code) != 0));
            counters.map(|(_, _, rows)| *rows).fold(0_u64, u64::saturating_add)
        };
        let early = counted(bit(Status::GettingStatus));
        // Received before that: the message after it on the way to older ones.
        let overdue = match early {
            0 => 0,
            _ => self.day.message_from(window.overdue.saturating_sub(1))?,
        };
        let (pending, getting) = (bits & bit(Status::Pending) != 0, bits & bit(Status::GettingStatus) != 0);
        let known = pending == getting || early == 0 || overdue == 0 || overdue == self.day.messages();
        let mut effective = bits;
        if early > 0 && pending != getting && overdue == 0 {
            effective =
                if pending { bits | bit(Status::GettingStatus) } else { bits & !bit(Status::GettingStatus) };
        }
        let possible = counted(effective) > 0 || !known;
        if !possible {
            return Ok(false);
        }
        plan.conditions = plan.conditions.saturating_add(1);
        plan.total = known.then(|| counted(effective));
        self.row_tests.push(RowTest::Status { column: self.column(Part::Status), bits, overdue });
        Ok(true)
    }

    fn add_subjects(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        if let Some(test) = query.not_subject.as_ref().and_then(|filter| self.day.subject_test(filter)) {
            plan.conditions = plan.conditions.saturating_add(1);
            self.compare(test, true)?;
        }
        let Some(test) =
            query.subject.as_ref().and_then(|filter: &SubjectFilter| self.day.subject_test(filter))
        else {
            return Ok(true);
        };
        plan.conditions = plan.conditions.saturating_add(1);
        if !matches!(plan.lead, Lead::All) && plan.rows <= COMPARE_MAX {
            self.compare(test, false)?;
            return Ok(true);
        }
        let Some(hits) = self.day.subject_hits(&test)? else {
            self.compare(test, false)?;
            return Ok(true);
        };
        if hits.messages == 0 {
            return Ok(false);
        }
        plan.total = hits.rows;
        if matches!(plan.lead, Lead::All) || hits.messages < plan.rows {
            plan.rows = hits.messages;
            plan.answered = None;
            let compare = hits.compare;
            plan.lead = Lead::OfSubject(hits);
            if compare {
                self.compare(test, false)?;
            }
            return Ok(true);
        }
        let compared = plan.rows.saturating_mul(COMPARE_ENTRIES) <= hits.cost(LIST_ENTRIES);
        if !compared {
            self.message_tests.push(MessageTest::In(self.day.subject_messages(&hits)?));
        }
        if compared || hits.compare {
            self.compare(test, false)?;
        }
        Ok(true)
    }

    fn compare(&mut self, test: SubjectTest, not: bool) -> Result<(), StoreError> {
        let blocks = self.day.blocks(Part::Subjects, Keep::Yes)?;
        self.message_tests.push(MessageTest::Subject { blocks, test, not });
        Ok(())
    }
}
