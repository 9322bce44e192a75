//! The value of a parameter, read from text or JSON by its kind and written back in one spelling.
//! May touch: nothing (pure).

mod change;
mod list;
mod moment;
mod size;
mod span;
mod windows_zones;

use base64::Engine as _;
use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

pub use change::Change;
pub use list::split_commas;
pub(crate) use moment::in_sentence;
pub use moment::{Moment, Precision, read_zone, write_local};
pub use size::{read_size, write_size};
pub use span::{read_span, write_span};

use crate::filter::Filter;
use crate::parameter::{Kind, Parameter};

/// A number that may be unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// At most this many.
    Of(u64),
    /// No limit.
    Unlimited,
}

impl Limit {
    /// The number, if there is one.
    pub fn number(self) -> Option<u64> {
        match self {
            Limit::Of(number) => Some(number),
            Limit::Unlimited => None,
        }
    }
}

/// A value as a cmdlet sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `$null`.
    Null,
    /// Text, an identity, an address or one of the words of an enumeration in its own spelling.
    Text(String),
    /// A Boolean or a switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A size in bytes, or a count.
    Limit(Limit),
    /// A span of time.
    Span(SignedDuration),
    /// A point in time.
    Time(Timestamp),
    /// A secret.
    Secret(String),
    /// The contents of a file.
    Bytes(Bytes),
    /// A condition on rows.
    Filter(Filter),
    /// Several.
    List(Vec<Value>),
    /// Several, or what to add and remove.
    Change(Change),
}

/// A value that was read, with what the reader should be told about how it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The value.
    pub value: Value,
    /// How it was understood, where that may surprise.
    pub notes: Vec<String>,
    /// The same hour of the clock again, where the zone has it twice that day.
    again: Option<moment::Again>,
}

impl Reading {
    /// For the parameter it is given to: an interval whose ends stand in an hour that comes twice has both of them.
    #[must_use]
    pub fn given_to(mut self, parameter: &Parameter) -> Reading {
        if let Some(again) = self.again.take()
            && parameter.name.starts_with("End")
        {
            self.value = Value::Time(again.at);
            self.notes.pop();
            self.notes.push(again.note);
        }
        self
    }
}

impl From<Value> for Reading {
    fn from(value: Value) -> Reading {
        Reading { value, notes: Vec::new(), again: None }
    }
}

/// Reads the text of a value.
///
/// # Errors
/// One sentence without the parameter's name: what is wrong and what is expected.
pub fn read_text(kind: &Kind, text: &str, zone: &TimeZone) -> Result<Reading, String> {
    if text.eq_ignore_ascii_case("$null") {
        if !kind.takes_null() {
            return Err(format!("cannot be $null; it takes {}", kind.type_name()));
        }
        return Ok(match kind {
            Kind::List(_) => Value::List(Vec::new()).into(),
            Kind::Change(_) => Value::Change(Change::Replace(Vec::new())).into(),
            _ => Value::Null.into(),
        });
    }
    match kind {
        Kind::List(one) => Ok(Value::List(read_each(one, text, zone)?).into()),
        Kind::Change(one) => Ok(Value::Change(change::read(one, text, zone)?).into()),
        _ => read_one(kind, text, zone),
    }
}

/// Reads comma-separated text, each part as `kind`.
pub(crate) fn read_each(kind: &Kind, text: &str, zone: &TimeZone) -> Result<Vec<Value>, String> {
    split_commas(text)?.iter().map(|part| Ok(read_one(kind, part, zone)?.value)).collect()
}

fn read_one(kind: &Kind, text: &str, zone: &TimeZone) -> Result<Reading, String> {
    let trimmed = text.trim();
    Ok(match kind {
        Kind::Text => Value::Text(text.to_owned()).into(),
        Kind::Password => Value::Secret(text.to_owned()).into(),
        Kind::Bool | Kind::Switch => Value::Bool(read_bool(trimmed)?).into(),
        Kind::Int { min, max } => Value::Int(read_int(trimmed, *min, *max)?).into(),
        Kind::Size => Value::Limit(read_size(trimmed)?).into(),
        Kind::Count => Value::Limit(read_count(trimmed)?).into(),
        Kind::TimeSpan => Value::Span(read_span(trimmed)?).into(),
        Kind::DateTime => {
            let moment = Moment::read(trimmed, zone)?;
            Reading {
                value: Value::Time(moment.at),
                notes: moment.note.into_iter().collect(),
                again: moment.again,
            }
        }
        Kind::Identity => Value::Text(read_filled(trimmed)?).into(),
        Kind::OutputFile | Kind::ServerPath => Value::Text(read_filled(text)?).into(),
        Kind::Address => Value::Text(read_address(trimmed)?).into(),
        Kind::Enum(words) => Value::Text(read_word(trimmed, words)?).into(),
        Kind::Filter => Value::Filter(Filter::read(trimmed)?).into(),
        Kind::InputFile => {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(trimmed)
                .map_err(|error| format!("takes the file's contents in base64: {error}"))?;
            Value::Bytes(bytes.into()).into()
        }
        Kind::List(inner) | Kind::Change(inner) => return read_one(inner, text, zone),
    })
}

/// Reads a value of an HTTP body. Text in JSON is read like text of a command line.
///
/// # Errors
/// As [`read_text`].
pub fn read_json(kind: &Kind, json: &Json, zone: &TimeZone) -> Result<Reading, String> {
    match (kind, json) {
        (_, Json::Null) => read_text(kind, "$null", zone),
        (Kind::List(one), Json::Array(items)) => Ok(Value::List(read_items(one, items, zone)?).into()),
        (Kind::Change(one), Json::Array(items)) => {
            Ok(Value::Change(Change::Replace(read_items(one, items, zone)?)).into())
        }
        (Kind::Change(one), Json::Object(parts)) => {
            Ok(Value::Change(change::from_json(one, parts, zone)?).into())
        }
        (Kind::List(one), _) => Ok(Value::List(vec![read_scalar(one, json, zone)?.value]).into()),
        (Kind::Change(one), _) => {
            Ok(Value::Change(Change::Replace(vec![read_scalar(one, json, zone)?.value])).into())
        }
        _ => read_scalar(kind, json, zone),
    }
}

/// Reads an array, each item as `kind`.
pub(crate) fn read_items(kind: &Kind, items: &[Json], zone: &TimeZone) -> Result<Vec<Value>, String> {
    items.iter().map(|item| Ok(read_scalar(kind, item, zone)?.value)).collect()
}

fn read_scalar(kind: &Kind, json: &Json, zone: &TimeZone) -> Result<Reading, String> {
    match json {
        Json::String(text) => read_one(kind, text, zone),
        Json::Bool(is_on) if matches!(kind, Kind::Bool | Kind::Switch) => Ok(Value::Bool(*is_on).into()),
        Json::Number(number) => read_one(kind, &number.to_string(), zone),
        _ => Err(format!("takes {}, not {json}", kind.type_name())),
    }
}

/// Writes a value so that [`read_json`] reads it back.
pub fn write_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) | Value::Secret(text) => Json::from(text.as_str()),
        Value::Bool(is_on) => Json::from(*is_on),
        Value::Int(number) => Json::from(*number),
        Value::Limit(Limit::Of(number)) => Json::from(*number),
        Value::Limit(Limit::Unlimited) => Json::from("Unlimited"),
        Value::Span(span) => Json::from(write_span(*span)),
        Value::Time(at) => Json::from(at.to_string()),
        Value::Bytes(bytes) => Json::from(base64::engine::general_purpose::STANDARD.encode(bytes)),
        Value::Filter(filter) => Json::from(filter.source()),
        Value::List(values) => values.iter().map(write_json).collect(),
        Value::Change(change) => change::to_json(change),
    }
}

fn read_bool(text: &str) -> Result<bool, String> {
    let bare = text.strip_prefix('$').unwrap_or(text);
    if bare.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if bare.eq_ignore_ascii_case("false") {
        Ok(false)
    } else if text.is_empty() {
        Err("has an empty value, perhaps because your shell read $true or $false as its own; \
             write true or false"
            .into())
    } else {
        Err(format!("takes $true or $false, not \"{text}\""))
    }
}

fn read_int(text: &str, min: i64, max: i64) -> Result<i64, String> {
    let number: i64 = text.parse().map_err(|_| format!("takes a whole number, not \"{text}\""))?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(format!("takes a number from {min} to {max}, not {number}"))
    }
}

fn read_count(text: &str) -> Result<Limit, String> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Limit::Unlimited);
    }
    text.replace(',', "")
        .parse()
        .map(Limit::Of)
        .map_err(|_| format!("takes a whole number or Unlimited, not \"{text}\""))
}

fn read_filled(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("has an empty value; quote '$null' to clear it".into());
    }
    Ok(text.to_owned())
}

fn read_address(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
    let filled = read_filled(bare)?;
    match filled.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(filled),
        _ => Err(format!("takes an SMTP address such as kim@contoso.example, not \"{text}\"")),
    }
}

fn read_word(text: &str, words: &[&str]) -> Result<String, String> {
    if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        return Ok((*word).to_owned());
    }
    let hint = crate::nearest::nearest(text, words.iter().copied())
        .map(|word| format!("; did you mean {word}?"))
        .unwrap_or_default();
    Err(format!("takes one of {}, not \"{text}\"{hint}", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: &Kind, text: &str) -> Result<Value, String> {
        read_text(kind, text, &TimeZone::UTC).map(|reading| reading.value)
    }

    #[test]
    fn booleans_are_read_literally_and_never_defaulted() {
        for (given, expected) in [("$true", true), ("True", true), ("$False", false), ("false", false)] {
            assert_eq!(text(&Kind::Bool, given), Ok(Value::Bool(expected)), "{given}");
        }
        for given in ["", "yes", "1", "$null"] {
            assert!(text(&Kind::Bool, given).is_err(), "{given}");
        }
    }

    #[test]
    fn null_clears_what_can_be_empty() {
        assert_eq!(text(&Kind::Address, "$null"), Ok(Value::Null));
        assert_eq!(text(&Kind::List(&Kind::Address), "$NULL"), Ok(Value::List(vec![])));
        assert!(text(&Kind::Size, "$null").is_err());
        assert!(text(&Kind::Identity, "").is_err());
    }

    #[test]
    fn words_are_given_back_in_their_own_spelling() {
        let kind = Kind::Enum(&["Authoritative", "InternalRelay"]);
        assert_eq!(text(&kind, "internalrelay"), Ok(Value::Text("InternalRelay".into())));
        assert!(text(&kind, "InternalRely").unwrap_err().contains("did you mean InternalRelay?"));
    }

    #[test]
    fn json_reads_what_it_wrote() {
        let kinds_and_texts: &[(Kind, &str)] = &[
            (Kind::Bool, "$true"),
            (Kind::Int { min: 0, max: 9 }, "7"),
            (Kind::Size, "10MB"),
            (Kind::Size, "unlimited"),
            (Kind::TimeSpan, "1.02:03:04"),
            (Kind::DateTime, "2026-11-20T10:00:00Z"),
            (Kind::List(&Kind::Text), "a,b"),
            (Kind::Change(&Kind::Text), "@{Add='a','b';Remove='c'}"),
            (Kind::Filter, "Status -eq 'Ready'"),
            (Kind::Text, ""),
        ];
        for (kind, given) in kinds_and_texts {
            let value = text(kind, given).unwrap();
            let again = read_json(kind, &write_json(&value), &TimeZone::UTC).unwrap().value;
            assert_eq!(again, value, "{given}");
        }
    }
}
