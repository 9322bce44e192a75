//! A user without a mailbox: somebody who signs in and gets no mail.
//!
//! May touch: nothing (pure).
//! What they may do is said by the role groups they are members of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::{Object, ObjectKind};
use crate::recipient::PasswordHash;
use crate::{DirectoryError, name};

/// The account of a user without a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator {
    /// Identity for life.
    pub guid: Uuid,
    /// Unique user name, compared without case, at most 64 characters.
    pub user_name: String,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// Whether signing in is allowed.
    pub enabled: bool,
    /// When it was made.
    pub when_created: Timestamp,
    /// When the password was last set.
    pub password_changed: Timestamp,
}

impl Administrator {
    /// What the entry must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("UserName", &self.user_name)?;
        if self.user_name.contains(':') {
            // RFC 7617 §2: a user name with a colon cannot be sent.
            return Err(DirectoryError::invalid("UserName", "it may not hold a colon."));
        }
        Ok(())
    }
}

impl Object for Administrator {
    const KIND: ObjectKind = ObjectKind::Administrator;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.user_name.clone()
    }
}
