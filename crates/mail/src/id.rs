//! The three identifiers a message carries, as types that cannot be mixed up.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §3.6.4; RFC 9562 §5.7.

use std::fmt;
use std::str::FromStr;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_message_ids() {
        let id: NetworkMessageId = "{01936F0A-0000-7000-8000-00000000000A}".parse().unwrap();
        assert_eq!(id.to_string(), "01936f0a-0000-7000-8000-00000000000a");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"01936f0a-0000-7000-8000-00000000000a\"");
        assert_eq!("nonsense".parse::<NetworkMessageId>(), Err(IdError::NotAGuid));
        assert_eq!(" 42 ".parse(), Ok(InternalMessageId(42)));
        assert_eq!("-1".parse::<InternalMessageId>(), Err(IdError::NotANumber));
    }

    #[test]
    fn message_ids() {
        let cases = [
            ("<a@x>", Some("<a@x>")),
            ("a@x", Some("<a@x>")),
            (" <a b> ", Some("<a b>")),
            ("no-at-sign", Some("<no-at-sign>")),
            ("<a@x", None),
            ("a@x>", None),
            ("<a><b>", None),
            ("<>", None),
            ("", None),
            ("a\r\nBcc: x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(MessageId::parse(text).ok().as_ref().map(MessageId::as_str), expected, "{text:?}");
        }
        assert!(MessageId::parse(&"x".repeat(MESSAGE_ID_BYTES_MAX)).is_err());
        let made = MessageId::generate(Uuid::from_u128(1), "mx1.contoso.example\r\n>");
        assert_eq!(made.as_str(), "<00000000-0000-0000-0000-000000000001@mx1.contoso.example>");
        assert_eq!(MessageId::parse(made.inner()), Ok(made.clone()));
        let json = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<MessageId>(&json).unwrap(), made);
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "\\PC{0,40}|[<> a@\r\n]{0,12}") {
            if let Ok(id) = MessageId::parse(&text) {
                assert_eq!(MessageId::parse(id.as_str()), Ok(id.clone()));
                assert!(id.as_str().starts_with('<') && id.as_str().ends_with('>') && !id.inner().is_empty());
            }
        }
    }
}
