//! The cause MessageTooLarge: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMessageTooLarge",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.3.4"),
        Clue::code("5.2.3"),
        Clue::words(&["message size exceeds"]),
        Clue::words(&["message too large"]),
        Clue::words(&["message too big"]),
        Clue::words(&["exceeded google's message size limits"]),
        Clue::words(&["message is too large"]),
        Clue::words(&["size limit exceeded"]),
    ],
    meaning: "The message is larger than the recipient's system takes.",
    actor: Actor::Sender,
    fix: "Send it smaller, or share the attachment as a link. Encoding makes an attachment about 37 % larger on the way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "552-5.3.4 Your message exceeded Google's message size limits. To view our message\n552 5.3.4 size guidelines, go to https://support.google.example/?p=MaxSizeError - gsmtp",
                "552 5.3.4 Message size exceeds fixed limit",
                "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
                "552 Message size exceeds maximum permitted",
            ],
        );
    }
}
