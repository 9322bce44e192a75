//! The cause MessageExpired: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMessageExpired",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.4.300"),
        Clue::code("5.4.316"),
        Clue::code("4.4.316"),
        Clue::code("4.4.7"),
        Clue::code("5.4.7"),
        Clue::words(&["message expired"]),
        Clue::words(&["delivery time expired"]),
        Clue::words(&["retry timeout exceeded"]),
    ],
    meaning: "The next system took the message, but could not hand it on in the time it allows.",
    actor: Actor::Remote,
    fix: "The words behind the code say what its last attempt met; the administrator there mends it, then the sender sends again.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.4.316 Message expired, connection refused(Socket error code 10061)",
                "550 5.4.300 Message expired -> 451 4.4.0 Primary target IP address responded with an error",
                "550 4.4.7 QUEUE.Expired; message expired",
            ],
        );
    }
}
