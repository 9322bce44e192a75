//! The cause RecipientNotFound: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RecipientNotFound",
    side: Side::Ours,
    reasons: &[Reason::RecipientNotFound],
    clues: &[
        Clue::code("5.1.1"),
        Clue::code("5.1.10"),
        Clue::words(&["resolver.adr.recipientnotfound"]),
        Clue::words(&["recipient not found by smtp address lookup"]),
        Clue::words(&["resolver.adr.exrecipnotfound"]),
    ],
    meaning: "No recipient has this address, and the domain is authoritative: all its addresses are known here.",
    actor: Actor::Sender,
    fix: "Check the address for typing errors. If it should exist, give it to a recipient as a proxy address (Set-Mailbox -EmailAddresses) or change the domain to internal relay (Set-AcceptedDomain -DomainType InternalRelay).",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
                "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
