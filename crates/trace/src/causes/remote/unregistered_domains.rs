//! The cause UnregisteredDomains: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteUnregisteredDomains",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.7.750"), Clue::words(&["client blocked from sending from unregistered domains"])],
    meaning: "Exchange Online sends no more mail of this tenant from domains that are not registered with it.",
    actor: Actor::Administrator,
    fix: "Add the sending domains as accepted domains of the tenant, or stop relaying foreign domains through its connector.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains."],
        );
    }
}
