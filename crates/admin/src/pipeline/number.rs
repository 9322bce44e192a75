//! Numbers as PowerShell writes them: `10`, `-1.5`, `2KB`, `1GB`.
//! May touch: nothing (pure).

use serde_json::{Number, Value};

/// Longest text that is tried; longer ones are no numbers.
const LENGTH_MAX: usize = 40;

const UNITS: &[(&str, i64)] =
    &[("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30), ("tb", 1 << 40), ("pb", 1 << 50)];

/// The number, where the whole text is one.
pub(crate) fn read(text: &str) -> Option<Value> {
    let first = text.trim_start_matches(['-', '+']).chars().next()?;
    if text.len() > LENGTH_MAX || !(first.is_ascii_digit() || first == '.') {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| lower.strip_suffix(name).map(|digits| (digits, *unit)))
        .unwrap_or((lower.as_str(), 1));
    if let Ok(whole) = digits.parse::<i64>() {
        return whole.checked_mul(unit).map(Value::from);
    }
    if digits.contains(|letter: char| !(letter.is_ascii_digit() || ".-+".contains(letter))) {
        return None;
    }
    let product = digits.parse::<f64>().ok()? * unit as f64;
    whole(product)
}

/// A number that is shown without `.0` where it has no fraction.
pub(crate) fn whole(number: f64) -> Option<Value> {
    // Up to here every whole number has its own double.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
        return Some(Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_what_is_none() {
        let table = [
            ("10", json!(10)),
            ("-5", json!(-5)),
            ("1.5", json!(1.5)),
            ("2KB", json!(2048)),
            ("1.5mb", json!(1_572_864)),
            ("3GB", json!(3_221_225_472_u64)),
            (".5", json!(0.5)),
        ];
        for (text, number) in table {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["", "-", "kb", "1.2.3.4", "192.0.2.1", "5f1c", "1e9", "12:00", "inf"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
