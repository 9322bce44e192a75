//! The cause SenderDenied: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SenderDenied",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.1.0"), Clue::words(&["sender denied"])],
    meaning: "The sender stands on the organization's list of blocked senders.",
    actor: Actor::Administrator,
    fix: "Take the address or its domain off the sender filter if it should be let in.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["550 5.1.0 Sender denied"]);
    }
}
