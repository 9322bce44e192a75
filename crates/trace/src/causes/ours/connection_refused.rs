//! The cause ConnectionRefused: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ConnectionRefused",
    side: Side::Ours,
    reasons: &[Reason::ConnectionRefused],
    clues: &[Clue::words(&["connection refused"]), Clue::words(&["failed to connect"])],
    meaning: "The remote server does not listen.",
    actor: Actor::Remote,
    fix: "It is tried again by itself. For a smart host of your own check its address, port and service.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect: connection refused\". Last endpoint attempted was 192.0.2.25:25",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
