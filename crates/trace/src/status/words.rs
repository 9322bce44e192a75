//! From slots to the row that is shown: fields of the deciding event, and one line in words.
//!
//! May touch: nothing (pure).

use std::borrow::Cow;
use std::collections::HashSet;

use events::{Event, EventId, NextHop, Reason};
use jiff::Timestamp;

use super::decide::Decision;
use super::row::{Replacement, Row, Stage, Status, SubStatus};
use super::state::{Mark, Order, RowState, What};
use crate::agent_notes;
use crate::causes::explain;

/// Longest one-line detail, in characters; the full texts are in the detail of the row.
const DETAIL_CHARS_MAX: usize = 300;

/// The row of one recipient, without what depends on other rows (stage, final address).
pub(crate) fn row(
    state: &RowState,
    decision: &Decision,
    events: &[&Event],
    received: Option<Order>,
    not_redundant: bool,
) -> Row {
    let deciding = decision.mark.and_then(|mark| event_of(mark, events));
    let waiting = state.waiting.and_then(|mark| event_of(mark, events));
    let pick =
        |field: fn(&Event) -> Option<String>| deciding.and_then(field).or_else(|| waiting.and_then(field));
    let reply = decision.mark.and_then(|mark| status_text(mark, events));
    let open = !decision.status.is_end();
    let mut row = Row {
        recipient_address: state.address.to_string(),
        key: state.key.to_string(),
        status: decision.status,
        final_recipient_address: None,
        final_status: None,
        stage: Stage::Received,
        folder: deciding.and_then(|event| event.detail.folder.clone()),
        item_id: deciding.and_then(|event| event.detail.item_id),
        sub_status: decision.sub_status,
        detail: None,
        reason: deciding.and_then(|event| event.detail.reason),
        queue: pick(|event| event.detail.queue.clone()),
        attempts: state.attempts.map(|attempts| attempts.max(state.deferrals)),
        last_reply: reply,
        next_retry: if open { deciding.and_then(|event| event.detail.next_retry) } else { None },
        expires: deciding.and_then(|event| event.detail.expires),
        remote_reply: deciding.and_then(|event| event.detail.remote_reply.clone()),
        remote_host: deciding.and_then(remote_host),
        remote_queue_id: deciding.and_then(|event| event.detail.remote_queue_id.clone()),
        to_ip: state.hop.map(|(_, ip)| ip),
        server: deciding
            .filter(|event| !names_the_other(event))
            .and_then(|event| event.server_hostname.clone().or_else(|| event.detail.place.clone())),
        waits_as: deciding.and_then(|event| event.internal_message_id),
        place: deciding.and_then(place),
        told_by: deciding.or(waiting).and_then(|event| event.detail.place.clone()),
        received_at: time(received),
        processed_at: time(state.processed),
        ended_at: decision.mark.filter(|_| decision.status.is_end()).and_then(|mark| time(Some(mark.order))),
        last_event_at: time(Some(state.last)),
        replacement: decision.mark.and_then(|mark| match mark.what {
            What::Replaced(replacement) => Some(replacement),
            _ => None,
        }),
        targets: unique(&state.targets),
        parents: unique(&state.parents),
        spam: state.spam_verdict.is_some(),
        not_redundant,
        clocks_differ: None,
        count: 1,
    };
    // Another system's record of a delivery names no folder; its filter's note does.
    let is_stored = deciding.is_some_and(|event| {
        event.detail.place.is_some() && matches!(event.event_id, EventId::Deliver | EventId::DuplicateDeliver)
    });
    let verdict = state.spam_verdict.and_then(|mark| event_of(mark, events)).and_then(agent_notes::spam);
    if is_stored && row.folder.is_none() && verdict.is_some_and(|note| note.is_to_junk()) {
        row.folder = Some(agent_notes::JUNK_FOLDER.to_owned());
    }
    if row.folder.as_deref().is_some_and(is_junk) && decision.status == Status::Delivered {
        row.sub_status = Some(SubStatus::JunkEmail);
    }
    row.detail = sentence(&row, state).map(|text| flagged(&row, &text));
    row
}

fn event_of<'a>(mark: Mark, events: &[&'a Event]) -> Option<&'a Event> {
    events.get(usize::try_from(mark.event).ok()?).copied()
}

fn status_text(mark: Mark, events: &[&Event]) -> Option<String> {
    let recipient = event_of(mark, events)?.recipients.get(usize::try_from(mark.recipient).ok()?)?;
    (!recipient.status.is_empty() && !matches!(mark.what, What::Replaced(_)))
        .then(|| recipient.status.clone())
}

fn time(order: Option<Order>) -> Option<Timestamp> {
    Timestamp::from_microsecond(order?.at).ok()
}

fn unique(links: &[(Order, u32, Box<str>)]) -> Vec<String> {
    let mut seen = HashSet::with_capacity(links.len());
    links.iter().filter(|(_, _, key)| seen.insert(key.as_ref())).map(|(_, _, key)| key.to_string()).collect()
}

fn is_hop(event: &Event) -> bool {
    matches!(event.event_id, EventId::Send | EventId::SendExternal)
}

/// Whether the event's server is the other one: that of the next hop, where an attempt was made.
fn names_the_other(event: &Event) -> bool {
    is_hop(event) || event.detail.remote_host.is_some() && event.server_hostname == event.detail.remote_host
}

fn remote_host(event: &Event) -> Option<String> {
    let named = event.detail.remote_host.clone();
    if is_hop(event) { named.or_else(|| event.server_hostname.clone()) } else { named }
}

fn place(event: &Event) -> Option<String> {
    match &event.detail.next_hop {
        Some(NextHop::Place(name)) => Some(name.clone()),
        _ => None,
    }
}

/// Whether a folder is the one for spam.
pub(crate) fn is_junk(folder: &str) -> bool {
    folder.eq_ignore_ascii_case("Junk Email") || folder.eq_ignore_ascii_case("Junk E-mail")
}

fn sentence(row: &Row, state: &RowState) -> Option<String> {
    let reply = row.remote_reply.as_deref().or(row.last_reply.as_deref());
    match row.status {
        Status::Delivered => Some(delivered(row, reply)),
        Status::Pending => Some(pending(row, reply)),
        Status::Expanded => Some(match row.targets.len() {
            0 if state.unlisted => "Group; its members have rows of their own".to_owned(),
            0 => "Group with 0 members: nobody received it".to_owned(),
            1 => "Group, 1 member".to_owned(),
            members => format!("Group, {members} members"),
        }),
        Status::Resolved => {
            let to = row.targets.join(", ");
            if to.is_empty() && row.told_by.is_some() && row.replacement == Some(Replacement::Redirected) {
                return Some("Replaced by another address, which the record does not name".to_owned());
            }
            if to.is_empty() {
                return Some("Replaced by another address, which has a row of its own".to_owned());
            }
            Some(match row.replacement {
                Some(Replacement::Redirected) => format!("Forwarded to {to}"),
                _ => format!("Resolved to {to}"),
            })
        }
        Status::Failed | Status::FilteredAsSpam => Some(failed(row, reply)),
        Status::Quarantined => {
            Some(with_reply("Held in quarantine", reply.or(row.spam.then_some("spam verdict"))))
        }
        Status::Recalled => Some("Recalled by its sender".to_owned()),
        Status::GettingStatus => state.received.map(|_| "Received; nothing else known yet".to_owned()),
    }
}

fn delivered(row: &Row, reply: Option<&str>) -> String {
    if row.sub_status == Some(SubStatus::HandedOn) {
        let host = row.remote_host.as_deref().unwrap_or("the next system");
        return with_reply(&format!("Handed on to {host}"), reply);
    }
    let second = row.sub_status == Some(SubStatus::DuplicateDropped);
    match row.folder.as_deref() {
        Some(folder) if is_junk(folder) && row.spam => "Junk Email: spam verdict".to_owned(),
        Some(folder) if second => format!("Delivered to {folder}; a second copy was dropped"),
        Some(folder) => format!("Delivered to {folder}"),
        None if second => "Delivered; a second copy was dropped".to_owned(),
        None => "Delivered to the mailbox".to_owned(),
    }
}

/// The line with what is noted of the message beside its status.
fn flagged(row: &Row, text: &str) -> String {
    let text = shorten(text);
    if row.not_redundant && row.status.is_leaf() { format!("{text}; not redundant in transit") } else { text }
}

/// The line of a row that waits, from what the row says now.
pub(crate) fn waiting_in_words(row: &Row) -> String {
    flagged(row, &pending(row, row.remote_reply.as_deref().or(row.last_reply.as_deref())))
}

fn pending(row: &Row, reply: Option<&str>) -> String {
    let queue = row.queue.as_deref().map(|queue| format!(" in queue {queue}")).unwrap_or_default();
    match row.sub_status {
        Some(SubStatus::Queued) if is_unreachable(row) => {
            format!("Queued{queue}: {}", clause(explain(Reason::NoConnector).cause))
        }
        Some(SubStatus::Queued) => format!("Queued{queue}"),
        Some(SubStatus::Deferred) => {
            let noun = if row.attempts == Some(1) { "attempt" } else { "attempts" };
            let attempts = row.attempts.map(|count| format!(" after {count} {noun}")).unwrap_or_default();
            let next = row.next_retry.map(|at| format!(", next attempt {at:.0}")).unwrap_or_default();
            with_reply(&format!("Deferred{queue}{attempts}{next}"), reply)
        }
        Some(SubStatus::NotSeenThereYet) => {
            let to = row.place.as_deref().or(row.remote_host.as_deref()).unwrap_or("the next system");
            format!("Handed on to {to}, not seen there yet")
        }
        Some(SubStatus::InTransit) => "Handed on inside the organization".to_owned(),
        Some(SubStatus::Poison) => {
            "In the poison queue: an administrator must resume or remove it".to_owned()
        }
        Some(SubStatus::WaitingForModerator) => "Waiting for a moderator".to_owned(),
        Some(SubStatus::Throttled) => with_reply("Slowed down by a limit", reply),
        Some(SubStatus::Suppressed) => with_reply("Held back", reply),
        Some(SubStatus::Approved) => "Approved by a moderator, delivery follows".to_owned(),
        Some(SubStatus::Released) => "Released from quarantine, delivery follows".to_owned(),
        _ => "Being processed".to_owned(),
    }
}

/// The line of a row that was handed on longer ago than a message may wait, and of which no other record came.
pub(crate) fn handed_on_long_ago(row: &Row) -> String {
    let host = row.remote_host.as_deref().or(row.place.as_deref()).unwrap_or("the next system");
    let reply = row.remote_reply.as_deref().or(row.last_reply.as_deref());
    let reply = reply.filter(|reply| !reply.is_empty()).map(|reply| format!(" ({reply})"));
    let there = match row.place.as_deref() {
        Some(place) => format!("no end seen: never seen at {place}"),
        None => "no record of that place is read".to_owned(),
    };
    flagged(row, &format!("Handed on to {host}, which accepted it{}; {there}", reply.unwrap_or_default()))
}

/// The line of a row that another place handed on to this server, which has no record of it.
pub(crate) fn never_seen_here(row: &Row) -> String {
    let host = row.remote_host.as_deref().or(row.place.as_deref()).unwrap_or("this server");
    let reply = row.remote_reply.as_deref().or(row.last_reply.as_deref());
    let reply = reply.filter(|reply| !reply.is_empty()).map(|reply| format!(" ({reply})"));
    let from = row.told_by.as_deref().map(|place| format!(", as {place} says")).unwrap_or_default();
    let text = format!(
        "Handed on to {host}, which accepted it{from}{}; this server has no such message",
        reply.unwrap_or_default()
    );
    flagged(row, &text)
}

/// Whether the row waits where no connector leads on from: this server's queue of that name, or Exchange's.
pub(crate) fn is_unreachable(row: &Row) -> bool {
    let name = row.queue.as_deref().unwrap_or_default();
    name.rsplit('\\').next().is_some_and(|name| name == "Unreachable")
}

/// A sentence as a part of another.
fn clause(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn failed(row: &Row, reply: Option<&str>) -> String {
    let head = match row.sub_status {
        Some(SubStatus::Expired) => "Expired in the queue",
        Some(SubStatus::DroppedSilently) if row.status == Status::FilteredAsSpam => "Spam, dropped",
        Some(SubStatus::DroppedSilently) => {
            let why = row.reason.map(|reason| format!("; {}", clause(explain(reason).cause)));
            return with_reply(
                &format!("Dropped silently: no report was made{}", why.unwrap_or_default()),
                reply,
            );
        }
        Some(SubStatus::RemovedByAdministrator) => "Removed by an administrator",
        Some(SubStatus::Moderation) => "Not approved by a moderator",
        _ if row.status == Status::FilteredAsSpam => "Spam, rejected or blocked",
        _ => return reply.map_or_else(|| "Not delivered".to_owned(), ToOwned::to_owned),
    };
    with_reply(head, reply)
}

/// What happened, and the reply or the log's own words where these say more.
pub(crate) fn with_reply(head: &str, reply: Option<&str>) -> String {
    let reply = reply.map(unwrapped);
    match reply.filter(|reply| !reply.is_empty() && !says_the_same(head, reply)) {
        Some(reply) => format!("{head}: {reply}"),
        None => head.to_owned(),
    }
}

/// What a server said, without the fields that Exchange writes around it: of
/// `Reason: [{LED=550 5.1.1 unknown};{MSG=};{FQDN=};{IP=}]` the text of its last error. Every other text as it is.
pub(crate) fn unwrapped(text: &str) -> Cow<'_, str> {
    let found = text.split_once("[{").and_then(|(before, rest)| {
        let (fields, after) = rest.split_once("}]")?;
        let said = fields.split("};{").find_map(|field| field.strip_prefix("LED="))?;
        Some((before.trim().trim_end_matches("Reason:").trim_end(), said.trim(), after))
    });
    let Some((before, said, after)) = found.filter(|(_, said, _)| !said.is_empty()) else {
        return Cow::Borrowed(text);
    };
    let after = after.trim_start_matches(['.', ';', '}', ' ']);
    let parts = [before.trim_end_matches(['{', ' ']), said, after];
    Cow::Owned(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Whether a text has no word that the head does not have: "removed by an administrator" behind "Removed by an
/// administrator".
fn says_the_same(head: &str, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let known = words(head);
    // That it went well is said.
    let is_success = |code: &str| code.starts_with('2') && mail::codes::is_enhanced(code);
    let text = text.split_once(' ').filter(|(code, _)| is_success(code)).map_or(text, |(_, rest)| rest);
    words(text).iter().all(|word| known.contains(word) || EMPTY_WORDS.contains(&word.as_str()))
}

/// Words that tell nothing new of a message.
const EMPTY_WORDS: &[&str] = &["a", "an", "mail", "message", "the", "was"];

/// One line, no control characters, at most [`DETAIL_CHARS_MAX`].
fn shorten(text: &str) -> String {
    let line = text.chars().map(|ch| if ch.is_control() { ' ' } else { ch });
    let mut short: String = line.take(DETAIL_CHARS_MAX).collect();
    if text.chars().nth(DETAIL_CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}
