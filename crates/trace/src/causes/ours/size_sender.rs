//! The cause SizeSender: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SizeSender",
    side: Side::Ours,
    reasons: &[Reason::SizeSender],
    clues: &[Clue::words(&["resolver.rst.sendsizelimit.sender"])],
    meaning: "The message is larger than this sender may send.",
    actor: Actor::Sender,
    fix: "Send it smaller; or raise the sender's -MaxSendSize.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.2.3 RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
