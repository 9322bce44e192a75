//! The cause SizeRecipient: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SizeRecipient",
    side: Side::Ours,
    reasons: &[Reason::SizeRecipient],
    clues: &[
        Clue::words(&["resolver.rst.recipsizelimit"]),
        Clue::words(&["message too large for this recipient"]),
    ],
    meaning: "The message is larger than the recipient may receive.",
    actor: Actor::Sender,
    fix: "Send it smaller; or raise the recipient's -MaxReceiveSize.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
                "552 5.2.3 Message too large for this recipient",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
