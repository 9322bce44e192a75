//! The terminal of somebody who types: questions are asked with the line editor, so that Ctrl-C answers them.
//!
//! May touch: standard streams, files the caller names.

use admin::shell::{Answer, Terminal};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

use crate::client::Console;

/// The console with questions of its own.
pub(super) struct TypedConsole;

impl Terminal for TypedConsole {
    fn out(&mut self, bytes: &[u8]) {
        Console.out(bytes);
    }

    fn err(&mut self, text: &str) {
        Console.err(text);
    }

    fn progress(&mut self, sentence: Option<&str>) {
        Console.progress(sentence);
    }

    fn interrupted(&self) -> BoxFuture<'static, ()> {
        Console.interrupted()
    }

    fn ask(&mut self, question: &str) -> Answer {
        let history = MemHistory::new();
        let Ok(mut editor) = Editor::<(), MemHistory>::with_history(Config::default(), history) else {
            return Answer::NoTerminal;
        };
        match editor.readline(question) {
            Ok(line) => match line.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => Answer::Yes,
                "a" | "all" => Answer::All,
                _ => Answer::No,
            },
            Err(ReadlineError::Interrupted) => Answer::Cancel,
            Err(_) => Answer::No,
        }
    }

    fn width(&self) -> Option<usize> {
        Console.width()
    }

    fn zone(&self) -> TimeZone {
        Console.zone()
    }

    fn folder(&self) -> Option<std::path::PathBuf> {
        Console.folder()
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        Console.read_file(path)
    }

    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        Console.write_file(path, bytes)
    }

    fn append_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        Console.append_file(path, bytes)
    }
}
