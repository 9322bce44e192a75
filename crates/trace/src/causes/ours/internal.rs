//! The cause Internal: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "Internal",
    side: Side::Ours,
    reasons: &[Reason::Internal],
    clues: &[Clue::code("4.3.0")],
    meaning: "An error inside the server.",
    actor: Actor::Administrator,
    fix: "Look at the service log at the time of the event, and report it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["451 4.3.0 Temporary server error. Please try again later"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
