//! The arguments of one call: values by parameter, checked against the cmdlet's declaration.
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::filter::Filter;
use crate::nearest::nearest;
use crate::output::{OutputType, Row, Show};
use crate::parameter::{Kind, Parameter, RESULT_SIZE_DEFAULT};
use crate::value::{Change, Limit, Value, read_json, read_zone, write_json};

/// What stands in the audit log for a secret or a file.
const REDACTED: &str = "***";

/// The values given to a cmdlet. A reader for a parameter that was not given returns `None`.
#[derive(Debug, Clone)]
pub struct Arguments {
    cmdlet: &'static Cmdlet,
    values: BTreeMap<&'static str, Value>,
    zone: TimeZone,
    /// How values were understood, where that may surprise.
    pub notes: Vec<String>,
}

impl Arguments {
    /// No arguments yet; times are shown in `zone`.
    pub fn new(cmdlet: &'static Cmdlet, zone: TimeZone) -> Arguments {
        Arguments { cmdlet, values: BTreeMap::new(), zone, notes: Vec::new() }
    }

    /// Sets a value, whatever stood there before.
    pub fn set(&mut self, parameter: &'static Parameter, value: Value) {
        self.values.insert(parameter.name, value);
    }

    /// Reads the JSON body of an HTTP request: parameter names, whatever their case, and values.
    ///
    /// # Errors
    /// `Usage`, naming the parameter.
    pub fn from_json(cmdlet: &'static Cmdlet, body: &Map<String, Json>) -> Result<Arguments, CmdletError> {
        let zone = match body.iter().find(|(name, _)| name.eq_ignore_ascii_case("TimeZone")) {
            Some((_, Json::String(name))) => {
                read_zone(name).map_err(|why| usage(cmdlet, "TimeZone", &why))?
            }
            _ => TimeZone::UTC,
        };
        let mut arguments = Arguments::new(cmdlet, zone);
        for (name, json) in body {
            let parameter = cmdlet
                .parameter(name)
                .filter(|parameter| !parameter.is_shell_only)
                .ok_or_else(|| unknown_parameter(cmdlet, name))?;
            let reading = read_json(&parameter.kind, json, &arguments.zone)
                .map_err(|why| usage(cmdlet, parameter.name, &why))?
                .given_to(parameter);
            arguments.notes.extend(reading.notes);
            arguments.set(parameter, reading.value);
        }
        arguments.check_required()?;
        Ok(arguments)
    }

    /// The body [`Arguments::from_json`] reads back.
    pub fn to_json(&self) -> Map<String, Json> {
        let mut body = Map::new();
        for parameter in self.cmdlet.all_parameters().filter(|parameter| !parameter.is_shell_only) {
            if let Some(value) = self.values.get(parameter.name) {
                body.insert(parameter.name.to_owned(), write_json(value));
            }
        }
        body
    }

    /// The arguments as the audit log keeps them: no secrets, no file contents.
    pub fn to_audit(&self) -> Json {
        let mut body = self.to_json();
        for (name, value) in &self.values {
            if matches!(value, Value::Secret(_) | Value::Bytes(_)) {
                body.insert((*name).to_owned(), Json::from(REDACTED));
            }
        }
        Json::Object(body)
    }

    /// Refuses a call without a required parameter.
    ///
    /// # Errors
    /// `Usage`, naming the first that is missing.
    pub fn check_required(&self) -> Result<(), CmdletError> {
        let missing = self
            .cmdlet
            .own_parameters()
            .find(|parameter| parameter.is_required && !self.values.contains_key(parameter.name));
        match missing {
            None => Ok(()),
            Some(parameter) => Err(CmdletError::Usage(format!(
                "{} needs -{}: {}",
                self.cmdlet.name, parameter.name, parameter.sentence
            ))),
        }
    }

    /// The cmdlet these are for.
    pub fn cmdlet(&self) -> &'static Cmdlet {
        self.cmdlet
    }

    /// The zone of the reader.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// True when the parameter was given, `$null` included.
    pub fn is_given(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value, whatever its kind.
    pub fn value(&self, name: &str) -> Option<&Value> {
        debug_assert!(
            self.cmdlet.all_parameters().any(|parameter| parameter.name == name),
            "{} declares no parameter {name}",
            self.cmdlet.name
        );
        self.values.get(name)
    }

    /// Text, an identity, an address or a word. `None` for `$null` too.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text) | Value::Secret(text)) => Some(text),
            _ => None,
        }
    }

    /// Text, with `Some(None)` for `$null`.
    pub fn text_or_null(&self, name: &str) -> Option<Option<&str>> {
        self.value(name).map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The text of a required parameter.
    ///
    /// # Errors
    /// `Usage` when it was not given or is `$null`.
    pub fn required(&self, name: &str) -> Result<&str, CmdletError> {
        self.text(name).ok_or_else(|| usage(self.cmdlet, name, "needs a value"))
    }

    /// A Boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.value(name) {
            Some(Value::Bool(is_on)) => Some(*is_on),
            _ => None,
        }
    }

    /// A switch: true when it is there and not `:false`.
    pub fn is_on(&self, name: &str) -> bool {
        self.boolean(name) == Some(true)
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.value(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// A size in bytes or a count.
    pub fn limit(&self, name: &str) -> Option<Limit> {
        match self.value(name) {
            Some(Value::Limit(limit)) => Some(*limit),
            _ => None,
        }
    }

    /// A span of time.
    pub fn span(&self, name: &str) -> Option<SignedDuration> {
        match self.value(name) {
            Some(Value::Span(span)) => Some(*span),
            _ => None,
        }
    }

    /// A point in time.
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        match self.value(name) {
            Some(Value::Time(at)) => Some(*at),
            _ => None,
        }
    }

    /// The contents of a file.
    pub fn bytes(&self, name: &str) -> Option<&Bytes> {
        match self.value(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.value(name) {
            Some(Value::List(values)) => Some(texts_of(values)),
            _ => None,
        }
    }

    /// The present texts with the change made: a new list, or some added and some removed, whatever
    /// their case. `None` when the parameter was not given.
    pub fn changed(&self, name: &str, present: &[String]) -> Option<Vec<String>> {
        let change = match self.value(name) {
            Some(Value::Change(change)) => change,
            _ => return None,
        };
        Some(match change {
            Change::Replace(values) => without_repeats(texts_of(values).into_iter().map(str::to_owned)),
            Change::Edit { add, remove } => {
                let gone = texts_of(remove);
                let kept =
                    present.iter().filter(|text| !gone.iter().any(|one| one.eq_ignore_ascii_case(text)));
                without_repeats(kept.cloned().chain(texts_of(add).into_iter().map(str::to_owned)))
            }
        })
    }

    /// What a change adds and removes, and whether it replaces all there is.
    pub fn edits(&self, name: &str) -> Option<(Vec<&str>, Vec<&str>, bool)> {
        match self.value(name) {
            Some(Value::Change(Change::Replace(values))) => Some((texts_of(values), Vec::new(), true)),
            Some(Value::Change(Change::Edit { add, remove })) => {
                Some((texts_of(add), texts_of(remove), false))
            }
            _ => None,
        }
    }

    /// The filter, or one that lets everything through.
    ///
    /// # Errors
    /// `Usage` when it names a property the cmdlet does not put out, or a value that property cannot have.
    pub fn row_filter(&self, name: &str) -> Result<impl Fn(&Row) -> bool + use<>, CmdletError> {
        self.filter_on(name, &self.cmdlet.output)
    }

    /// The same over the objects of another cmdlet, which this one acts on.
    ///
    /// # Errors
    /// As [`Arguments::row_filter`].
    pub fn filter_on(
        &self,
        name: &str,
        output: &OutputType,
    ) -> Result<impl Fn(&Row) -> bool + use<>, CmdletError> {
        let filter: Option<Filter> = match self.value(name) {
            Some(Value::Filter(filter)) => Some(filter.clone()),
            _ => None,
        };
        for property in filter.iter().flat_map(Filter::properties) {
            if output.property(property).is_none() {
                let hint = nearest(property, output.all().map(|one| one.name))
                    .map(|one| format!("; did you mean {one}?"))
                    .unwrap_or_default();
                let why = format!("names {property}, which is no property of {}{hint}", output.name);
                return Err(usage(self.cmdlet, name, &why));
            }
        }
        let show_of = |property: &str| output.property(property).map_or(Show::Text, |one| one.show);
        let typed = filter.map(|filter| filter.typed(show_of, &self.zone)).transpose();
        let filter = typed.map_err(|why| usage(self.cmdlet, name, &why))?;
        Ok(move |row: &Row| filter.as_ref().is_none_or(|filter| filter.matches(row)))
    }

    /// The most rows to return.
    pub fn result_size(&self) -> usize {
        match self.limit("ResultSize") {
            Some(Limit::Unlimited) => usize::MAX,
            Some(Limit::Of(number)) => usize::try_from(number).unwrap_or(usize::MAX),
            None => RESULT_SIZE_DEFAULT,
        }
    }

    /// True for `-WhatIf`.
    pub fn is_what_if(&self) -> bool {
        matches!(self.values.get("WhatIf"), Some(Value::Bool(true)))
    }

    /// What `-Confirm` says: `Some(false)` means yes to everything.
    pub fn confirm(&self) -> Option<bool> {
        match self.values.get("Confirm") {
            Some(Value::Bool(is_on)) => Some(*is_on),
            _ => None,
        }
    }
}

fn texts_of(values: &[Value]) -> Vec<&str> {
    values
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn without_repeats(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for text in texts {
        if !unique.iter().any(|one| one.eq_ignore_ascii_case(&text)) {
            unique.push(text);
        }
    }
    unique
}

/// A usage error about one parameter.
pub fn usage(cmdlet: &Cmdlet, parameter: &str, why: &str) -> CmdletError {
    CmdletError::Usage(format!("{} -{parameter} {why}", cmdlet.name))
}

/// The usage error for a parameter nobody declared, with the nearest that exists.
pub fn unknown_parameter(cmdlet: &'static Cmdlet, name: &str) -> CmdletError {
    let hint = nearest(name, cmdlet.all_parameters().map(|parameter| parameter.name))
        .map(|one| format!("did you mean -{one}?"))
        .unwrap_or_else(|| format!("see `postroom help {}`", cmdlet.name));
    CmdletError::Usage(format!("{} has no parameter -{name}; {hint}", cmdlet.name))
}

/// True for kinds that take the place of a name on the command line only with a colon.
pub(crate) fn is_flag(kind: &Kind) -> bool {
    matches!(kind, Kind::Switch)
}
