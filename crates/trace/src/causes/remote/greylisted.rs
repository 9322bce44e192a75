//! The cause Greylisted: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteGreylisted",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["greylist"]),
        Clue::words(&["graylist"]),
        Clue::words(&["grey listed"]),
        Clue::words(&["please try again in 5 minutes"]),
        Clue::both("4.7.1", &["try again later"]),
        Clue::both("4.2.0", &["try again later"]),
        Clue::both("4.7.1", &["temporarily deferred"]),
    ],
    meaning: "The recipient's system puts off the first attempt of a sender it does not know (greylisting).",
    actor: Actor::Nobody,
    fix: "Nothing: the next attempt, some minutes later, is taken. If every message is put off, the sending address changes between attempts; send from one address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "450 4.2.0 <kim@fabrikam.example>: Recipient address rejected: Greylisted, see http://postgrey.example/help/fabrikam.example.html",
                "451 4.7.1 Greylisting in action, please come back later",
                "451 4.7.1 Please try again later",
            ],
        );
    }
}
