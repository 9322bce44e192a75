//! The cause MailFlowRule: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMailFlowRule",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.9??"),
        Clue::words(&["transport.rules.rejectmessage"]),
        Clue::words(&["organization policy"]),
        Clue::words(&["message refused by policy"]),
    ],
    meaning: "A mail flow rule of the recipient's organization refused the message.",
    actor: Actor::Remote,
    fix: "The administrator there can name the rule; the text of the reply is mostly theirs.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
                "550 5.7.903 Delivery not authorized, message refused",
            ],
        );
    }
}
