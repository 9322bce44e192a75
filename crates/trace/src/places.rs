//! Places: other systems' records, read as events of our vocabulary and joined to the messages they are of.
//!
//! May touch: nothing itself; its parts say what they do.
//! A reader is a pure state machine, bytes in and events out. Nothing here is trusted further than its writer can
//! be: a record decides about its own place only, and what cannot be read is counted and named.

mod all_waiting;
mod asides;
mod blocks;
mod build;
mod csv_rows;
mod decode;
mod exchange_online;
mod exim;
mod exim_line;
mod files;
mod follow;
mod format;
mod identity;
mod imported;
mod index;
mod joins;
mod json_values;
mod listed;
mod listen;
mod meanwhile;
mod one_clock;
mod open;
mod passed;
mod path;
mod postfix;
mod postfix_line;
mod proofpoint;
mod read;
mod reply;
mod sendmail;
mod sources;
mod surroundings;
mod syslog;
mod syslog_time;
mod tally;
mod tracking;
mod work;

pub(crate) use all_waiting::is_of_all_waiting;
pub use blocks::{NotUnpacked, is_gzip, unpack};
pub(crate) use build::{REPORTS_ON, queue_id_of};
pub(crate) use exchange_online::WORD_OF_DETAIL;
pub use files::{LogFile, oldest_first};
pub use format::{Format, WrongFormat};
pub(crate) use identity::is_of_place;
pub use identity::{Place, PlaceError, is_same_place, place_key};
pub use imported::{IMPORT_FILES_MAX, IMPORTS_MAX, ImportEntry, ImportState};
pub use index::MemoryIndex;
pub use joins::Basis;
pub(crate) use joins::place_of;
pub(crate) use meanwhile::{Meanwhile, is_of_meanwhile};
pub use passed::Join;
pub(crate) use passed::Passed;
pub use path::{LogReport, PathReport, Progress};
pub use read::{OPEN_MAX_DEFAULT, Options, Reader};
pub use sources::{
    Around, ExchangeOnlineAccess, GRAPH_URL, LOGIN_URL, PROOFPOINT_URL, PostError, Posted, SourceError,
    SourceKind, SourceSpec, SourceState, SourceWord, Sources, TOKEN_CHARS_MIN,
};
pub(crate) use sources::{LOST, Outage};
pub use surroundings::Surroundings;
pub use tally::{Silence, Tally};
pub(crate) use work::OwnNumber;
pub use work::{ImportError, Imported, Joined, Places, Stop, TakenOut, join_in_memory};

#[cfg(test)]
mod tests;
