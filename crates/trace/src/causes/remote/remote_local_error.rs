//! The cause RemoteLocalError: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteLocalError",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.3.0"),
        Clue::code("5.3.0"),
        Clue::words(&["local error"]),
        Clue::words(&["temporary server error"]),
        Clue::words(&["internal error"]),
        Clue::words(&["internal server error"]),
        Clue::words(&["failed to be made redundant"]),
        Clue::weak(&["storedrv.deliver.exception"]),
        Clue::words(&["queue file write error"]),
        Clue::words(&["temporary system problem"]),
    ],
    meaning: "The recipient's system met an error of its own.",
    actor: Actor::Remote,
    fix: "It is tried again by itself if the reply begins with 4. The administrator there finds the cause in their log, by the time and the reply.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "451 4.3.0 Temporary server error. Please try again later. PRX2",
                "451 Requested action aborted: local error in processing",
                "554 5.3.0 Other or undefined mail system status: internal error",
            ],
        );
    }
}
