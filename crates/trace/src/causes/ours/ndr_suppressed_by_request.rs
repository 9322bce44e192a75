//! The cause NdrSuppressedByRequest: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NdrSuppressedByRequest",
    side: Side::Ours,
    reasons: &[Reason::NdrSuppressedByRequest],
    clues: &[],
    meaning: "It could not be delivered, and no report was made: reports are turned off for this recipient or request.",
    actor: Actor::Nobody,
    fix: "Nothing has to be done; for a group see -ReportToOriginatorEnabled.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
