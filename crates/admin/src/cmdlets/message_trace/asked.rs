//! The conditions of a search as they were typed, a line each: what an answer repeats that found nothing.
//! May touch: nothing (pure).

use serde_json::Value;

use super::interval;
use crate::arguments::Arguments;

/// Parameters that are no condition.
const NO_CONDITION: &[&str] = &["ResultSize", "Cursor", "StartingRecipientAddress", "TimeZone"];
/// Characters of one line.
const LINE_CHARS_MAX: usize = 300;

/// `SenderAddress: *@fabrikam.example`.
pub(crate) fn words(arguments: &Arguments) -> Vec<String> {
    let given = arguments.to_json();
    let one = |name: &str, value: &Value| match arguments.time(name) {
        Some(at) => interval::local(at, arguments.zone()),
        None => one(value),
    };
    let conditions = given.iter().filter(|(name, _)| !NO_CONDITION.contains(&name.as_str()));
    conditions
        .map(|(name, value)| format!("{name}: {}", one(name, value)).chars().take(LINE_CHARS_MAX).collect())
        .collect()
}

fn one(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(one).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
