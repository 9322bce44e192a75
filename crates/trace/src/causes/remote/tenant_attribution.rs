//! The cause TenantAttribution: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTenantAttribution",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.7.64"), Clue::words(&["tenantattribution"])],
    meaning: "Exchange Online cannot tell which tenant the mail belongs to, so it takes it for relaying.",
    actor: Actor::Administrator,
    fix: "Correct the inbound connector of the tenant: its certificate name or address must be what this server shows, and the sender's domain must be an accepted domain there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.64 TenantAttribution; Relay Access Denied [AM1FFO11FD050.protection.gbl]"],
        );
    }
}
