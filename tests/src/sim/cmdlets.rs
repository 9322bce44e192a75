//! Runs the cmdlet lines of a scenario: read, checked and invoked as the shell's are, without a process in between.
//!
//! May touch: the server of the scenario, through the registry.

use admin::command_line::{self, CommandLine};
use admin::output::Output;
use admin::{Actor, CmdletError, registry};
use jiff::tz::TimeZone;
use transport::queue::actions::{Holding, Resubmit};
use transport::queue::set::RemoveReport;

use super::Fault;
use super::house::House;
use super::script;

/// Runs `line` as the local administrator.
pub async fn run(house: &House, line: &str) -> Result<Output, Fault> {
    let words = script::words(line);
    let (name, rest) = words.split_first().ok_or("a cmdlet line without a cmdlet")?;
    let cmdlet = match registry::find(name) {
        Ok(cmdlet) => cmdlet,
        Err(error) => return of_the_queues(house, name, rest).await.unwrap_or(Err(error.to_string())),
    };
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

/// The cmdlets of queues and messages where the registry has none: the transport's own actions under their names.
async fn of_the_queues(house: &House, name: &str, words: &[String]) -> Option<Result<Output, Fault>> {
    let transport = &house.transport;
    let identity = words.first().map(String::as_str).unwrap_or_default();
    let has = |switch: &str| words.iter().any(|word| word.eq_ignore_ascii_case(switch));
    let number = || identity.parse::<u64>().map_err(|_| format!("\"{identity}\" is no message"));
    let done = match name.to_ascii_lowercase().as_str() {
        "suspend-queue" => transport.hold_queue(identity, Holding::Suspend).map_err(|error| error.to_string()),
        "resume-queue" => transport.hold_queue(identity, Holding::Resume).map_err(|error| error.to_string()),
        "retry-queue" => {
            let resubmit = if has("-Resubmit") { Resubmit::Yes } else { Resubmit::No };
            transport.retry_queue(identity, resubmit).await.map(drop).map_err(|error| error.to_string())
        }
        "suspend-message" | "resume-message" => {
            let hold = if name.eq_ignore_ascii_case("Suspend-Message") { Holding::Suspend } else { Holding::Resume };
            match number() {
                Ok(number) => {
                    transport.hold_message(None, number, hold).await.map(drop).map_err(|error| error.to_string())
                }
                Err(fault) => Err(fault),
            }
        }
        "remove-message" => {
            let report = if has("false") { RemoveReport::Silent } else { RemoveReport::WithNdr };
            match number() {
                Ok(number) => {
                    let removed = transport.remove_message(None, number, report, "local administrator").await;
                    removed.map(drop).map_err(|error| error.to_string())
                }
                Err(fault) => Err(fault),
            }
        }
        _ => return None,
    };
    Some(done.map(|()| Output::nothing()))
}
