//! The row of a trace: what became of one recipient, in Microsoft's words.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use events::{Reason, UnknownWord};
use jiff::{SignedDuration, Timestamp};
use mail::InternalMessageId;
use serde::{Deserialize, Serialize};

/// In the store, Pending rows that were handed on to a host of which nothing is read have this number, so that a search
/// can leave them out once nothing more is to be expected of them.
pub(crate) const HANDED_ON_CODE: u8 = 9;

/// Delivery status of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    /// Just received, nothing else known.
    GettingStatus,
    /// On its way: queued, deferred, held for a moderator, handed on to a place that has not reported it.
    Pending,
    /// In a mailbox, or accepted by the next system outside.
    Delivered,
    /// A group; its members have their own rows.
    Expanded,
    /// Replaced by another address, which has its own row.
    Resolved,
    /// Not delivered, for good.
    Failed,
    /// Held in quarantine.
    Quarantined,
    /// Spam, rejected or blocked, not quarantined.
    FilteredAsSpam,
    /// Taken back by its sender.
    Recalled,
}

impl Status {
    /// Every status.
    pub const ALL: &'static [Status] = &[
        Status::GettingStatus,
        Status::Pending,
        Status::Delivered,
        Status::Expanded,
        Status::Resolved,
        Status::Failed,
        Status::Quarantined,
        Status::FilteredAsSpam,
        Status::Recalled,
    ];

    /// The word in JSON and CSV.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::GettingStatus => "GettingStatus",
            Status::Pending => "Pending",
            Status::Delivered => "Delivered",
            Status::Expanded => "Expanded",
            Status::Resolved => "Resolved",
            Status::Failed => "Failed",
            Status::Quarantined => "Quarantined",
            Status::FilteredAsSpam => "FilteredAsSpam",
            Status::Recalled => "Recalled",
        }
    }

    /// The words in tables and pages.
    pub fn label(self) -> &'static str {
        match self {
            Status::GettingStatus => "Getting status",
            Status::FilteredAsSpam => "Filtered as spam",
            other => other.as_str(),
        }
    }

    /// The number that stands in the store; never changed or given again.
    pub fn code(self) -> u8 {
        match self {
            Status::GettingStatus => 0,
            Status::Pending => 1,
            Status::Delivered => 2,
            Status::Expanded => 3,
            Status::Resolved => 4,
            Status::Failed => 5,
            Status::Quarantined => 6,
            Status::FilteredAsSpam => 7,
            Status::Recalled => 8,
        }
    }

    /// The inverse of [`Status::code`]; [`HANDED_ON_CODE`] is Pending too.
    pub fn from_code(code: u8) -> Option<Status> {
        if code == HANDED_ON_CODE {
            return Some(Status::Pending);
        }
        Status::ALL.iter().copied().find(|status| status.code() == code)
    }

    /// Whether nothing more will happen to the row by itself.
    pub fn is_end(self) -> bool {
        !matches!(self, Status::GettingStatus | Status::Pending)
    }

    /// Whether the row counts in a roll-up: Expanded and Resolved rows stand for others.
    pub fn is_leaf(self) -> bool {
        !matches!(self, Status::Expanded | Status::Resolved)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Without regard to case, blanks allowed (`Filtered as spam`).
impl FromStr for Status {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Status, UnknownWord> {
        let squeezed: String = text.chars().filter(|ch| !ch.is_whitespace() && *ch != '-').collect();
        Status::ALL
            .iter()
            .copied()
            .find(|status| status.as_str().eq_ignore_ascii_case(&squeezed))
            .ok_or_else(|| UnknownWord { kind: "status", word: text.chars().take(64).collect() })
    }
}

/// How far the row got on the bar Received, Processed, Delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Refused: there was never a message here.
    NotReceived,
    /// Accepted.
    Received,
    /// The categorizer has finished with the row.
    Processed,
    /// Third stage green.
    Delivered,
    /// Third stage green: accepted by another system.
    HandedOn,
    /// Third stage red.
    NotDelivered,
}

impl Stage {
    /// The word in JSON and CSV.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::NotReceived => "NotReceived",
            Stage::Received => "Received",
            Stage::Processed => "Processed",
            Stage::Delivered => "Delivered",
            Stage::HandedOn => "HandedOn",
            Stage::NotDelivered => "NotDelivered",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a status means in this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SubStatus {
    /// Delivered to the Junk Email folder.
    JunkEmail,
    /// A second copy was found and dropped; the first is there.
    DuplicateDropped,
    /// Accepted by a system outside.
    HandedOn,
    /// Handed to another server of the organization.
    InTransit,
    /// Handed to a place whose record of it has not come yet.
    NotSeenThereYet,
    /// Handed to this server, which has no such message though its own records are all here.
    NeverSeenHere,
    /// In a delivery queue.
    Queued,
    /// An attempt failed for now.
    Deferred,
    /// Slowed down by a limit.
    Throttled,
    /// Held back.
    Suppressed,
    /// An administrator has suspended its queue or the message.
    Suspended,
    /// In the poison queue: needs an administrator.
    Poison,
    /// Waiting for a moderator.
    WaitingForModerator,
    /// A moderator approved; delivery follows.
    Approved,
    /// Released from quarantine; delivery follows.
    Released,
    /// Held in quarantine.
    Quarantined,
    /// Stayed in the queue until it expired.
    Expired,
    /// Gone without a report.
    DroppedSilently,
    /// An administrator removed it.
    RemovedByAdministrator,
    /// A moderator rejected it, or none answered.
    Moderation,
    /// Rejected by a server or a check.
    Rejected,
    /// A group without members.
    EmptyGroup,
    /// Refused in the session.
    Refused,
    /// Refused in the session for now; the sender may try again.
    RefusedTemporary,
    /// Nothing more was recorded for longer than a message may live.
    NoEndSeen,
}

impl SubStatus {
    /// The words shown beside the status.
    pub fn label(self) -> &'static str {
        match self {
            SubStatus::JunkEmail => "Junk Email",
            SubStatus::DuplicateDropped => "duplicate dropped",
            SubStatus::HandedOn => "handed on",
            SubStatus::InTransit => "in transit inside the organization",
            SubStatus::NotSeenThereYet => "handed on, not seen there yet",
            SubStatus::NeverSeenHere => "handed on to this server, which has no such message",
            SubStatus::Queued => "queued",
            SubStatus::Deferred => "deferred",
            SubStatus::Throttled => "throttled",
            SubStatus::Suppressed => "suppressed",
            SubStatus::Suspended => "held by an administrator",
            SubStatus::Poison => "poison queue, needs an administrator",
            SubStatus::WaitingForModerator => "waiting for a moderator",
            SubStatus::Approved => "approved by a moderator",
            SubStatus::Released => "released from quarantine",
            SubStatus::Quarantined => "held in quarantine",
            SubStatus::Expired => "expired",
            SubStatus::DroppedSilently => "dropped silently",
            SubStatus::RemovedByAdministrator => "removed by an administrator",
            SubStatus::Moderation => "moderation",
            SubStatus::Rejected => "rejected",
            SubStatus::EmptyGroup => "0 members",
            SubStatus::Refused => "Refused",
            SubStatus::RefusedTemporary => "Refused (temporary)",
            SubStatus::NoEndSeen => "no end seen",
        }
    }
}

/// Why a row stands for other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Replacement {
    /// A group and its members.
    Expanded,
    /// A proxy address and the primary one.
    Resolved,
    /// A recipient and its forwarding address.
    Redirected,
}

/// What became of one recipient of one message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The address as it first appeared.
    pub recipient_address: String,
    /// Its case-folded form, half of the row key.
    pub key: String,
    /// The status.
    pub status: Status,
    /// On a Resolved row: the address at the end of the chain.
    pub final_recipient_address: Option<String>,
    /// On a Resolved row: that address's status.
    pub final_status: Option<Status>,
    /// How far it got.
    pub stage: Stage,
    /// The folder it was delivered to.
    pub folder: Option<String>,
    /// The item made there.
    pub item_id: Option<i64>,
    /// What the status means in this case.
    pub sub_status: Option<SubStatus>,
    /// One line for the list.
    pub detail: Option<String>,
    /// The cause, as data.
    pub reason: Option<Reason>,
    /// The queue it waits or waited in.
    pub queue: Option<String>,
    /// Delivery attempts recorded.
    pub attempts: Option<u32>,
    /// The status text of the deciding event: `250 2.1.5 …`, `550 5.1.10 …`.
    pub last_reply: Option<String>,
    /// When the next attempt is due.
    pub next_retry: Option<Timestamp>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// The remote server's reply, verbatim.
    pub remote_reply: Option<String>,
    /// The remote server.
    pub remote_host: Option<String>,
    /// The remote server's id of the message.
    pub remote_queue_id: Option<String>,
    /// The address it was handed to, or tried at last.
    pub to_ip: Option<IpAddr>,
    /// The number of the copy that the deciding event is about, on the server that wrote it: forks have their own.
    pub waits_as: Option<InternalMessageId>,
    /// The server that wrote the deciding event, where it said so.
    pub server: Option<String>,
    /// The place it was handed on to.
    pub place: Option<String>,
    /// The place whose record decides; none where it is this server's.
    pub told_by: Option<String>,
    /// When the message was received.
    pub received_at: Option<Timestamp>,
    /// When the categorizer had finished with the row.
    pub processed_at: Option<Timestamp>,
    /// When the row reached its end.
    pub ended_at: Option<Timestamp>,
    /// When the last event of the row was.
    pub last_event_at: Option<Timestamp>,
    /// Why it stands for others.
    pub replacement: Option<Replacement>,
    /// The rows it stands for, by key, in the order they were found.
    pub targets: Vec<String>,
    /// The rows that led to it, by key: its paths.
    pub parents: Vec<String>,
    /// Whether a filter held it to be spam.
    pub spam: bool,
    /// Whether the message was without a second copy in transit (HAREDIRECTFAIL).
    pub not_redundant: bool,
    /// How much of the time until its end is no time that passed, but clocks of places that differ; below zero where more
    /// passed than the times say.
    pub clocks_differ: Option<SignedDuration>,
    /// How many equal refusals the row stands for; 1 for every other row.
    pub count: u32,
}

impl Row {
    /// A row of which nothing but the address is known.
    pub fn empty(address: &str) -> Row {
        Row {
            recipient_address: address.to_owned(),
            key: super::address_key(address).into_owned(),
            status: Status::GettingStatus,
            final_recipient_address: None,
            final_status: None,
            stage: Stage::Received,
            folder: None,
            item_id: None,
            sub_status: None,
            detail: None,
            reason: None,
            queue: None,
            attempts: None,
            last_reply: None,
            next_retry: None,
            expires: None,
            remote_reply: None,
            remote_host: None,
            remote_queue_id: None,
            to_ip: None,
            waits_as: None,
            server: None,
            place: None,
            told_by: None,
            received_at: None,
            processed_at: None,
            ended_at: None,
            last_event_at: None,
            replacement: None,
            targets: Vec::new(),
            parents: Vec::new(),
            spam: false,
            not_redundant: false,
            clocks_differ: None,
            count: 1,
        }
    }
}
