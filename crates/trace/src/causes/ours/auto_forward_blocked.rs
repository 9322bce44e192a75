//! The cause AutoForwardBlocked: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "AutoForwardBlocked",
    side: Side::Ours,
    reasons: &[Reason::AutoForwardBlocked],
    clues: &[Clue::code("5.7.520")],
    meaning: "Automatic forwarding to the target's domain is turned off.",
    actor: Actor::Administrator,
    fix: "If it is wanted: Set-RemoteDomain <domain> -AutoForwardEnabled $true. Set-Mailbox <mailbox> -DeliverToMailboxAndForward $true keeps what is forwarded in the mailbox too.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.520 Access denied, Your organization does not allow external forwarding"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
