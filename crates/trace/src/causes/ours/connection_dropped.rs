//! The cause ConnectionDropped: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ConnectionDropped",
    side: Side::Ours,
    reasons: &[Reason::ConnectionDropped],
    clues: &[Clue::words(&["connection dropped"])],
    meaning: "The connection broke before the remote server had answered for the message.",
    actor: Actor::Remote,
    fix: "It is tried again by itself; if it happens with one message only, a filter on the way may object to its content.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["421 4.4.2 Connection dropped"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
