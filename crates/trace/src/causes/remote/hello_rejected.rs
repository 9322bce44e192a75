//! The cause HelloRejected: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteHelloRejected",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["helo command rejected"]),
        Clue::words(&["ehlo rejected"]),
        Clue::words(&["invalid helo"]),
        Clue::words(&["need fully-qualified hostname"]),
        Clue::words(&["helo name"]),
    ],
    meaning: "The recipient's system does not take the name that the sending server greets with.",
    actor: Actor::Administrator,
    fix: "Set -Fqdn of the Send connector to a full name that DNS knows.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "504 5.5.2 <mx1>: Helo command rejected: need fully-qualified hostname",
                "550 5.7.1 <mx1.local>: Helo command rejected: Host not found",
            ],
        );
    }
}
