//! Mail flow rules in the notes of agents: those that matched, and those that were evaluated without a match.
//!
//! May touch: nothing (pure).
//!
//! `TRA=ETR|…|action=…` says that a rule acted; `TRA=ETRP|…` only that its evaluation was timed, which every
//! message has for every rule (Exchange). The second must never be shown as applied.

use events::{Event, EventId};
use serde::Serialize;

/// Rules named by one message; more are cut.
const RULES_MAX: usize = 500;

/// What mail flow rules had to do with a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rules {
    /// Conditions met, actions done.
    pub matched: Vec<RuleRecord>,
    /// Evaluated; the conditions were not met.
    pub evaluated: Vec<RuleRecord>,
}

/// One rule as it was when the message was processed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleRecord {
    /// Its identity.
    pub rule_id: String,
    /// Its name, where the record has it.
    pub name: Option<String>,
    /// Its conditions and actions in words, where the record has them.
    pub text: Option<String>,
    /// What it did; empty for one that did not match.
    pub actions: Vec<String>,
    /// Enforce, Audit, AuditAndNotify.
    pub mode: Option<String>,
    /// The rule of data loss prevention it belongs to.
    pub dlp_id: Option<String>,
    /// Which agent says so.
    pub agent: Option<String>,
}

impl RuleRecord {
    /// `The mail flow rule No executables (18)`.
    pub(super) fn in_words(&self) -> String {
        match &self.name {
            Some(name) => format!("The mail flow rule {name} ({})", self.rule_id),
            None => format!("The mail flow rule {}", self.rule_id),
        }
    }

    /// Whether it kept the message from its recipients.
    pub(super) fn has_stopped(&self) -> bool {
        let stops = |action: &String| {
            let action = action.to_ascii_lowercase();
            action.contains("reject") || action.contains("delete")
        };
        self.actions.iter().any(stops)
    }
}

/// The rules in the notes of agents, in the order in which they were written.
pub(super) fn of(events: &[Event]) -> Rules {
    let mut rules = Rules::default();
    let notes = events.iter().filter(|event| event.event_id == EventId::AgentInfo);
    for (event, value) in notes.flat_map(|event| pairs(event).map(move |value| (event, value))) {
        let Some((has_acted, record)) = read(value, event.source_context.as_deref()) else { continue };
        if has_acted {
            add(&mut rules.matched, record);
        } else {
            add(&mut rules.evaluated, record);
        }
    }
    let matched = &rules.matched;
    rules.evaluated.retain(|one| !matched.iter().any(|other| other.rule_id == one.rule_id));
    rules
}

/// What a filter or rule did at this event, if one acted.
pub(super) fn action(event: &Event) -> Option<String> {
    event.custom_data.iter().find_map(|(_, value)| {
        let mut parts = value.split(['|', ';']).map(str::trim);
        parts.find_map(|part| part.strip_prefix("action=")).map(ToOwned::to_owned)
    })
}

fn pairs(event: &Event) -> impl Iterator<Item = &str> {
    let named = event.custom_data.iter().filter(|(key, _)| key.eq_ignore_ascii_case("TRA"));
    named.map(|(_, value)| value.as_str())
}

/// `ETR|ruleId=…|st=…|action=RejectMessage|sev=2|mode=Enforce`: whether it acted, and what it says.
fn read(value: &str, agent: Option<&str>) -> Option<(bool, RuleRecord)> {
    let mut parts = value.split('|').map(str::trim);
    let kind = parts.next()?;
    if !kind.eq_ignore_ascii_case("ETR") && !kind.eq_ignore_ascii_case("ETRP") {
        return None;
    }
    let mut record = RuleRecord { agent: agent.map(ToOwned::to_owned), ..RuleRecord::default() };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name.to_ascii_lowercase().as_str() {
            "ruleid" => record.rule_id = value.to_owned(),
            "name" => record.name = text(),
            "text" => record.text = text(),
            "action" => record.actions.extend(text()),
            "mode" => record.mode = text(),
            "dlpid" => record.dlp_id = text(),
            _ => {}
        }
    }
    let has_acted = kind.eq_ignore_ascii_case("ETR") && !record.actions.is_empty();
    Some((has_acted, record))
}

/// One record per rule; what several lines say of it comes together.
fn add(records: &mut Vec<RuleRecord>, record: RuleRecord) {
    let has_room = records.len() < RULES_MAX;
    let known = records.iter_mut().find(|known| known.rule_id == record.rule_id);
    match known {
        Some(known) => {
            for action in record.actions {
                if !known.actions.contains(&action) {
                    known.actions.push(action);
                }
            }
            known.name = known.name.take().or(record.name);
            known.text = known.text.take().or(record.text);
        }
        None if has_room => records.push(record),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use events::Source;
    use mail::NetworkMessageId;

    use super::*;

    fn note(values: &[&str]) -> Event {
        let at = "2026-11-20T09:03:11Z".parse().unwrap();
        let mut event = Event::new(at, EventId::AgentInfo, Source::Agent, NetworkMessageId::default());
        event.source_context = Some("Transport Rule Agent".to_owned());
        event.custom_data = values.iter().map(|value| ("TRA".to_owned(), (*value).to_owned())).collect();
        event
    }

    #[test]
    fn a_timed_rule_has_not_acted_and_a_rule_with_an_action_has() {
        let rules = of(&[note(&[
            "ETRP|ruleId=17|exec=0.001",
            "ETRP|ruleId=18",
            "ETR|ruleId=18|name=No executables|text=If an attachment is executable, reject|action=RejectMessage|mode=Enforce",
            "ETR|ruleId=18|action=SetAuditSeverity",
            "DC|dcid=4",
        ])]);
        let matched: Vec<&str> = rules.matched.iter().map(|rule| rule.rule_id.as_str()).collect();
        let evaluated: Vec<&str> = rules.evaluated.iter().map(|rule| rule.rule_id.as_str()).collect();
        assert_eq!((matched, evaluated), (vec!["18"], vec!["17"]));
        assert_eq!(rules.matched[0].actions, ["RejectMessage", "SetAuditSeverity"]);
        assert_eq!(rules.matched[0].name.as_deref(), Some("No executables"));
        assert_eq!(rules.matched[0].agent.as_deref(), Some("Transport Rule Agent"));
    }

    #[test]
    fn a_record_without_an_action_says_only_that_the_rule_was_evaluated() {
        let rules = of(&[note(&["ETR|ruleId=5|st=2026-11-20"])]);
        assert!(rules.matched.is_empty());
        assert_eq!(rules.evaluated.len(), 1);
    }
}
