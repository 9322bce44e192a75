//! The cause NotAuthenticated: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NotAuthenticated",
    side: Side::Ours,
    reasons: &[Reason::NotAuthenticated],
    clues: &[Clue::words(&["client was not authenticated"]), Clue::code("5.7.57")],
    meaning: "The connector takes mail only from clients that have signed in.",
    actor: Actor::Sender,
    fix: "Set up user name and password in the client; without TLS they are taken on loopback only.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["530 5.7.1 Client was not authenticated", "530 5.7.57 Client not authenticated to send mail"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
