//! The cause BackPressure: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "BackPressure",
    side: Side::Ours,
    reasons: &[Reason::BackPressure],
    clues: &[Clue::code("4.3.1")],
    meaning: "The server is short of a resource and takes no more mail for now.",
    actor: Actor::Administrator,
    fix: "Free space on the volume that the alert names; senders try again by themselves.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["452 4.3.1 Insufficient system resources"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
