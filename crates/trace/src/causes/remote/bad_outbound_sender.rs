//! The cause BadOutboundSender: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteBadOutboundSender",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.1.8"), Clue::words(&["bad outbound sender"])],
    meaning: "The recipient's or the relaying system blocks this sender for the spam it sent.",
    actor: Actor::Administrator,
    fix: "Secure the account and have the block lifted there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.1.8 Access denied, bad outbound sender AS(42004)"],
        );
    }
}
