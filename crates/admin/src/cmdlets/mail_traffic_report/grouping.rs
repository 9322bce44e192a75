//! What rows are counted by, and the counting.
//! May touch: nothing (pure).

use std::cmp::Reverse;
use std::collections::HashMap;

use events::Directionality;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::Address;
use trace::{Status, TraceRow, Traffic, TrafficBy, TrafficKey};

/// Different groups kept; rows of further ones are counted together as [`OTHERS`].
pub(super) const GROUPS_MAX: usize = 100_000;
/// What stands for the groups beyond the bound.
pub(super) const OTHERS: &str = "(others)";

/// What rows are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupBy {
    /// The hour it was received.
    Hour,
    /// The day it was received.
    Day,
    /// Envelope sender.
    Sender,
    /// Its domain.
    SenderDomain,
    /// Recipient.
    Recipient,
    /// Its domain.
    RecipientDomain,
    /// The enhanced status code of failures.
    FailureCode,
    /// Where it came from, and where it went.
    Path,
}

impl GroupBy {
    /// The words of the parameter.
    pub(super) const WORDS: &'static [&'static str] =
        &["Hour", "Day", "Sender", "SenderDomain", "Recipient", "RecipientDomain", "FailureCode", "Path"];

    /// By its word; by day for any other.
    pub(super) fn read(word: &str) -> GroupBy {
        match word {
            "Hour" => GroupBy::Hour,
            "Sender" => GroupBy::Sender,
            "SenderDomain" => GroupBy::SenderDomain,
            "Recipient" => GroupBy::Recipient,
            "RecipientDomain" => GroupBy::RecipientDomain,
            "FailureCode" => GroupBy::FailureCode,
            "Path" => GroupBy::Path,
            _ => GroupBy::Day,
        }
    }

    /// What the store counts for it without reading a message, if it can.
    pub(super) fn in_columns(self) -> Option<TrafficBy> {
        match self {
            GroupBy::Hour | GroupBy::Day => Some(TrafficBy::Time),
            GroupBy::Sender | GroupBy::SenderDomain => Some(TrafficBy::Sender),
            GroupBy::Recipient | GroupBy::RecipientDomain => Some(TrafficBy::Recipient),
            GroupBy::FailureCode | GroupBy::Path => None,
        }
    }

    /// The group of what the store has counted.
    fn key_of(self, counted: &TrafficKey, zone: &TimeZone) -> Key {
        let value = match (counted, self) {
            (TrafficKey::Time(at), GroupBy::Hour) => hour(*at, zone),
            (TrafficKey::Time(at), _) => day(*at, zone),
            (TrafficKey::Address(address), GroupBy::SenderDomain | GroupBy::RecipientDomain) => {
                domain(address)
            }
            (TrafficKey::Address(address), _) => address.clone(),
            (TrafficKey::Others, _) => OTHERS.to_owned(),
        };
        Key { value, from: None, to: None }
    }

    /// Whether the groups are in order of time; the others are in order of size.
    pub(super) fn is_of_time(self) -> bool {
        matches!(self, GroupBy::Hour | GroupBy::Day)
    }

    fn key(self, row: &TraceRow, zone: &TimeZone) -> Key {
        let one = |value: String| Key { value, from: None, to: None };
        match self {
            GroupBy::Hour => one(hour(row.received, zone)),
            GroupBy::Day => one(day(row.received, zone)),
            GroupBy::Sender => one(row.sender_address.to_lowercase()),
            GroupBy::SenderDomain => one(domain(&row.sender_address)),
            GroupBy::Recipient => one(row.recipient_address.to_lowercase()),
            GroupBy::RecipientDomain => one(domain(&row.recipient_address)),
            GroupBy::FailureCode => one(code(row)),
            GroupBy::Path => {
                let (from, to) = (source(row), destination(row));
                Key { value: format!("{from} → {to}"), from: Some(from), to: Some(to) }
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    value: String,
    from: Option<&'static str>,
    to: Option<&'static str>,
}

/// What was counted of one group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Group {
    pub(super) value: String,
    pub(super) from: Option<&'static str>,
    pub(super) to: Option<&'static str>,
    pub(super) count: u64,
    pub(super) bytes: u64,
    pub(super) delivered: u64,
    pub(super) failed: u64,
    pub(super) pending: u64,
    pub(super) quarantined: u64,
    pub(super) spam: u64,
}

/// The groups so far.
#[derive(Debug, Default)]
pub(super) struct Groups(HashMap<Key, Group>);

impl Groups {
    /// Counts a row, unless it stands for others or is none of those counted.
    pub(super) fn add(&mut self, by: GroupBy, row: &TraceRow, zone: &TimeZone) {
        let is_failure = row.status == Status::Failed;
        if matches!(row.status, Status::Expanded | Status::Resolved)
            || (by == GroupBy::FailureCode && !is_failure)
        {
            return;
        }
        self.count(by.key(row, zone), row.status, (1, row.size));
    }

    /// Counts what the store has counted, unless it stands for others.
    pub(super) fn add_counted(&mut self, by: GroupBy, counted: &Traffic, zone: &TimeZone) {
        if !matches!(counted.status, Status::Expanded | Status::Resolved) {
            self.count(by.key_of(&counted.key, zone), counted.status, (counted.rows, counted.bytes));
        }
    }

    fn count(&mut self, mut key: Key, status: Status, (rows, bytes): (u64, u64)) {
        if self.0.len() >= GROUPS_MAX && !self.0.contains_key(&key) {
            key = Key { value: OTHERS.to_owned(), from: None, to: None };
        }
        let named = Group { value: key.value.clone(), from: key.from, to: key.to, ..Group::default() };
        let group = self.0.entry(key).or_insert(named);
        group.count = group.count.saturating_add(rows);
        group.bytes = group.bytes.saturating_add(bytes);
        let counter = match status {
            Status::Delivered => &mut group.delivered,
            Status::Failed => &mut group.failed,
            Status::Pending | Status::GettingStatus => &mut group.pending,
            Status::Quarantined => &mut group.quarantined,
            Status::FilteredAsSpam => &mut group.spam,
            Status::Expanded | Status::Resolved | Status::Recalled => return,
        };
        *counter = counter.saturating_add(rows);
    }

    /// In order: oldest first, or largest first.
    pub(super) fn sorted(self, by: GroupBy) -> Vec<Group> {
        let mut groups: Vec<Group> = self.0.into_values().collect();
        if by.is_of_time() {
            groups.sort_by(|one, other| one.value.cmp(&other.value));
        } else {
            // Those that are not told apart come last, however many.
            let place = |group: &Group| (group.value == OTHERS, Reverse(group.count));
            groups.sort_by(|one, other| {
                place(one).cmp(&place(other)).then_with(|| one.value.cmp(&other.value))
            });
        }
        groups
    }
}

fn hour(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:00:00%:z").to_string()
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}

fn domain(address: &str) -> String {
    Address::parse(address).map_or_else(|_| address.to_lowercase(), |address| address.domain_key().to_owned())
}

/// `550 5.1.10 …` is counted as `5.1.10`; a reply without such a code (RFC 3463) as its first word.
fn code(row: &TraceRow) -> String {
    let reply = row.row.remote_reply.as_deref().or(row.row.last_reply.as_deref()).unwrap_or_default();
    let mut words = reply.split([' ', '-']).filter(|word| !word.is_empty());
    let is_code = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3
            && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let first = words.clone().next();
    words.find(is_code).or(first).map_or_else(|| "(no reply)".to_owned(), str::to_owned)
}

/// Where it came from.
fn source(row: &TraceRow) -> &'static str {
    match row.direction {
        Directionality::Incoming => "Outside",
        Directionality::Originating => "Inside",
        Directionality::Undefined => "Unknown",
    }
}

/// Where it went, or stays.
fn destination(row: &TraceRow) -> &'static str {
    match row.status {
        Status::Delivered if row.folder.is_some() => "Mailboxes",
        Status::Delivered => "Other servers",
        Status::Failed => "Failed",
        Status::Quarantined => "Quarantine",
        Status::FilteredAsSpam => "Junk",
        Status::Pending | Status::GettingStatus => "Waiting",
        Status::Recalled | Status::Expanded | Status::Resolved => "Recalled",
    }
}
