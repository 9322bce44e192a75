//! The cause CredentialsRefused: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteCredentialsRefused",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.8"),
        Clue::code("535"),
        Clue::words(&["authentication unsuccessful"]),
        Clue::words(&["authentication failed"]),
        Clue::words(&["invalid login"]),
        Clue::words(&["username and password not accepted"]),
    ],
    meaning: "The next hop did not take the user name and password of the Send connector.",
    actor: Actor::Administrator,
    fix: "Set-SendConnector -AuthenticationCredential; look whether the password has expired or basic authentication is switched off there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.google.example/mail/?p=BadCredentials - gsmtp",
                "535 5.7.3 Authentication unsuccessful",
                "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
            ],
        );
    }
}
