//! The cause BareLineFeed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "BareLineFeed",
    side: Side::Ours,
    reasons: &[Reason::BareLineFeed],
    clues: &[Clue::code("5.6.11")],
    meaning: "The data held a bare CR or LF, or a NUL: a way to smuggle a second message.",
    actor: Actor::Sender,
    fix: "The sending program must end lines with CRLF (RFC 5321 §2.3.8).",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["550 5.6.11 Invalid characters"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
