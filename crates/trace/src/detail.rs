//! The detail of one row: headline, stage bar, events, cause, who acts, and the remote server's words.
//!
//! May touch: the store (reading).

use std::collections::{HashMap, HashSet};

use events::{Event, EventId};
use jiff::Timestamp;
use serde::Serialize;

mod budget;
mod cause;
mod events_in_words;
mod latencies;
mod one_clock;
mod own_word;
mod rules;
mod snapshot;
#[cfg(test)]
mod tests;

pub use budget::{AgentTime, BudgetPart, TimeBudget};
pub use cause::Cause;
pub use rules::{RuleRecord, Rules};
pub use snapshot::{Directory, Forwarded, Group, SentBy};

use crate::cut::Cut;
use crate::live::Waiting;
use crate::places::{WORD_OF_DETAIL, is_of_all_waiting};
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
    /// Where the time went, from its origin to its end; none for a refusal.
    pub budget: Option<TimeBudget>,
    /// Mail flow rules that acted, and those that were only evaluated.
    pub rules: Rules,
    /// Members, forwards and the sender's right, as they were when the message was processed.
    pub directory: Directory,
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
    /// The detail of a row, from the events of its message. What is shown of them is made of events that were cut; which
    /// of them are this recipient's, and where the time went until `now`, is known from the whole.
    pub(crate) fn of(row: TraceRow, events: Vec<(EventKey, Event)>, cut: &Cut, now: Timestamp) -> Detail {
        let mut whole: Vec<Event> = events.into_iter().map(|(_, event)| event).collect();
        whole.sort_by_key(in_order);
        let own = own_events(&whole, &row.row.key);
        let named = if cut.rules { Rules::default() } else { rules::of(&own) };
        let cause = cause::cause(&row, &own, &named);
        let headline = headline(&row, cause.as_ref());
        let mut reports: Vec<String> = Vec::new();
        for event in
            own.iter().filter(|event| event.event_id == EventId::Fail || event.event_id == EventId::Defer)
        {
            reports.extend(event.reference.iter().filter(|reference| reference.starts_with('<')).cloned());
        }
        let budget = budget::of(&row, &whole, now);
        let path = snapshot::path(&row.row.key, &whole);
        let mut own = told_once(own);
        // What was done to the message stays known; by which rule is what is cut.
        let actions: Vec<Option<String>> = own.iter().map(rules::action).collect();
        let facts = whole.iter().find_map(|event| event.message.clone());
        cut.events(&mut own, facts.as_ref());
        cut.events(&mut whole, facts.as_ref());
        let shown = own.iter().cloned().zip(actions);
        Detail {
            headline,
            sentence: sentence(&row),
            bar: bar(&row),
            remote_reply: row.row.remote_reply.clone(),
            budget,
            rules: rules::of(&own),
            directory: snapshot::of(path, &whole),
            events: shown
                .map(|(event, action)| events_in_words::shown(event, action, &row.row.key))
                .collect(),
            cause,
            reports,
            row,
        }
    }

    /// What came to nothing elsewhere is told where it was sent to as well.
    #[must_use]
    pub(crate) fn with_cause_behind(mut self, address: &str, mut cause: Cause) -> Detail {
        if self.cause.is_none() && self.row.status == Status::Resolved {
            cause.cause = format!("What was sent on to {address} failed. {}", cause.cause);
            self.cause = Some(cause);
            self.headline = headline(&self.row, self.cause.as_ref());
        }
        self
    }

    /// What stands for others has ended when the last of them did, and not when it was replaced by them.
    #[must_use]
    pub(crate) fn with_last_end(mut self, last: Option<Timestamp>) -> Detail {
        let [_, _, third] = &mut self.bar;
        if !self.row.status.is_leaf() && third.state == StepState::Done {
            third.at = last.or(third.at);
        }
        self
    }

    /// The same as the queue has it now.
    #[must_use]
    pub fn with_waiting(mut self, waiting: &Waiting) -> Detail {
        self.row.set_waiting(waiting);
        self.remote_reply = self.row.row.remote_reply.clone();
        self.cause = match &waiting.held {
            Some(held) => Some(cause::held(held)),
            None => {
                let events: Vec<Event> = self.events.iter().map(|event| event.data.clone()).collect();
                cause::cause(&self.row, &events, &self.rules)
            }
        };
        self.headline = headline(&self.row, self.cause.as_ref());
        self.sentence = sentence(&self.row);
        self
    }
}

/// Addresses gone through from a replaced one to where it ended.
const REPLACEMENTS_MAX: usize = 20;

/// The row that failed where what came to this recipient went on to, if the recipient was replaced by it.
pub(crate) fn failed_behind(rows: &[TraceRow], recipient: &str) -> Option<TraceRow> {
    let mut key = address_key(recipient);
    for _ in 0..REPLACEMENTS_MAX {
        let row = rows.iter().find(|row| row.row.key == key)?;
        match (row.status, row.final_status) {
            (Status::Failed, _) => return Some(row.clone()),
            (Status::Resolved, Some(Status::Failed)) => key = row.row.targets.first()?.clone().into(),
            _ => return None,
        }
    }
    None
}

/// When the last of those ended that a recipient stands for: its members and theirs, or what it was replaced by.
pub(crate) fn last_end_behind(rows: &[TraceRow], recipient: &str) -> Option<Timestamp> {
    let by_key: HashMap<&str, &TraceRow> = rows.iter().map(|row| (row.row.key.as_str(), row)).collect();
    let recipient = address_key(recipient);
    let mut open: Vec<&str> = Vec::from([recipient.as_ref()]);
    let mut seen = HashSet::new();
    let mut last = None;
    while let Some(key) = open.pop() {
        let Some(row) = by_key.get(key).filter(|_| seen.insert(key)) else { continue };
        if row.status.is_leaf() {
            last = last.max(row.row.ended_at);
        } else {
            open.extend(row.row.targets.iter().map(String::as_str));
        }
    }
    last
}

/// Why a row failed, with its address, from the events of its message.
pub(crate) fn cause_of(row: TraceRow, events: &[(EventKey, Event)]) -> Option<(String, Cause)> {
    let mut whole: Vec<Event> = events.iter().map(|(_, event)| event.clone()).collect();
    whole.sort_by_key(in_order);
    let own = own_events(&whole, &row.row.key);
    // Who may see the row that was replaced need not see the rules for another.
    cause::cause(&row, &own, &Rules::default()).map(|cause| (row.recipient_address, cause))
}

fn headline(row: &TraceRow, cause: Option<&Cause>) -> &'static str {
    let trouble = matches!(row.stage, Stage::NotDelivered | Stage::NotReceived) || cause.is_some();
    if trouble { "We found an issue" } else { "We found your message" }
}

/// Within one time of a log, which often knows no fractions of seconds, what entered stands before what became of it.
fn in_order(event: &Event) -> (Timestamp, bool) {
    let entered = matches!(event.event_id, EventId::Receive | EventId::Dsn);
    (event.at, event.detail.place.is_some() && !entered)
}

/// The events of one recipient. A summary of another system may tell for each recipient anew that the message was
/// received: of these it is the one that names the recipient.
fn own_events(whole: &[Event], key: &str) -> Vec<Event> {
    let enters = |event: &Event| matches!(event.event_id, EventId::Receive | EventId::Dsn);
    let names = |event: &Event| event.recipients.iter().any(|one| address_key(&one.address) == key);
    let naming: HashSet<&str> = whole
        .iter()
        .filter(|event| enters(event) && names(event))
        .filter_map(|event| event.detail.place.as_deref())
        .collect();
    let is_of_others = |event: &Event| {
        let place = event.detail.place.as_deref();
        enters(event)
            && !event.recipients.is_empty()
            && !names(event)
            && place.is_some_and(|place| naming.contains(place))
    };
    whole.iter().filter(|event| concerns(event, key) && !is_of_others(event)).cloned().collect()
}

/// What Exchange Online's summary says by one word gives way to what its details tell of the same with their time and
/// words; that the message was received keeps what the summary knows of it, with the words of the detail.
fn told_once(mut own: Vec<Event>) -> Vec<Event> {
    let detailed: Vec<(Option<String>, EventId, String)> = own
        .iter()
        .filter_map(|event| {
            let word = word_of_detail(event)?;
            let (is_receipt, said) = (word.eq_ignore_ascii_case("Receive"), event.recipients.first());
            let event_id = if is_receipt { EventId::Receive } else { event.event_id };
            Some((
                event.detail.place.clone(),
                event_id,
                said.map(|one| one.status.clone()).unwrap_or_default(),
            ))
        })
        .collect();
    let is_bare = |event: &Event| {
        event.detail.place.is_some()
            && event.custom_data.is_empty()
            && event.recipients.iter().all(|recipient| recipient.status.is_empty())
    };
    let mut received: HashSet<Option<String>> = HashSet::new();
    for event in own.iter_mut().filter(|event| event.event_id == EventId::Receive && is_bare(event)) {
        let mut said = detailed.iter().filter(|(_, id, _)| *id == EventId::Receive);
        if let Some((place, _, said)) = said.find(|(place, ..)| *place == event.detail.place) {
            event.recipients.iter_mut().for_each(|recipient| recipient.status.clone_from(said));
            received.insert(place.clone());
        }
    }
    own.retain(|event| match word_of_detail(event) {
        Some(word) => !(word.eq_ignore_ascii_case("Receive") && received.contains(&event.detail.place)),
        None => {
            !is_bare(event)
                || event.event_id == EventId::Receive
                || !detailed
                    .iter()
                    .any(|(place, id, _)| *place == event.detail.place && *id == event.event_id)
        }
    });
    own
}

/// The word that Exchange Online's details have for an event; none for what anything else told.
fn word_of_detail(event: &Event) -> Option<&str> {
    let (_, word) = event.custom_data.iter().find(|(name, _)| name == WORD_OF_DETAIL)?;
    event.detail.place.as_ref().map(|_| word.as_str())
}

/// Whether an event is about a recipient, or about the whole message.
fn concerns(event: &Event, key: &str) -> bool {
    // Whom such a line means has an event of it too.
    event.recipients.is_empty() && event.related_recipient_address.is_none() && !is_of_all_waiting(event)
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

fn was_handed_on(row: &TraceRow) -> bool {
    let never_seen = row.row.sub_status == Some(SubStatus::NoEndSeen) && row.row.place.is_some();
    let not_seen = [Some(SubStatus::NotSeenThereYet), Some(SubStatus::NeverSeenHere)];
    never_seen || not_seen.contains(&row.row.sub_status)
}

fn sentence(row: &TraceRow) -> String {
    let sentence = of_status(row);
    if row.row.not_redundant && row.status.is_leaf() {
        return format!(
            "{sentence} It was not redundant in transit: no shadow copy of it could be made on another server."
        );
    }
    sentence
}

/// The status as a sentence.
fn of_status(row: &TraceRow) -> String {
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
        (Status::Resolved, _) if row.final_recipient_address.is_none() && row.row.told_by.is_some() => {
            format!("The message for {address} was sent on elsewhere. {detail}.")
        }
        (Status::Resolved, _) => {
            let to = row.final_recipient_address.as_deref().unwrap_or("another address");
            let status = row.final_status.map_or("unknown", Status::label);
            format!("{address} was replaced by {to}, whose status is {status}.")
        }
        (Status::Pending, _) if row.row.sub_status == Some(SubStatus::Suspended) => {
            format!("The message for {address} is held. {detail}.")
        }
        (Status::Pending, _) if row.row.sub_status == Some(SubStatus::Deferred) => {
            format!("The message for {address} waits and is tried again. {detail}.")
        }
        (Status::Pending, _) if row.row.sub_status == Some(SubStatus::Suppressed) => {
            format!("The message for {address} is held. {detail}.")
        }
        // Where it is now only the next system knows.
        (Status::Pending, _) if was_handed_on(row) => {
            format!("The message for {address} was handed on. {detail}.")
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

/// The row and events of one recipient, chosen among the rows of the message.
pub(crate) fn choose(rows: Vec<TraceRow>, recipient: &str) -> Option<TraceRow> {
    let key = address_key(recipient);
    rows.into_iter().find(|row| row.row.key == key)
}
