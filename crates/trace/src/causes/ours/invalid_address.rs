//! The cause InvalidAddress: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "InvalidAddress",
    side: Side::Ours,
    reasons: &[Reason::InvalidAddress],
    clues: &[
        Clue::code("5.1.3"),
        Clue::code("5.1.4"),
        Clue::code("5.1.5"),
        Clue::code("5.1.6"),
        Clue::code("5.1.7"),
    ],
    meaning: "What was given is not an address, or not one that is taken.",
    actor: Actor::Sender,
    fix: "Correct the address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "501 5.1.3 Invalid address",
                "550 5.1.4 Recipient address reserved by RFC 2606",
                "550 5.1.6 Recipient addresses in single label domains not accepted",
                "501 5.1.7 Invalid address",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
