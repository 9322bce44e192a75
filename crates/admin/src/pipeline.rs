//! The interactive shell's language: lines in PowerShell's manner, and objects that pass from command to command.
//! May touch: the terminal and the connection it is given.
//!
//! A line is read by [`parser`], turned into a [`plan`] that is checked whole before anything runs, and carried out by
//! [`run`], portion by portion, so that what can stream does. There are no variables, functions or loops.

mod bind;
mod chunk;
mod command;
mod compare;
mod complete;
mod convert;
mod expression;
mod get_date;
mod group;
mod help;
mod measure;
mod names;
mod number;
mod parser;
mod plan;
mod remote;
mod run;
mod scanner;
mod secret;
mod select;
mod sink;
mod sort;
mod step;
mod syntax;
#[cfg(test)]
mod tests;
mod where_object;

pub use complete::{Completion, Live, complete, live_names};
pub use parser::{Script, needs_more};
pub use run::{Outcome, Session, fetch_names, run_statement};
pub(crate) use scanner::{plain_dash, plain_quote};
pub use secret::holds_secret;
pub use syntax::{Statement, Surroundings, SyntaxError};

/// The most objects held at once by a command that must see all of them, such as Sort-Object.
pub const OBJECTS_MAX: usize = 1_000_000;

/// What the language has, for the messages that refuse something else.
const WHAT_THERE_IS: &str = "the shell knows cmdlets and pipelines with Where-Object, Select-Object, Sort-Object, \
    Group-Object, Measure-Object, ForEach-Object, Format-List, Format-Table, ConvertTo-Csv, ConvertTo-Json, \
    Export-Csv and Out-File";
