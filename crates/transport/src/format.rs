//! The stored form of envelopes and entries: a version octet, then postcard.
//!
//! May touch: nothing (pure).

use serde::{Serialize, de::DeserializeOwned};

use crate::envelope::{Entry, Envelope};

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
