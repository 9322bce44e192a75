//! What the shell needs of the person and machine in front of it.
//! May touch: nothing (pure); the server implements it.

use std::future::pending;
use std::path::PathBuf;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;

/// An answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Go on, and do not ask again in this line.
    All,
    /// Do not.
    No,
    /// Do not, and end the line.
    Cancel,
    /// There is nobody to ask.
    NoTerminal,
}

/// Standard streams, files and zone of the caller.
pub trait Terminal: Send + Sync {
    /// Writes to standard output.
    fn out(&mut self, bytes: &[u8]);
    /// Writes to standard error.
    fn err(&mut self, text: &str);
    /// Shows how far a long cmdlet is, in the place of what was shown before; `None` takes it away. Where nobody looks
    /// nothing is shown.
    fn progress(&mut self, _sentence: Option<&str>) {}
    /// Ends when the person in front of it wants what runs to stop; never where nobody can say so.
    fn interrupted(&self) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
    /// Asks on the terminal.
    fn ask(&mut self, question: &str) -> Answer;
    /// The answers it can give, as a question shows them.
    fn choices(&self) -> &'static str {
        "[y/N]"
    }
    /// The columns of the terminal, `None` when standard output is not one.
    fn width(&self) -> Option<usize>;
    /// The caller's zone.
    fn zone(&self) -> TimeZone;
    /// The folder the caller is in, where there is one on the server's machine.
    fn folder(&self) -> Option<PathBuf> {
        None
    }
    /// Reads a file of the caller.
    ///
    /// # Errors
    /// One sentence that follows the parameter's name.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String>;
    /// Writes a file of the caller.
    ///
    /// # Errors
    /// One sentence that names the file.
    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String>;
    /// Adds to a file of the caller, for what is written portion by portion.
    ///
    /// # Errors
    /// One sentence that names the file.
    fn append_file(&mut self, path: &str, _bytes: &[u8]) -> Result<(), String> {
        Err(format!("cannot add to {path}"))
    }
}
