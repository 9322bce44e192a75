//! The cause RecipientRejectedAtEdge: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteRecipientRejectedAtEdge",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::both("5.4.1", &["access denied"]),
        Clue::words(&["recipient address rejected: access denied"]),
    ],
    meaning: "The recipient's system (Exchange Online says it so) refuses the address at its border: it is not in the directory there, or the domain is not set up for it.",
    actor: Actor::Remote,
    fix: "Check the address. If it is right, the administrator there makes the recipient, or sets the accepted domain to internal relay while mailboxes are still being moved.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.4.1 Recipient address rejected: Access denied. [DB5EUR01FT012.eop-EUR01.prod.protection.outlook.example 2026-11-20T09:03:11.000Z]",
            ],
        );
    }
}
