//! Carries a statement out: objects flow in portions from the source to the end, cmdlets run for each of them.
//! May touch: the terminal and the connection it is given.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;

use super::bind::{self, Prepared};
use super::chunk::Chunk;
use super::complete::Live;
use super::plan::{self, Caller, Plan, Sink, Source, Stage};
use super::remote::Pages;
use super::sink::Drain;
use super::syntax::{Statement, Surroundings, SyntaxError};
use crate::arguments::Arguments;
use crate::cmdlets::message_trace::completeness::SEARCHED;
use crate::error::CmdletError;
use crate::shell::{self, Answer, Connect, EXIT_FAILED, EXIT_OK, EXIT_USAGE, Terminal, glance};

/// The most different warnings told in one line.
const WARNINGS_MAX: usize = 20;
/// Clears the screen and puts the cursor home (ECMA-48).
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// What a statement may use.
pub struct Session<'a> {
    /// Streams and files.
    pub terminal: &'a mut dyn Terminal,
    /// The way to the server.
    pub connect: &'a dyn Connect,
    /// The time and the zone.
    pub surroundings: &'a Surroundings,
    /// The lines typed before, the oldest first.
    pub history: &'a [String],
    /// Whether errors name the line, as in a script.
    pub names_lines: bool,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ran, with this exit code.
    Done(u8),
    /// The shell is to end: with this code, or the last failure's.
    Exit(Option<u8>),
}

impl Session<'_> {
    /// Tells why something failed, in one line, and gives the exit code.
    fn fail(&mut self, line: usize, error: &CmdletError) -> u8 {
        let text = error.to_string().replace('\n', " ");
        let place = if self.names_lines { format!("line {line}: ") } else { String::new() };
        self.terminal.err(&format!("{place}{text}\n"));
        match error {
            CmdletError::Usage(_) | CmdletError::ConfirmationRequired(_) => EXIT_USAGE,
            _ => EXIT_FAILED,
        }
    }
}

/// Runs what was read, or tells why it could not be read. Everything is printed.
pub async fn run_statement(session: &mut Session<'_>, statement: Result<Statement, SyntaxError>) -> Outcome {
    let statement = match statement {
        Ok(statement) => statement,
        Err(error) => return Outcome::Done(session.fail(error.line, &CmdletError::Usage(error.message))),
    };
    match perform(session, &statement).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Done(session.fail(statement.line, &error)),
    }
}

async fn perform(session: &mut Session<'_>, statement: &Statement) -> Result<Outcome, CmdletError> {
    let plan = {
        let terminal = &*session.terminal;
        let read_file = |path: &str| terminal.read_file(path);
        let caller =
            Caller { surroundings: session.surroundings, read_file: &read_file, history: session.history };
        plan::of(statement, &caller)?
    };
    match plan {
        Plan::Text(text) => session.terminal.out(text.as_bytes()),
        Plan::Clear => session.terminal.out(CLEAR.as_bytes()),
        Plan::Exit(code) => return Ok(Outcome::Exit(code)),
        Plan::Call(Prepared { arguments, format, zone }) => {
            let mut asking = Asking { inner: session.terminal, is_yes_to_all: false };
            let code = shell::perform(arguments, format, zone, &mut asking, session.connect).await?;
            return Ok(Outcome::Done(code));
        }
        Plan::Pipeline { source, stages, sink } => {
            let code = pipeline(session, statement.line, source, stages, sink).await?;
            return Ok(Outcome::Done(code));
        }
    }
    Ok(Outcome::Done(EXIT_OK))
}

pub(super) async fn pipeline(
    session: &mut Session<'_>,
    line: usize,
    source: Source,
    stages: Vec<Stage>,
    sink: Sink,
) -> Result<u8, CmdletError> {
    let mut drain = Drain::new(sink, session.surroundings.zone.clone());
    let prepared = stages.iter().rev().find_map(|stage| match stage {
        Stage::Call(prepared) => Some(prepared),
        Stage::Step(_) => None,
    });
    match (prepared, &source) {
        (Some(prepared), _) | (None, Source::Call(prepared)) => drain.set_zone(prepared.zone.clone()),
        _ => {}
    }
    let names_lines = session.names_lines;
    let mut flow = Flow {
        terminal: Asking { inner: session.terminal, is_yes_to_all: false },
        connect: session.connect,
        stages,
        drain,
        told: BTreeSet::new(),
        failed: None,
        place: if names_lines { format!("line {line}: ") } else { String::new() },
    };
    match source {
        Source::Rows(chunk) => flow.feed(0, chunk).await?,
        Source::Call(prepared) => {
            let arguments = prepared.arguments.clone();
            flow.call(0, &prepared, arguments).await?;
        }
    }
    flow.finish().await
}

/// A pipeline under way.
struct Flow<'a> {
    terminal: Asking<'a>,
    connect: &'a dyn Connect,
    stages: Vec<Stage>,
    drain: Drain,
    told: BTreeSet<String>,
    /// The exit code, where an object failed and the others went on.
    failed: Option<u8>,
    place: String,
}

impl Flow<'_> {
    /// Gives a portion to the stage `at` and those behind it.
    fn feed(&mut self, at: usize, chunk: Chunk) -> BoxFuture<'_, Result<(), CmdletError>> {
        Box::pin(async move {
            let (mut at, mut chunk) = (at, chunk);
            loop {
                let prepared = match self.stages.get_mut(at) {
                    None => return self.drain.take(chunk, &mut self.terminal),
                    Some(Stage::Call(prepared)) => prepared.clone(),
                    Some(Stage::Step(step)) => {
                        chunk = step.push(chunk)?;
                        at += 1;
                        if chunk.items.is_empty() {
                            return Ok(());
                        }
                        continue;
                    }
                };
                return self.call_each(at, &prepared, chunk).await;
            }
        })
    }

    async fn call_each(&mut self, at: usize, prepared: &Prepared, chunk: Chunk) -> Result<(), CmdletError> {
        for item in &chunk.items {
            if self.is_done(at + 1) {
                return Ok(());
            }
            let arguments = bind::with_object(prepared, item, chunk.about.output.name)?;
            match self.call(at + 1, prepared, arguments).await {
                Ok(()) => {}
                // One object's failure is told, and the others go on; what would fail for all of them ends the line.
                Err(
                    error @ (CmdletError::NotFound(_) | CmdletError::Conflict(_) | CmdletError::Invalid(_)),
                ) => {
                    let text = error.to_string().replace('\n', " ");
                    shell::Terminal::err(&mut self.terminal, &format!("{}{text}\n", self.place));
                    self.failed = Some(EXIT_FAILED);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Runs a cmdlet and gives its objects to the stage `next`.
    async fn call(
        &mut self,
        next: usize,
        prepared: &Prepared,
        arguments: Arguments,
    ) -> Result<(), CmdletError> {
        let mut pages = Pages::of(prepared, arguments.clone());
        while let Some(page) = pages.next(&mut self.terminal, self.connect).await? {
            let is_last = next >= self.stages.len() && self.drain.is_shown();
            // What a search left out, its span and its sources are told also where its rows are counted or written to a
            // file: a number says nothing of them. What is said of one message stays with that message's rows.
            let is_beside = !is_last && !shell::notes_are_read(arguments.cmdlet()) && !self.drain.is_null();
            if is_last || is_beside {
                // Each object of a pipe is asked for alone, and the answer to each would name the same sources.
                let told = &mut self.told;
                let is_new = |note: &&String| {
                    !(is_beside && shell::is_behind(note))
                        && (!(is_beside || note.starts_with(SEARCHED))
                            || told.len() < WARNINGS_MAX && told.insert((*note).clone()))
                };
                let mut notes: Vec<String> = page.notes.iter().filter(is_new).cloned().collect();
                if is_last && self.drain.is_table(prepared.cmdlet()) {
                    notes = glance::notes(notes, page.sources);
                }
                for note in notes {
                    let line = format!("{note}\n");
                    if shell::notes_are_read(arguments.cmdlet()) && self.drain.is_read() {
                        self.terminal.out(line.as_bytes());
                    } else {
                        self.terminal.err(&line);
                    }
                }
            }
            let warnings = match is_last && self.drain.is_table(prepared.cmdlet()) {
                true => glance::warnings(page.warnings),
                false => page.warnings,
            };
            warnings.into_iter().for_each(|warning| self.warn(warning));
            if let Some(output) = page.binary {
                let format = crate::view::Format::List;
                let zone = prepared.zone.clone();
                shell::write_file(&output, &arguments, format, zone, &mut self.terminal)?;
                continue;
            }
            self.feed(next, page.chunk).await?;
            if self.is_done(next) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// True when a stage from `at` on wants no more.
    fn is_done(&self, at: usize) -> bool {
        self.stages.iter().skip(at).any(|stage| matches!(stage, Stage::Step(step) if step.is_full()))
    }

    fn warn(&mut self, warning: String) {
        if self.told.len() < WARNINGS_MAX && !self.told.contains(&warning) {
            self.terminal.err(&format!("WARNING: {warning}\n"));
            self.told.insert(warning);
        }
    }

    async fn finish(mut self) -> Result<u8, CmdletError> {
        for at in 0..self.stages.len() {
            let Some(Stage::Step(step)) = self.stages.get_mut(at) else { continue };
            let (rest, warnings) = (step.finish()?, step.warnings());
            warnings.into_iter().for_each(|warning| self.warn(warning));
            if let Some(chunk) = rest {
                self.feed(at + 1, chunk).await?;
            }
        }
        self.drain.finish(&mut self.terminal)?;
        Ok(self.failed.unwrap_or(EXIT_OK))
    }
}

/// A terminal on which one may say yes to all.
struct Asking<'a> {
    inner: &'a mut dyn Terminal,
    is_yes_to_all: bool,
}

impl Terminal for Asking<'_> {
    fn folder(&self) -> Option<std::path::PathBuf> {
        self.inner.folder()
    }
    fn out(&mut self, bytes: &[u8]) {
        self.inner.out(bytes);
    }
    fn err(&mut self, text: &str) {
        self.inner.err(text);
    }
    fn progress(&mut self, sentence: Option<&str>) {
        self.inner.progress(sentence);
    }
    fn interrupted(&self) -> futures::future::BoxFuture<'static, ()> {
        self.inner.interrupted()
    }
    fn ask(&mut self, question: &str) -> Answer {
        if self.is_yes_to_all {
            return Answer::Yes;
        }
        let answer = self.inner.ask(question);
        self.is_yes_to_all = answer == Answer::All;
        answer
    }
    fn choices(&self) -> &'static str {
        "[y/N/a]"
    }
    fn width(&self) -> Option<usize> {
        self.inner.width()
    }
    fn zone(&self) -> TimeZone {
        self.inner.zone()
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        self.inner.read_file(path)
    }
    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.inner.write_file(path, bytes)
    }
    fn append_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.inner.append_file(path, bytes)
    }
}

/// The names a completion asks the server for; none where it does not answer.
pub async fn fetch_names(live: &Live, terminal: &mut dyn Terminal, connect: &dyn Connect) -> Vec<String> {
    let zone = terminal.zone();
    match shell::fetch(&live.arguments, &zone, terminal, connect).await {
        Ok(output) => super::complete::names_in(live, &output.rows),
        Err(_) => Vec::new(),
    }
}
