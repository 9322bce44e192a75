//! The cause RateLimit: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RateLimit",
    side: Side::Ours,
    reasons: &[Reason::RateLimit],
    clues: &[Clue::words(&["message submission rate for this client"]), Clue::words(&["rate limit"])],
    meaning: "The client went over a limit of connections, messages or attempts in a time.",
    actor: Actor::Sender,
    fix: "It may try again later; for a system of your own raise the limits of its Receive connector.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["421 4.4.2 Message submission rate for this client has exceeded the configured limit"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
