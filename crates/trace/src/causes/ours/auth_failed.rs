//! The cause AuthFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "AuthFailed",
    side: Side::Ours,
    reasons: &[Reason::AuthFailed],
    clues: &[
        Clue::code("5.7.3"),
        Clue::words(&["authentication unsuccessful"]),
        Clue::words(&["temporary authentication failure"]),
    ],
    meaning: "The credentials were not accepted.",
    actor: Actor::Administrator,
    fix: "For a smart host: Set-SendConnector -AuthenticationCredential. For a client: check user name and password.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["535 5.7.3 Authentication unsuccessful", "454 4.7.0 Temporary authentication failure"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
