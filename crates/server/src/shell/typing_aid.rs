//! What the line editor asks: how a word may go on, and whether the text is whole.
//!
//! May touch: the Unix socket of the data directory (names of objects), folders of the caller (names of files).

use std::cell::RefCell;
use std::time::Duration;

use admin::pipeline::{Live, complete, fetch_names, live_names, needs_more};
use admin::shell::{Answer, LocalSocket, Terminal};
use jiff::tz::TimeZone;
use rustyline::completion::{Completer, FilenameCompleter};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use tokio::runtime::Runtime;
use world::Clock;

/// How long the server may take for names.
const NAMES_WAIT_MAX: Duration = Duration::from_secs(1);
/// How long names are believed.
const NAMES_KEPT: Duration = Duration::from_secs(5);
/// The most questions whose answers are kept.
const QUESTIONS_MAX: usize = 32;

struct Known {
    key: String,
    until: Duration,
    names: Vec<String>,
}

/// Completion and validation.
pub(super) struct TypingAid<'a> {
    runtime: &'a Runtime,
    connect: &'a LocalSocket,
    clock: Clock,
    known: RefCell<Vec<Known>>,
    files: FilenameCompleter,
}

impl<'a> TypingAid<'a> {
    pub(super) fn new(runtime: &'a Runtime, connect: &'a LocalSocket) -> Self {
        let (clock, files) = (Clock::real(), FilenameCompleter::new());
        Self { runtime, connect, clock, known: RefCell::new(Vec::new()), files }
    }

    fn names(&self, live: &Live) -> Vec<String> {
        let now = self.clock.elapsed();
        let mut known = self.known.borrow_mut();
        known.retain(|one| one.until > now);
        if let Some(one) = known.iter().find(|one| one.key == live.key) {
            return live_names(live, &one.names);
        }
        let asked = async {
            let mut silent = Silent;
            self.clock.timeout(NAMES_WAIT_MAX, fetch_names(live, &mut silent, self.connect)).await
        };
        let Ok(names) = self.runtime.block_on(asked) else { return Vec::new() };
        let candidates = live_names(live, &names);
        if known.len() >= QUESTIONS_MAX {
            known.remove(0);
        }
        known.push(Known { key: live.key.clone(), until: now + NAMES_KEPT, names });
        candidates
    }
}

impl Completer for TypingAid<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let found = complete(line.get(..pos).unwrap_or(line));
        if found.is_file {
            let (start, pairs) = self.files.complete_path(line, pos)?;
            return Ok((start, pairs.into_iter().map(|pair| pair.replacement).collect()));
        }
        let mut candidates = found.candidates;
        for name in found.live.iter().flat_map(|live| self.names(live)) {
            if !candidates.contains(&name) {
                candidates.push(name);
            }
        }
        Ok((found.start, candidates))
    }
}

impl Validator for TypingAid<'_> {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = format!("{}\n", ctx.input());
        let goes_on = needs_more(&text, &super::surroundings());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Hinter for TypingAid<'_> {
    type Hint = String;
}

impl Highlighter for TypingAid<'_> {}

impl Helper for TypingAid<'_> {}

/// Nobody to talk to: a completion prints and asks nothing.
struct Silent;

impl Terminal for Silent {
    fn out(&mut self, _: &[u8]) {}
    fn err(&mut self, _: &str) {}
    fn ask(&mut self, _: &str) -> Answer {
        Answer::NoTerminal
    }
    fn width(&self) -> Option<usize> {
        None
    }
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("cannot read {path}"))
    }
    fn write_file(&mut self, path: &str, _: &[u8]) -> Result<(), String> {
        Err(format!("cannot write {path}"))
    }
}
