//! One value as people read it.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::output::{Property, Show, grouped};

/// The text of a value in a table or list; times in `zone`.
pub(super) fn text(value: &Value, property: Option<&Property>, zone: &TimeZone) -> String {
    let show = property.map_or(Show::Text, |property| property.show);
    match (value, show) {
        (Value::Null, _) => String::new(),
        (value, Show::Drawn(draw)) => draw(value, zone),
        (Value::String(text), Show::Time) => time(text, zone),
        (Value::String(text), Show::Words(words)) => words
            .iter()
            .find(|(word, _)| word == text)
            .map_or_else(|| text.clone(), |(_, shown)| (*shown).to_owned()),
        (Value::Number(number), Show::Number) => number.as_u64().map_or_else(|| number.to_string(), grouped),
        (Value::String(text), _) => text.clone(),
        (Value::Bool(true), _) => "True".into(),
        (Value::Bool(false), _) => "False".into(),
        (Value::Array(items), _) => {
            items.iter().map(|item| self::text(item, property, zone)).collect::<Vec<_>>().join(", ")
        }
        (Value::Object(parts), _) => parts
            .iter()
            .map(|(name, item)| format!("{name}={}", self::text(item, None, zone)))
            .collect::<Vec<_>>()
            .join("; "),
        (Value::Number(number), _) => number.to_string(),
    }
}

fn time(text: &str, zone: &TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Control characters, which could move the cursor or hide text, as `\x1b` and the like; line ends too
/// unless `keeps_lines`.
pub(crate) fn printable(text: &str, keeps_lines: bool) -> String {
    let is_bad = |letter: char| letter.is_control() && !(keeps_lines && letter == '\n');
    if !text.contains(is_bad) {
        return text.to_owned();
    }
    text.chars()
        .map(|letter| if is_bad(letter) { letter.escape_default().to_string() } else { letter.to_string() })
        .collect()
}

/// The name of a zone for a column head.
pub(super) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => match zone.to_fixed_offset() {
            Ok(offset) => offset.to_string(),
            Err(_) => "local time".into(),
        },
    }
}
