//! The cause LineTooLong: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "LineTooLong",
    side: Side::Ours,
    reasons: &[Reason::LineTooLong],
    clues: &[Clue::words(&["line too long"]), Clue::code("5.5.6")],
    meaning: "A line is longer than the connector takes.",
    actor: Actor::Sender,
    fix: "The sending program must break lines at 998 octets (RFC 5322 §2.1.1).",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["500 5.5.6 Line too long"]);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
