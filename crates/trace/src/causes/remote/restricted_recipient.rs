//! The cause RestrictedRecipient: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteRestrictedRecipient",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.124"),
        Clue::code("5.7.129"),
        Clue::code("5.7.133"),
        Clue::code("5.7.134"),
        Clue::code("5.7.135"),
        Clue::code("5.7.136"),
        Clue::code("5.7.12"),
        Clue::code("5.7.13"),
        Clue::code("5.7.193"),
        Clue::words(&["resolver.rst."]),
        Clue::words(&["not authorized to send to this"]),
    ],
    meaning: "The recipient, mostly a group, takes mail from certain or from inside senders only.",
    actor: Actor::Recipient,
    fix: "Ask the owner of the group or the recipient, by another way, to allow the sender.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group",
                "550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to this recipient because the sender isn't on the recipient's list of senders",
                "550 5.7.193 UserNotInRelationship; recipient restricted",
            ],
        );
    }
}
