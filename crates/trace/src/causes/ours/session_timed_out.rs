//! The cause SessionTimedOut: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SessionTimedOut",
    side: Side::Ours,
    reasons: &[Reason::SessionTimedOut],
    clues: &[],
    meaning: "The client was silent for longer than the connector waits.",
    actor: Actor::Sender,
    fix: "If it repeats, look at the network on the way, or raise -ConnectionInactivityTimeout.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
