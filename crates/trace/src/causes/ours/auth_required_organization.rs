//! The cause AuthRequiredOrganization: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "AuthRequiredOrganization",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.7.12")],
    meaning: "The organization takes mail from its own signed-in senders only.",
    actor: Actor::Administrator,
    fix: "To take mail from outside, give a Receive connector the permission group AnonymousUsers.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.12 Sender was not authenticated by organization"],
        );
    }
}
