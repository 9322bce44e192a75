//! Results as CSV, times in UTC.
//! May touch: nothing (pure).
//! Standards: RFC 4180.

use serde_json::Value;
use trace::reports::is_formula;

use super::{Shown, names};
use crate::output::Row;

/// What stands between fields unless another mark is asked for.
pub(crate) const COMMA: char = ',';

/// A head and a line per row. The line end is CRLF (RFC 4180 §2).
pub(super) fn write(shown: &Shown<'_>, rows: &[Row]) -> String {
    let declared: Vec<&str> = shown.output.all().map(|property| property.name).collect();
    let names = if rows.is_empty() { declared } else { names(shown, rows) };
    let mut text = line(names.iter().map(|name| (*name).to_owned()));
    for row in rows {
        text.push_str(&line(names.iter().map(|name| field(row.get(*name).unwrap_or(&Value::Null)))));
    }
    text
}

/// A line with its end.
pub(crate) fn line(fields: impl Iterator<Item = String>) -> String {
    line_with(COMMA, fields)
}

/// A line with another mark between its fields.
pub(crate) fn line_with(delimiter: char, fields: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for (number, field) in fields.enumerate() {
        if number > 0 {
            text.push(delimiter);
        }
        text.push_str(&quoted(&field, delimiter));
    }
    text.push_str("\r\n");
    text
}

/// A value as a field, without quotes.
pub(crate) fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(field).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// RFC 4180 §2: fields with the delimiter, a quote or a line end stand in quotes, quotes are doubled.
fn quoted(field: &str, delimiter: char) -> String {
    // Subjects and addresses come from outside: a spreadsheet must show them, not run them.
    let safe = if is_formula(field) { format!("'{field}") } else { field.to_owned() };
    let field = safe.as_str();
    if field.contains([delimiter, '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}
