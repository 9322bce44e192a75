//! The cause NeedsBinaryMime: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NeedsBinaryMime",
    side: Side::Ours,
    reasons: &[Reason::NeedsBinaryMime],
    clues: &[Clue::code("5.6.1"), Clue::words(&["binarymime"])],
    meaning: "The message is in BINARYMIME, and the next hop does not take that (RFC 3030).",
    actor: Actor::Sender,
    fix: "Send it without BODY=BINARYMIME; it is never converted on the way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.6.1 SMTPSEND.BinaryMime; mx.fabrikam.example does not accept BINARYMIME and the message is not converted",
                "554 5.6.1 Message content is BINARYMIME and the next server does not support it",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
