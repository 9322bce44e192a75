//! The account of a recipient and the hash of its password.
//!
//! May touch: nothing (pure).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A password's argon2id hash in PHC form. `Debug` does not show it and the audit leaves it out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a hash in PHC form, as [`crate::password::hash`] makes it.
    pub fn from_phc(phc: String) -> PasswordHash {
        PasswordHash(phc)
    }

    /// The hash in PHC form.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(hidden)")
    }
}

/// What a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `user@domain`, unique, compared without case; no other recipient's address.
    pub user_principal_name: String,
    /// Absent until a password is set; then nobody can sign in.
    pub password_hash: Option<PasswordHash>,
    /// Whether signing in is allowed.
    pub enabled: bool,
    /// When the password was last set.
    #[serde(default)]
    pub password_changed: Option<Timestamp>,
}
