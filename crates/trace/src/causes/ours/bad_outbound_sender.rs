//! The cause BadOutboundSender: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "BadOutboundSender",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.1.8"), Clue::words(&["bad outbound sender"])],
    meaning: "The account is blocked from sending to other organizations, mostly because it sent spam.",
    actor: Actor::Administrator,
    fix: "Secure the account (new password, no foreign rules or forwards), then lift the block.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["550 5.1.8 Access denied, bad outbound sender"]);
    }
}
