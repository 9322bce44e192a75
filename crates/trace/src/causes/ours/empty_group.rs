//! The cause EmptyGroup: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "EmptyGroup",
    side: Side::Ours,
    reasons: &[Reason::EmptyGroup],
    clues: &[],
    meaning: "The group has no members, or takes no mail.",
    actor: Actor::Administrator,
    fix: "Add members with Add-DistributionGroupMember.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
