//! The cause UserUnknown: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteUserUnknown",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.1.1"),
        Clue::code("5.1.10"),
        Clue::words(&["user unknown"]),
        Clue::words(&["no such user"]),
        Clue::words(&["does not exist"]),
        Clue::words(&["unknown user"]),
        Clue::words(&["recipient not found"]),
        Clue::words(&["unknown recipient"]),
        Clue::words(&["mailbox not found"]),
        Clue::words(&["no mailbox here by that name"]),
        Clue::words(&["invalid recipient"]),
        Clue::words(&["user not found"]),
        Clue::words(&["mailbox unavailable"]),
    ],
    meaning: "The recipient's system knows no recipient with this address.",
    actor: Actor::Sender,
    fix: "Check the address for typing errors. If it is right, ask the recipient by another way: the address may have been given up.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or unnecessary\n550 5.1.1 spaces. For more information, go to https://support.google.example/?p=NoSuchUser d9443c01a7336-xx - gsmtp",
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient kim@fabrikam.example not found by SMTP address lookup",
                "550 5.1.1 <kim@fabrikam.example>: Recipient address rejected: User unknown in local recipient table",
                "550 No such user here",
                "550 5.5.0 Requested action not taken: mailbox unavailable",
            ],
        );
    }
}
