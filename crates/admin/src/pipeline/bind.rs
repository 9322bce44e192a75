//! The arguments of a cmdlet from what was typed, and from an object that comes through the pipe.
//! May touch: files the caller names (reading).

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::names;
use super::number;
use super::syntax::{Argument, Command, Value};
use crate::arguments::{Arguments, is_flag, usage};
use crate::cmdlet::Cmdlet;
use crate::command_line::{self, ReadFile};
use crate::error::CmdletError;
use crate::nearest::nearest;
use crate::parameter::{Kind, Parameter};
use crate::value::{read_json, read_zone};
use crate::view::Format;

/// Optional parameters that an object's property of the same name fills; of the others only those required do, lest
/// `Get-Mailbox | Set-Mailbox` set everything.
const BY_NAME: &[&str] = &["Identity", "MessageTraceId", "NetworkMessageId", "JobId", "Thumbprint"];
/// Where an object is taken for another parameter than `-Identity`: cmdlet, parameter, type of the object.
const BY_TYPE: &[(&str, &str, &str)] =
    &[("Get-Message", "Queue", "Queue"), ("Get-MessageTrackingLog", "Server", "TransportService")];
/// Where a parameter is filled by a property of another name: cmdlet, parameter, property. Objects that have a property
/// of the parameter's own name are taken by that.
const OF_PROPERTY: &[(&str, &str, &str)] = &[
    ("Get-MessageTrackingReport", "Identity", "MessageTrackingReportId"),
    ("Get-TraceCause", "Identity", "CauseId"),
    ("Get-MessageTraceTree", "MessageTraceId", "NetworkMessageId"),
    ("Get-MessageTraceDetail", "MessageTraceId", "NetworkMessageId"),
    ("Get-MessageTraceDetailV2", "MessageTraceId", "NetworkMessageId"),
    ("Get-MessageTrackingLog", "NetworkMessageId", "MessageTraceId"),
];
/// The properties that name an object, the first one it has.
const NAMES: &[&str] = &["Identity", "PrimarySmtpAddress", "Guid", "Name"];

/// A call as far as it was typed.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) arguments: Arguments,
    /// What `-Format` says.
    pub(crate) format: Option<Format>,
    pub(crate) zone: TimeZone,
}

impl Prepared {
    pub(crate) fn cmdlet(&self) -> &'static Cmdlet {
        self.arguments.cmdlet()
    }
}

/// Reads what was typed; `None` where help was asked for. What is required is not checked yet.
///
/// # Errors
/// `Usage`, naming the parameter.
pub(crate) fn read(
    cmdlet: &'static Cmdlet,
    command: &Command,
    caller_zone: &TimeZone,
    read_file: &ReadFile<'_>,
) -> Result<Option<Prepared>, CmdletError> {
    if command.arguments.iter().any(|one| matches!(one, Argument::Name { name, .. } if name == "?")) {
        return Ok(None);
    }
    let pairs = pairs(cmdlet, command)?;
    let named = pairs.iter().find(|(parameter, _)| parameter.name == "TimeZone");
    let zone = match named.and_then(|(_, value)| value.as_ref()?.text()) {
        Some(name) => read_zone(name).map_err(|why| usage(cmdlet, "TimeZone", &why))?,
        None => caller_zone.clone(),
    };
    let mut prepared = Prepared { arguments: Arguments::new(cmdlet, zone.clone()), format: None, zone };
    for (parameter, value) in pairs {
        if parameter.name == "Format" {
            let word = value.as_ref().and_then(|value| value.text()).unwrap_or_default();
            let format = Format::read(word);
            prepared.format =
                Some(format.ok_or_else(|| usage(cmdlet, "Format", "takes one of table, list, json, csv"))?);
            continue;
        }
        let value = read_value(parameter, value, &prepared.zone, read_file)
            .map_err(|why| usage(cmdlet, parameter.name, &why))?;
        prepared.arguments.notes.extend(value.notes);
        command_line::add(&mut prepared.arguments, parameter, value.value)?;
    }
    Ok(Some(prepared))
}

type Pair<'a> = (&'static Parameter, Option<&'a Value>);

fn pairs<'a>(cmdlet: &'static Cmdlet, command: &'a Command) -> Result<Vec<Pair<'a>>, CmdletError> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    let mut arguments = command.arguments.iter().peekable();
    while let Some(argument) = arguments.next() {
        match argument {
            Argument::Value(value) => {
                refuse_long_option(cmdlet, value)?;
                let open = cmdlet.own_parameters().find(|parameter| {
                    parameter.is_positional && !pairs.iter().any(|(known, _)| known.name == parameter.name)
                });
                pairs.push((open.ok_or_else(|| stray(cmdlet, value))?, Some(value)));
            }
            Argument::Name { name, has_colon } => {
                let parameter = command_line::find(cmdlet, name)?;
                let takes = |next: &&Argument| match next {
                    Argument::Value(value) => *has_colon || !is_flag(&parameter.kind) || is_bool(value),
                    Argument::Name { .. } => false,
                };
                let value = arguments.next_if(takes).and_then(|next| match next {
                    Argument::Value(value) => Some(value),
                    Argument::Name { .. } => None,
                });
                if value.is_none() && (*has_colon || !is_flag(&parameter.kind)) {
                    let why = format!("has no value; it takes {}", parameter.kind.type_name());
                    return Err(usage(cmdlet, parameter.name, &why));
                }
                pairs.push((parameter, value));
            }
        }
    }
    Ok(pairs)
}

fn is_bool(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Bare(word) => word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

fn stray(cmdlet: &Cmdlet, value: &Value) -> CmdletError {
    let shown = super::compare::text(&value.to_json());
    CmdletError::Usage(format!(
        "{}: \"{shown}\" belongs to no parameter; name its parameter, or put a value with blanks in quotes",
        cmdlet.name
    ))
}

/// `--name` is another tool's spelling.
fn refuse_long_option(cmdlet: &'static Cmdlet, value: &Value) -> Result<(), CmdletError> {
    let Value::Bare(word) = value else { return Ok(()) };
    let Some(name) = word.strip_prefix("--").filter(|name| name.starts_with(char::is_alphabetic)) else {
        return Ok(());
    };
    let bare = name.split(['=', ':']).next().unwrap_or(name);
    let parameter = command_line::find(cmdlet, bare)?;
    Err(CmdletError::Usage(format!("{}: write -{} with one dash", cmdlet.name, parameter.name)))
}

fn read_value(
    parameter: &Parameter,
    value: Option<&Value>,
    zone: &TimeZone,
    read_file: &ReadFile<'_>,
) -> Result<crate::value::Reading, String> {
    let Some(value) = value else { return Ok(crate::value::Value::Bool(true).into()) };
    if parameter.kind == Kind::InputFile {
        let path = value.text().ok_or("takes the name of one file")?;
        return Ok(crate::value::Value::Bytes(read_file(path)?.into()).into());
    }
    Ok(read_json(&parameter.kind, &json(&parameter.kind, value)?, zone)?.given_to(parameter))
}

/// A value as the JSON a parameter of that kind reads.
fn json(kind: &Kind, value: &Value) -> Result<Json, String> {
    Ok(match (kind, value) {
        (Kind::List(one) | Kind::Change(one), Value::List(values)) => {
            Json::Array(values.iter().map(|value| json(one, value)).collect::<Result<_, _>>()?)
        }
        (Kind::Change(one), Value::Table(entries)) => {
            let entries = entries.iter().map(|(name, value)| Ok((name.clone(), entry(one, value)?)));
            Json::Object(entries.collect::<Result<_, String>>()?)
        }
        (Kind::List(one) | Kind::Change(one), single) => match single {
            Value::Null => Json::Null,
            single => json(one, single)?,
        },
        (_, Value::List(_)) => {
            return Err("takes one value; put a text with commas in quotes".to_owned());
        }
        (_, Value::Table(_)) => return Err(format!("takes {}, not @{{…}}", kind.type_name())),
        (Kind::Filter, Value::Block(source)) => source.trim().into(),
        (_, Value::Block(_)) => {
            return Err(format!("takes {}; a block belongs to -Filter and Where-Object", kind.type_name()));
        }
        (Kind::Int { .. } | Kind::Count, Value::Bare(word)) => match number::read(word) {
            Some(number) if number.is_i64() => number,
            _ => word.as_str().into(),
        },
        (_, Value::Bare(text) | Value::Text(text)) => text.as_str().into(),
        (_, Value::Bool(is_on)) => Json::Bool(*is_on),
        (_, Value::Null) => Json::Null,
    })
}

fn entry(kind: &Kind, value: &Value) -> Result<Json, String> {
    match value {
        Value::List(values) => values.iter().map(|value| json(kind, value)).collect(),
        one => json(kind, one),
    }
}

/// The call for one object that comes through the pipe.
///
/// # Errors
/// `Usage` where the object fills no parameter, or a required one stays empty.
pub(crate) fn with_object(
    prepared: &Prepared,
    item: &Json,
    type_name: &str,
) -> Result<Arguments, CmdletError> {
    let mut arguments = prepared.arguments.clone();
    arguments.notes.clear();
    let cmdlet = arguments.cmdlet();
    let mut is_bound = false;
    if let Some(row) = item.as_object() {
        for parameter in cmdlet.own_parameters() {
            let is_wanted = parameter.is_required || BY_NAME.contains(&parameter.name);
            if !is_wanted || arguments.is_given(parameter.name) {
                continue;
            }
            let has = |name| names::get(row, name).filter(|(_, value)| !value.is_null());
            let also = || {
                let mut others = OF_PROPERTY.iter();
                let (.., property) =
                    others.find(|(name, filled, _)| *name == cmdlet.name && *filled == parameter.name)?;
                has(property)
            };
            if let Some((_, value)) = has(parameter.name).or_else(also) {
                set(&mut arguments, parameter, value, &prepared.zone)?;
                is_bound = true;
            }
        }
    }
    if let Some(parameter) = identity_parameter(&arguments, type_name, is_bound)
        && let Some(name) = identity(item)
    {
        set(&mut arguments, parameter, &name, &prepared.zone)?;
        is_bound = true;
    }
    if !is_bound {
        return Err(takes_nothing(cmdlet));
    }
    arguments.check_required()?;
    Ok(arguments)
}

fn set(
    arguments: &mut Arguments,
    parameter: &'static Parameter,
    value: &Json,
    zone: &TimeZone,
) -> Result<(), CmdletError> {
    let reading = read_json(&parameter.kind, value, zone)
        .map_err(|why| usage(arguments.cmdlet(), parameter.name, &why))?
        .given_to(parameter);
    arguments.set(parameter, reading.value);
    Ok(())
}

/// The parameter the object itself is taken for: by its type, else `-Identity`, else with `-Identity` typed, the
/// member, user or trustee that is still missing.
fn identity_parameter(arguments: &Arguments, type_name: &str, is_bound: bool) -> Option<&'static Parameter> {
    let cmdlet = arguments.cmdlet();
    let is_open = |parameter: &&'static Parameter| !arguments.is_given(parameter.name);
    let by_type = BY_TYPE.iter().find(|(name, _, kind)| *name == cmdlet.name && *kind == type_name);
    if let Some((_, parameter, _)) = by_type {
        return cmdlet.own_parameters().find(|one| one.name == *parameter).filter(is_open);
    }
    if is_bound {
        return None;
    }
    cmdlet.own_parameters().filter(is_open).find(|parameter| parameter.name == "Identity").or_else(|| {
        let mut open = cmdlet.own_parameters().filter(is_open);
        open.find(|parameter| parameter.is_required && matches!(parameter.kind, Kind::Identity | Kind::Text))
    })
}

fn identity(item: &Json) -> Option<Json> {
    match item {
        Json::Object(row) => NAMES
            .iter()
            .filter_map(|name| names::get(row, name))
            .map(|(_, value)| value.clone())
            .find(|value| value.is_string() || value.is_number()),
        Json::String(_) | Json::Number(_) => Some(item.clone()),
        _ => None,
    }
}

fn takes_nothing(cmdlet: &'static Cmdlet) -> CmdletError {
    let takes: Vec<String> = cmdlet
        .own_parameters()
        .filter(|parameter| parameter.is_required || BY_NAME.contains(&parameter.name))
        .map(|parameter| {
            let also = OF_PROPERTY
                .iter()
                .filter(|(name, filled, _)| *name == cmdlet.name && *filled == parameter.name);
            let names: String = also.map(|(.., property)| format!(" ({property})")).collect();
            format!("-{}{names}", parameter.name)
        })
        .collect();
    CmdletError::Usage(match takes.as_slice() {
        [] => format!("{} takes nothing through the pipe", cmdlet.name),
        names => format!(
            "the objects have nothing that {} takes through the pipe: {}",
            cmdlet.name,
            names.join(", ")
        ),
    })
}

/// The cmdlet of that name, with the shell's own commands among the suggestions.
pub(crate) fn cmdlet(name: &str) -> Result<&'static Cmdlet, CmdletError> {
    if let Some(cmdlet) = crate::registry::all().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name)) {
        return Ok(cmdlet);
    }
    if name.eq_ignore_ascii_case("postroom") {
        return Err(CmdletError::Usage(
            "this is Postroom's shell already; leave the word postroom out".into(),
        ));
    }
    let known = crate::registry::all().map(|cmdlet| cmdlet.name);
    let known = known.chain(super::command::ALL.iter().map(|builtin| builtin.name));
    Err(match nearest(name, known) {
        Some(near) => CmdletError::Usage(format!("there is no command {name}; did you mean {near}?")),
        None => super::step::refused(format!("there is no command {name}")),
    })
}
