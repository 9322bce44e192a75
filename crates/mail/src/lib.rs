//! Mail as data: addresses, identifiers, reading headers, editing bytes, composing reports.
//!
//! May touch: nothing (pure). Time, identifiers and boundaries arrive as parameters.
//! A message's bytes are never parsed and rebuilt: headers are added or cut as bytes.

pub mod address;
pub mod codes;
pub mod dsn;
pub mod edit;
mod format;
pub mod header;
pub mod id;
mod mime;
mod mime_text;
pub mod summary;

pub use address::{Address, AddressError, ReversePath};
pub use header::HeaderBlock;
pub use id::{IdError, InternalMessageId, MessageId, NetworkMessageId};
pub use summary::{Importance, Summary, summarize};
