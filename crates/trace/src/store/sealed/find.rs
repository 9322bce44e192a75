//! A query against a sealed day: the condition with the fewest rows leads, the others are checked beside it.
//!
//! May touch: a file.
//! Counts come from the dictionaries where a query has one condition; else what leads is gone through.

use std::collections::BinaryHeap;

use super::blocks::Blocks;
use super::layout::Part;
use super::packed::Column;
use super::pages::Keep;
use super::sets::{MessageSet, NumberSet};
use super::subject::{SubjectHits, SubjectTest};
use super::{SealedDay, StoreError};
use crate::search::{AddressPattern, IpNetwork, Query, RowOrder, SubjectFilter, satisfies};
use crate::status::Status;
use crate::store::Watch;
use crate::store::day::DAY_MICROS;
use crate::store::filter::{After, RowId, Window};
use crate::store::open_message::event_bit;
use crate::store::schema::{ORDINAL_BITS, ORDINAL_MAX};

/// Candidates between two looks at whether the search was given up.
const WATCH_EVERY: u64 = 4_096;
/// A list leads only where it has at most this part of the day's rows; else all are gone through in order.
const LIST_SHARE: u64 = 4;
/// With at most this many candidates a subject is compared rather than looked up by its words.
const COMPARE_MAX: u64 = 16;

/// What is gone through. Lists are made when they are first gone through: a count often needs none.
enum Lead {
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

/// A condition on a message.
enum MessageTest<'a> {
    /// MAIL FROM or, where the second column is there, From.
    Names {
        sender: Column<'a>,
        author: Option<Column<'a>>,
        set: NumberSet,
        not: bool,
    },
    /// From alone: the author if it is another than the sender.
    From {
        sender: Column<'a>,
        author: Column<'a>,
        set: NumberSet,
    },
    /// A small number of which some are wanted.
    OneOf(Column<'a>, Vec<bool>),
    /// A number plus one in a set.
    Ip(Column<'a>, NumberSet),
    Size(Column<'a>, u64, u64),
    In(MessageSet),
    Subject {
        blocks: Blocks<'a>,
        test: SubjectTest,
        not: bool,
    },
    /// Has an event at or after this, in microseconds since midnight.
    Since {
        last: Column<'a>,
        slot: Column<'a>,
        since: i64,
    },
}

/// A condition on a row.
enum RowTest<'a> {
    Address {
        column: Column<'a>,
        set: NumberSet,
        not: bool,
    },
    /// Statuses as bits; messages from the number on that have only GettingStatus count as Pending.
    Status {
        column: Column<'a>,
        bits: u16,
        overdue: u64,
    },
    ToIp(Column<'a>, NumberSet),
    Ended(Column<'a>),
}

/// A query made ready for one sealed day.
pub(crate) struct SealedFilter<'a> {
    day: &'a SealedDay,
    lead: Lead,
    message_tests: Vec<MessageTest<'a>>,
    row_tests: Vec<RowTest<'a>>,
    row_start: Column<'a>,
    slot: Column<'a>,
    latency: Column<'a>,
    /// Messages of the window, and their rows.
    span: (u64, u64),
    rows: (u64, u64),
    /// Messages that newer records of them replace, rising.
    skipped: &'a [u64],
    /// Rows of the window, where the dictionaries know.
    total: Option<u64>,
    watch: &'a Watch,
}

/// What leads, as far as found while conditions are read.
struct Plan {
    lead: Lead,
    rows: u64,
    /// Conditions so far, for totals known from one alone.
    conditions: u32,
    total: Option<u64>,
}

impl Plan {
    fn offer(&mut self, rows: u64, lead: impl FnOnce() -> Lead) {
        if rows < self.rows {
            self.lead = lead();
            self.rows = rows;
        }
    }
}

impl<'a> SealedFilter<'a> {
    /// `None` if nothing of the day can match. `server` is the name of the server whose store it is.
    pub(crate) fn new(
        day: &'a SealedDay,
        query: &Query,
        window: Window,
        server: &str,
        skipped: &'a [u64],
        watch: &'a Watch,
    ) -> Result<Option<SealedFilter<'a>>, StoreError> {
        let span = (
            day.message_from(window.high.saturating_sub(1))?,
            day.message_from(window.low.saturating_sub(1))?,
        );
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
            latency: day.column(Part::Latency, Keep::No),
            span,
            rows,
            skipped,
            total: None,
            watch,
        };
        let share = rows.1.saturating_sub(rows.0) / LIST_SHARE;
        let mut plan = Plan { lead: Lead::All, rows: share.max(COMPARE_MAX), conditions: 0, total: None };
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
        if plan.conditions == 0 {
            plan.total = Some(rows.1.saturating_sub(rows.0));
        }
        filter.total = plan.total.filter(|_| plan.conditions == 0 || (plan.conditions == 1 && whole));
        filter.lead = plan.lead;
        Ok(Some(filter))
    }

    /// How columns are read that every candidate asks.
    fn column(&self, part: Part) -> Column<'a> {
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
            plan.offer(count, || Lead::Messages(MessageSet::List(list.clone())));
            self.message_tests.push(MessageTest::In(MessageSet::List(list)));
        }
        Ok(true)
    }

    /// All numbers a list column has for a set, sorted.
    fn list(&self, (list, start): (Part, Part), set: &NumberSet) -> Result<Vec<u64>, StoreError> {
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
    fn listed(&self, start: Part, set: &NumberSet) -> Result<u64, StoreError> {
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
            plan.offer(count, || Lead::OfRecipients(set.clone()));
            self.row_tests.push(RowTest::Address { column: self.column(Part::Address), set, not: false });
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
        plan.offer(count, || Lead::Listed(set.clone(), lists));
        Ok(Some(set))
    }

    fn add_senders(&mut self, query: &Query, plan: &mut Plan) -> Result<bool, StoreError> {
        const SENDER: (Part, Part) = (Part::BySender, Part::BySenderStart);
        const AUTHOR: (Part, Part) = (Part::ByAuthor, Part::ByAuthorStart);
        if !query.senders.is_empty() {
            let Some(set) = self.names(&query.senders, &[SENDER, AUTHOR], plan)? else { return Ok(false) };
            self.name_test(set, true, false);
        }
        if !query.return_paths.is_empty() {
            let Some(set) = self.names(&query.return_paths, &[SENDER], plan)? else { return Ok(false) };
            self.name_test(set, false, false);
        }
        if !query.from_addresses.is_empty() {
            let Some(set) = self.names(&query.from_addresses, &[SENDER, AUTHOR], plan)? else {
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
            plan.offer(count, || Lead::Listed(set.clone(), &[(Part::ByIp, Part::ByIpStart)]));
            self.message_tests.push(MessageTest::Ip(self.column(Part::FromIp), set));
        }
        if let Some(ip) = query.to_ip {
            let set = self.day.networks(&[IpNetwork::from(ip)])?;
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
                wanted.push(satisfies(sets.item(set)?, &query.facets, server));
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
            self.row_tests.push(RowTest::Ended(self.day.column(Part::Latency, Keep::No)));
        }
        let more = self.message_tests.len().saturating_add(self.row_tests.len()).saturating_sub(before);
        plan.conditions = plan.conditions.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        Ok(true)
    }

    fn add_statuses(&mut self, query: &Query, window: Window, plan: &mut Plan) -> Result<bool, StoreError> {
        if query.statuses.is_empty() {
            return Ok(true);
        }
        let bit = |status: Status| 1_u16.checked_shl(u32::from(status.code())).unwrap_or(0);
        let bits = query.statuses.iter().fold(0, |bits, status| bits | bit(*status));
        // Received before that: the message after it on the way to older ones.
        let overdue = self.day.message_from(window.overdue.saturating_sub(1))?;
        let counted = |wanted: u16| {
            let counters = self.day.counters().iter();
            let counters = counters
                .filter(|(_, status, _)| wanted & 1_u16.checked_shl(u32::from(*status)).unwrap_or(0) != 0);
            counters.map(|(_, _, rows)| *rows).fold(0_u64, u64::saturating_add)
        };
        let early = counted(bit(Status::GettingStatus));
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
        if let Some(test) = query.not_subject.as_ref().and_then(SubjectTest::new) {
            plan.conditions = plan.conditions.saturating_add(1);
            self.compare(test, true)?;
        }
        let Some(test) = query.subject.as_ref().and_then(|filter: &SubjectFilter| SubjectTest::new(filter))
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
        let compare = hits.compare;
        self.lead_by_subject(&hits, plan)?;
        if compare {
            self.compare(test, false)?;
        }
        Ok(true)
    }

    /// The list of a subject's messages leads, or checks what another condition leads.
    fn lead_by_subject(&mut self, hits: &SubjectHits, plan: &mut Plan) -> Result<(), StoreError> {
        let leads = matches!(plan.lead, Lead::All) || hits.messages < plan.rows;
        if leads {
            plan.rows = hits.messages;
            plan.lead = Lead::OfSubject(hits.clone());
        } else {
            self.message_tests.push(MessageTest::In(self.day.subject_messages(hits)?));
        }
        Ok(())
    }

    fn compare(&mut self, test: SubjectTest, not: bool) -> Result<(), StoreError> {
        let blocks = self.day.blocks(Part::Subjects, Keep::Yes)?;
        self.message_tests.push(MessageTest::Subject { blocks, test, not });
        Ok(())
    }
}

impl MessageTest<'_> {
    fn holds(&mut self, message: u64) -> Result<bool, StoreError> {
        Ok(match self {
            MessageTest::Names { sender, author, set, not } => {
                let found = named(sender.get(message)?, set)
                    || match author {
                        Some(author) => named(author.get(message)?, set),
                        None => false,
                    };
                found != *not
            }
            MessageTest::From { sender, author, set } => match author.get(message)? {
                0 => named(sender.get(message)?, set),
                author => named(author, set),
            },
            MessageTest::OneOf(column, wanted) => {
                let value = usize::try_from(column.get(message)?).unwrap_or(usize::MAX);
                wanted.get(value).copied().unwrap_or(false)
            }
            MessageTest::Ip(column, set) => named(column.get(message)?, set),
            MessageTest::Size(column, low, high) => (*low..=*high).contains(&column.get(message)?),
            MessageTest::In(set) => set.contains(message),
            MessageTest::Subject { blocks, test, not } => test.matches(blocks.item(message)?) != *not,
            MessageTest::Since { last, slot, since } => {
                let seconds = i64::try_from(last.get(message)?).unwrap_or(i64::MAX);
                let left = i64::try_from(slot.get(message)?).unwrap_or(0);
                let at = DAY_MICROS.saturating_sub(left).saturating_add(seconds.saturating_mul(1_000_000));
                at >= *since
            }
        })
    }
}

/// Whether a number plus one is in a set; nothing is 0.
fn named(value: u64, set: &NumberSet) -> bool {
    value.checked_sub(1).is_some_and(|number| set.contains(number))
}

impl RowTest<'_> {
    fn holds(&mut self, message: u64, row: u64) -> Result<bool, StoreError> {
        Ok(match self {
            RowTest::Address { column, set, not } => set.contains(column.get(row)?) != *not,
            RowTest::Status { column, bits, overdue } => {
                let mut status = column.get(row)?;
                if status == u64::from(Status::GettingStatus.code()) && message >= *overdue {
                    status = u64::from(Status::Pending.code());
                }
                let bit = u32::try_from(status).ok().and_then(|status| 1_u16.checked_shl(status));
                *bits & bit.unwrap_or(0) != 0
            }
            RowTest::ToIp(column, set) => named(column.get(row)?, set),
            RowTest::Ended(column) => column.get(row)? > 0,
        })
    }
}

/// What a pass over the rows is told after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    Enough,
}

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
            Lead::Messages(set) => self.each_message(from, Some(set), take),
            Lead::Rows(list) => self.each_row(from, list, take),
            _ => self.each_message(from, None, take),
        };
        self.lead = lead;
        done
    }

    fn is_skipped(&self, message: u64) -> bool {
        !self.skipped.is_empty() && self.skipped.binary_search(&message).is_ok()
    }

    /// The messages that match, where rows have no conditions of their own.
    fn each_match(&mut self, from: u64, take: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        let lead = std::mem::replace(&mut self.lead, Lead::All);
        let lead = self.made(lead)?;
        let set = if let Lead::Messages(set) = &lead { Some(set) } else { None };
        let mut next = from.max(self.span.0);
        let mut turn = 0_u64;
        while let Some(message) = set.map_or(Some(next), |set| set.next(next)).filter(|at| *at < self.span.1)
        {
            turn = turn.saturating_add(1);
            if turn.is_multiple_of(WATCH_EVERY) {
                self.watch.check()?;
            }
            if !self.is_skipped(message) && self.message_holds(message)? {
                take(message);
            }
            next = message.saturating_add(1);
        }
        self.lead = lead;
        Ok(())
    }

    /// The messages of a set, or all.
    fn each_message(
        &mut self,
        from: u64,
        set: Option<&MessageSet>,
        take: &mut dyn FnMut(Hit) -> Go,
    ) -> Result<(), StoreError> {
        let mut next = from;
        let mut turn = 0_u64;
        loop {
            let message = match set {
                Some(set) => set.next(next),
                None => Some(next),
            };
            let Some(message) = message.filter(|message| *message < self.span.1) else { return Ok(()) };
            turn = turn.saturating_add(1);
            if turn.is_multiple_of(WATCH_EVERY) {
                self.watch.check()?;
            }
            if !self.is_skipped(message) && self.rows_of(message, take)? == Go::Enough {
                return Ok(());
            }
            next = message.saturating_add(1);
        }
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
        let mut count = 0_u64;
        if self.row_tests.is_empty() {
            // Every row of a message that matches does.
            let mut starts = self.column(Part::RowStart);
            let mut failed = None;
            self.each_match(from, &mut |message| {
                let rows =
                    starts.get(message).and_then(|first| Ok((first, starts.get(message.saturating_add(1))?)));
                match rows {
                    Ok((first, end)) => count = count.saturating_add(end.saturating_sub(first)),
                    Err(error) => failed = Some(error),
                }
            })?;
            return failed.map_or(Ok(count), Err);
        }
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
        let latency = i64::try_from(self.latency.get(hit.row)?).unwrap_or(i64::MAX).saturating_sub(1);
        Ok(RowId { id: (slot << ORDINAL_BITS) | ORDINAL_MAX.saturating_sub(ordinal), key: None, latency })
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
        let mut latency = self.day.column(Part::Latency, Keep::No);
        let mut heap: BinaryHeap<std::cmp::Reverse<(i64, std::cmp::Reverse<u64>, u64, u64)>> =
            BinaryHeap::new();
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
            let entry = std::cmp::Reverse((value, std::cmp::Reverse(hit.row), hit.message, hit.first));
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
            .map(|std::cmp::Reverse((value, std::cmp::Reverse(row), message, first))| {
                (value, Hit { message, row, first })
            })
            .collect();
        let mut more = 0_usize;
        for (value, hit) in ties {
            if more < max && self.row_id(hit)?.id < below {
                hits.push((value, hit));
                more = more.saturating_add(1);
            }
        }
        hits.sort_by_key(|(value, hit)| (std::cmp::Reverse(*value), hit.row));
        hits.truncate(max);
        hits.into_iter().map(|(_, hit)| self.row_id(hit)).collect()
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
