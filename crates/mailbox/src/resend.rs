//! Knows a message that is sent again because the `250` for it was lost.
//!
//! May touch: nothing (pure).
//! Standards: RFC 1047 (a client that does not see the reply to the end of the data sends the message again).

/// What two submissions of one message have in common: Message-ID, Date, MAIL FROM and the bytes received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResendKey([u8; 32]);

impl ResendKey {
    /// The key, or `None` for a message that came without a Message-ID, which never matches.
    ///
    /// `message_id` and `date` are the header values as received, before any is added; `mail_from` is the reverse
    /// path (empty for null); `received` is the BLAKE3 of the bytes received.
    #[must_use]
    pub fn compute(
        message_id: Option<&str>,
        date: Option<&str>,
        mail_from: &str,
        received: &[u8; 32],
    ) -> Option<ResendKey> {
        let message_id = message_id.map(str::trim).filter(|id| !id.is_empty())?;
        let mut hasher = blake3::Hasher::new();
        for part in [message_id.as_bytes(), date.unwrap_or_default().trim().as_bytes(), mail_from.as_bytes()]
        {
            // The length keeps `a|bc` and `ab|c` apart.
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part);
        }
        hasher.update(received);
        Some(ResendKey(*hasher.finalize().as_bytes()))
    }

    /// A key from its stored form.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> ResendKey {
        ResendKey(bytes)
    }

    /// The stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight bytes as the number the index is kept by.
    pub(crate) fn index_number(&self) -> i64 {
        self.0.first_chunk::<8>().map_or(0, |bytes| i64::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_no_message_id_never_matches() {
        let hash = *blake3::hash(b"body").as_bytes();
        let other = *blake3::hash(b"other").as_bytes();
        let key = ResendKey::compute(Some("<1@a>"), Some("date"), "a@b", &hash);
        assert!(key.is_some());
        assert_eq!(key, ResendKey::compute(Some(" <1@a> "), Some("date"), "a@b", &hash));
        for different in [
            ResendKey::compute(Some("<2@a>"), Some("date"), "a@b", &hash),
            ResendKey::compute(Some("<1@a>"), None, "a@b", &hash),
            ResendKey::compute(Some("<1@a>"), Some("date"), "", &hash),
            ResendKey::compute(Some("<1@a>"), Some("datea"), "@b", &hash),
            ResendKey::compute(Some("<1@a>"), Some("date"), "a@b", &other),
        ] {
            assert_ne!(key, different);
        }
        assert_eq!(ResendKey::compute(None, Some("date"), "a@b", &hash), None);
        assert_eq!(ResendKey::compute(Some("  "), Some("date"), "a@b", &hash), None);
    }
}
