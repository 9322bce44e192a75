//! The cause NullMx: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteNullMx",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::both("5.1.10", &["null mx"]),
        Clue::words(&["null mx"]),
        Clue::words(&["does not accept mail"]),
        Clue::code("556"),
    ],
    meaning: "The next system says that the recipient's domain takes no mail (RFC 7505).",
    actor: Actor::Sender,
    fix: "Check the domain for typing errors; nobody can receive mail there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["556 5.1.10 Recipient address has null MX", "556 Domain does not accept mail (nullMX)"],
        );
    }
}
