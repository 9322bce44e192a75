//! The three identifiers a message carries, as types that cannot be mixed up.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §3.6.4; RFC 9562 §5.7.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Longest Message-ID kept, brackets included; a header line holds 998 octets (RFC 5322 §2.1.1) but may be folded.
pub const MESSAGE_ID_BYTES_MAX: usize = 1_900;

/// Why a text is not the identifier asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a GUID such as `018f2c6e-…` with or without braces.
    #[error("not a GUID")]
    NotAGuid,
    /// Not an unsigned decimal number.
    #[error("not a whole number")]
    NotANumber,
    /// Empty, over [`MESSAGE_ID_BYTES_MAX`], or holding a control character or a stray angle bracket.
    #[error("not a Message-ID")]
    NotAMessageId,
}

/// One per message, constant across forks, expansion and servers; the trace calls it MessageTraceId. UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NetworkMessageId(pub Uuid);

/// A lower-case GUID with hyphens.
impl fmt::Display for NetworkMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = Uuid::encode_buffer();
        f.pad(self.0.hyphenated().encode_lower(&mut buffer))
    }
}

/// Either case, with or without braces.
impl FromStr for NetworkMessageId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::try_parse(text.trim()).map(NetworkMessageId).map_err(|_| IdError::NotAGuid)
    }
}

/// One per message and node: in the `250` reply as InternalId and in every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InternalMessageId(pub u64);

impl fmt::Display for InternalMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for InternalMessageId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.trim().parse().map(InternalMessageId).map_err(|_| IdError::NotANumber)
    }
}

/// The Message-ID header's value, always with its angle brackets (RFC 5322 §3.6.4).
///
/// What stands between them is kept as it came: real programs write spaces and leave out the `@`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// Reads a Message-ID with or without brackets; white space around it is dropped.
    pub fn parse(text: &str) -> Result<MessageId, IdError> {
        let text = text.trim();
        let inner = match text.strip_prefix('<') {
            Some(rest) => rest.strip_suffix('>').ok_or(IdError::NotAMessageId)?,
            None => text,
        };
        let fits = !inner.is_empty() && inner.len() + 2 <= MESSAGE_ID_BYTES_MAX;
        if !fits || inner.chars().any(|ch| ch.is_control() || matches!(ch, '<' | '>')) {
            return Err(IdError::NotAMessageId);
        }
        Ok(MessageId(format!("<{inner}>")))
    }

    /// The Message-ID we give a message that came without one: `<GUID@FQDN>`, as Exchange does.
    pub fn generate(id: Uuid, fqdn: &str) -> MessageId {
        let host: String =
            fqdn.chars().filter(|ch| !ch.is_control() && !matches!(ch, '<' | '>' | ' ')).collect();
        MessageId(format!("<{}@{host}>", id.hyphenated()))
    }

    /// With brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without brackets.
    pub fn inner(&self) -> &str {
        self.0.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(&self.0)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for MessageId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        MessageId::parse(text)
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MessageId::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
