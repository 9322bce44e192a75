//! Mail as data: addresses, identifiers, reading headers, editing bytes, composing reports.
//!
//! May touch: nothing (pure). Time, identifiers and boundaries arrive as parameters.
//! A message's bytes are never parsed and rebuilt: headers are added or cut as bytes.

pub mod address;
pub mod id;

pub use address::{Address, AddressError, ReversePath};
pub use id::{IdError, InternalMessageId, MessageId, NetworkMessageId};
