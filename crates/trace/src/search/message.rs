//! From events to the rows that are shown: a message's own facts beside what the fold says of a recipient.
//!
//! May touch: nothing (pure).

use std::net::IpAddr;

use events::{Directionality, Event, RefusedStep};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};

use super::api::TraceRow;
use super::gathered::Gathered;
use crate::places::Passed;
use crate::status::{EventKey, Row, Stage, Status, SubStatus};

/// What is the same on every row of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MessageView {
    pub(crate) network_message_id: NetworkMessageId,
    pub(crate) message_id: Option<MessageId>,
    pub(crate) internal_message_id: Option<InternalMessageId>,
    pub(crate) sender_address: String,
    pub(crate) from_address: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) size: u64,
    pub(crate) from_ip: Option<IpAddr>,
    pub(crate) direction: Directionality,
    pub(crate) server: Option<String>,
    /// The place of its records, if none of them is of this server.
    place: Option<String>,
    passed: Passed,
}

impl MessageView {
    /// From the message's events, in whatever order they came.
    pub(crate) fn of(events: &[(EventKey, Event)]) -> MessageView {
        let gathered = Gathered::of(events);
        let facts = gathered.facts();
        let subject = facts.is_some().then(|| gathered.subject().to_owned());
        let facts = facts.unwrap_or_default();
        MessageView {
            network_message_id: events.first().map(|(_, event)| event.network_message_id).unwrap_or_default(),
            message_id: gathered.message_id().cloned(),
            internal_message_id: gathered.internal_id(),
            sender_address: facts.return_path,
            from_address: facts.from_address,
            subject,
            size: facts.total_bytes,
            from_ip: gathered.client_ip(),
            direction: facts.directionality,
            server: gathered.server().map(str::to_owned),
            place: foreign(events).and_then(|event| event.detail.place.clone()),
            passed: Passed::default(),
        }
    }

    /// With the places it passed, where one of them is not ours. `own` names this server.
    pub(crate) fn with_hops(mut self, events: &[(EventKey, Event)], own: &str) -> MessageView {
        if events.iter().any(|(_, event)| event.detail.place.is_some()) {
            self.passed = Passed::of(events, own);
        }
        self
    }

    /// A row as shown. `server` names this server, for events that do not say where they were written.
    pub(crate) fn row(&self, row: Row, received: Timestamp, server: &str) -> TraceRow {
        TraceRow {
            message_trace_id: self.network_message_id,
            network_message_id: self.network_message_id,
            message_id: self.message_id.clone(),
            received,
            internal_message_id: self.internal_message_id,
            sender_address: self.sender_address.clone(),
            from_address: self.from_address.clone(),
            recipient_address: row.recipient_address.clone(),
            final_recipient_address: row.final_recipient_address.clone(),
            final_status: row.final_status,
            subject: self.subject.clone(),
            status: row.status,
            size: self.size,
            from_ip: self.from_ip,
            to_ip: row.to_ip,
            direction: self.direction,
            folder: row.folder.clone(),
            server: row
                .server
                .clone()
                .or_else(|| self.server.clone())
                .or_else(|| self.place.clone())
                .or_else(|| Some(server.to_owned())),
            // Where other systems alone tell of it, what they handed it on to never saw it as far as is known.
            place: match &self.place {
                Some(place) => row.told_by.clone().or_else(|| Some(place.clone())),
                None => row.place.clone().or_else(|| row.told_by.clone()),
            },
            stage: row.stage,
            detail: row.detail.clone(),
            hops: self.passed.by(&row.key),
            row,
        }
    }
}

/// The last event of a message that this server has no record of; `None` if it has one.
fn foreign(events: &[(EventKey, Event)]) -> Option<&Event> {
    let is_foreign = events.iter().all(|(_, event)| event.detail.place.is_some());
    events.iter().map(|(_, event)| event).max_by_key(|event| event.at).filter(|_| is_foreign)
}

/// Drops events with a key seen before, in place.
pub(crate) fn each_once(events: &mut Vec<(EventKey, Event)>) {
    let mut seen = std::collections::HashSet::with_capacity(events.len());
    events.retain(|(key, _)| seen.insert(*key));
}

/// The row of a refusal (S54): Failed, never received.
pub(crate) fn refused_row(event: &Event) -> Row {
    let reply = event.recipients.first().map(|recipient| recipient.status.clone()).unwrap_or_default();
    let address = event.recipients.first().map(|recipient| recipient.address.clone()).unwrap_or_default();
    let temporary = reply.starts_with('4');
    let step = event.detail.step.map_or("the session", RefusedStep::as_str);
    let times =
        if event.detail.count > 1 { format!(" ({} times)", event.detail.count) } else { String::new() };
    let label = if temporary { SubStatus::RefusedTemporary } else { SubStatus::Refused };
    let mut row = Row::empty(&address);
    row.status = Status::Failed;
    row.stage = Stage::NotReceived;
    row.sub_status = Some(label);
    row.detail = Some(format!("{} at {step}: {reply}{times}", label.label()));
    row.last_reply = Some(reply);
    row.reason = event.detail.reason;
    row.ended_at = Some(event.at);
    row.last_event_at = Some(event.at);
    row.count = event.detail.count.max(1);
    row
}
