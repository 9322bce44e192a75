//! The cause ForwardingLoop: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ForwardingLoop",
    side: Side::Ours,
    reasons: &[Reason::ForwardingLoop],
    clues: &[Clue::words(&["resolver.fwd.loop"])],
    meaning: "Forwarding leads back to where it began, and no mailbox on the way keeps a copy.",
    actor: Actor::Administrator,
    fix: "Remove one of the forwards of the loop, or let one of them keep a copy with -DeliverToMailboxAndForward $true.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.4.6 RESOLVER.FWD.Loop; there is a forwarding loop configured in the directory"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
