//! The cause TooManyConnections: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTooManyConnections",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["too many connections"]),
        Clue::words(&["too many concurrent"]),
        Clue::words(&["concurrent connections"]),
        Clue::words(&["connection limit"]),
        Clue::words(&["too many sessions"]),
    ],
    meaning: "The recipient's system takes no more connections at once from the sending server.",
    actor: Actor::Administrator,
    fix: "It is tried again by itself. If it goes on, make fewer connections at once for that domain.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "421 4.7.0 mx.fabrikam.example Error: too many connections from 192.0.2.10",
                "421 Too many concurrent SMTP connections; please try again later.",
            ],
        );
    }
}
