//! The detail of one row: headline, stage bar, events, cause, who acts, and the remote server's words.
//!
//! May touch: the store (reading).

use events::{Event, EventId, NextHop};
use jiff::Timestamp;
use serde::Serialize;

use crate::causes::{Actor, Explanation, explain};
use crate::search::TraceRow;
use crate::status::{EventKey, Stage, Status, SubStatus, address_key};

/// Everything there is to say of one recipient of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The row.
    pub row: TraceRow,
    /// "We found your message", or "We found an issue".
    pub headline: &'static str,
    /// The status as a sentence.
    pub sentence: String,
    /// Received, Processed, Delivered.
    pub bar: [BarStep; 3],
    /// The events of this recipient, oldest first.
    pub events: Vec<DetailEvent>,
    /// What happened, who must act, what to do; none where all is well.
    pub cause: Option<Cause>,
    /// The remote server's reply, word for word.
    pub remote_reply: Option<String>,
    /// Message-IDs of the reports made for this recipient.
    pub reports: Vec<String>,
}

/// One stage of the bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BarStep {
    /// `Received`, `Processed`, `Delivered`, or how the third one reads: `Handed on`, `Not delivered`.
    pub name: &'static str,
    /// Its colour.
    pub state: StepState,
    /// When it was reached.
    pub at: Option<Timestamp>,
}

/// Colour of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum StepState {
    /// Green.
    Done,
    /// Grey.
    Open,
    /// Red.
    Failed,
}

/// The cause with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cause {
    /// As a sentence.
    pub cause: String,
    /// Who must act.
    pub actor: Actor,
    /// What to do.
    pub fix: String,
    /// The line it is taken from.
    pub evidence: Option<String>,
}

/// One event as Get-MessageTraceDetail shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailEvent {
    /// When.
    pub date: Timestamp,
    /// Receive, Send, Fail, Deliver, Expand, Resolved, Transfer, Defer, …
    pub event: &'static str,
    /// What a filter or rule did, if one acted.
    pub action: Option<String>,
    /// As a sentence.
    pub detail: String,
    /// The whole event.
    pub data: Event,
}

impl Detail {
    /// The detail of a row, from the events of its message.
    pub(crate) fn of(row: TraceRow, events: Vec<(EventKey, Event)>) -> Detail {
        let mut own: Vec<Event> = events
            .into_iter()
            .map(|(_, event)| event)
            .filter(|event| concerns(event, &row.row.key))
            .collect();
        own.sort_by_key(|event| event.at);
        let cause = cause(&row);
        let trouble = matches!(row.stage, Stage::NotDelivered | Stage::NotReceived) || cause.is_some();
        let mut reports: Vec<String> = Vec::new();
        for event in
            own.iter().filter(|event| event.event_id == EventId::Fail || event.event_id == EventId::Defer)
        {
            reports.extend(event.reference.iter().filter(|reference| reference.starts_with('<')).cloned());
        }
        Detail {
            headline: if trouble { "We found an issue" } else { "We found your message" },
            sentence: sentence(&row),
            bar: bar(&row),
            remote_reply: row.row.remote_reply.clone(),
            events: own.into_iter().map(|event| shown(event, &row.row.key)).collect(),
            cause,
            reports,
            row,
        }
    }
}

/// Whether an event is about a recipient, or about the whole message.
fn concerns(event: &Event, key: &str) -> bool {
    event.recipients.is_empty() && event.related_recipient_address.is_none()
        || event.recipients.iter().any(|recipient| address_key(&recipient.address) == key)
        || event.related_recipient_address.as_deref().is_some_and(|related| address_key(related) == key)
        // The message entered for all its recipients, also for those that a group or forward added.
        || matches!(event.event_id, EventId::Receive | EventId::Dsn)
}

fn bar(row: &TraceRow) -> [BarStep; 3] {
    let reached = |name, at: Option<Timestamp>, done: bool| BarStep {
        name,
        state: if done { StepState::Done } else { StepState::Open },
        at: at.filter(|_| done),
    };
    let refused = row.stage == Stage::NotReceived && row.status == Status::Failed;
    let first = if refused {
        BarStep { name: "Not received", state: StepState::Failed, at: row.row.ended_at }
    } else {
        reached("Received", row.row.received_at, row.row.received_at.is_some())
    };
    let third = match row.stage {
        Stage::Delivered => BarStep { name: "Delivered", state: StepState::Done, at: row.row.ended_at },
        Stage::HandedOn => BarStep { name: "Handed on", state: StepState::Done, at: row.row.ended_at },
        Stage::NotDelivered => {
            BarStep { name: "Not delivered", state: StepState::Failed, at: row.row.ended_at }
        }
        _ => BarStep { name: "Delivered", state: StepState::Open, at: None },
    };
    [first, reached("Processed", row.row.processed_at, row.row.processed_at.is_some()), third]
}

fn sentence(row: &TraceRow) -> String {
    let address = &row.recipient_address;
    let detail = row.detail.as_deref().unwrap_or_default();
    match (row.status, row.folder.as_deref()) {
        (Status::Delivered, Some(folder)) => {
            format!("The message was delivered to the {folder} folder of {address}.")
        }
        (Status::Delivered, None) if row.stage == Stage::HandedOn => {
            let host = row.row.remote_host.as_deref().unwrap_or("the next system");
            format!("The message for {address} was handed on to {host}, which accepted it.")
        }
        (Status::Delivered, None) => format!("The message was delivered to {address}."),
        (Status::Expanded, _) => {
            format!("{address} is a group; its members have rows of their own. {detail}.")
        }
        (Status::Resolved, _) => {
            let to = row.final_recipient_address.as_deref().unwrap_or("another address");
            let status = row.final_status.map_or("unknown", Status::label);
            format!("{address} was replaced by {to}, whose status is {status}.")
        }
        (Status::Pending | Status::GettingStatus, _) => {
            format!("The message is on its way to {address}. {detail}.")
        }
        (Status::Quarantined, _) => format!("The message for {address} is held in quarantine."),
        (Status::FilteredAsSpam, _) => {
            format!("The message for {address} was held to be spam and rejected or blocked.")
        }
        (Status::Recalled, _) => format!("The message for {address} was recalled by its sender."),
        (Status::Failed, _) if row.stage == Stage::NotReceived => {
            format!("The message never reached us: the attempt was refused. {detail}")
        }
        (Status::Failed, _) => format!("The message was not delivered to {address}."),
    }
}

fn cause(row: &TraceRow) -> Option<Cause> {
    let evidence = row.row.remote_reply.clone().or_else(|| row.row.last_reply.clone());
    let with = |words: Explanation| Cause {
        cause: words.cause.to_owned(),
        actor: words.actor,
        fix: words.fix.to_owned(),
        evidence: evidence.clone(),
    };
    if let Some(reason) = row.row.reason {
        return Some(with(explain(reason)));
    }
    let own = |cause: &str, actor: Actor, fix: &str| {
        Some(Cause { cause: cause.to_owned(), actor, fix: fix.to_owned(), evidence: evidence.clone() })
    };
    match (row.status, row.row.sub_status) {
        (Status::Pending, Some(SubStatus::WaitingForModerator)) => {
            own("A moderator has to approve it.", Actor::Recipient, "Ask the moderators of the recipient.")
        }
        (Status::Pending, Some(SubStatus::Poison)) => Some(with(explain(events::Reason::Poison))),
        (Status::Pending, Some(SubStatus::NoEndSeen)) => own(
            "Nothing more was recorded for longer than a message may stay in a queue.",
            Actor::Administrator,
            "Look for the message in Get-Message and for gaps in the trace; if a place it was handed on to is read here, see whether its records still come.",
        ),
        // What waits without a way out is not a failure, so that its events name no cause.
        (Status::Pending, Some(SubStatus::Queued)) if row.row.queue.as_deref() == Some("Unreachable") => {
            Some(with(explain(events::Reason::NoConnector)))
        }
        (Status::Expanded, Some(SubStatus::EmptyGroup)) => Some(with(explain(events::Reason::EmptyGroup))),
        (Status::Failed | Status::FilteredAsSpam, _) => own(
            "The reply below says why.",
            Actor::Administrator,
            "Read the reply; if it comes from a remote server, the administrator there can explain it.",
        ),
        _ => None,
    }
}

fn shown(event: Event, key: &str) -> DetailEvent {
    DetailEvent {
        date: event.at,
        event: name(event.event_id),
        action: action(&event),
        detail: words(&event, key),
        data: event,
    }
}

/// The names of Get-MessageTraceDetail where it has one.
fn name(id: EventId) -> &'static str {
    match id {
        EventId::Receive => "Receive",
        EventId::Send | EventId::SendExternal => "Send",
        EventId::Deliver => "Deliver",
        EventId::Fail => "Fail",
        EventId::Expand => "Expand",
        EventId::Resolve => "Resolved",
        EventId::Redirect => "Redirect",
        EventId::Transfer => "Transfer",
        EventId::Defer => "Defer",
        EventId::Drop => "Drop",
        EventId::Queued => "Queued",
        EventId::AgentInfo => "Agent info",
        EventId::Quarantine => "Quarantine",
        EventId::Release => "Release",
        EventId::Refused => "Refused",
        EventId::Dsn => "DSN",
        other => other.as_str(),
    }
}

/// A rule acted only if its record names an action: `ETRP` is a timing (S31).
fn action(event: &Event) -> Option<String> {
    event.custom_data.iter().find_map(|(_, value)| {
        let mut parts = value.split(['|', ';']).map(str::trim);
        parts.find_map(|part| part.strip_prefix("action=")).map(ToOwned::to_owned)
    })
}

fn words(event: &Event, key: &str) -> String {
    let own = event.recipients.iter().find(|recipient| address_key(&recipient.address) == key);
    let reply = event
        .detail
        .remote_reply
        .as_deref()
        .or_else(|| own.map(|recipient| recipient.status.as_str()).filter(|status| !status.is_empty()));
    let host = event.server_hostname.as_deref().or(event.detail.remote_host.as_deref());
    let others: Vec<&str> = event.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
    let head = match event.event_id {
        EventId::Receive => {
            let from = event.client_hostname.clone().or_else(|| event.client_ip.map(|ip| ip.to_string()));
            from.map_or_else(|| "Received".to_owned(), |from| format!("Received from {from}"))
        }
        EventId::Resolve => format!("Resolved to {}", others.join(", ")),
        EventId::Redirect => format!("Forwarded to {}", others.join(", ")),
        EventId::Expand => format!("Expanded to {} recipients", others.len()),
        EventId::Queued => format!("Given to queue {}", event.detail.queue.as_deref().unwrap_or("?")),
        EventId::Deliver => {
            format!("Delivered to {}", event.detail.folder.as_deref().unwrap_or("the mailbox"))
        }
        EventId::Send | EventId::SendExternal => match (&event.detail.next_hop, host) {
            (Some(NextHop::Place(place)), _) => format!("Handed on to {place}"),
            (_, Some(host)) => format!("Handed on to {host}"),
            _ => "Handed on".to_owned(),
        },
        EventId::Defer => {
            let next =
                event.detail.next_retry.map(|at| format!(", next attempt {at:.0}")).unwrap_or_default();
            format!("Delivery put off{next}")
        }
        EventId::Fail => because(event, reply.is_some()).unwrap_or("Not delivered").to_owned(),
        EventId::Drop => {
            let why = because(event, reply.is_some());
            why.map_or_else(|| "Dropped".to_owned(), |why| format!("Dropped without a report: {why}"))
        }
        EventId::DuplicateExpand => "A recipient already: nothing to expand again".to_owned(),
        EventId::DuplicateRedirect => "A recipient already: nothing to forward again".to_owned(),
        EventId::DuplicateDeliver => "There already: a second copy was dropped".to_owned(),
        other => name(other).to_owned(),
    };
    match reply {
        Some(reply) => format!("{head}: {reply}"),
        None => head,
    }
}

/// Why, as a sentence; without its full stop where a reply follows.
fn because(event: &Event, is_followed: bool) -> Option<&'static str> {
    let cause = explain(event.detail.reason?).cause;
    Some(if is_followed { cause.trim_end_matches('.') } else { cause })
}

/// The row and events of one recipient, chosen among the rows of the message.
pub(crate) fn choose(rows: Vec<TraceRow>, recipient: &str) -> Option<TraceRow> {
    let key = address_key(recipient);
    rows.into_iter().find(|row| row.row.key == key)
}
