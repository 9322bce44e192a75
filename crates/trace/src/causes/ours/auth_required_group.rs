//! The cause AuthRequiredGroup: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "AuthRequiredGroup",
    side: Side::Ours,
    reasons: &[Reason::AuthRequiredGroup],
    clues: &[Clue::code("5.7.133")],
    meaning: "The group takes mail from senders inside the organization only, and this sender was not signed in.",
    actor: Actor::Administrator,
    fix: "To let outside senders write to it: Set-DistributionGroup <group> -RequireSenderAuthenticationEnabled $false.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
