//! Entry points for fuzzers and property tests: octets in, a broken promise out.
//!
//! May touch: nothing (pure).

use crate::command;

/// Reads one command line; only a panic is a finding.
pub fn command_line(data: &[u8]) {
    let _ = command::parse(data);
}
