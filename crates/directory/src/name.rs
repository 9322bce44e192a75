//! The rules for names, aliases, display names and host names.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §3.2.3 (the characters of an alias), RFC 1035 §2.3.1 (host names).

use crate::DirectoryError;

/// Longest Name and Alias, in characters (New-Mailbox).
pub const NAME_LENGTH_MAX: usize = 64;
/// Longest DisplayName, in characters (New-Mailbox).
pub const DISPLAY_NAME_LENGTH_MAX: usize = 256;
/// Longest user principal name, in characters (Active Directory's bound).
pub const USER_PRINCIPAL_NAME_LENGTH_MAX: usize = 1024;

/// A text as compared: without case.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

/// A Name: 1 to 64 characters, no control character, no space at either end.
pub fn check_name(property: &'static str, name: &str) -> Result<(), DirectoryError> {
    check_text(property, name, NAME_LENGTH_MAX)
}

/// A DisplayName: 1 to 256 characters, no control character, no space at either end.
pub fn check_display_name(name: &str) -> Result<(), DirectoryError> {
    check_text("DisplayName", name, DISPLAY_NAME_LENGTH_MAX)
}

/// A text of 1 to `most` characters without control characters and without a space at either end.
pub(crate) fn check_text(property: &'static str, text: &str, most: usize) -> Result<(), DirectoryError> {
    if text.is_empty() {
        return Err(DirectoryError::invalid(property, "it is empty; give at least one character."));
    }
    let length = text.chars().count();
    if length > most {
        return Err(DirectoryError::invalid(
            property,
            format!("it has {length} characters; give at most {most}."),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(DirectoryError::invalid(property, "it holds a control character; remove it."));
    }
    if text.trim() != text {
        return Err(DirectoryError::invalid(property, "it begins or ends with a space; remove it."));
    }
    Ok(())
}

/// An Alias: 1 to 64 characters of RFC 5322 §3.2.3 `atext`, dots only between them.
pub fn check_alias(alias: &str) -> Result<(), DirectoryError> {
    check_text("Alias", alias, NAME_LENGTH_MAX)?;
    let is_atext = |ch: char| ch.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(ch);
    if alias.split('.').all(|part| !part.is_empty() && part.chars().all(is_atext)) {
        return Ok(());
    }
    Err(DirectoryError::invalid(
        "Alias",
        format!(
            "\"{alias}\" has a character that is not allowed; use letters a-z, digits, and !#$%&'*+-/=?^_`{{|}}~, with dots only between them."
        ),
    ))
}

/// A fully qualified or single-label host name.
pub fn check_host(property: &'static str, host: &str) -> Result<(), DirectoryError> {
    mail::address::domain_key(host).map(|_| ()).map_err(|_| {
        DirectoryError::invalid(
            property,
            format!("\"{host}\" is not a host name; give one such as mail.contoso.example."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases() {
        for good in ["Ann", "Ännchen Müller", "a", &"x".repeat(64)] {
            assert!(check_name("Name", good).is_ok(), "{good}");
        }
        for bad in ["", " Ann", "Ann ", "A\nB", &"x".repeat(65)] {
            assert!(check_name("Name", bad).is_err(), "{bad}");
        }
        for good in ["ann", "ann.b", "a+b", "o'neill", "A_1"] {
            assert!(check_alias(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", ".a", "a.", "a..b", "a@b", "ä", "a,b", "a\"b", "(a)", &"x".repeat(65)] {
            assert!(check_alias(bad).is_err(), "{bad}");
        }
        assert!(check_display_name(&"x".repeat(256)).is_ok());
        assert!(check_display_name(&"x".repeat(257)).is_err());
        assert!(check_host("Fqdn", "mail.contoso.example").is_ok());
        assert!(check_host("Fqdn", "mail contoso").is_err());
        assert!(check_host("Fqdn", "[192.0.2.1]").is_err());
    }
}
