//! The cause PolicyRefusal: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemotePolicyRefusal",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.0"),
        Clue::code("5.7.1"),
        Clue::code("4.7.0"),
        Clue::code("4.7.1"),
        Clue::weak(&["policy"]),
        Clue::weak(&["access denied"]),
        Clue::weak(&["not accepted here"]),
        Clue::weak(&["administrative prohibition"]),
        Clue::weak(&["message rejected"]),
    ],
    meaning: "The recipient's system refused it for reasons of policy, and does not say more.",
    actor: Actor::Remote,
    fix: "The administrator there can explain the reply; ask the recipient by another way to have the sender allowed.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 Access denied",
                "550 5.7.1 go away",
                "554 5.7.1 Message rejected by local policy",
                "550 Administrative prohibition",
            ],
        );
    }
}
