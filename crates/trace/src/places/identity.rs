//! Names of places, and the numbers and ids that what they record gets: the same each time a record is read.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mail::NetworkMessageId;
use uuid::Uuid;

use crate::status::{EventKey, NodeId};

/// Longest name of a place, in characters.
const NAME_MAX: usize = 64;
/// Numbers of places have this bit; those of our servers do not.
const PLACE_BIT: u16 = 0x8000;

/// A system whose records are read, by the name an administrator gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    name: Arc<str>,
    node: NodeId,
}

/// Why a text is not a place's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a place's name; use 1 to 64 letters, digits, dots, dashes and underscores")]
pub struct PlaceError(String);

impl FromStr for Place {
    type Err = PlaceError;

    /// A dot behind a host's name ends it, and is no part of it.
    fn from_str(text: &str) -> Result<Place, PlaceError> {
        let (given, text) = (text, text.trim_end_matches('.'));
        let fits = |ch: char| ch.is_alphanumeric() || matches!(ch, '.' | '-' | '_');
        let length = text.chars().count();
        if length == 0 || length > NAME_MAX || !text.chars().all(fits) {
            return Err(PlaceError(given.chars().take(NAME_MAX).collect()));
        }
        let digest = blake3::hash(text.to_lowercase().as_bytes());
        let low = digest.as_bytes().first_chunk::<2>().map_or(0, |first| u16::from_le_bytes(*first));
        Ok(Place { name: text.into(), node: NodeId(low | PLACE_BIT) })
    }
}

/// What names of one place have in common: hosts are named in whatever case, with and without a dot at the end.
pub fn place_key(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// Whether two names are of one place.
pub fn is_same_place(one: &str, other: &str) -> bool {
    place_key(one) == place_key(other)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl Place {
    /// The name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number its events have in place of a server's.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The key of an event, from everything that makes it this event and no other.
    pub(crate) fn key(&self, parts: &[&[u8]]) -> EventKey {
        let digest = digest(b"event", &self.name, parts);
        let seq = digest.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first));
        EventKey { node: self.node, seq }
    }

    /// The id of a message as this place knows it, from what names it there.
    pub(crate) fn hop(&self, parts: &[&[u8]]) -> NetworkMessageId {
        let digest = digest(b"hop", &self.name, parts);
        let bytes = digest.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
        // A version 8 UUID (RFC 9562 §5.8): what it is made of is ours to say.
        NetworkMessageId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Whether a number is that of a place, and not of a server of ours.
pub(crate) fn is_of_place(node: NodeId) -> bool {
    node.0 & PLACE_BIT != 0
}

/// Whether an id was made by [`Place::hop`]: no other system writes version 8.
pub(crate) fn is_made(id: NetworkMessageId) -> bool {
    id.0.get_version_num() == 8
}

fn digest(kind: &[u8], name: &str, parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind);
    hasher.update(name.to_lowercase().as_bytes());
    for part in parts {
        hasher.update(&[0]);
        hasher.update(part);
    }
    hasher.finalize()
}

/// A name as a number: equal for different names practically never, even if somebody tries.
pub(crate) fn number(kind: u8, name: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[kind]);
    let mut buffer = [0_u8; 64];
    match buffer.get_mut(..name.len()) {
        Some(lower) if name.is_ascii() => {
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            hasher.update(lower);
        }
        _ => {
            hasher.update(name.to_lowercase().as_bytes());
        }
    }
    hasher.finalize().as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
}

/// The nil id: nothing known.
pub(crate) fn is_nil(id: NetworkMessageId) -> bool {
    id.0 == Uuid::nil()
}
