//! The cause LowTenantReputation: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteLowTenantReputation",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.7.708"), Clue::words(&["traffic not accepted from this ip"])],
    meaning: "Exchange Online takes no mail from this address range for new or trial tenants.",
    actor: Actor::Administrator,
    fix: "Use a paid subscription, or ask Microsoft's support for the exception; own servers send by their own addresses.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.708 Access denied, traffic not accepted from this IP. For more information please go to https://go.microsoft.example/fwlink/?LinkId=526653",
            ],
        );
    }
}
