//! Starts the program again with a bound on the arenas of the C library's allocator.
//!
//! May touch: the environment variable `MALLOC_ARENA_MAX`, this process (exec).
//! glibc gives threads up to eight arenas per core, and what one thread asked for another returns: with 100,000 messages
//! queued the server held 434 MB, with two arenas 289 MB, at the same rate of messages. The bound is read when a process
//! starts, and setting it later takes a call that Rust holds to be unsafe.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// glibc's own name for the bound.
const VARIABLE: &str = "MALLOC_ARENA_MAX";
/// Arenas of all threads together.
const ARENAS: &str = "2";

/// Replaces this process by itself with the bound set, unless somebody has set it. Where that is not possible the
/// server goes on as it is: it takes more memory and is as right.
pub(crate) fn bound_arenas() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let (Some(name), Ok(program)) = (arguments.next(), std::env::current_exe()) else { return };
    // Returns only where it failed.
    let error = Command::new(program).arg0(name).args(arguments).env(VARIABLE, ARENAS).exec();
    tracing::debug!(%error, "the allocator keeps its default bound");
}
