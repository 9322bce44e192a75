//! The cause TooManyRecipients: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "TooManyRecipients",
    side: Side::Ours,
    reasons: &[Reason::TooManyRecipients],
    clues: &[Clue::code("4.5.3")],
    meaning: "The session named more recipients for one message than the Receive connector takes; the rest was asked to come again.",
    actor: Actor::Sender,
    fix: "Mail servers send the rest by themselves. A program that does not: fewer recipients per message, or raise -MaxRecipientsPerMessage.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["452 4.5.3 Too many recipients"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
