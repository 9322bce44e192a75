//! What a statement will do, checked whole before anything runs.
//! May touch: files the caller names (reading).

use serde_json::{Value as Json, json};

use super::bind::{self, Prepared};
use super::chunk::{About, Chunk};
use super::command::{self, Builtin, Given, Verb};
use super::convert::{CsvLines, ToJson, delimiter};
use super::group::Group;
use super::measure::Measure;
use super::select::Select;
use super::sort::Sort;
use super::step::Step;
use super::syntax::{Argument, Command, Element, Statement, Surroundings};
use super::where_object::{ForEach, Where};
use super::{get_date, help};
use crate::command_line::ReadFile;
use crate::error::CmdletError;
use crate::filter::is_like;
use crate::output::{OutputType, Property};
use crate::registry;
use crate::value::Moment;
use crate::view::Format;

/// What a line does.
pub(crate) enum Plan {
    /// One cmdlet alone, as on the command line.
    Call(Prepared),
    /// Objects from a source through stages into a sink.
    Pipeline { source: Source, stages: Vec<Stage>, sink: Sink },
    /// A text to be shown.
    Text(String),
    /// The screen is cleared.
    Clear,
    /// The shell ends with this code, or that of the last failure.
    Exit(Option<u8>),
}

/// Where objects come from.
pub(crate) enum Source {
    /// Objects that are there.
    Rows(Chunk),
    /// A cmdlet.
    Call(Prepared),
}

/// What happens to objects.
pub(crate) enum Stage {
    /// A command of the shell.
    Step(Box<dyn Step>),
    /// A cmdlet, for each object.
    Call(Prepared),
}

/// Where objects end.
#[derive(Debug, Clone)]
pub(crate) enum Sink {
    /// On the screen, or in a file as they would be on the screen.
    Show { layout: Option<Layout>, file: Option<File> },
    /// In a CSV file.
    Csv { path: String, has_mark: bool, delimiter: char },
    /// Nowhere.
    Null,
}

/// A file to write.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) is_appended: bool,
}

/// How objects are shown.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) format: Format,
    /// The properties; none means those usual.
    pub(crate) names: Vec<String>,
}

/// What a plan needs to know.
pub(crate) struct Caller<'a> {
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) read_file: &'a ReadFile<'a>,
    pub(crate) history: &'a [String],
}

static HISTORY: OutputType = OutputType {
    name: "HistoryInfo",
    properties: &[Property::number("Id"), Property::text("CommandLine")],
    settings: None,
    table: &["Id", "CommandLine"],
};

static COMMANDS: OutputType = OutputType {
    name: "CommandInfo",
    properties: &[
        Property::text("CommandType"),
        Property::text("Name"),
        Property::text("Aliases"),
        Property::text("Synopsis"),
    ],
    settings: None,
    table: &["CommandType", "Name", "Aliases", "Synopsis"],
};

enum First {
    Source(Source),
    Whole(Plan),
}

/// The plan of a statement.
///
/// # Errors
/// `Usage` and what reading a file may give.
pub(crate) fn of(statement: &Statement, caller: &Caller<'_>) -> Result<Plan, CmdletError> {
    let Some((first, rest)) = statement.elements.split_first() else { return Ok(Plan::Text(String::new())) };
    let source = match self::first(first, caller, rest.is_empty())? {
        First::Whole(plan) => return Ok(plan),
        First::Source(source) => source,
    };
    let (mut stages, mut sink) = (Vec::new(), None);
    let mut last_format = match &source {
        Source::Call(prepared) => prepared.format,
        Source::Rows(_) => None,
    };
    for element in rest {
        let Element::Command(command) = element else { continue };
        if last_format.is_some() {
            return Err(CmdletError::Usage(
                "-Format belongs to the last command of a line; before a pipe use | ConvertTo-Json or | ConvertTo-Csv".into(),
            ));
        }
        let Some(builtin) = command::find(&command.name) else {
            refuse_behind(sink.as_ref(), &command.name)?;
            let prepared = call(command, caller)?.ok_or_else(|| {
                CmdletError::Usage(format!(
                    "-? stands at the beginning of a line; type help {}",
                    command.name
                ))
            })?;
            last_format = prepared.format;
            stages.push(Stage::Call(prepared));
            continue;
        };
        if builtin.is_first {
            return Err(CmdletError::Usage(format!("{} stands at the beginning of a line", builtin.name)));
        }
        if let Some(next) = self::sink(builtin, command, sink.take())? {
            sink = Some(next);
            continue;
        }
        stages.push(Stage::Step(step(builtin, command, caller.surroundings)?));
    }
    let usual =
        Sink::Show { layout: last_format.map(|format| Layout { format, names: Vec::new() }), file: None };
    Ok(Plan::Pipeline { source, stages, sink: sink.unwrap_or(usual) })
}

fn first(element: &Element, caller: &Caller<'_>, is_alone: bool) -> Result<First, CmdletError> {
    let command = match element {
        Element::Values(values) => {
            let items = values.iter().flat_map(|value| match value.to_json() {
                Json::Array(items) => items,
                one => vec![one],
            });
            return Ok(First::Source(Source::Rows(Chunk { about: About::plain(), items: items.collect() })));
        }
        Element::Command(command) => command,
    };
    if let Some(builtin) = command::find(&command.name) {
        return own(builtin, command, caller, is_alone);
    }
    let cmdlet = bind::cmdlet(&command.name)?;
    let Some(prepared) = call(command, caller)? else {
        return Ok(First::Whole(Plan::Text(crate::help::page(cmdlet))));
    };
    prepared.arguments.check_required()?;
    Ok(if is_alone { First::Whole(Plan::Call(prepared)) } else { First::Source(Source::Call(prepared)) })
}

fn call(command: &Command, caller: &Caller<'_>) -> Result<Option<Prepared>, CmdletError> {
    bind::read(bind::cmdlet(&command.name)?, command, &caller.surroundings.zone, caller.read_file)
}

fn own(
    builtin: &'static Builtin,
    command: &Command,
    caller: &Caller<'_>,
    is_alone: bool,
) -> Result<First, CmdletError> {
    if command.arguments.iter().any(|one| matches!(one, Argument::Name { name, .. } if name == "?")) {
        return Ok(First::Whole(Plan::Text(help::page(builtin))));
    }
    if !builtin.is_first {
        return Err(CmdletError::Usage(format!(
            "{} stands behind |, as in: {}",
            builtin.name, builtin.example
        )));
    }
    let given = Given::read(builtin, command)?;
    let rows = |about: About, items: Vec<Json>| Ok(First::Source(Source::Rows(Chunk { about, items })));
    match builtin.verb {
        Verb::GetHistory => rows(About::table(&HISTORY), history(caller.history, given.count("Count"))),
        Verb::GetCommand => {
            let pattern = given.text("Name").unwrap_or_else(|| "*".into());
            let items = commands(&pattern);
            if items.is_empty() {
                let why = format!("no command is called {pattern}; Get-Command lists them all");
                return Err(CmdletError::NotFound(why));
            }
            rows(About::table(&COMMANDS), items)
        }
        Verb::GetDate => {
            let at = match given.text("Date") {
                None => caller.surroundings.now,
                Some(text) => {
                    let read = Moment::read(&text, &caller.surroundings.zone);
                    read.map_err(|why| CmdletError::Usage(format!("Get-Date -Date {why}")))?.at
                }
            };
            rows(About::plain(), vec![get_date::text(&at.to_zoned(caller.surroundings.zone.clone())).into()])
        }
        _ if !is_alone => Err(CmdletError::Usage(format!("{} has no objects to pipe", builtin.name))),
        Verb::Clear => Ok(First::Whole(Plan::Clear)),
        Verb::Exit => {
            let code = given.count("Code").map(|code| u8::try_from(code).unwrap_or(u8::MAX));
            Ok(First::Whole(Plan::Exit(code)))
        }
        _ => Ok(First::Whole(Plan::Text(help::of(given.text("Name").as_deref())?))),
    }
}

fn history(lines: &[String], count: Option<usize>) -> Vec<Json> {
    let skipped = lines.len().saturating_sub(count.unwrap_or(usize::MAX));
    let numbered = lines.iter().enumerate().skip(skipped);
    numbered.map(|(at, line)| json!({ "Id": at + 1, "CommandLine": line })).collect()
}

fn commands(pattern: &str) -> Vec<Json> {
    let cmdlets = registry::all().filter(|cmdlet| is_like(cmdlet.name, pattern)).map(|cmdlet| {
        json!({ "CommandType": "Cmdlet", "Name": cmdlet.name, "Aliases": [], "Synopsis": cmdlet.synopsis })
    });
    let mut rows: Vec<Json> = cmdlets.collect();
    rows.sort_by_cached_key(|row| row.get("Name").and_then(Json::as_str).map(str::to_owned));
    let own = command::ALL.iter().filter(|builtin| {
        std::iter::once(&builtin.name).chain(builtin.aliases).any(|name| is_like(name, pattern))
    });
    rows.extend(own.map(|builtin| {
        json!({ "CommandType": "Shell", "Name": builtin.name, "Aliases": builtin.aliases, "Synopsis": builtin.synopsis })
    }));
    rows
}

fn refuse_behind(sink: Option<&Sink>, name: &str) -> Result<(), CmdletError> {
    let Some(sink) = sink else { return Ok(()) };
    let what = match sink {
        Sink::Show { file: None, .. } => "Format-Table and Format-List end a line; only Out-File may follow",
        _ => "nothing comes out of Out-File, Export-Csv and Out-Null",
    };
    Err(CmdletError::Usage(format!("{name} cannot stand there: {what}")))
}

fn sink(
    builtin: &'static Builtin,
    command: &Command,
    before: Option<Sink>,
) -> Result<Option<Sink>, CmdletError> {
    let layout = match (&before, builtin.verb) {
        (Some(Sink::Show { layout, file: None }), Verb::OutFile | Verb::OutNull) => layout.clone(),
        _ => {
            refuse_behind(before.as_ref(), builtin.name)?;
            None
        }
    };
    let format = match builtin.verb {
        Verb::FormatTable => Some(Format::Table),
        Verb::FormatList => Some(Format::List),
        Verb::ExportCsv | Verb::OutFile | Verb::OutNull => None,
        _ => return Ok(None),
    };
    let given = Given::read(builtin, command)?;
    if let Some(format) = format {
        let layout = Some(Layout { format, names: given.names("Property") });
        return Ok(Some(Sink::Show { layout, file: None }));
    }
    let path = |name: &str| {
        let missing = || CmdletError::Usage(format!("{} needs -{name}: the file to write", builtin.name));
        given.text(name).filter(|path| !path.is_empty()).ok_or_else(missing)
    };
    Ok(Some(match builtin.verb {
        Verb::OutNull => Sink::Null,
        Verb::OutFile => {
            let file = File { path: path("FilePath")?, is_appended: given.is_on("Append") };
            Sink::Show { layout, file: Some(file) }
        }
        _ => Sink::Csv {
            path: path("Path")?,
            has_mark: has_mark(given.text("Encoding").as_deref())?,
            delimiter: delimiter(&given, builtin.name)?,
        },
    }))
}

fn has_mark(encoding: Option<&str>) -> Result<bool, CmdletError> {
    match encoding.map(str::to_ascii_lowercase).as_deref() {
        None | Some("utf8" | "utf-8" | "utf8nobom") => Ok(false),
        Some("utf8bom") => Ok(true),
        Some(other) => {
            Err(CmdletError::Usage(format!("Export-Csv -Encoding takes UTF8 or UTF8BOM, not {other}")))
        }
    }
}

fn step(
    builtin: &'static Builtin,
    command: &Command,
    surroundings: &Surroundings,
) -> Result<Box<dyn Step>, CmdletError> {
    match builtin.verb {
        Verb::Where => return Ok(Box::new(Where::read(command, surroundings)?)),
        Verb::ForEach => return Ok(Box::new(ForEach::read(command, surroundings)?)),
        _ => {}
    }
    let given = Given::read(builtin, command)?;
    let zone = surroundings.zone.clone();
    Ok(match builtin.verb {
        Verb::Select => Box::new(Select::read(&given)?),
        Verb::Sort => Box::new(Sort::read(&given, zone)),
        Verb::Group => Box::new(Group::read(&given)),
        Verb::Measure => Box::new(Measure::read(&given, zone)),
        Verb::ConvertToJson => Box::new(ToJson::read(&given)),
        _ => Box::new(CsvLines::read(&given, builtin.name)?),
    })
}
