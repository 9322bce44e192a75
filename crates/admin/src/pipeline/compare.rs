//! Comparison of two values as PowerShell does it: case never counts, dates are compared as dates, sizes as numbers.
//! May touch: nothing (pure).

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::number;
use crate::value::{Limit, Moment, read_size};

/// How two values lie to each other; of different kinds, the left one's kind decides.
pub(crate) fn order(left: &Value, right: &Value, zone: &TimeZone) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Number(_), _) | (_, Value::Number(_)) => match (as_number(left), as_number(right)) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            _ => order_texts(&text(left), &text(right)),
        },
        (Value::Bool(_), _) | (_, Value::Bool(_)) => match (as_bool(left), as_bool(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => order_texts(&text(left), &text(right)),
        },
        (Value::String(left), Value::String(right)) => order_strings(left, right, zone),
        _ => order_texts(&text(left), &text(right)),
    }
}

fn order_strings(left: &str, right: &str, zone: &TimeZone) -> Ordering {
    let (one, other) = (stored_time(left), stored_time(right));
    if one.is_some() || other.is_some() {
        let read = |text: &str| Moment::read(text.trim(), zone).ok().map(|moment| moment.at);
        if let (Some(one), Some(other)) = (one.or_else(|| read(left)), other.or_else(|| read(right))) {
            return one.cmp(&other);
        }
    }
    if let (Some(one), Some(other)) = (size(left), size(right)) {
        return one.total_cmp(&other);
    }
    order_texts(left, right)
}

fn order_texts(left: &str, right: &str) -> Ordering {
    left.chars().flat_map(char::to_lowercase).cmp(right.chars().flat_map(char::to_lowercase))
}

/// A time as the server writes it; other texts are times only beside one of these.
pub(crate) fn stored_time(text: &str) -> Option<Timestamp> {
    let is_long = text.len() >= "2026-11-20T00:00Z".len() && text.as_bytes().get(10) == Some(&b'T');
    if is_long { text.parse().ok() } else { None }
}

/// A size as the server writes it: `10 MB (10,485,760 bytes)`, `Unlimited`.
fn size(text: &str) -> Option<f64> {
    let is_size = text.ends_with(" bytes)") || text.eq_ignore_ascii_case("unlimited");
    if is_size { limit(text) } else { None }
}

fn limit(text: &str) -> Option<f64> {
    read_size(text).ok().map(|limit| match limit {
        Limit::Of(bytes) => bytes as f64,
        Limit::Unlimited => f64::INFINITY,
    })
}

/// The value as a number: numbers, texts that are one, sizes.
pub(crate) fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(is_on) => Some(f64::from(u8::from(*is_on))),
        Value::String(text) => match number::read(text.trim()) {
            Some(number) => number.as_f64(),
            None => limit(text.trim()),
        },
        _ => None,
    }
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_on) => Some(*is_on),
        Value::String(text) => {
            let bare = text.strip_prefix('$').unwrap_or(text);
            [("true", true), ("false", false)]
                .into_iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(bare))
                .map(|(_, is_on)| is_on)
        }
        _ => None,
    }
}

/// Whether a value counts as true where a condition is expected.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_on) => *is_on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => match items.as_slice() {
            [] => false,
            [one] => is_true(one),
            _ => true,
        },
        Value::Object(_) => true,
    }
}

/// A value as text, for comparison and as the name of a group.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(parts) => {
            parts.iter().map(|(name, part)| format!("{name}={}", text(part))).collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_every_kind_have_an_order() {
        let zone = crate::value::read_zone("+02:00").unwrap();
        let table = [
            (json!("Failed"), json!("FAILED"), Ordering::Equal),
            (json!("a"), json!("B"), Ordering::Less),
            (json!(10), json!("9"), Ordering::Greater),
            (json!("10"), json!(9), Ordering::Greater),
            (json!("10"), json!("9"), Ordering::Less),
            (json!("10 MB (10,485,760 bytes)"), json!(1_048_576), Ordering::Greater),
            (json!("10 MB (10,485,760 bytes)"), json!("9 MB (9,437,184 bytes)"), Ordering::Greater),
            (json!("Unlimited"), json!(1_048_576), Ordering::Greater),
            (json!("2026-11-20T10:00:00Z"), json!("2026-11-20 11:00"), Ordering::Greater),
            (json!("2026-11-20T10:00:00Z"), json!("2026-11-20T12:00:00+02:00"), Ordering::Equal),
            (json!("2026-11-20T10:00:00Z"), json!("11/20/2026 12:00:00 PM"), Ordering::Equal),
            (json!("2026-11-20T10:00:00.5Z"), json!("2026-11-20T10:00:00Z"), Ordering::Greater),
            (json!(null), json!(0), Ordering::Less),
            (json!(true), json!("$true"), Ordering::Equal),
            (json!(false), json!(true), Ordering::Less),
        ];
        for (left, right, expected) in table {
            assert_eq!(order(&left, &right, &zone), expected, "{left} {right}");
            assert_eq!(order(&right, &left, &zone), expected.reverse(), "{right} {left}");
        }
    }
}
