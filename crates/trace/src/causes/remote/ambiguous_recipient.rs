//! The cause AmbiguousRecipient: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteAmbiguousRecipient",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.1.4"), Clue::words(&["ambiguous"])],
    meaning: "Two recipients there have this address.",
    actor: Actor::Remote,
    fix: "The administrator there takes the address off one of them.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.1.4 RESOLVER.ADR.Ambiguous; ambiguous address"],
        );
    }
}
