//! The cause ContentNotTaken: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteContentNotTaken",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.6.1"),
        Clue::code("5.6.3"),
        Clue::words(&["conversion required"]),
        Clue::words(&["does not support it"]),
        Clue::words(&["media not supported"]),
    ],
    meaning: "The recipient's system does not take the message in the form it was sent in.",
    actor: Actor::Sender,
    fix: "Send it again as ordinary mail with its attachments encoded; it is never converted on the way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "554 5.6.1 Message content is BINARYMIME and the next server does not support it",
                "554 5.6.3 Conversion required but not supported",
            ],
        );
    }
}
