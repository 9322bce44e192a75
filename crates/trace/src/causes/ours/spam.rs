//! The cause Spam: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "Spam",
    side: Side::Ours,
    reasons: &[Reason::Spam],
    clues: &[Clue::words(&["spam"]), Clue::words(&["content filter agent"]), Clue::code("5.2.1")],
    meaning: "A filter held it to be spam.",
    actor: Actor::Administrator,
    fix: "If it was not, report it as not junk, or allow the sender.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.2.1 Content Filter agent quarantined this message"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
