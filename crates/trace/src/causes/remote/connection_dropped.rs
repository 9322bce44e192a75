//! The cause ConnectionDropped: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteConnectionDropped",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.4.2"),
        Clue::words(&["timeout waiting"]),
        Clue::words(&["connection dropped"]),
        Clue::words(&["timeout exceeded"]),
        Clue::words(&["idle for too long"]),
        Clue::words(&["timeout - closing"]),
    ],
    meaning: "The recipient's system gave up waiting in the session.",
    actor: Actor::Administrator,
    fix: "It is tried again by itself. If it concerns large messages, look for a firewall on the way that breaks long sessions.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "421 4.4.2 mx.fabrikam.example Error: timeout exceeded",
                "421 4.4.2 Connection dropped due to TimeOut",
            ],
        );
    }
}
