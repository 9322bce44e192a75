//! What a place of ours decided itself: its rule, its malware filter, its directory, not the reply of a host outside.
//!
//! May touch: nothing (pure).

use events::{DomainKind, Event, EventId, Reason, Source};

use super::cause::Cause;
use super::rules::Rules;
use crate::agent_notes::{self, MalwareNote};
use crate::causes::{Actor, Side, explain, recognise};

/// The pair of custom-data in which Exchange says whether a host outside wrote the reply.
const IS_EXTERNAL: &str = "IsSmtpResponseFromExternalServer";

/// Whether the place of an event wrote itself what the event says.
pub(super) fn is_own(event: &Event) -> bool {
    if matches!(event.event_id, EventId::Refused | EventId::Drop) {
        return true;
    }
    let said = event.custom_data.iter().find(|(name, _)| name == IS_EXTERNAL).map(|(_, said)| said.as_str());
    if let Some(said) = said.filter(|said| !said.is_empty()) {
        return said.eq_ignore_ascii_case("false");
    }
    if event.detail.remote_reply.is_some() || quotes_a_host(event) {
        return false;
    }
    match event.source {
        // The recipient is one of ours, and no host was asked.
        Source::Smtp => {
            event.detail.domain == Some(DomainKind::Authoritative)
                && event.detail.remote_host.is_none()
                && event.server_ip.is_none()
        }
        Source::Gateway => false,
        _ => true,
    }
}

/// Whether the words are those of a host that stands beside them, as Exchange writes it: `{FQDN=mx.far.example}`.
fn quotes_a_host(event: &Event) -> bool {
    let names = |status: &str| {
        status.split_once("{FQDN=").is_some_and(|(_, rest)| !rest.trim_start().starts_with('}'))
    };
    event.recipients.iter().any(|recipient| names(&recipient.status))
}

/// What a rule or the malware filter of a place stopped, where its notes or its words say so. `said` is what the place
/// said, `events` are those of the recipient.
pub(super) fn stopped_there(
    (place, by): (&str, &Event),
    said: Option<&str>,
    events: &[Event],
    rules: &Rules,
) -> Option<Cause> {
    let is_failure = matches!(by.event_id, EventId::Fail | EventId::Drop);
    if !is_failure || !is_own(by) || !matches!(by.source, Source::Agent | Source::Routing | Source::Smtp) {
        return None;
    }
    let named = said.and_then(|said| recognise(said, Side::Ours)).map(|known| known.name);
    let reason = by.detail.reason;
    let is_rule = reason == Some(Reason::TransportRule) || named == Some(explain(Reason::TransportRule).name);
    let notes = events.iter().filter(|event| event.detail.place == by.detail.place);
    let found: Vec<MalwareNote<'_>> = notes.filter_map(agent_notes::malware).collect();
    if !is_rule
        && matches!(reason, None | Some(Reason::Malware))
        && found.iter().any(MalwareNote::has_stopped)
    {
        return Some(Cause { evidence: said.map(str::to_owned), ..malware(place, &found) });
    }
    let stopped: Vec<String> =
        rules.matched.iter().filter(|rule| rule.has_stopped()).map(|rule| rule.in_words()).collect();
    let is_rule = is_rule || reason.is_none() && named.is_none() && !stopped.is_empty();
    is_rule.then(|| Cause { evidence: said.map(str::to_owned), ..rule(place, &stopped) })
}

fn malware(place: &str, found: &[MalwareNote<'_>]) -> Cause {
    let words = explain(Reason::Malware);
    let named: Vec<String> = found.iter().filter_map(MalwareNote::named).collect();
    let meaning = words.cause.trim_end_matches('.');
    let named = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
    Cause {
        name: Some(words.name),
        cause: format!("At {place}: {meaning}{named}."),
        actor: Actor::Administrator,
        fix: format!(
            "See in the malware filter of {place} whether it is right. If it is, the sender cleans the attachment and sends again."
        ),
        evidence: None,
    }
}

fn rule(place: &str, stopped: &[String]) -> Cause {
    let words = explain(Reason::TransportRule);
    let cause = match stopped {
        [] => format!("At {place}: {}", words.cause),
        rules => format!("At {place}: {} rejected or deleted it.", rules.join(", ")),
    };
    Cause {
        name: Some(words.name),
        cause,
        actor: Actor::Administrator,
        fix: format!(
            "Look at the rule at {place}; change its conditions or exceptions if it should not have acted."
        ),
        evidence: None,
    }
}
