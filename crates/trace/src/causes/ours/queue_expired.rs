//! The cause QueueExpired: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "QueueExpired",
    side: Side::Ours,
    reasons: &[Reason::QueueExpired],
    clues: &[Clue::words(&["queue.expired"]), Clue::code("5.4.300"), Clue::code("4.4.7")],
    meaning: "The message could not be handed on for as long as a message may wait, and was returned.",
    actor: Actor::Administrator,
    fix: "The reply of the last attempt says why the next hop did not take it. When that is mended the sender sends again.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 4.4.7 QUEUE.Expired; message expired", "550 5.4.300 Message expired"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
