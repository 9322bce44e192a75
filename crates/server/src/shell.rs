//! `postroom shell`: cmdlets one after another, typed or from a script, over the local socket.
//!
//! May touch: standard streams, files the caller names, the Unix socket of the data directory, the history file in the
//! user's state folder, SIGINT while a line typed at a terminal runs.

mod console;
mod editor;
mod history;
mod typing_aid;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use admin::pipeline::{Outcome, Script, Session, Surroundings, needs_more, run_statement};
use admin::shell::{LocalSocket, Terminal as _};
use tokio::runtime::{Builder, Runtime};
use world::Clock;

use crate::client::{Console, socket, until_interrupted};
use crate::failure::Failure;

/// The largest part of a script that must be read before it can run, in bytes.
const OPEN_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The exit code of a script that Ctrl-C ended, as other shells have it (128 + SIGINT).
const EXIT_INTERRUPTED: u8 = 130;

/// Runs the lines given, those of standard input, or those typed at the terminal; the exit code is the last failure's.
pub(crate) fn run(root: &Path, lines: Option<&str>) -> Result<u8, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::of("cannot start", error))?;
    let connect = socket(root);
    match lines {
        Some(text) => {
            let mut runner = Runner::new(&runtime, &connect, text.trim_end().contains('\n'));
            runner.run(text, 1);
            Ok(runner.code)
        }
        None if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            editor::run(&runtime, &connect)
        }
        None => script(&runtime, &connect),
    }
}

/// Lines of standard input, each as soon as it is whole.
fn script(runtime: &Runtime, connect: &LocalSocket) -> Result<u8, Failure> {
    let mut runner = Runner::new(runtime, connect, true);
    let mut open = String::new();
    let mut line = 1;
    while !runner.is_over {
        let before = open.len();
        let read = std::io::stdin().lock().read_line(&mut open);
        let count = read.map_err(|error| Failure::of("cannot read the lines", error))?;
        let is_end = count == 0;
        // Only a text that may end here is worth reading again.
        let goes_on = !is_end && open.len() < OPEN_BYTES_MAX && needs_more(&open, &surroundings());
        if goes_on && open.len() > before {
            continue;
        }
        runner.run(&open, line);
        line += open.lines().count();
        open.clear();
        if is_end {
            break;
        }
    }
    Ok(runner.code)
}

/// The time and the zone now.
pub(crate) fn surroundings() -> Surroundings {
    Surroundings { now: Clock::real().now(), zone: Console.zone() }
}

/// Runs text without anybody at the terminal.
struct Runner<'a> {
    runtime: &'a Runtime,
    connect: &'a LocalSocket,
    names_lines: bool,
    code: u8,
    is_over: bool,
}

impl<'a> Runner<'a> {
    fn new(runtime: &'a Runtime, connect: &'a LocalSocket, names_lines: bool) -> Self {
        Self { runtime, connect, names_lines, code: 0, is_over: false }
    }

    /// Runs every statement of a text whose first line has that number.
    fn run(&mut self, text: &str, line: usize) {
        let surroundings = surroundings();
        for statement in Script::new(text, line, &surroundings) {
            let mut console = Console;
            let mut session = Session {
                terminal: &mut console,
                connect: self.connect,
                surroundings: &surroundings,
                history: &[],
                names_lines: self.names_lines,
            };
            match self.runtime.block_on(until_interrupted(run_statement(&mut session, statement))) {
                Some(Outcome::Done(0)) => {}
                Some(Outcome::Done(code)) => self.code = code,
                None => {
                    (self.code, self.is_over) = (EXIT_INTERRUPTED, true);
                    return;
                }
                Some(Outcome::Exit(code)) => {
                    self.code = code.unwrap_or(self.code);
                    self.is_over = true;
                    return;
                }
            }
        }
    }
}
