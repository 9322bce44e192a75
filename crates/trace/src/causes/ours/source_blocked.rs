//! The cause SourceBlocked: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SourceBlocked",
    side: Side::Ours,
    reasons: &[Reason::SourceBlocked],
    clues: &[Clue::both("554", &["access denied"]), Clue::words(&["on the block list"])],
    meaning: "The source address is blocked, or no Receive connector takes it.",
    actor: Actor::Administrator,
    fix: "Check -RemoteIPRanges and -PermissionGroups of the Receive connectors if it should be let in.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["554 5.7.1 Access denied"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
