//! The cause RecipientAccessDenied: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RecipientAccessDenied",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::both("5.4.1", &["access denied"])],
    meaning: "The recipient is refused at the border: the domain is served there, but the address is not in its directory, or not open to this sender.",
    actor: Actor::Sender,
    fix: "Check the address for typing errors; if it should exist, make the recipient.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.4.1 Recipient address rejected: Access denied"],
        );
    }
}
