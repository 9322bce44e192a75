//! The cause TooManyRecipients: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTooManyRecipients",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.5.3"),
        Clue::code("5.5.3"),
        Clue::words(&["too many recipients"]),
        Clue::words(&["recipients per message"]),
    ],
    meaning: "The message has more recipients than the recipient's system takes at once.",
    actor: Actor::Nobody,
    fix: "With a 452 the rest is sent again by itself; with a 5xx send to fewer recipients at a time.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "452 4.5.3 Too many recipients",
                "452-4.5.3 Your message has too many recipients. - gsmtp",
                "550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients",
            ],
        );
    }
}
