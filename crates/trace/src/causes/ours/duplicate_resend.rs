//! The cause DuplicateResend: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DuplicateResend",
    side: Side::Ours,
    reasons: &[Reason::DuplicateResend],
    clues: &[],
    meaning: "The sender sent the same message again because our reply got lost; one copy was kept.",
    actor: Actor::Nobody,
    fix: "Nothing has to be done.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
