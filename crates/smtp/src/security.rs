//! How a connection is protected, for both sides of a session.
//!
//! May touch: nothing (pure).

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// Not at all.
    #[default]
    Plaintext,
    /// TLS, from the start or since STARTTLS.
    Tls,
}
