//! The stored form of an event: one version byte, then postcard.
//!
//! May touch: nothing (pure).
//! Fields are only ever appended, and then under a new version that reads the old ones.

use crate::event::Event;

/// The version written now: version 1 and, at the end, the place.
const VERSION: u8 = 2;
/// The version before, which ends before the place.
const WITHOUT_PLACE: u8 = 1;
/// What postcard writes for `None`.
const NONE: u8 = 0;

/// Why stored bytes are not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Nothing there.
    #[error("an empty event record")]
    Empty,
    /// Written by a newer version of this program.
    #[error("event record of version {0}, this program reads up to version 2")]
    Version(u8),
    /// The bytes do not decode.
    #[error("damaged event record: {0}")]
    Damaged(String),
}

/// The bytes to store for an event.
pub fn encode(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.push(VERSION);
    // Writing into a Vec cannot fail and every type of `Event` has a known length; an empty
    // record would be refused by `decode`, so even a defect here cannot pass for an event.
    postcard::to_extend(event, bytes).unwrap_or_default()
}

/// The event stored in these bytes.
pub fn decode(bytes: &[u8]) -> Result<Event, FormatError> {
    match bytes.split_first() {
        None => Err(FormatError::Empty),
        Some((&VERSION, rest)) => read(rest),
        Some((&WITHOUT_PLACE, rest)) => {
            let mut longer = Vec::with_capacity(rest.len().saturating_add(1));
            longer.extend_from_slice(rest);
            longer.push(NONE);
            read(&longer)
        }
        Some((&version, _)) => Err(FormatError::Version(version)),
    }
}

fn read(bytes: &[u8]) -> Result<Event, FormatError> {
    let (event, left) =
        postcard::take_from_bytes::<Event>(bytes).map_err(|error| FormatError::Damaged(error.to_string()))?;
    if left.is_empty() {
        Ok(event)
    } else {
        Err(FormatError::Damaged(format!("{} bytes too many", left.len())))
    }
}

/// Timestamps as microseconds since 1970.
pub(crate) mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_microsecond())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_microsecond(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The same, optional.
pub(crate) mod micros_option {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::as_microsecond).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<i64>::deserialize(deserializer)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(serde::de::Error::custom))
            .transpose()
    }
}
