//! The shell's side of a call: read the line, send it, ask where needed, print, and the exit code.
//! May touch: the terminal and the connection it is given.

mod connect;
mod follow;
pub(crate) mod glance;
mod terminal;

use std::path::Path;

use futures::future::{Either, select};
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use serde_json::Value as Json;
use world::BoxedIo;

pub use connect::{Connect, LocalSocket};
pub use terminal::{Answer, Terminal};

use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::command_line::{self, CommandLine};
use crate::error::{CmdletError, Plan};
use crate::http::{Reply, Told, call_over, stop_over, watch_over};
use crate::output::{Output, Row};
use crate::parameter::Kind;
use crate::value::Value;
use crate::view::{Format, Reader};
use crate::{answer, completion, help, parameter, registry, view};

/// What is said of a call that nobody waits for any more.
const CANCELLED: &str = "cancelled; what the server had begun it ends by itself";

/// The exit code of success.
pub const EXIT_OK: u8 = 0;
/// The exit code when the cmdlet failed.
pub const EXIT_FAILED: u8 = 1;
/// The exit code of a usage error, a missing `-Confirm:false` included.
pub const EXIT_USAGE: u8 = 2;

/// Runs the words after `postroom [--data DIR]`: `help [NAME]`, `completion bash|zsh`, or a cmdlet.
/// Returns the exit code; everything is printed.
pub async fn run(words: &[String], terminal: &mut dyn Terminal, connect: &dyn Connect) -> u8 {
    match run_words(words, terminal, connect).await {
        Ok(code) => code,
        Err(error) => {
            terminal.err(&format!("{}\n", error.to_string().replace('\n', " ")));
            match error {
                CmdletError::Usage(_) | CmdletError::ConfirmationRequired(_) => EXIT_USAGE,
                _ => EXIT_FAILED,
            }
        }
    }
}

async fn run_words(
    words: &[String],
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<u8, CmdletError> {
    let (name, rest) = match words.split_first() {
        None => {
            terminal.out(help::overview().as_bytes());
            return Ok(EXIT_USAGE);
        }
        Some((name, rest)) => (name.as_str(), rest),
    };
    if let Some(text) = own_text(name, rest)? {
        terminal.out(text.as_bytes());
        return Ok(EXIT_OK);
    }
    let cmdlet = registry::find(name)?;
    let line = command_line::read(cmdlet, rest, &terminal.zone(), &|path| terminal.read_file(path))?;
    match line {
        CommandLine::Help => {
            terminal.out(help::page(cmdlet).as_bytes());
            Ok(EXIT_OK)
        }
        CommandLine::Call { arguments, format, zone } => {
            let format = format.as_deref().and_then(Format::read);
            perform(arguments, format, zone, terminal, connect).await
        }
    }
}

/// One call, from the question to the printed answer.
pub(crate) async fn perform(
    arguments: Arguments,
    format: Option<Format>,
    zone: TimeZone,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<u8, CmdletError> {
    let format = format.unwrap_or_else(|| Format::default_of(arguments.cmdlet()));
    if follow::is_asked(&arguments) {
        let arguments = with_zone(arguments, &zone);
        return follow::run(&arguments, format, zone, terminal, connect).await;
    }
    let output = fetch(&arguments, &zone, terminal, connect).await?;
    print(&output, &arguments, format, zone, terminal)
}

/// One call, up to its answer.
pub(crate) async fn fetch(
    arguments: &Arguments,
    zone: &TimeZone,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<Output, CmdletError> {
    if follow::is_asked(arguments) {
        return Err(CmdletError::Usage("-Follow never ends, so its rows cannot be passed on".to_owned()));
    }
    let arguments = from_here(with_zone(arguments.clone(), zone), terminal);
    read_reply(&call(&arguments, terminal, connect).await?)
}

/// What needs no server: help and completion.
fn own_text(name: &str, rest: &[String]) -> Result<Option<String>, CmdletError> {
    let first = rest.first().map(String::as_str);
    match name {
        "-?" | "-h" | "--help" => Ok(Some(help::overview())),
        "help" => match first {
            None => Ok(Some(help::overview())),
            Some(name) => Ok(Some(help::page(registry::find(name)?))),
        },
        "completion" => first
            .and_then(completion::Shell::read)
            .map(|shell| Some(completion::script(shell)))
            .ok_or_else(|| CmdletError::Usage("completion takes bash or zsh".into())),
        _ => Ok(None),
    }
}

/// The whole path of a file of the server that was named from the caller's folder: the shell is on the same machine.
fn from_here(mut arguments: Arguments, terminal: &dyn Terminal) -> Arguments {
    let paths = arguments.cmdlet().all_parameters().filter(|parameter| parameter.kind == Kind::ServerPath);
    for parameter in paths {
        let named = arguments.text(parameter.name).map(Path::new).filter(|path| path.is_relative());
        if let Some((named, folder)) = named.zip(terminal.folder()) {
            let plain = named.strip_prefix(".").unwrap_or(named);
            let whole = folder.join(plain).to_string_lossy().into_owned();
            arguments.set(parameter, Value::Text(whole));
        }
    }
    arguments
}

/// The server needs the caller's zone too, for what it says about intervals.
fn with_zone(mut arguments: Arguments, zone: &TimeZone) -> Arguments {
    let name = zone.iana_name().map(str::to_owned).or_else(|| Some(zone.to_fixed_offset().ok()?.to_string()));
    let parameter = parameter::COMMON.iter().find(|parameter| parameter.name == "TimeZone");
    if let (Some(name), Some(parameter)) = (name, parameter) {
        arguments.set(parameter, Value::Text(name));
    }
    arguments
}

/// Sends the call; asks and sends it again where the server wants a yes.
async fn call(
    arguments: &Arguments,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<Reply, CmdletError> {
    let reply = send(arguments, terminal, connect).await?;
    let plan = match refusal(&reply) {
        None => return Ok(reply),
        Some(CmdletError::ConfirmationRequired(plan)) => plan,
        Some(error) => return Err(error),
    };
    match terminal.ask(&question(&plan, terminal.choices())) {
        Answer::NoTerminal => Err(CmdletError::ConfirmationRequired(plan)),
        Answer::Cancel => Err(CmdletError::Usage("cancelled; nothing more was changed".into())),
        Answer::No => Err(CmdletError::Conflict("nothing was changed".into())),
        Answer::Yes | Answer::All => {
            let mut confirmed = arguments.clone();
            let confirm = parameter::COMMON_CHANGE.iter().find(|parameter| parameter.name == "Confirm");
            if let Some(parameter) = confirm {
                confirmed.set(parameter, Value::Bool(false));
            }
            let reply = send(&confirmed, terminal, connect).await?;
            refusal(&reply).map_or(Ok(reply), Err)
        }
    }
}

fn question(plan: &Plan, choices: &str) -> String {
    let noun = if plan.count == 1 { "object" } else { "objects" };
    format!("This will {} ({} {noun}). Go on? {choices} ", plan.what, plan.count)
}

async fn send(
    arguments: &Arguments,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<Reply, CmdletError> {
    let io = connect.connect().await.map_err(CmdletError::Unavailable)?;
    let authorization = connect.authorization();
    let name = arguments.cmdlet().name;
    if arguments.cmdlet().is_long() {
        let reply = send_long(io, arguments, terminal, connect).await;
        terminal.progress(None);
        return reply.map_err(CmdletError::Unavailable);
    }
    call_over(io, &connect.host(), authorization.as_deref(), name, &arguments.to_json())
        .await
        .map_err(CmdletError::Unavailable)
}

/// Sends a call that takes long. Who wants it to stop hears how far it came; who says so twice does not wait for that.
async fn send_long(
    io: BoxedIo,
    arguments: &Arguments,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<Reply, String> {
    let (authorization, host) = (connect.authorization(), connect.host());
    let (first, second) = (terminal.interrupted(), terminal.interrupted());
    let call: Mutex<Option<String>> = Mutex::new(None);
    let mut tell = |told: Told<'_>| match told {
        Told::Call(id) => *call.lock() = Some(id.to_owned()),
        Told::Progress(sentence) => terminal.progress(Some(sentence)),
    };
    let name = arguments.cmdlet().name;
    let parameters = arguments.to_json();
    let watched = Box::pin(watch_over(io, &host, authorization.as_deref(), name, &parameters, &mut tell));
    let watched = match select(watched, first).await {
        Either::Left((reply, _)) => return reply,
        Either::Right(((), watched)) => watched,
    };
    let stopped = async {
        let id = call.lock().clone();
        if let Some(id) = id {
            let io = connect.connect().await?;
            stop_over(io, &host, authorization.as_deref(), &id).await?;
            return watched.await;
        }
        Err(CANCELLED.to_owned())
    };
    match select(Box::pin(stopped), second).await {
        Either::Left((reply, _)) => reply,
        Either::Right(_) => Err(CANCELLED.to_owned()),
    }
}

fn refusal(reply: &Reply) -> Option<CmdletError> {
    if reply.status < 300 {
        return None;
    }
    Some(match serde_json::from_slice::<Json>(&reply.body) {
        Ok(answer) => answer::read_failure(&answer),
        Err(_) => CmdletError::Unavailable(format!("the server answered HTTP {}", reply.status)),
    })
}

fn read_reply(reply: &Reply) -> Result<Output, CmdletError> {
    if reply.is_binary() {
        return Ok(answer::read_binary(reply.body.clone(), &reply.headers));
    }
    match serde_json::from_slice::<Json>(&reply.body) {
        Ok(Json::Object(answer)) => Ok(answer::read_success(answer)),
        _ => Err(CmdletError::Unavailable("the server's answer is not JSON".into())),
    }
}

fn print(
    output: &Output,
    arguments: &Arguments,
    format: Format,
    zone: TimeZone,
    terminal: &mut dyn Terminal,
) -> Result<u8, CmdletError> {
    if output.binary.is_some() {
        return write_file(output, arguments, format, zone, terminal);
    }
    if notes_are_read(arguments.cmdlet()) && matches!(format, Format::Table | Format::List) {
        warn(&output.warnings, arguments, terminal);
        for note in &output.notes {
            terminal.out(format!("{note}\n").as_bytes());
        }
        if !output.rows.is_empty() {
            terminal.out(b"\n");
        }
    } else {
        let (mut notes, mut warnings) = (output.notes.clone(), output.warnings.clone());
        if format == Format::Table {
            (notes, warnings) = (glance::notes(notes, output.sources.len()), glance::warnings(warnings));
        }
        tell(&notes, &warnings, arguments, terminal);
    }
    let reader = Reader { zone, width: terminal.width() };
    terminal.out(view::write(arguments.cmdlet(), output, format, &reader).as_bytes());
    if !notes_are_read(arguments.cmdlet()) {
        output
            .notes
            .iter()
            .filter(|note| is_behind(note))
            .for_each(|note| terminal.err(&format!("{note}\n")));
    }
    Ok(EXIT_OK)
}

/// Whether a note is for who has read the rows: how to go on behind them.
pub(crate) fn is_behind(note: &str) -> bool {
    note.starts_with("Go on with: -Cursor")
}

/// Whether the notes of a cmdlet are a part of its answer, which has to stay with it in a pipe or a file: the stage
/// bar, the cause and the fix of a message's detail.
pub(crate) fn notes_are_read(cmdlet: &Cmdlet) -> bool {
    cmdlet.verb() == "Get" && cmdlet.noun().starts_with("MessageTraceDetail")
}

/// Notes and warnings.
fn tell(notes: &[String], warnings: &[String], arguments: &Arguments, terminal: &mut dyn Terminal) {
    for note in notes.iter().filter(|note| !is_behind(note)) {
        terminal.err(&format!("{note}\n"));
    }
    warn(warnings, arguments, terminal);
}

/// Warnings, and what surprises in the arguments: the server read the times again, in UTC, so that it is known only
/// here.
fn warn(warnings: &[String], arguments: &Arguments, terminal: &mut dyn Terminal) {
    for note in &arguments.notes {
        terminal.err(&format!("{note}\n"));
    }
    for warning in warnings {
        terminal.err(&format!("WARNING: {warning}\n"));
    }
}

/// Writes a binary answer where `-Path` says, and where objects in it were counted, says what was written.
pub(crate) fn write_file(
    output: &Output,
    arguments: &Arguments,
    format: Format,
    zone: TimeZone,
    terminal: &mut dyn Terminal,
) -> Result<u8, CmdletError> {
    let bytes = output.binary.clone().unwrap_or_default();
    let path = arguments.cmdlet().parameter("Path").and_then(|path| arguments.text(path.name));
    match path {
        None | Some("-") => terminal.out(&bytes),
        Some(path) => terminal.write_file(path, &bytes).map_err(CmdletError::Invalid)?,
    }
    tell(&output.notes, &output.warnings, arguments, terminal);
    if let (Some(count), Some(path)) = (output.count, path.filter(|path| *path != "-")) {
        let mut row = Row::new();
        row.insert("Path".into(), path.into());
        row.insert("Count".into(), count.into());
        row.insert("Size".into(), bytes.len().into());
        // The columns of the cmdlet's table are those of its objects.
        let format = if format == Format::Table { Format::List } else { format };
        let reader = Reader { zone, width: terminal.width() };
        let written = view::write(arguments.cmdlet(), &Output::object(row), format, &reader);
        terminal.out(written.as_bytes());
    }
    Ok(EXIT_OK)
}
