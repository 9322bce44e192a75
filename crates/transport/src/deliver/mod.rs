//! Local delivery: into the mailboxes of this server, exactly once.
//!
//! May touch: see the files.

pub(crate) mod outcome;
pub mod redo;
pub(crate) mod worker;
