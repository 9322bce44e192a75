//! The cause SenderRejected: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSenderRejected",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.1.0"),
        Clue::code("5.1.7"),
        Clue::words(&["sender address rejected"]),
        Clue::words(&["sender rejected"]),
        Clue::words(&["sender denied"]),
        Clue::words(&["blocked sender"]),
        Clue::words(&["sender is blocked"]),
        Clue::words(&["has blocked your"]),
        Clue::words(&["blocked by recipient"]),
    ],
    meaning: "The recipient's system, or the recipient, blocks this sender.",
    actor: Actor::Sender,
    fix: "Ask the recipient by another way to allow the address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 <kim@contoso.example>: Sender address rejected: Access denied",
                "550 5.1.0 Sender denied",
                "550 5.7.1 The recipient has blocked your address",
            ],
        );
    }
}
