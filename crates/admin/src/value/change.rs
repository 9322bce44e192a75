//! A change to a multivalued property: a whole new list, or `@{Add=…; Remove=…}`.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::{Value, read_each, read_items, write_json};
use crate::parameter::Kind;

/// How a multivalued property changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// These and no others.
    Replace(Vec<Value>),
    /// The present ones, with some more and some fewer.
    Edit {
        /// Added if they are not there.
        add: Vec<Value>,
        /// Removed if they are there.
        remove: Vec<Value>,
    },
}

const DAMAGED: &str = "takes a list or '@{Add=\"a\",\"b\"; Remove=\"c\"}' in single quotes, \
                       so that your shell leaves the braces alone";

pub(super) fn read(kind: &Kind, text: &str, zone: &TimeZone) -> Result<Change, String> {
    let trimmed = text.trim();
    if !trimmed.starts_with('@') {
        return Ok(Change::Replace(read_each(kind, text, zone)?));
    }
    let inner = trimmed
        .strip_prefix("@{")
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or_else(|| format!("{DAMAGED}; it arrived as {trimmed}"))?;
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for entry in split_entries(inner) {
        let (name, values) =
            entry.split_once('=').ok_or_else(|| format!("{DAMAGED}; it arrived as {trimmed}"))?;
        let target = match name.trim().trim_matches(['"', '\'']).to_ascii_lowercase().as_str() {
            "add" => &mut add,
            "remove" => &mut remove,
            other => return Err(format!("{DAMAGED}; {other} is neither Add nor Remove")),
        };
        target.extend(read_each(kind, values, zone)?);
    }
    if add.is_empty() && remove.is_empty() {
        return Err(format!("{DAMAGED}; nothing is added or removed"));
    }
    Ok(Change::Edit { add, remove })
}

/// Splits at semicolons outside quotes.
fn split_entries(text: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut quote = None;
    for letter in text.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None if letter == ';' => {
                entries.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = entries.last_mut() {
            last.push(letter);
        }
    }
    entries.retain(|entry| !entry.trim().is_empty());
    entries
}

pub(super) fn from_json(kind: &Kind, parts: &Map<String, Json>, zone: &TimeZone) -> Result<Change, String> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for (name, json) in parts {
        let target = match name.to_ascii_lowercase().as_str() {
            "add" => &mut add,
            "remove" => &mut remove,
            other => return Err(format!("takes {{\"Add\": [], \"Remove\": []}}; {other} is neither")),
        };
        match json {
            Json::Array(items) => target.extend(read_items(kind, items, zone)?),
            one => target.extend(read_items(kind, std::slice::from_ref(one), zone)?),
        }
    }
    Ok(Change::Edit { add, remove })
}

pub(super) fn to_json(change: &Change) -> Json {
    match change {
        Change::Replace(values) => values.iter().map(write_json).collect(),
        Change::Edit { add, remove } => json!({
            "Add": add.iter().map(write_json).collect::<Json>(),
            "Remove": remove.iter().map(write_json).collect::<Json>(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> Result<Change, String> {
        read(&Kind::Text, text, &TimeZone::UTC)
    }

    fn texts(list: &[&str]) -> Vec<Value> {
        list.iter().map(|text| Value::Text((*text).into())).collect()
    }

    #[test]
    fn lists_replace_and_hashtables_edit() {
        assert_eq!(change("a,b"), Ok(Change::Replace(texts(&["a", "b"]))));
        assert_eq!(
            change("@{add=\"a\",'b;c'; Remove=d}"),
            Ok(Change::Edit { add: texts(&["a", "b;c"]), remove: texts(&["d"]) })
        );
    }

    #[test]
    fn what_a_shell_damaged_is_refused() {
        for text in ["@Add=a", "@{Add=a", "@{}", "@{Add}", "@{Put=a}", "@{Add=}"] {
            assert!(change(text).is_err(), "{text}");
        }
    }
}
