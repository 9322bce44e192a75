//! The cause DmarcFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DmarcFailed",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.7.509"), Clue::words(&["dmarc"])],
    meaning: "Neither SPF nor DKIM matches the From address, and the domain's DMARC policy asks for such mail to be refused.",
    actor: Actor::Sender,
    fix: "The administrator of the sender's domain makes SPF or DKIM match the From address (RFC 7489 §3.1); a mailing list must rewrite From or keep the signature whole.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.509 Access denied, sending domain does not pass DMARC verification"],
        );
    }
}
