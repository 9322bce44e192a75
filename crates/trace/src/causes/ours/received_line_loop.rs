//! The cause ReceivedLineLoop: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ReceivedLineLoop",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.4.14"), Clue::both("5.4.14", &["hop count exceeded"])],
    meaning: "Exchange Online counted too many hops: the message runs in a circle between two systems.",
    actor: Actor::Administrator,
    fix: "Look at the Received headers for the systems that repeat; correct the accepted domain type (internal relay) or the connector that sends it back.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["554 5.4.14 Hop count exceeded - possible mail loop ATTR34"],
        );
    }
}
