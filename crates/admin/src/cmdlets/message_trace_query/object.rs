//! The MessageTraceQuery object: a saved search and its conditions.
//! May touch: nothing (pure).

use directory::MessageTraceQuery;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::cmdlets::message_trace::saved::DefaultQuery;
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The search, by its name or GUID.").required().positional();

const KINDS: &[(&str, &str)] = &[("Default", "Default"), ("Custom", "Custom"), ("Autosaved", "Autosaved")];

/// What the cmdlets put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTraceQuery",
    properties: &[
        Property::text("Identity"),
        Property::text("Guid"),
        Property::text("Name"),
        Property::words("Kind", KINDS),
        Property::text("Owner"),
        Property::text("Description"),
        Property::drawn("Parameters", drawn),
        Property::text("TimeRange"),
        Property::text("Needs"),
        Property::time("WhenCreated"),
    ],
    settings: None,
    table: &["Name", "Kind", "Owner", "TimeRange", "Parameters"],
};

/// A search that is stored.
pub(super) fn row(query: &MessageTraceQuery) -> Row {
    rows::row_of(json!({
        "Identity": query.name,
        "Guid": query.guid.to_string(),
        "Name": query.name,
        "Kind": query.kind.as_str(),
        "Owner": query.owner,
        "Description": null,
        "Parameters": query.parameters,
        "TimeRange": range(&query.parameters),
        "Needs": null,
        "WhenCreated": query.when_created.to_string(),
    }))
}

/// A search every server has.
pub(super) fn default_row(query: &DefaultQuery) -> Row {
    let body = query.body();
    rows::row_of(json!({
        "Identity": query.name,
        "Guid": null,
        "Name": query.name,
        "Kind": "Default",
        "Owner": null,
        "Description": query.sentence,
        "TimeRange": range(&body),
        "Needs": query.needs,
        "Parameters": body,
        "WhenCreated": null,
    }))
}

/// Conditions that name one message, which is looked for in everything that is kept.
const IDS: &[&str] = &["MessageId", "MessageTraceId", "NetworkMessageId", "InternalMessageId"];

/// Saved with -Last it moves along; saved with dates it stays.
fn range(parameters: &Map<String, Value>) -> &'static str {
    let has = |name: &str| parameters.contains_key(name);
    match (has("Last"), has("StartDate") || has("EndDate")) {
        (true, _) => "Relative",
        (false, true) => "Absolute",
        (false, false) if IDS.iter().any(|id| has(id)) => "Everything kept",
        (false, false) => "Last 48 hours",
    }
}

/// `-Status Failed -Last 1.00:00:00`.
fn drawn(parameters: &Value, _: &TimeZone) -> String {
    let words = parameters.as_object().into_iter().flatten().map(|(name, value)| match value {
        Value::Bool(true) => format!("-{name}"),
        value => format!("-{name} {}", one(value)),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn one(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(one).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let safe: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if safe.contains([' ', '*', '<', '>']) && !safe.starts_with('\'') { format!("'{safe}'") } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_looked_for_in_everything() {
        let range = |body: Value| range(body.as_object().unwrap());
        assert_eq!(range(json!({"MessageId": ["<a@b.example>"]})), "Everything kept");
        assert_eq!(range(json!({"InternalMessageId": 7, "Last": "1.00:00:00"})), "Relative");
        assert_eq!(range(json!({"Subject": "x"})), "Last 48 hours");
    }

    #[test]
    fn conditions_read_as_they_are_typed() {
        let body = json!({"Status": ["Failed", "Pending"], "Subject": "Invoice 4711", "IncludeRefused": true, "Last": "1.00:00:00"});
        assert_eq!(
            drawn(&body, &TimeZone::UTC),
            "-Status Failed,Pending -Subject 'Invoice 4711' -IncludeRefused -Last 1.00:00:00"
        );
    }
}
