//! Events as Get-MessageTraceDetail shows them: a name, what acted, and a sentence.
//!
//! May touch: nothing (pure).

use events::{Event, EventId, NextHop, Reason};

use super::cause::in_words_of;
use super::{DetailEvent, rules};
use crate::agent_notes;
use crate::causes::explain;
use crate::gateway;
use crate::status::{address_key, with_reply};

/// The event as it is shown; `action` is what a filter or rule did.
pub(super) fn shown(event: Event, action: Option<String>, key: &str) -> DetailEvent {
    DetailEvent {
        date: event.at,
        event: name(event.event_id),
        action,
        detail: words(&event, key),
        data: event,
    }
}

/// The names of Get-MessageTraceDetail where it has one.
pub(super) fn name(id: EventId) -> &'static str {
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
        EventId::Resubmit => "Resubmit",
        other => rare_name(other),
    }
}

/// The others, as people read them.
fn rare_name(id: EventId) -> &'static str {
    match id {
        EventId::Submit => "Submit",
        EventId::DuplicateExpand => "Duplicate expand",
        EventId::DuplicateRedirect => "Duplicate redirect",
        EventId::DuplicateDeliver => "Duplicate deliver",
        EventId::DeliverFail => "Deliver fail",
        EventId::BadMail => "Bad mail",
        EventId::PoisonMessage => "Poison message",
        EventId::Recall => "Recall",
        EventId::ClientSubmission => "Client submission",
        EventId::HaDiscard => "HA discard",
        EventId::HaReceive => "HA receive",
        EventId::HaRedirect => "HA redirect",
        EventId::HaRedirectFail => "HA redirect fail",
        EventId::Load => "Load",
        EventId::NotifyMapi => "Notify MAPI",
        EventId::NotifyShadow => "Notify shadow",
        EventId::Process => "Process",
        EventId::ProcessMeetingMessage => "Process meeting message",
        EventId::ResubmitDefer => "Resubmit defer",
        EventId::ResubmitFail => "Resubmit fail",
        EventId::SubmitDefer => "Submit defer",
        EventId::SubmitFail => "Submit fail",
        EventId::Throttle => "Throttle",
        EventId::Suppressed => "Suppressed",
        EventId::InitMessageCreated => "Init message created",
        EventId::ModeratorApprove => "Moderator approve",
        EventId::ModeratorReject => "Moderator reject",
        EventId::ModerationExpire => "Moderation expire",
        EventId::ModeratorsAllNdr => "Moderators all NDR",
        other => other.as_str(),
    }
}

fn words(event: &Event, key: &str) -> String {
    let own = event.recipients.iter().find(|recipient| address_key(&recipient.address) == key);
    let reply = event
        .detail
        .remote_reply
        .as_deref()
        .or_else(|| own.map(|recipient| recipient.status.as_str()).filter(|status| !status.is_empty()));
    // A log of another system names itself as the server, and the next one beside it.
    let host = event.detail.remote_host.as_deref().or(event.server_hostname.as_deref());
    let others: Vec<&str> = event.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
    let head = match event.event_id {
        EventId::Receive => {
            let from = event.client_hostname.clone().or_else(|| event.client_ip.map(|ip| ip.to_string()));
            from.map_or_else(|| "Received".to_owned(), |from| format!("Received from {from}"))
        }
        EventId::Resolve => format!("Resolved to {}", others.join(", ")),
        // A gateway's record says that it went to somebody else, and not to whom.
        EventId::Redirect if others.is_empty() => "Forwarded to another address".to_owned(),
        EventId::Redirect => format!("Forwarded to {}", others.join(", ")),
        EventId::Expand if others.len() == 1 => "Expanded to 1 recipient".to_owned(),
        EventId::Expand => format!("Expanded to {} recipients", others.len()),
        EventId::Queued => queued(event),
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
        // The context says who: "removed by kim@contoso.example".
        EventId::Fail if event.detail.reason == Some(Reason::RemovedByAdministrator) => {
            let who = event.source_context.as_deref().and_then(|context| context.strip_prefix("removed by "));
            format!("Removed from the queue by {}", who.unwrap_or("an administrator"))
        }
        EventId::Fail => because(event, reply).unwrap_or_else(|| "Not delivered".to_owned()),
        EventId::Resubmit => match event.source_context.as_deref() {
            Some(why) => format!("Routed anew: {why}"),
            None => "Routed anew".to_owned(),
        },
        EventId::Drop => {
            let why = because(event, reply);
            why.map_or_else(|| "Dropped".to_owned(), |why| format!("Dropped without a report: {why}"))
        }
        EventId::Quarantine => held(event),
        // The row of a group or mailbox shows it too: not that one was a recipient already, but those it led to.
        EventId::DuplicateExpand if own.is_none() => {
            format!("Not added again: {} had the message already", others.join(", "))
        }
        EventId::DuplicateRedirect if own.is_none() => {
            format!("Not forwarded again: {} had the message already", others.join(", "))
        }
        EventId::DuplicateExpand => "A recipient already: nothing to expand again".to_owned(),
        EventId::DuplicateRedirect => "A recipient already: nothing to forward again".to_owned(),
        EventId::AgentInfo => noted(event),
        // The context says why: "No suitable shadow servers".
        EventId::HaRedirectFail => {
            let why = event.source_context.as_deref().map(str::trim).filter(|why| !why.is_empty());
            let why = why.filter(|_| reply.is_none()).map(|why| format!(": {why}")).unwrap_or_default();
            format!("{}{why}", rare_words(event.event_id))
        }
        EventId::DuplicateDeliver => "There already: a second copy was dropped".to_owned(),
        other => rare_words(other).to_owned(),
    };
    with_reply(&head, reply)
}

/// What the filters and rules of Exchange noted.
fn noted(event: &Event) -> String {
    let malware = agent_notes::malware(event).map(|note| note.in_words());
    let spam = agent_notes::spam(event).map(|note| note.in_words());
    let rules = rules::of(std::slice::from_ref(event)).matched;
    let rules = rules.iter().map(|rule| format!("{} did {}", rule.in_words(), rule.actions.join(", ")));
    let said: Vec<String> = malware.into_iter().chain(spam).chain(rules).collect();
    match super::word_of_detail(event) {
        Some(word) if said.is_empty() => word.to_owned(),
        None if said.is_empty() => "An agent noted what it did".to_owned(),
        _ => said.join(". "),
    }
}

/// What happened, of events that tell no more.
fn rare_words(id: EventId) -> &'static str {
    match id {
        EventId::Submit => "Handed over by the mailbox it was sent from",
        EventId::ClientSubmission => "Handed in by the sender's program",
        EventId::Dsn => "Made as a report on another message",
        EventId::Transfer => "Went on as a copy of its own",
        EventId::Release => "Let out of quarantine",
        EventId::Refused => "Refused before there was a message",
        EventId::Recall => "Taken back by its sender",
        EventId::BadMail => "Could not be made sense of",
        EventId::PoisonMessage => "Put into the poison queue: the server ended while it worked on it",
        EventId::Suppressed => "Held back",
        EventId::Throttle => "Slowed down by a limit",
        EventId::Load => "Read from the queue when the server started",
        EventId::Process => "Processed",
        EventId::ProcessMeetingMessage => "Read as a meeting request or an answer to one",
        EventId::NotifyMapi => "Found in the outbox of the sender's mailbox",
        EventId::DeliverFail => "Could not be put into the mailbox",
        EventId::SubmitDefer => "Handing it over was put off",
        EventId::SubmitFail => "Could not be handed over",
        other => words_of_redundancy(other),
    }
}

/// The same of shadow redundancy and Safety Net, which other servers have, and of moderation.
fn words_of_redundancy(id: EventId) -> &'static str {
    match id {
        EventId::HaReceive => "A shadow copy of it was taken in",
        EventId::HaRedirect => "A shadow copy of it was made on another server",
        EventId::HaRedirectFail => "No shadow copy of it could be made",
        EventId::HaDiscard => "Its shadow copy was discarded: the message itself had gone on",
        EventId::NotifyShadow => "The server with its shadow copy was told what became of it",
        EventId::ResubmitDefer => "Sending it again from Safety Net was put off",
        EventId::ResubmitFail => "Could not be sent again from Safety Net",
        EventId::InitMessageCreated => "Sent to its moderators to be approved",
        EventId::ModeratorApprove => "A moderator approved it",
        EventId::ModeratorReject => "A moderator rejected it",
        EventId::ModerationExpire => "No moderator answered in time",
        EventId::ModeratorsAllNdr => "No moderator could be reached",
        // What `words` tells from the event itself; the test of all event ids finds one that has words nowhere.
        other => name(other),
    }
}

/// The queue it went to; of a gateway, which names none, that it passed, and where a copy of it is kept.
fn queued(event: &Event) -> String {
    if let Some(queue) = event.detail.queue.as_deref() {
        return format!("Given to queue {queue}");
    }
    let copy = event.custom_data.iter().find(|(name, folder)| {
        name == gateway::QUARANTINE_FOLDER && !folder.is_empty() && event.detail.place.is_some()
    });
    match copy {
        Some((_, folder)) => {
            format!("Passed on for delivery; a copy is held in the quarantine folder {folder}")
        }
        None => "Passed on for delivery".to_owned(),
    }
}

/// The folder a copy is held in, and what put it there as far as the reader may know it.
fn held(event: &Event) -> String {
    let noted = |name: &str| {
        let found = event.custom_data.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let folder = event.detail.folder.as_deref().filter(|folder| !folder.is_empty());
    let place = folder.map_or_else(
        || "Held in quarantine".to_owned(),
        |folder| format!("Held in the quarantine folder {folder}"),
    );
    let rule = noted(gateway::QUARANTINE_RULE).or_else(|| noted(gateway::FINAL_RULE));
    match (noted(gateway::FINAL_MODULE), rule) {
        (Some(module), Some(rule)) => format!("{place} by the rule {rule} of the module {module}"),
        (None, Some(rule)) => format!("{place} by the rule {rule}"),
        (Some(module), None) => format!("{place} by the module {module}"),
        (None, None) => place,
    }
}

/// Why, as a sentence; without its full stop where a reply follows. What another place decided is told as the cause of
/// the row tells it: whose directory knows an address is the answer there.
fn because(event: &Event, reply: Option<&str>) -> Option<String> {
    let reason = event.detail.reason?;
    let cause = match event.detail.place.as_deref() {
        Some(place) => in_words_of(place, event, reply, Some(reason)).1,
        None => explain(reason).cause.to_owned(),
    };
    Some(if reply.is_some() { cause.trim_end_matches('.').to_owned() } else { cause })
}
