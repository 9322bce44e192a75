//! The cause SenderVerifyFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSenderVerifyFailed",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["sender verify failed"]),
        Clue::words(&["verification failed for"]),
        Clue::words(&["callout"]),
        Clue::words(&["callback"]),
    ],
    meaning: "The recipient's system asked back whether the sender's address exists, and was told no or got no answer.",
    actor: Actor::Administrator,
    fix: "Let the MX of the sender's domain accept the address, also for the null sender, and answer in time.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-Verification failed for <app@contoso.example>\n550 Sender verify failed",
                "451 Could not complete sender verify callout",
            ],
        );
    }
}
