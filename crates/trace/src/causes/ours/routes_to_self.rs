//! The cause RoutesToSelf: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RoutesToSelf",
    side: Side::Ours,
    reasons: &[Reason::RoutesToSelf],
    clues: &[Clue::code("5.3.5")],
    meaning: "The next hop is this server itself.",
    actor: Actor::Administrator,
    fix: "If the domain is yours, make it an accepted domain; else correct its MX record or the connector's smart host.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["554 5.3.5 System incorrectly configured"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
