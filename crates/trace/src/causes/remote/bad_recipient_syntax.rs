//! The cause BadRecipientSyntax: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteBadRecipientSyntax",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.1.5"),
        Clue::code("5.1.3"),
        Clue::words(&["bad destination mailbox address"]),
        Clue::words(&["invalid address"]),
        Clue::words(&["bad address syntax"]),
        Clue::words(&["malformed address"]),
    ],
    meaning: "The recipient's system does not take the address as it is written.",
    actor: Actor::Sender,
    fix: "Correct the address; look for blanks, quotes and letters outside ASCII.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["501 5.1.3 Bad recipient address syntax: bad address syntax", "553 5.1.3 Invalid address"],
        );
    }
}
