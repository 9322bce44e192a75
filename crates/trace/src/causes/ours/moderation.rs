//! The cause Moderation: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "Moderation",
    side: Side::Ours,
    reasons: &[Reason::Moderation],
    clues: &[Clue::words(&["approval.rejected"]), Clue::words(&["rejected by a moderator"])],
    meaning: "A moderator rejected it, or none answered in time.",
    actor: Actor::Sender,
    fix: "Ask the moderators of the recipient.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.1 APPROVAL.Rejected; message rejected by a moderator"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
