//! The cause MailboxUnavailable: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "MailboxUnavailable",
    side: Side::Ours,
    reasons: &[Reason::MailboxUnavailable],
    clues: &[Clue::code("4.2.1"), Clue::words(&["mailbox temporarily unavailable"])],
    meaning: "The mailbox could not be written: it is being moved, locked, or its file cannot be written.",
    actor: Actor::Administrator,
    fix: "Look at Test-ServiceHealth and the service log for the mailbox's file; delivery is tried again by itself.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["451 4.2.1 Mailbox temporarily unavailable"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
