//! The cause SenderNotAllowed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SenderNotAllowed",
    side: Side::Ours,
    reasons: &[Reason::SenderNotAllowed],
    clues: &[
        Clue::code("5.7.124"),
        Clue::words(&["resolver.rst.notauthorized"]),
        Clue::words(&["resolver.rst.restrictedtorecipientspermission"]),
    ],
    meaning: "The recipient's accept or reject list keeps this sender out.",
    actor: Actor::Administrator,
    fix: "Add the sender with -AcceptMessagesOnlyFromSendersOrMembers, or take it off -RejectMessagesFromSendersOrMembers, of the recipient.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.124 RESOLVER.RST.NotAuthorized; not authorized; Sender not in allowed-senders list",
                "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
