//! The cause DirectoryTemporary: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DirectoryTemporary",
    side: Side::Ours,
    reasons: &[Reason::DirectoryTemporary],
    clues: &[Clue::words(&["temporary directory failure"])],
    meaning: "The directory gave no answer for now.",
    actor: Actor::Administrator,
    fix: "It is tried again by itself; look at Test-ServiceHealth.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["451 4.4.3 Temporary directory failure"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
