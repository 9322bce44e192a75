//! The cause DmarcFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDmarcFailed",
    side: Side::Remote,
    reasons: &[],
    clues: &[Clue::code("5.7.509"), Clue::words(&["dmarc"]), Clue::both("5.7.26", &["dmarc"])],
    meaning: "Neither SPF nor DKIM matches the From address, and the sender's domain asks for such mail to be refused (DMARC).",
    actor: Actor::Administrator,
    fix: "Make SPF or DKIM match the domain in From. Mail that a list or a forward passes on needs a From rewritten or a signature that stays whole.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.26 Unauthenticated email from contoso.example is not accepted due to\n550-5.7.26 domain's DMARC policy. Please contact the administrator of contoso.example\n550 5.7.26 domain if this was a legitimate mail. - gsmtp",
                "550 5.7.509 Access denied, sending domain contoso.example does not pass DMARC verification and has a DMARC policy of reject.",
                "550 5.7.1 Email rejected per DMARC policy for contoso.example",
            ],
        );
    }
}
