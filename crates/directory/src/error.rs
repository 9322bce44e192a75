//! What can go wrong in the directory, by what the caller does next.
//!
//! May touch: nothing (pure).

use crate::object::ObjectKind;

/// Most names an ambiguous identity lists; more are counted.
const MATCHES_SHOWN_MAX: usize = 5;

/// An answer of the directory that is not the one asked for. Each text says what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A property's value breaks its rule.
    #[error("{property}: {message}")]
    Invalid {
        /// The property in the cmdlets' spelling, such as `RemoteIPRanges`.
        property: &'static str,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// The change would break a rule that joins several objects.
    #[error("{message}")]
    Refused {
        /// What stands in the way, and what to do first.
        message: String,
    },
    /// A proxy address belongs to another recipient already.
    #[error(
        "The proxy address \"{address}\" is already used by the {holder_kind} \"{holder}\"; remove it there first or choose another."
    )]
    AddressInUse {
        /// The address with its prefix, such as `smtp:ann@contoso.example`.
        address: String,
        /// What the holder is, in words.
        holder_kind: &'static str,
        /// The holder's display name.
        holder: String,
    },
    /// A name, alias or user principal name that must be unique is taken.
    #[error("The {property} \"{value}\" is already used by the {holder_kind} \"{holder}\"; choose another.")]
    NameInUse {
        /// `Name`, `Alias`, `UserPrincipalName`, `DomainName`, …
        property: &'static str,
        /// The value that was asked for.
        value: String,
        /// What the holder is, in words.
        holder_kind: &'static str,
        /// The holder's name.
        holder: String,
    },
    /// No object has this identity.
    #[error("There is no {kind} \"{identity}\"; check the name with Get-{cmdlet}.", kind = kind.words(), cmdlet = kind.noun())]
    NotFound {
        /// What was looked for.
        kind: ObjectKind,
        /// The identity as given.
        identity: String,
    },
    /// Several objects have this identity.
    #[error("\"{identity}\" matches {count}: {list}; use the GUID, the alias or the primary address.", count = matches.len(), list = listed(matches))]
    Ambiguous {
        /// The identity as given.
        identity: String,
        /// Name and primary address of each match.
        matches: Vec<String>,
    },
    /// The file was written by a newer version of this program.
    #[error(
        "{what} has format {found}, this program knows formats up to {known}; run the newer program, or restore a backup made before it."
    )]
    NewerFormat {
        /// The file or object.
        what: String,
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// What is stored contradicts itself.
    #[error("The directory file is damaged: {0}; restore it from a backup.")]
    Damaged(String),
    /// The SQLite file could not be read or written.
    #[error("The directory file could not be read or written: {0}")]
    Store(#[from] rusqlite::Error),
    /// The file could not be opened.
    #[error("The directory file could not be opened: {0}")]
    Open(String),
    /// A password could not be hashed.
    #[error("The password could not be hashed: {0}")]
    Password(String),
}

impl DirectoryError {
    /// A property's value breaks its rule.
    pub fn invalid(property: &'static str, message: impl Into<String>) -> DirectoryError {
        DirectoryError::Invalid { property, message: message.into() }
    }

    /// A rule that joins several objects stands in the way.
    pub fn refused(message: impl Into<String>) -> DirectoryError {
        DirectoryError::Refused { message: message.into() }
    }
}

fn listed(matches: &[String]) -> String {
    let shown: Vec<&str> = matches.iter().take(MATCHES_SHOWN_MAX).map(String::as_str).collect();
    let more = matches.len().saturating_sub(MATCHES_SHOWN_MAX);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
