//! The cause DkimFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDkimFailed",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.20"),
        Clue::code("5.7.21"),
        Clue::code("5.7.22"),
        Clue::code("5.7.30"),
        Clue::code("4.7.30"),
        Clue::words(&["dkim"]),
    ],
    meaning: "The message has no DKIM signature that holds, and the recipient's system demands one.",
    actor: Actor::Administrator,
    fix: "Sign with a key that the domain publishes, and look for a system behind the signer that changes the message.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.30 Your email has been blocked because the sender is unauthenticated.\n550 5.7.30 DKIM = did not pass - gsmtp",
                "550 5.7.20 No passing DKIM signature found",
            ],
        );
    }
}
