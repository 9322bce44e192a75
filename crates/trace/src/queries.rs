//! Questions asked of the trace other than by filters: pasted text, and what to say where nothing was found.
//!
//! May touch: nothing itself; the files ask the trace.

mod not_found;
mod paste;
mod paste_lines;
mod paste_logs;

pub use not_found::{NotFound, QueryWords, Subjects, Wording};
pub use paste::{Paste, PasteKind, Pasted, Searched};
