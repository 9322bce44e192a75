//! The cause ConnectionTimedOut: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ConnectionTimedOut",
    side: Side::Ours,
    reasons: &[Reason::ConnectionTimedOut],
    clues: &[Clue::words(&["connection timed out"]), Clue::words(&["timed out"]), Clue::code("4.4.1")],
    meaning: "The remote server did not answer in time.",
    actor: Actor::Remote,
    fix: "It is tried again by itself. If no server outside can be reached, your provider may block port 25.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["421 4.4.1 Connection timed out"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
