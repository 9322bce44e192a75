//! The cause NdrSuppressedRate: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NdrSuppressedRate",
    side: Side::Ours,
    reasons: &[Reason::NdrSuppressedRate],
    clues: &[],
    meaning: "It could not be delivered, and no report was made: this unauthenticated return path had too many in the last hour.",
    actor: Actor::Administrator,
    fix: "Look whether the address is forged; the failed rows of the sender are all in the trace.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
