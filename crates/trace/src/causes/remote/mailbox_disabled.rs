//! The cause MailboxDisabled: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMailboxDisabled",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.2.1"),
        Clue::words(&["account is disabled"]),
        Clue::words(&["mailbox disabled"]),
        Clue::words(&["account inactive"]),
        Clue::words(&["is inactive"]),
        Clue::words(&["account suspended"]),
        Clue::words(&["user suspended"]),
    ],
    meaning: "The recipient's mailbox exists, but is switched off there.",
    actor: Actor::Recipient,
    fix: "Ask the recipient by another way for an address that is in use.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.2.1 The email account that you tried to reach is inactive. For more\n550 5.2.1 information, go to https://support.google.example/?p=DisabledUser - gsmtp",
                "550 5.2.1 The mailbox of kim@fabrikam.example is disabled",
                "554 30 Sorry, your message to kim@fabrikam.example cannot be delivered. This mailbox disabled (554.30).",
            ],
        );
    }
}
