//! The cause OutOfResources: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteOutOfResources",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.3.1"),
        Clue::words(&["insufficient system"]),
        Clue::words(&["insufficient storage"]),
        Clue::words(&["out of disk"]),
        Clue::words(&["insufficient disk"]),
        Clue::words(&["not enough space"]),
    ],
    meaning: "The recipient's system is short of storage or memory.",
    actor: Actor::Remote,
    fix: "It is tried again by itself. If it goes on, tell the administrator there by another way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "452 4.3.1 Insufficient system resources (UsedDiskSpace[D:\\Queue])",
                "452 4.3.1 Insufficient system storage",
            ],
        );
    }
}
