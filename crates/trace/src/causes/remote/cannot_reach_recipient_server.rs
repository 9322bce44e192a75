//! The cause CannotReachRecipientServer: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteCannotReachRecipientServer",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.4.1"),
        Clue::code("5.4.310"),
        Clue::code("4.4.317"),
        Clue::code("4.4.0"),
        Clue::words(&["primary target ip address responded"]),
        Clue::code("4.4.31?"),
        Clue::code("5.4.31?"),
        Clue::words(&["connection timed out"]),
        Clue::words(&["connection refused"]),
        Clue::words(&["no route to host"]),
        Clue::words(&["unable to connect"]),
    ],
    meaning: "The next system could not connect to the one behind it.",
    actor: Actor::Remote,
    fix: "It tries again by itself. The administrator there looks at the server behind it and the DNS records that name it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "450 4.4.317 Cannot connect to remote server [Message=451 5.7.3 STARTTLS is required to send mail]",
                "550 5.4.310 DNS domain fabrikam.example does not exist [Message=InfoDomainNonexistent]",
                "421 4.4.1 Connection timed out",
            ],
        );
    }
}
