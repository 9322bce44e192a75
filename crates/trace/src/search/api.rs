//! What a search asks and answers. The names in JSON are those of the cmdlets.
//!
//! May touch: nothing (pure).

use std::cmp::Reverse;
use std::net::IpAddr;

use events::{Directionality, Event, EventId};
use jiff::{SignedDuration, Timestamp};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde::{Deserialize, Serialize};

use super::cursor::Cursor;
use super::facets::{FacetFilter, Facets, satisfies, server_of};
use super::folding::SubjectFold;
use super::network::IpNetwork;
use super::pattern::AddressPattern;
use crate::places::{Join, SourceSpec, SourceState, SourceWord};
use crate::status::{Row, Stage, Status};

/// Rows a page has unless asked otherwise.
pub const PAGE_SIZE_DEFAULT: usize = 1_000;
/// Rows a page may have.
pub const PAGE_SIZE_MAX: usize = 5_000;
/// Addresses, ids or other values one filter may name.
pub const FILTER_VALUES_MAX: usize = 1_000;

/// How far back a search goes that names neither a time nor an id.
const DEFAULT_INTERVAL: SignedDuration = SignedDuration::from_hours(48);

/// What to search for. Filters are joined by AND, the values of one filter by OR; an empty one filters nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Envelope sender or header From.
    pub senders: Vec<AddressPattern>,
    /// Envelope sender alone: MAIL FROM.
    pub return_paths: Vec<AddressPattern>,
    /// Header From alone.
    pub from_addresses: Vec<AddressPattern>,
    /// Messages with one of these as envelope sender or header From are left out.
    pub not_senders: Vec<AddressPattern>,
    /// Recipient addresses of rows.
    pub recipients: Vec<AddressPattern>,
    /// Rows with one of these addresses are left out.
    pub not_recipients: Vec<AddressPattern>,
    /// Addresses of which rows must have one beside those of `recipients`.
    pub also_recipients: Vec<AddressPattern>,
    /// Of these domains alone (lower case, A-labels): rows to an address of one, and those of messages that an address
    /// of one sent from inside. What somebody sees who has rights for some domains.
    pub within: Vec<String>,
    /// Message-ID headers, with or without brackets.
    pub message_ids: Vec<MessageId>,
    /// Ids under which joined messages are kept that another place knows by one of `message_ids`. The trace fills it in.
    pub kept_under: Vec<NetworkMessageId>,
    /// Network message ids.
    pub network_message_ids: Vec<NetworkMessageId>,
    /// This server's numbers of messages.
    pub internal_message_ids: Vec<InternalMessageId>,
    /// Subject, without regard to case.
    pub subject: Option<SubjectFilter>,
    /// Messages whose subject satisfies this are left out.
    pub not_subject: Option<SubjectFilter>,
    /// Statuses of rows.
    pub statuses: Vec<Status>,
    /// Rows handed on to a host of which nothing is read are left out, where nothing of their message was recorded for
    /// longer than it may wait.
    pub still_expected: bool,
    /// Received at or after this; with neither time nor id given, the last 48 hours.
    pub start: Option<Timestamp>,
    /// Received before this.
    pub end: Option<Timestamp>,
    /// The client the message came from.
    pub from_ip: Option<IpAddr>,
    /// The client is in one of these networks.
    pub from_networks: Vec<IpNetwork>,
    /// The host the row was handed to.
    pub to_ip: Option<IpAddr>,
    /// That host is in one of these networks.
    pub to_networks: Vec<IpNetwork>,
    /// Directions.
    pub directions: Vec<Directionality>,
    /// Messages that have an event with one of these ids.
    pub event_ids: Vec<EventId>,
    /// Server, connector, rule, TLS, results of checks, final action; each must hold.
    pub facets: Vec<FacetFilter>,
    /// At least so many octets.
    pub size_min: Option<u64>,
    /// At most so many octets.
    pub size_max: Option<u64>,
    /// Whether refusals are listed.
    pub refused: Refused,
    /// Whether the first page waits for the total.
    pub total: Total,
    /// Order of the rows.
    pub order: RowOrder,
    /// With `end` at the receive time of a row shown: go on behind this recipient of it (V2's StartingRecipientAddress).
    pub starting_recipient: Option<String>,
    /// Rows wanted, 1 to [`PAGE_SIZE_MAX`]; 0 is [`PAGE_SIZE_DEFAULT`].
    pub page_size: usize,
    /// Where to go on: `next` of the answer before, with the same query.
    pub cursor: Option<Cursor>,
}

impl Query {
    /// Whether it has conditions that a refusal has no column for.
    pub(crate) fn asks_more(&self) -> bool {
        let names = [
            &self.return_paths,
            &self.from_addresses,
            &self.not_senders,
            &self.not_recipients,
            &self.also_recipients,
        ];
        names.iter().any(|names| !names.is_empty())
            || !self.within.is_empty()
            || self.not_subject.is_some()
            || !self.from_networks.is_empty()
            || !self.facets.is_empty()
            || self.size_min.is_some()
            || self.size_max.is_some()
    }

    /// Those conditions, asked of a refusal.
    pub(crate) fn wants_more_of(&self, event: &Event) -> bool {
        let facts = event.message.clone().unwrap_or_default();
        let from = facts.from_address.as_deref().unwrap_or(&facts.return_path);
        let recipient = event.recipients.first().map_or("", |recipient| recipient.address.as_str());
        let any = |patterns: &[AddressPattern], address: &str| {
            patterns.iter().any(|pattern| pattern.matches(address))
        };
        let client = facts.original_client_ip.or(event.client_ip);
        let mut known = Facets::default();
        known.note(event);
        (self.return_paths.is_empty() || any(&self.return_paths, &facts.return_path))
            && (self.from_addresses.is_empty() || any(&self.from_addresses, from))
            && !any(&self.not_senders, &facts.return_path)
            && !any(&self.not_senders, from)
            && !any(&self.not_recipients, recipient)
            && (self.also_recipients.is_empty() || any(&self.also_recipients, recipient))
            && self.is_within(facts.directionality, &facts.return_path, recipient)
            && !self.not_subject.as_ref().is_some_and(|filter| filter.leaves_out(&facts.subject))
            && (self.from_networks.is_empty()
                || client.is_some_and(|ip| self.from_networks.iter().any(|network| network.contains(ip))))
            && satisfies(&known.stored(), &self.facets, server_of(event))
            // What is not known of it is not said to be absent.
            && self.facets.iter().all(|filter| !filter.not || known.has(filter.facet))
            && self.size_min.is_none_or(|size| facts.total_bytes >= size)
            && self.size_max.is_none_or(|size| facts.total_bytes > 0 && facts.total_bytes <= size)
    }
}

impl Query {
    /// Whether it names a message by an id.
    pub(crate) fn names_id(&self) -> bool {
        !(self.network_message_ids.is_empty()
            && self.message_ids.is_empty()
            && self.internal_message_ids.is_empty())
    }

    /// Whether refused attempts are listed rather than only counted, see [`Refused`].
    pub fn lists_refused(&self) -> bool {
        let names = [&self.senders, &self.return_paths, &self.from_addresses, &self.recipients];
        self.refused == Refused::Include
            || self.names_id()
            || names.iter().any(|names| !names.is_empty())
            || self.from_ip.is_some()
            || !self.from_networks.is_empty()
    }

    /// Whether it can be asked at all: a search says the same before it begins.
    ///
    /// # Errors
    /// `Usage`, if it contradicts itself or is over a bound.
    pub fn check(&self) -> Result<(), SearchError> {
        super::engine::check(self)
    }

    /// From when on it searches, asked now: where it names neither a time nor an id, so long back as is usual.
    pub fn start_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.start {
            None if self.end.is_none() && !self.names_id() => {
                Some(now.checked_sub(DEFAULT_INTERVAL).unwrap_or(Timestamp::MIN))
            }
            given => given,
        }
    }

    /// Whether a row is of the domains it is confined to.
    pub(crate) fn is_within(&self, direction: Directionality, return_path: &str, recipient: &str) -> bool {
        let of = |address: &str| {
            let domains = self.within.iter();
            domains.map(|domain| AddressPattern::Domain(domain.clone())).any(|one| one.matches(address))
        };
        self.within.is_empty()
            || of(recipient)
            || (direction == Directionality::Originating && of(return_path))
    }
}

impl SubjectFilter {
    /// Whether a subject satisfies it; an empty text asks nothing, so that nothing is left out by it.
    fn leaves_out(&self, subject: &str) -> bool {
        let (subject, text) = (SubjectFold::Full.fold(subject), SubjectFold::Full.fold(&self.text));
        !text.is_empty()
            && match self.kind {
                SubjectFilterType::Contains => subject.contains(&text),
                SubjectFilterType::StartsWith => subject.starts_with(&text),
                SubjectFilterType::EndsWith => subject.ends_with(&text),
                SubjectFilterType::Equals => subject == text,
            }
    }
}

/// A condition on the subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubjectFilter {
    /// How the text must stand in it.
    pub kind: SubjectFilterType,
    /// The text.
    pub text: String,
}

/// SubjectFilterType of the V2 cmdlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SubjectFilterType {
    /// Anywhere.
    #[default]
    Contains,
    /// At the start.
    StartsWith,
    /// At the end.
    EndsWith,
    /// The whole subject (ours, not Microsoft's).
    Equals,
}

/// Whether refusals are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Refused {
    /// When a sender, a recipient, an id or a client address is named; else they are only counted.
    #[default]
    WhenNamed,
    /// Always.
    Include,
}

/// When the total is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Total {
    /// With the first page.
    #[default]
    WithPage,
    /// Not now: the page comes as soon as it is full, and the total from a search of its own.
    Later,
    /// Alone, without any row.
    Alone,
}

/// Order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RowOrder {
    /// Newest first, a message's rows together, a group before its members.
    #[default]
    Grid,
    /// Newest first, then by recipient: what V2's way of paging needs.
    ByRecipient,
    /// The longest time from receiving to the end first, then newest first; rows without an end, Expanded and
    /// Resolved ones and refusals are left out.
    Slowest,
}

/// One page of rows, and what is known of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The rows of this page.
    pub rows: Vec<TraceRow>,
    /// All rows that match, as counted for the first page; where it was not counted, those known so far.
    pub total: u64,
    /// Whether that is all of them.
    pub total_known: bool,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
    /// Refused attempts in the interval that are not listed.
    pub refused_not_listed: Option<u64>,
    /// What was asked.
    pub sources: Vec<SourceAsked>,
    /// What could hide a row.
    pub gaps: Vec<Gap>,
    /// The interval as understood: from this time on, if bounded.
    pub start: Option<Timestamp>,
    /// Before this time, if bounded.
    pub end: Option<Timestamp>,
}

/// A source of rows that was asked: this server, or a trace source whose records are in its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SourceAsked {
    /// Its name.
    pub name: String,
    /// `Server`, or the type of the trace source.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// Day files read for the total; of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// The place a trace source's records are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether it is read.
    pub state: SourceWord,
    /// The time of its newest record; of a trace source.
    pub last_record: Option<Timestamp>,
    /// How far that is behind the clock, in seconds.
    #[serde(rename = "LagSeconds")]
    pub lag_secs: Option<i64>,
}

/// Sources that a list may name before those that matter most must come first.
pub const SOURCES_AT_A_GLANCE: usize = 6;

impl SourceAsked {
    /// The sources as a list names them: of many those first of which something may be missing, then those that are
    /// furthest behind; few as they are.
    pub fn listed<'a>(sources: &'a [SourceAsked], gaps: &[Gap]) -> Vec<&'a SourceAsked> {
        let mut listed: Vec<&SourceAsked> = sources.iter().collect();
        if listed.len() > SOURCES_AT_A_GLANCE {
            let has_gap = |one: &SourceAsked| {
                gaps.iter().any(|gap| gap.source == one.name || Some(&gap.source) == one.place.as_ref())
            };
            listed.sort_by_cached_key(|one| (!has_gap(one), Reverse(one.lag_secs)));
        }
        listed
    }

    /// This server, of which so many days were read.
    pub(crate) fn server(name: &str, days: u64) -> SourceAsked {
        SourceAsked {
            name: name.to_owned(),
            kind: "Server",
            days: Some(days),
            place: None,
            state: SourceWord::Reading,
            last_record: None,
            lag_secs: None,
        }
    }

    /// A place whose records were imported.
    pub(crate) fn imported(place: &str, newest: Timestamp) -> SourceAsked {
        SourceAsked {
            name: place.to_owned(),
            kind: "Import",
            days: None,
            place: Some(place.to_owned()),
            state: SourceWord::Imported,
            last_record: Some(newest),
            lag_secs: None,
        }
    }

    /// A place of which no record is known yet: its trace source was removed before it read anything, or its first import
    /// has not come to its end.
    pub(crate) fn unread(place: &str) -> SourceAsked {
        SourceAsked {
            name: place.to_owned(),
            kind: "Import",
            days: None,
            place: Some(place.to_owned()),
            state: SourceWord::Imported,
            last_record: None,
            lag_secs: None,
        }
    }

    /// A trace source as it is now.
    pub(crate) fn of_source(spec: &SourceSpec, state: &SourceState, now: Timestamp) -> SourceAsked {
        SourceAsked {
            name: spec.name.clone(),
            kind: spec.kind.as_str(),
            days: None,
            place: Some(spec.place.clone()),
            state: state.word(spec),
            last_record: state.last_record,
            lag_secs: state.lag(now).map(|lag| lag.as_secs()),
        }
    }
}

/// Something that could hide a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Gap {
    /// Which source.
    pub source: String,
    /// From when on, if known.
    pub start: Option<Timestamp>,
    /// Until when, if known.
    pub end: Option<Timestamp>,
    /// Records known to be missing, if known.
    pub count: Option<u64>,
    /// What is missing and why, in words.
    pub cause: String,
}

impl Gap {
    /// Whether it is of what is too old to be kept.
    pub fn is_of_retention(&self) -> bool {
        crate::completeness::is_of_retention(self)
    }

    /// Whether it is of what was never imported of another place.
    pub fn is_of_import(&self) -> bool {
        crate::completeness::is_of_import(self)
    }
}

/// One row of the trace, with the message's own facts beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TraceRow {
    /// Equals `network_message_id`.
    pub message_trace_id: NetworkMessageId,
    /// One per message.
    pub network_message_id: NetworkMessageId,
    /// With brackets.
    pub message_id: Option<MessageId>,
    /// When the message was received, to the microsecond and unique on its day.
    pub received: Timestamp,
    /// This server's number of it.
    pub internal_message_id: Option<InternalMessageId>,
    /// MAIL FROM, `<>` if null.
    pub sender_address: String,
    /// Header From.
    pub from_address: Option<String>,
    /// The row's address.
    pub recipient_address: String,
    /// On a Resolved row, where it ended.
    pub final_recipient_address: Option<String>,
    /// On a Resolved row, that address's status.
    pub final_status: Option<Status>,
    /// Whole subject.
    pub subject: Option<String>,
    /// Status.
    pub status: Status,
    /// Octets.
    pub size: u64,
    /// The client.
    #[serde(rename = "FromIP")]
    pub from_ip: Option<IpAddr>,
    /// The next hop.
    #[serde(rename = "ToIP")]
    pub to_ip: Option<IpAddr>,
    /// Incoming, Originating or Undefined.
    #[serde(serialize_with = "as_word")]
    pub direction: Directionality,
    /// The folder it was delivered to.
    pub folder: Option<String>,
    /// The server that wrote the record the status rests on.
    pub server: Option<String>,
    /// The place it was handed on to; else the place whose record the status rests on, none where it is this server's. Of
    /// a message that other systems alone tell of the place that told of it last, never one that did not see it.
    pub place: Option<String>,
    /// How far it got.
    pub stage: Stage,
    /// One line.
    pub detail: Option<String>,
    /// The places it passed, where one of them is another system's: each with the basis of its join and the skew of
    /// the clocks.
    pub hops: Vec<Join>,
    /// Everything else the fold knows of the row.
    #[serde(skip)]
    pub row: Row,
}

impl TraceRow {
    /// The status somebody may know who may not know what the address was replaced by.
    pub fn own_status(&self) -> Status {
        if self.status == Status::Resolved {
            self.final_status.unwrap_or(Status::Pending)
        } else {
            self.status
        }
    }
}

fn as_word<S: serde::Serializer>(direction: &Directionality, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(direction.as_str())
}

/// Why a search was not made.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query contradicts itself or is over a bound; the text says what to do.
    #[error("{0}")]
    Usage(String),
    /// The cursor is not one of ours, or belongs to another query.
    #[error("the cursor does not belong to this query; start again without it")]
    Cursor,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}
