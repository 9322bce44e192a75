//! The cause TransportRule: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "TransportRule",
    side: Side::Ours,
    reasons: &[Reason::TransportRule],
    clues: &[
        Clue::words(&["transport.rules.rejectmessage"]),
        Clue::words(&["delivery not authorized, message refused"]),
        Clue::code("5.7.9??"),
    ],
    meaning: "A mail flow rule rejected or deleted it.",
    actor: Actor::Administrator,
    fix: "The event names the rule; change its conditions or exceptions if it should not have acted.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
                "550 5.7.1 Delivery not authorized, message refused",
                "550 5.7.901 Delivery not authorized, message refused",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
