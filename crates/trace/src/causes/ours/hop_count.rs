//! The cause HopCount: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "HopCount",
    side: Side::Ours,
    reasons: &[Reason::HopCount],
    clues: &[Clue::words(&["hop count exceeded"])],
    meaning: "The message has passed too many servers: it most likely runs in a circle.",
    actor: Actor::Administrator,
    fix: "Look at its Received headers for the servers that repeat, and correct the connector or MX record that sends it back.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["554 5.4.6 Hop count exceeded - possible mail loop"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
