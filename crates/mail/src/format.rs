//! How addresses and identifiers stand in stored and exchanged records: as text, numbers and GUIDs.
//!
//! May touch: nothing (pure).
//! These forms carry no version of their own: they are the standards' own forms, and the record that
//! holds them carries one. They are never changed; another form is another type.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::address::{Address, ReversePath};
use crate::id::{InternalMessageId, MessageId, NetworkMessageId};

/// As written.
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Address::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

/// `<>`, or the address as written.
impl Serialize for ReversePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_trace())
    }
}

impl<'de> Deserialize<'de> for ReversePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ReversePath::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

/// A hyphenated lower-case GUID where people read it, 16 octets elsewhere.
impl Serialize for NetworkMessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NetworkMessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(NetworkMessageId)
    }
}

/// A number.
impl Serialize for InternalMessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for InternalMessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(InternalMessageId)
    }
}

/// With its brackets.
impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MessageId::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_stable() {
        let null = serde_json::to_string(&ReversePath::Null).unwrap();
        assert_eq!(null, "\"<>\"");
        assert_eq!(serde_json::from_str::<ReversePath>(&null).unwrap(), ReversePath::Null);
        let path = ReversePath::parse("Kim@x.example").unwrap();
        assert_eq!(serde_json::to_string(&path).unwrap(), "\"Kim@x.example\"");
        assert_eq!(serde_json::to_string(&InternalMessageId(7)).unwrap(), "7");
        assert!(serde_json::from_str::<ReversePath>("\"kim\"").is_err());
    }
}
