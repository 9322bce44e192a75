//! The cause UnauthenticatedIpv6: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "UnauthenticatedIpv6",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.7.26"), Clue::code("4.7.26")],
    meaning: "The message came over IPv6 and passed neither SPF nor DKIM.",
    actor: Actor::Sender,
    fix: "The administrator of the sender's domain adds SPF or DKIM, or the sending server uses IPv4.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.26 Message sent over IPv6 must pass either SPF or DKIM validation"],
        );
    }
}
