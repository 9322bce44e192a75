//! The cause DynamicAddress: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDynamicAddress",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["dynamic ip"]),
        Clue::words(&["dynamic address"]),
        Clue::words(&["pbl"]),
        Clue::words(&["residential"]),
        Clue::words(&["dial-up"]),
        Clue::words(&["dialup"]),
    ],
    meaning: "The recipient's system takes no mail from addresses that belong to a dial-up or dynamic range.",
    actor: Actor::Administrator,
    fix: "Send through your provider's smart host, or from a fixed address with a reverse name of your own.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "554 5.7.1 Service refused: 192.0.2.10 is in a dynamic IP range; use your provider's mail server",
                "550 5.7.1 Access denied: residential address space",
            ],
        );
    }
}
