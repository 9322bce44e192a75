//! The cause RecipientLimit: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RecipientLimit",
    side: Side::Ours,
    reasons: &[Reason::RecipientLimit],
    clues: &[Clue::words(&["resolver.adr.reciplimit"])],
    meaning: "The message has more recipients than the sender, or the organization, may address at once.",
    actor: Actor::Sender,
    fix: "Send it in several messages or to a group; or raise -RecipientLimits of the mailbox or Set-TransportConfig -MaxRecipientEnvelopeLimit.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
