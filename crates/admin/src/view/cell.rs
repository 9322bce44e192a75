//! One value as people read it.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::output::{Property, Show, grouped};
use crate::value::{Precision, in_sentence, write_local};

/// The text of a value in a table or list; times in `zone`.
pub(super) fn text(value: &Value, property: Option<&Property>, zone: &TimeZone) -> String {
    let show = property.map_or(Show::Text, |property| property.show);
    match (value, show) {
        (Value::Null, _) => String::new(),
        (value, Show::Drawn(draw)) => draw(value, zone),
        (Value::String(text), Show::Time) => time(text, zone, Precision::Seconds),
        (Value::String(text), Show::Sentence) => in_sentence(text, zone),
        (Value::String(text), Show::Instant) => time(text, zone, Precision::Milliseconds),
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

fn time(text: &str, zone: &TimeZone, precision: Precision) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => write_local(at, zone, precision),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::read_zone;

    #[test]
    fn what_happened_has_its_milliseconds_and_sentences_the_zone_of_the_reader() {
        let zone = read_zone("Europe/Berlin").unwrap();
        let shown = |value: &str, property: Property| text(&Value::from(value), Some(&property), &zone);
        let at = "2026-11-22T10:38:12.123456Z";
        assert_eq!(shown(at, Property::instant("Date")), "2026-11-22 11:38:12.123");
        assert_eq!(shown(at, Property::time("WhenCreated")), "2026-11-22 11:38:12");
        let put_off = "Delivery put off, next attempt 2026-11-22T10:53:12Z: 451 Later";
        assert_eq!(
            shown(put_off, Property::sentence("Detail")),
            "Delivery put off, next attempt 2026-11-22 11:53:12: 451 Later"
        );
    }
}
