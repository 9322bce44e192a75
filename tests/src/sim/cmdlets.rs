//! Runs the cmdlet lines of a scenario: read, checked and invoked as the shell's are, without a process in between.
//!
//! May touch: the server of the scenario, through the registry.

use admin::command_line::{self, CommandLine};
use admin::output::Output;
use admin::view::{self, Format, Reader};
use admin::{Actor, CmdletError, registry};
use jiff::tz::TimeZone;

use super::Fault;
use super::house::House;
use super::script;

/// Runs `line` as the local administrator.
pub async fn run(house: &House, line: &str) -> Result<Output, Fault> {
    let words = script::words(line);
    let (name, rest) = words.split_first().ok_or("a cmdlet line without a cmdlet")?;
    let cmdlet = registry::find(name).map_err(text)?;
    let no_file = |path: &str| Err(format!("there is no file {path} here"));
    match command_line::read(cmdlet, rest, &TimeZone::UTC, &no_file).map_err(text)? {
        CommandLine::Help => Ok(Output::nothing()),
        CommandLine::Call { arguments, .. } => {
            let context = house.instance.context(Actor::local_administrator());
            registry::invoke(&context, &arguments).await.map_err(text)
        }
    }
}

/// What `line` says: its objects as a list, its notes and its warnings.
pub async fn print(house: &House, line: &str) -> Result<String, Fault> {
    let output = run(house, line).await?;
    let name = line.split_whitespace().next().unwrap_or_default();
    let cmdlet = registry::find(name).map_err(text)?;
    let reader = Reader { zone: TimeZone::UTC, width: None };
    let mut printed = view::write(cmdlet, &output, Format::List, &reader);
    for note in &output.notes {
        printed.push_str(&format!("{note}\n"));
    }
    for warning in &output.warnings {
        printed.push_str(&format!("WARNING: {warning}\n"));
    }
    printed.push_str(&String::from_utf8_lossy(output.binary.as_deref().unwrap_or_default()));
    Ok(printed)
}

fn text(error: CmdletError) -> Fault {
    error.to_string()
}
