//! The cause Poison: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "Poison",
    side: Side::Ours,
    reasons: &[Reason::Poison],
    clues: &[Clue::code("5.3.0")],
    meaning: "The message is suspected of having crashed the service and is held in the poison queue.",
    actor: Actor::Administrator,
    fix: "Export it (Export-Message), then Resume-Message or Remove-Message; report the crash with the service log.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["550 5.3.0 Too many related errors"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
