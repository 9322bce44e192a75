//! The cause MailboxFull: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMailboxFull",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.2.2"),
        Clue::code("4.2.2"),
        Clue::words(&["over quota"]),
        Clue::words(&["mailbox full"]),
        Clue::words(&["mailbox is full"]),
        Clue::words(&["out of storage space"]),
        Clue::words(&["quota exceeded"]),
        Clue::words(&["exceeded storage allocation"]),
        Clue::words(&["insufficient disk space for user"]),
    ],
    meaning: "The recipient's mailbox is full.",
    actor: Actor::Recipient,
    fix: "Ask the recipient, by another way, to make room; then the sender sends again.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please\n552 5.2.2 direct the recipient to https://support.google.example/?p=OverQuotaPerm - gsmtp",
                "452-4.2.2 The recipient's inbox is out of storage space. - gsmtp",
                "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
                "552 5.2.2 <kim@fabrikam.example>: Quota exceeded (mailbox for user is full)",
            ],
        );
    }
}
