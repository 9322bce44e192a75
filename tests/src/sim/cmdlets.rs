//! Runs the cmdlet lines of a scenario: read, checked and invoked as the shell's are, without a process in between.
//!
//! May touch: the server of the scenario, through the registry.

use admin::command_line::{self, CommandLine};
use admin::output::Output;
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

fn text(error: CmdletError) -> Fault {
    error.to_string()
}
