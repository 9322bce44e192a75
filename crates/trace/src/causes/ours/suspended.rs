//! The cause Suspended: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "Suspended",
    side: Side::Ours,
    reasons: &[Reason::Suspended],
    clues: &[],
    meaning: "An administrator has suspended the queue or the message.",
    actor: Actor::Administrator,
    fix: "Resume it: Resume-Queue or Resume-Message.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
