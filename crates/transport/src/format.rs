//! The stored form of envelopes, entries and suspended queues: a version octet, then postcard.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use spool::{EntryNo, MessageNo};

use crate::envelope::{Entry, Envelope};
use crate::item::Item;
use crate::queue::suspended::SuspendedQueues;

/// The version written; raise it with every change of shape and keep reading the one before.
const VERSION: u8 = 1;

/// Bytes in the spool that are not an envelope or entry of a known version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormatError {
    /// No bytes at all.
    #[error("the stored record is empty")]
    Empty,
    /// Written by a newer Postroom.
    #[error(
        "the stored record has version {0}; this server reads version {VERSION}. Start the newer version that wrote it"
    )]
    Version(u8),
    /// Not readable.
    #[error("the stored record is damaged: {0}")]
    Damaged(String),
}

/// Envelope to bytes.
///
/// # Errors
/// Never for the types of this crate; kept typed so that no caller has to guess.
pub fn encode_envelope(envelope: &Envelope) -> Result<Vec<u8>, FormatError> {
    encode(envelope)
}

/// Bytes to envelope.
///
/// # Errors
/// See [`FormatError`].
pub fn decode_envelope(bytes: &[u8]) -> Result<Envelope, FormatError> {
    decode(bytes)
}

/// Entry to bytes.
///
/// # Errors
/// Never for the types of this crate.
pub fn encode_entry(entry: &Entry) -> Result<Vec<u8>, FormatError> {
    encode(entry)
}

/// Bytes to entry.
///
/// # Errors
/// See [`FormatError`].
pub fn decode_entry(bytes: &[u8]) -> Result<Entry, FormatError> {
    decode(bytes)
}

/// A queued message to bytes, without its number.
///
/// # Errors
/// Never for the types of this crate.
pub(crate) fn pack_item(item: &Item) -> Result<Vec<u8>, FormatError> {
    let entries: Vec<(u32, &Entry)> = item.entries.iter().map(|(no, entry)| (no.0, entry)).collect();
    encode(&(item.envelope.as_ref(), entries))
}

/// What [`pack_item`] made to a message.
///
/// # Errors
/// See [`FormatError`].
pub(crate) fn unpack_item(no: MessageNo, bytes: &[u8]) -> Result<Item, FormatError> {
    let (envelope, entries): (Envelope, Vec<(u32, Entry)>) = decode(bytes)?;
    let entries = entries.into_iter().map(|(no, entry)| (EntryNo(no), entry)).collect();
    Ok(Item { no, envelope: Arc::new(envelope), entries })
}

/// The suspended queues to bytes.
///
/// # Errors
/// Never for the types of this crate.
pub(crate) fn encode_suspended(suspended: &SuspendedQueues) -> Result<Vec<u8>, FormatError> {
    encode(suspended)
}

/// Bytes to the suspended queues.
///
/// # Errors
/// See [`FormatError`].
pub(crate) fn decode_suspended(bytes: &[u8]) -> Result<SuspendedQueues, FormatError> {
    decode(bytes)
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FormatError> {
    let start = Vec::from([VERSION]);
    postcard::to_extend(value, start).map_err(|error| FormatError::Damaged(error.to_string()))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FormatError> {
    match bytes.split_first() {
        None => Err(FormatError::Empty),
        Some((&VERSION, rest)) => {
            postcard::from_bytes(rest).map_err(|error| FormatError::Damaged(error.to_string()))
        }
        Some((&version, _)) => Err(FormatError::Version(version)),
    }
}
