//! What a line says once it is read: statements, commands, arguments, values.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What `Get-Date` needs to know of the world.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The present.
    pub now: Timestamp,
    /// The zone of the caller.
    pub zone: TimeZone,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// One line that says what is wrong and what there is.
    pub message: String,
    /// The line of the text, from 1.
    pub line: usize,
    /// True when more text could make it whole: an open quote or brace, a pipe at the end.
    pub is_incomplete: bool,
}

/// Commands joined by pipes.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The commands, at least one.
    pub(crate) elements: Vec<Element>,
    /// The line of its first letter, from 1.
    pub line: usize,
    /// As it was typed.
    pub text: String,
}

/// A place in a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Element {
    /// Values written down, at the beginning only.
    Values(Vec<Value>),
    /// A command with its arguments.
    Command(Command),
}

/// A command as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
}

/// A word after a command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Argument {
    /// `-Name`, or `-Name:` with a value that follows.
    Name { name: String, has_colon: bool },
    /// A value.
    Value(Value),
}

/// A value as it was typed; what it is worth depends on who takes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A word without quotes, which may be a number.
    Bare(String),
    /// A text in quotes, or a time.
    Text(String),
    /// `$true` or `$false`.
    Bool(bool),
    /// `$null`.
    Null,
    /// `a, b` or `@(a, b)`.
    List(Vec<Value>),
    /// `@{a=1; b=2}`.
    Table(Vec<(String, Value)>),
    /// `{ … }`, unread.
    Block(String),
}

impl Value {
    /// The value as JSON, numbers as numbers.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Bare(text) => super::number::read(text).unwrap_or_else(|| Json::from(text.as_str())),
            Value::Text(text) | Value::Block(text) => Json::from(text.as_str()),
            Value::Bool(is_on) => Json::from(*is_on),
            Value::Null => Json::Null,
            Value::List(values) => values.iter().map(Value::to_json).collect(),
            Value::Table(entries) => {
                entries.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
            }
        }
    }

    /// The text of a single value.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Bare(text) | Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of one value or a list of them.
    pub(crate) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Value::List(values) => values.iter().map(|value| value.text().map(str::to_owned)).collect(),
            one => one.text().map(|text| vec![text.to_owned()]),
        }
    }
}
