//! The cause AttachmentBlocked: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteAttachmentBlocked",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["attachment type"]),
        Clue::words(&["attachment name"]),
        Clue::words(&["blocked attachment"]),
        Clue::words(&["attachments are not allowed"]),
        Clue::words(&["file type"]),
        Clue::words(&["executable"]),
    ],
    meaning: "The recipient's system takes no attachment of this type.",
    actor: Actor::Sender,
    fix: "Send it in another form, or share it as a link.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 Message rejected: attachment type .js is not allowed",
                "554 5.7.1 blocked attachment: setup.exe",
            ],
        );
    }
}
