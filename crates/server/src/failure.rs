//! Why a subcommand ends without success: one line for standard error; the exit code is 1.
//!
//! May touch: nothing (pure).

use std::fmt::Display;

/// The failure of a subcommand: what happened and what to do. What cannot be typed is clap's and ends with 2.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// The exit code of the process.
    pub(crate) const EXIT_CODE: u8 = 1;

    /// A failure with the thing that was tried before its cause.
    pub(crate) fn of(what: impl Display, cause: impl Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}
