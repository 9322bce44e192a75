//! The cause SizeConnector: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SizeConnector",
    side: Side::Ours,
    reasons: &[Reason::SizeConnector],
    clues: &[
        Clue::words(&["routing.sizelimit"]),
        Clue::words(&["message size exceeds fixed maximum message size"]),
    ],
    meaning: "The message is larger than the connector allows.",
    actor: Actor::Sender,
    fix: "Send it smaller; or raise -MaxMessageSize of the connector.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route",
                "552 5.3.4 Message size exceeds fixed maximum message size",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
