//! The cause TenantOverThreshold: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTenantOverThreshold",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.7.705"), Clue::words(&["tenant has exceeded threshold"])],
    meaning: "Exchange Online has stopped the sending tenant: too much of what it sent was spam, or it sent from unregistered domains.",
    actor: Actor::Administrator,
    fix: "Secure the accounts that sent it, stop mass mail, then ask Microsoft's support to lift the block.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.705 Access denied, tenant has exceeded threshold. AS(7505)"],
        );
    }
}
