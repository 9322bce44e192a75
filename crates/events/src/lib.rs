//! The vocabulary of the tracking log: event ids, sources, fields, and their stored and written forms.
//!
//! May touch: nothing (pure).

pub mod csv;
pub mod event;
pub mod format;
pub mod vocabulary;

pub use event::{Detail, Event, EventRecipient, MessageFacts, NextHop};
pub use format::{FormatError, decode, encode};
pub use vocabulary::{Directionality, DomainKind, EventId, Reason, RefusedStep, Source, UnknownWord};

#[cfg(test)]
mod tests;
