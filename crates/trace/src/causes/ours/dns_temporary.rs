//! The cause DnsTemporary: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DnsTemporary",
    side: Side::Ours,
    reasons: &[Reason::DnsTemporary],
    clues: &[Clue::words(&["temporary name resolution failure"])],
    meaning: "DNS gave no answer for the recipient's domain.",
    actor: Actor::Administrator,
    fix: "It is tried again by itself. If it concerns all domains, check the servers under [dns] in the configuration.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["451 4.4.3 Temporary name resolution failure"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
