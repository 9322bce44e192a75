//! Why a row is as it is: the cause in words, who must act, the fix, and the line it was read from.
//!
//! May touch: nothing (pure).

use events::{DomainKind, Event, EventId, Reason, Source};
use serde::Serialize;

use super::own_word::{self, stopped_there};
use super::rules::Rules;
use crate::causes::{Actor, Explanation, KnownCause, Side, explain, explain_reply, recognise};
use crate::live::Held;
use crate::places::queue_id_of;
use crate::search::TraceRow;
use crate::status::{Status, SubStatus, is_unreachable, unwrapped};

/// The cause with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cause {
    /// Its name in the list of causes; none for what only this row is.
    pub name: Option<&'static str>,
    /// As a sentence.
    pub cause: String,
    /// Who must act.
    pub actor: Actor,
    /// What to do.
    pub fix: String,
    /// The line it is taken from.
    pub evidence: Option<String>,
}

/// The cause of a row; `events` are those of its recipient, oldest first, and `rules` those that may be named.
pub(super) fn cause(row: &TraceRow, events: &[Event], rules: &Rules) -> Option<Cause> {
    if is_well(row) {
        return None;
    }
    let (remote, own) = (row.row.remote_reply.as_deref(), row.row.last_reply.as_deref());
    // A summary of another system says that it failed, and only one of its details says why.
    let own = own.or_else(|| remote.is_none().then(|| told(events)).flatten()).map(unwrapped);
    let (own, evidence) = (own.as_deref(), remote.or(own.as_deref()).map(ToOwned::to_owned));
    let with = |words: Explanation| {
        let (actor, fix) = if row.status == Status::Failed {
            after_the_last_attempt(&words)
        } else {
            (words.actor, words.fix.to_owned())
        };
        Cause {
            name: Some(words.name),
            cause: words.cause.to_owned(),
            actor,
            fix,
            evidence: evidence.clone(),
        }
    };
    if row.row.reason == Some(Reason::QueueExpired) {
        return Some(expired(with(explain(Reason::QueueExpired)), row, events));
    }
    let own_words = |cause: &str, actor: Actor, fix: &str| {
        Some(Cause {
            name: None,
            cause: cause.to_owned(),
            actor,
            fix: fix.to_owned(),
            evidence: evidence.clone(),
        })
    };
    if let Some(decided) = elsewhere(row, events) {
        let by = stopped_there(decided, own, events, rules);
        return by.or_else(|| Some(there(row, decided, remote.or(own), evidence.clone())));
    }
    if let Some(cause) = put_off_there(row, events, evidence.clone()) {
        return Some(cause);
    }
    if let Some(words) = row.row.reason.and_then(|reason| explain_reply(Some(reason), remote, own)) {
        let cause = with(words);
        return Some(match (row.row.reason, row.status) {
            (Some(Reason::RemovedByAdministrator), _) => removed(cause, events),
            (_, Status::Quarantined) => quarantined(row, events, Some(cause)),
            _ => cause,
        });
    }
    if let Some(cause) = stands_still(row, events, evidence.clone()) {
        return Some(cause);
    }
    match (row.status, row.row.sub_status) {
        (Status::Pending, Some(SubStatus::WaitingForModerator)) => {
            own_words("A moderator has to approve it.", Actor::Recipient, "Ask the moderators of the recipient.")
        }
        (Status::Quarantined, _) => Some(quarantined(row, events, None)),
        (Status::Pending, Some(SubStatus::Poison)) => Some(with(explain(Reason::Poison))),
        // What waits without a way out is not a failure, so that its events name no cause.
        (Status::Pending, Some(SubStatus::Queued)) if is_unreachable(&row.row) => {
            Some(with(explain(Reason::NoConnector)))
        }
        (Status::Pending, Some(SubStatus::Deferred)) => explain_reply(None, remote, own).map(with),
        (Status::Expanded, Some(SubStatus::EmptyGroup)) => Some(with(explain(Reason::EmptyGroup))),
        (Status::Failed | Status::FilteredAsSpam, _) => explain_reply(None, remote, own).map(with).or_else(|| {
            own_words(
                "The reply below says why.",
                Actor::Administrator,
                "Read the reply; if it comes from a remote server, the administrator there can explain it.",
            )
        }),
        _ => None,
    }
}

/// Whether there is nothing to explain. That another place sent it on to somebody else is what it was told to do.
fn is_well(row: &TraceRow) -> bool {
    match row.status {
        Status::Resolved => row.row.reason.is_none() || row.row.told_by.is_some(),
        Status::Delivered | Status::Recalled => row.row.reason.is_none(),
        _ => false,
    }
}

/// What to do with what is held.
const LOOK_IN_QUARANTINE: &str =
    "Look at it in the quarantine: release it there if it is wanted, or delete it.";

/// Where it is held, and why as far as that is known.
fn quarantined(row: &TraceRow, events: &[Event], known: Option<Cause>) -> Cause {
    let holds = events.iter().rev().find(|event| event.event_id == EventId::Quarantine);
    let is_verdict = holds.is_none() && row.row.spam;
    let place = match holds {
        Some(event) => event.detail.place.as_deref(),
        None => row.row.told_by.as_deref().filter(|_| is_verdict),
    };
    let folder = holds.and_then(|event| event.detail.folder.as_deref()).or(row.folder.as_deref());
    let folder = folder.filter(|folder| !folder.is_empty());
    let folder = folder
        .map_or_else(|| "in quarantine".to_owned(), |folder| format!("in the quarantine folder {folder}"));
    let at = place.map(|place| format!(" at {place}")).unwrap_or_default();
    let held = format!("It is held {folder}{at}: it was not lost, and not delivered.");
    let known = known.or_else(|| {
        is_verdict.then(|| {
            let words = explain(Reason::Spam);
            Cause {
                name: Some(words.name),
                cause: words.cause.to_owned(),
                actor: Actor::Administrator,
                fix: LOOK_IN_QUARANTINE.to_owned(),
                evidence: None,
            }
        })
    });
    match known {
        Some(known) => Cause { cause: format!("{held} {}", known.cause), ..known },
        None => Cause {
            name: None,
            cause: held,
            actor: Actor::Administrator,
            fix: LOOK_IN_QUARANTINE.to_owned(),
            evidence: None,
        },
    }
}

/// The last that was said of a failure.
fn told(events: &[Event]) -> Option<&str> {
    let fails = events.iter().rev().filter(|event| event.event_id == EventId::Fail);
    fails
        .filter_map(|event| event.recipients.first())
        .map(|recipient| recipient.status.as_str())
        .find(|status| !status.is_empty())
}

/// The known cause of greylisting.
const GREYLISTED: &str = "RemoteGreylisted";

/// The place that decided, where it was another than this server, and by which event.
fn elsewhere<'a>(row: &TraceRow, events: &'a [Event]) -> Option<(&'a str, &'a Event)> {
    let is_decided = matches!(row.status, Status::Failed | Status::FilteredAsSpam);
    let at = row.row.ended_at.filter(|_| is_decided)?;
    let ends = |id| matches!(id, EventId::Fail | EventId::Drop | EventId::BadMail | EventId::Refused);
    let decides = |event: &&Event| ends(event.event_id) && event.at == at;
    let decided = events.iter().rev().find(decides)?;
    Some((decided.detail.place.as_deref()?, decided))
}

/// What a filter of another place put off: no setting of this server has a part in it.
fn put_off_there(row: &TraceRow, events: &[Event], evidence: Option<String>) -> Option<Cause> {
    let is_deferred = row.status == Status::Pending && row.row.sub_status == Some(SubStatus::Deferred);
    let last = events.iter().rev().find(|event| event.event_id == EventId::Defer).filter(|_| is_deferred)?;
    let place = last.detail.place.as_deref().filter(|_| last.source == Source::Agent)?;
    Some(Cause {
        name: None,
        cause: format!("{place} puts it off: a rule of {place} has the sending server try again."),
        actor: Actor::Nobody,
        fix: format!(
            "Nothing: the sending server tries again by itself. If it goes on, see at {place} which rule puts it off, or ask the administrator of {place}."
        ),
        evidence,
    })
}

/// What another place decided: its settings are not ours to change, so what helps here does not help there.
fn there(
    row: &TraceRow,
    (place, event): (&str, &Event),
    said: Option<&str>,
    evidence: Option<String>,
) -> Cause {
    let (words, cause) = in_words_of(place, event, said, row.row.reason);
    let by = event.event_id;
    let name = words.map(|words| words.name);
    if by == EventId::Drop {
        let fix = format!(
            "See at {place} which rule throws it away, or ask the administrator of {place}; the sender has to send again, for nothing was kept and nobody was told."
        );
        return Cause { name, cause, actor: Actor::Administrator, fix, evidence };
    }
    if let Some(words) = words.filter(|words| by == EventId::Refused && words.name == GREYLISTED) {
        return Cause { name, cause, actor: words.actor, fix: words.fix.to_owned(), evidence };
    }
    if by == EventId::Refused && row.row.reason == Some(Reason::SourceBlocked) {
        let fix = format!(
            "The administrator of the sending server has its address taken off the list; whether {place} lets it in before is for the administrator of {place} to say."
        );
        return Cause { name, cause, actor: Actor::Sender, fix, evidence };
    }
    if let Some(words) = words.filter(|words| words.cause == cause) {
        let (actor, fix) = after_the_last_attempt(&words);
        return Cause { name, cause, actor, fix, evidence };
    }
    let fix = format!(
        "Look for it at {place}, or ask the administrator of {place}; the evidence and the id the message has there help to find it."
    );
    Cause { name, cause, actor: Actor::Administrator, fix, evidence }
}

/// Why something ended at another place, and the known cause it is, where it is one: what that place was told, else what
/// is known of such an end here, said of that place. What it refused, dropped or let expire nobody told it.
pub(super) fn in_words_of(
    place: &str,
    event: &Event,
    said: Option<&str>,
    reason: Option<Reason>,
) -> (Option<Explanation>, String) {
    let known_as = |side| said.and_then(|said| recognise(said, side)).map(KnownCause::explanation);
    let theirs = known_as(Side::Remote);
    let by = event.event_id;
    let is_own = own_word::is_own(event) || reason == Some(Reason::QueueExpired);
    if let Some(words) = theirs.filter(|_| !is_own) {
        return (Some(words), words.cause.to_owned());
    }
    // Whom it keeps out by a list of others it does not keep out by a list of its own.
    let listed = theirs.filter(|words| by == EventId::Refused && words.name == "RemoteDnsBlockList");
    if let Some(words) = listed {
        let cause = format!(
            "At {place}: the address of the sending server stands on a block list that {place} asks."
        );
        return (Some(words), cause);
    }
    // One who comes for the first time is told to come again: nothing of it is a refusal.
    let greylisted = theirs.filter(|words| by == EventId::Refused && words.name == GREYLISTED);
    if let Some(words) = greylisted {
        let cause = format!("{place} puts off the first attempt of a sender it does not know (greylisting).");
        return (Some(words), cause);
    }
    let named = known_as(Side::Ours);
    let known = reason.filter(|reason| *reason != Reason::SourceBlocked).map(explain).or(named);
    let known = known.or(theirs.filter(|_| by == EventId::Fail));
    let cause = match (known, reason) {
        (_, _) if by == EventId::Drop => match said.filter(|said| !said.is_empty()) {
            Some(said) => format!("{place} threw it away and told nobody; it says: {said}."),
            None => format!("{place} threw it away and told nobody."),
        },
        (Some(words), _) => format!("At {place}: {}", words.cause),
        (None, Some(Reason::SourceBlocked)) => format!("The rules of {place} for access keep it out."),
        (None, _) if by == EventId::Refused && theirs.is_some() => {
            format!("At {place}: {}", theirs.map(|words| words.cause).unwrap_or_default())
        }
        (None, _) => format!("It ended at {place}, which names no cause that is known here."),
    };
    (known, cause)
}

/// What an administrator has suspended.
pub(super) fn held(held: &Held) -> Cause {
    let words = explain(Reason::Suspended);
    Cause {
        name: Some(words.name),
        cause: format!("{}.", held.in_words()),
        actor: words.actor,
        fix: format!("Resume it: {}.", held.resume),
        evidence: None,
    }
}

/// Who removed it, and when.
fn removed(mut cause: Cause, events: &[Event]) -> Cause {
    let last = events.iter().rev().find(|event| {
        event.event_id == EventId::Fail && event.detail.reason == Some(Reason::RemovedByAdministrator)
    });
    let who = last.and_then(|event| {
        let who = event.source_context.as_deref()?.strip_prefix("removed by ")?;
        Some((event.at, who))
    });
    if let Some((at, who)) = who {
        cause.cause = format!("An administrator ({who}) removed it from the queue at {at:.0}.");
        cause.fix = "The sender may send again.".to_owned();
    }
    cause
}

/// What waits for somebody to look after it: held at another place, or not heard of any more.
fn stands_still(row: &TraceRow, events: &[Event], evidence: Option<String>) -> Option<Cause> {
    let (cause, fix) = match row.row.sub_status.filter(|_| row.status == Status::Pending)? {
        SubStatus::Suppressed => {
            let holds = events.iter().rev().find(|event| event.event_id == EventId::Suppressed);
            return Some(held_there(row.row.told_by.as_deref()?, holds.and_then(queue_id_of), evidence));
        }
        SubStatus::NeverSeenHere => return Some(never_seen_here(row, evidence)),
        SubStatus::NoEndSeen if row.row.place.is_some() => (
            "The next system accepted it, and its records, which are read here, have nothing of it.",
            "See whether the records of that place still come (Get-TraceSource); if they do, look for the message there by the id it answered with.",
        ),
        SubStatus::NoEndSeen => (
            "Nothing more was recorded for longer than a message may stay in a queue.",
            "Look for the message in Get-Message and for gaps in the trace; if a place it was handed on to is read here, see whether its records still come.",
        ),
        _ => return None,
    };
    Some(Cause {
        name: None,
        cause: cause.to_owned(),
        actor: Actor::Administrator,
        fix: fix.to_owned(),
        evidence,
    })
}

/// Handed on to this server, which has no record of it.
fn never_seen_here(row: &TraceRow, evidence: Option<String>) -> Cause {
    let place = row.row.told_by.as_deref().unwrap_or("the place before");
    let server = row.row.place.as_deref().unwrap_or("this server");
    let id = row.row.remote_queue_id.as_deref().map(|id| format!(" by the id {id}")).unwrap_or_default();
    let at = row.row.to_ip.map(|ip| format!(" ({ip})")).unwrap_or_default();
    Cause {
        name: None,
        cause: format!(
            "This server ({server}) has no such message, though {place} says that it was accepted here{id}."
        ),
        actor: Actor::Administrator,
        fix: format!(
            "Look at {place} whether the relay it was handed to{at} was really this server, for another host can answer by its name. If it was, ask why this server has no record{id}: see the receive protocol log and the service log of that time. Until it is found the sender has to send again."
        ),
        evidence,
    }
}

/// Held at another place: nothing goes on by itself.
fn held_there(place: &str, queue_id: Option<&str>, evidence: Option<String>) -> Cause {
    let id = queue_id.map(|id| format!(" {id}")).unwrap_or_default();
    Cause {
        name: None,
        cause: format!("It is held at {place} until an administrator lets it go on or removes it."),
        actor: Actor::Administrator,
        fix: format!(
            "You, or the administrator of {place}, look at it there and let it go on (Postfix: postsuper -H{id}; Exim: exim -Mt{id}) or remove it."
        ),
        evidence,
    }
}

/// "It expired" is no cause: what the last attempt met is.
fn expired(mut cause: Cause, row: &TraceRow, events: &[Event]) -> Cause {
    let last = events.iter().rev().find(|event| {
        event.event_id == EventId::Defer
            && (event.detail.remote_reply.is_some() || event.detail.reason.is_some())
    });
    let Some(last) = last else { return cause };
    let met = last
        .detail
        .remote_reply
        .as_deref()
        .and_then(|reply| recognise(reply, Side::Remote))
        .map(KnownCause::explanation)
        .or_else(|| last.detail.reason.map(explain));
    if let Some(met) = met {
        cause.cause = format!("{} The last attempt: {}", cause.cause, met.cause);
        // What nobody has to act on did not pass by itself in all that time: the reply is all there is to go by.
        if met.actor != Actor::Nobody {
            let (actor, fix) = after_the_last_attempt(&met);
            cause.actor = actor;
            cause.fix = format!("{fix} Then the sender sends again.");
        }
    }
    let own =
        last.recipients.first().map(|recipient| recipient.status.as_str()).filter(|reply| !reply.is_empty());
    let said = last.detail.remote_reply.as_deref().or(own).map(ToOwned::to_owned);
    cause.evidence = said.or(cause.evidence);
    // Between two of our own systems it is not for the recipient's administrator to mend anything.
    if let Some((place, _)) = elsewhere(row, events)
        && last.detail.domain == Some(DomainKind::Authoritative)
    {
        cause.actor = Actor::Administrator;
        cause.fix = format!(
            "{place} could not hand it to the mail system of your own domain: see that this runs, and that {place} reaches it by the name and port that the evidence names. Then the sender sends again."
        );
    }
    cause
}

/// Who acts and what helps where nothing is tried any more: the clauses that promise another attempt are left out.
pub(super) fn after_the_last_attempt(words: &Explanation) -> (Actor, String) {
    if !words.fix.contains("by itself") {
        return (words.actor, words.fix.to_owned());
    }
    let mut fix = String::new();
    let sentences = words.fix.split_terminator('.').flat_map(|sentence| sentence.split(';')).map(str::trim);
    for clause in sentences.filter(|clause| !clause.contains("by itself")) {
        let clause = ["If it goes on, ", "if it goes on, "]
            .iter()
            .find_map(|condition| clause.strip_prefix(condition))
            .unwrap_or(clause);
        let mut letters = clause.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        fix.extend(first.into_iter().chain(letters));
        fix.push_str(". ");
    }
    if fix.is_empty() {
        return (Actor::Sender, "The sender may send again later.".to_owned());
    }
    let actor = if words.actor == Actor::Nobody { Actor::Sender } else { words.actor };
    (actor, fix.trim_end().to_owned())
}
