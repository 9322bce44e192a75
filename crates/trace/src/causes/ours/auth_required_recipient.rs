//! The cause AuthRequiredRecipient: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "AuthRequiredRecipient",
    side: Side::Ours,
    reasons: &[Reason::AuthRequiredRecipient],
    clues: &[Clue::code("5.7.134"), Clue::code("5.7.136"), Clue::words(&["resolver.rst.authrequired"])],
    meaning: "The recipient takes mail from senders inside the organization only, and this sender was not signed in.",
    actor: Actor::Administrator,
    fix: "To let outside senders write to it: Set-Mailbox <recipient> -RequireSenderAuthenticationEnabled $false.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required",
                "550 5.7.136 RESOLVER.RST.SenderNotAuthenticatedForMailUser; authentication required; sender not authenticated for mail user",
                "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
