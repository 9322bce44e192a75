//! The shell at a terminal: reads a line, runs it, and again; Ctrl-C ends what runs, Ctrl-D the shell.
//!
//! May touch: standard streams, the history file, SIGINT while a line runs.

use admin::pipeline::{Outcome, Script, Session, run_statement};
use admin::shell::LocalSocket;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{CompletionType, Config, Editor};
use tokio::runtime::Runtime;

use super::console::TypedConsole;
use super::history::{History, LINES_MAX};
use super::typing_aid::TypingAid;
use crate::client::until_interrupted;
use crate::failure::Failure;

const PROMPT: &str = "postroom> ";

/// Runs until `exit` or Ctrl-D.
pub(super) fn run(runtime: &Runtime, connect: &LocalSocket) -> Result<u8, Failure> {
    let mut history = History::open();
    let mut editor =
        editor(runtime, connect, &history).map_err(|error| Failure::of("cannot edit lines", error))?;
    println!(
        "Postroom {}. Tab completes, help lists the cmdlets, exit or Ctrl-D leaves.",
        env!("CARGO_PKG_VERSION")
    );
    loop {
        match editor.readline(PROMPT) {
            Ok(line) => {
                if history.add(&line) {
                    // A line that cannot be remembered still runs.
                    let _ = editor.add_history_entry(line.trim());
                }
                if let Some(code) = run_line(runtime, connect, &line, &history) {
                    return Ok(code);
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(0),
            Err(error) => return Err(Failure::of("cannot read the line", error)),
        }
    }
}

fn editor<'a>(
    runtime: &'a Runtime,
    connect: &'a LocalSocket,
    history: &History,
) -> rustyline::Result<Editor<TypingAid<'a>, MemHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .max_history_size(LINES_MAX)?
        .auto_add_history(false)
        .build();
    let lines = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, lines)?;
    editor.set_helper(Some(TypingAid::new(runtime, connect)));
    for line in history.lines() {
        editor.add_history_entry(line.as_str())?;
    }
    Ok(editor)
}

/// Runs the statements of a line; the exit code where one of them ends the shell.
fn run_line(runtime: &Runtime, connect: &LocalSocket, line: &str, history: &History) -> Option<u8> {
    let surroundings = super::surroundings();
    for statement in Script::new(line, 1, &surroundings) {
        let mut console = TypedConsole;
        let mut session = Session {
            terminal: &mut console,
            connect,
            surroundings: &surroundings,
            history: history.lines(),
            names_lines: false,
        };
        let ended = runtime.block_on(until_interrupted(run_statement(&mut session, statement)));
        match ended {
            None => {
                eprintln!("\ncancelled; what the server had begun it ends by itself");
                return None;
            }
            Some(Outcome::Done(_)) => {}
            Some(Outcome::Exit(code)) => return Some(code.unwrap_or(0)),
        }
    }
    None
}
