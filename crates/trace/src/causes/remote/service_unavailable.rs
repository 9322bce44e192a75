//! The cause ServiceUnavailable: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteServiceUnavailable",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.3.2"),
        Clue::words(&["service not available"]),
        Clue::words(&["service unavailable, try"]),
        Clue::words(&["server shutting down"]),
        Clue::words(&["system not accepting network messages"]),
        Clue::words(&["server busy"]),
        Clue::words(&["temporarily unavailable"]),
    ],
    meaning: "The recipient's system is stopping, starting or too busy.",
    actor: Actor::Nobody,
    fix: "It is tried again by itself.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "421 4.3.2 Service not available",
                "421 4.3.2 System not accepting network messages",
                "421 mx.fabrikam.example Server shutting down",
            ],
        );
    }
}
