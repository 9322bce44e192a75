//! The cause NeedsUtf8: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteNeedsUtf8",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.6.7"), Clue::words(&["smtputf8"]), Clue::words(&["non-ascii"])],
    meaning: "The recipient's system does not take addresses in UTF-8 (RFC 6531).",
    actor: Actor::Sender,
    fix: "Use addresses in ASCII for recipients on that system.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "553 5.6.7 Non-ASCII addresses not permitted for that sender/recipient",
                "550 5.6.7 Must use SMTPUTF8 for this address",
            ],
        );
    }
}
