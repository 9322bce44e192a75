//! The cause ReportToGroup: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ReportToGroup",
    side: Side::Ours,
    reasons: &[Reason::ReportToGroup],
    clues: &[],
    meaning: "A delivery report was addressed to a group that takes none.",
    actor: Actor::Nobody,
    fix: "Nothing has to be done. To receive reports, set -ReportToManagerEnabled or -ReportToOriginatorEnabled of the group.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
