//! The cause ServiceUnavailable: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ServiceUnavailable",
    side: Side::Ours,
    reasons: &[Reason::ServiceUnavailable],
    clues: &[Clue::code("4.3.2")],
    meaning: "The service was stopping, or is not active.",
    actor: Actor::Sender,
    fix: "Senders try again by themselves.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["421 4.3.2 Service not available", "421 4.3.2 Service not active"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
