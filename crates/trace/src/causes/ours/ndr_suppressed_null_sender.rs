//! The cause NdrSuppressedNullSender: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NdrSuppressedNullSender",
    side: Side::Ours,
    reasons: &[Reason::NdrSuppressedNullSender],
    clues: &[],
    meaning: "It could not be delivered, and no report was made because it has no sender (MAIL FROM:<>).",
    actor: Actor::Nobody,
    fix: "Nothing has to be done: reports cause no reports.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
