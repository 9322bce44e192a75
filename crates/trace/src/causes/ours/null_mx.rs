//! The cause NullMx: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NullMx",
    side: Side::Ours,
    reasons: &[Reason::NullMx],
    clues: &[Clue::both("5.1.10", &["null mx"]), Clue::words(&["null mx"])],
    meaning: "The recipient's domain says that it takes no mail (RFC 7505).",
    actor: Actor::Sender,
    fix: "Check the domain for typing errors; nobody can receive mail there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "556 5.1.10 SMTPSEND.DNS.NullMx; the recipient domain does not accept mail (null MX)",
                "556 5.1.10 Recipient address has null MX",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
