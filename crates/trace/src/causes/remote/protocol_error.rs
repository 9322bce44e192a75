//! The cause ProtocolError: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteProtocolError",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.5.0"),
        Clue::code("5.5.1"),
        Clue::code("5.5.2"),
        Clue::code("5.5.4"),
        Clue::words(&["bad sequence"]),
        Clue::words(&["command not recognized"]),
        Clue::words(&["unrecognized command"]),
        Clue::words(&["syntax error"]),
        Clue::words(&["command unrecognized"]),
        Clue::words(&["command not implemented"]),
    ],
    meaning: "The two servers did not understand each other.",
    actor: Actor::Administrator,
    fix: "The protocol log of the session shows the command. A firewall that inspects SMTP often is the cause.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "503 5.5.1 Bad sequence of commands",
                "500 5.5.2 Error: command not recognized",
                "501 5.5.4 Syntax error in parameters or arguments",
            ],
        );
    }
}
