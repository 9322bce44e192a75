//! The cause HeaderTooLarge: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "HeaderTooLarge",
    side: Side::Ours,
    reasons: &[Reason::HeaderTooLarge],
    clues: &[Clue::words(&["header size exceeds"])],
    meaning: "The header is larger than the connector takes.",
    actor: Actor::Sender,
    fix: "Send with a smaller header; or raise -MaxHeaderSize of the Receive connector.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["552 5.3.4 Header size exceeds fixed maximum size"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
