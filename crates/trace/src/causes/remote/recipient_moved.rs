//! The cause RecipientMoved: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteRecipientMoved",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.1.6"),
        Clue::code("551"),
        Clue::words(&["has moved"]),
        Clue::words(&["user has moved"]),
        Clue::words(&["no longer works"]),
        Clue::words(&["no longer with"]),
        Clue::words(&["no longer employed"]),
    ],
    meaning: "The recipient has another address now.",
    actor: Actor::Sender,
    fix: "Write to the address that the reply names, or ask for it by another way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "551 5.1.6 User not local; please try <kim@tailspin.example>",
                "550 5.1.6 Mailbox has moved",
                "550 kim@fabrikam.example is no longer with the company",
            ],
        );
    }
}
