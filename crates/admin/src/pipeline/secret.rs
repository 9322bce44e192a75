//! Lines that hold a password, which must not be kept in the history.
//! May touch: nothing (pure).

use super::scanner::plain_dash;
use crate::parameter::Kind;
use crate::registry;

/// Prefixes shorter than this are ambiguous with every cmdlet that has a secret.
const PREFIX_MIN: usize = 2;

/// Whether the line names a parameter that may hold a secret, in full or as a prefix. Rather once too often.
pub fn holds_secret(line: &str) -> bool {
    let names = || {
        let parameters = registry::all().flat_map(|cmdlet| cmdlet.own_parameters());
        parameters.filter(|parameter| parameter.kind == Kind::Password).map(|parameter| parameter.name)
    };
    let line: String = line.chars().map(plain_dash).collect();
    line.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .filter_map(|word| word.strip_prefix('-'))
        .filter(|word| word.len() >= PREFIX_MIN)
        .map(str::to_ascii_lowercase)
        .any(|word| {
            word.starts_with("pass")
                || names().any(|name| {
                    let name = name.to_ascii_lowercase();
                    name.starts_with(&word) || word.starts_with(&name)
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_a_password_are_known() {
        for line in [
            "New-Mailbox kim -Password x",
            "new-mailbox kim -pass:x",
            "Get-Mailbox; New-Mailbox kim -pas 'x y'",
            "New-Mailbox kim -PASSWORD:x",
            "New-Mailbox kim \u{2013}Password x",
        ] {
            assert!(holds_secret(line), "{line}");
        }
        for line in
            ["Get-Mailbox", "Get-MessageTrace -Status Failed", "Get-Mailbox compass-password", "x -p 1"]
        {
            assert!(!holds_secret(line), "{line}");
        }
    }
}
