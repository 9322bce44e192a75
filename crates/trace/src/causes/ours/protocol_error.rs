//! The cause ProtocolError: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "ProtocolError",
    side: Side::Ours,
    reasons: &[Reason::ProtocolError],
    clues: &[Clue::code("5.5.1"), Clue::code("5.5.2"), Clue::code("5.5.4"), Clue::code("5.3.3")],
    meaning: "The client sent a command that is unknown, malformed or out of order.",
    actor: Actor::Sender,
    fix: "The protocol log of the session shows the command; the client's program must be mended.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "503 5.5.1 Bad sequence of commands",
                "503 5.5.2 Send hello first",
                "501 5.5.4 Invalid arguments",
                "500 5.3.3 Unrecognized command",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
