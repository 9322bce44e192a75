//! The cause MailLoop: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMailLoop",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.3.5"),
        Clue::code("5.4.6"),
        Clue::code("5.4.14"),
        Clue::code("4.4.6"),
        Clue::words(&["hop count"]),
        Clue::words(&["too many hops"]),
        Clue::words(&["mail loop"]),
        Clue::words(&["loops back to myself"]),
        Clue::words(&["routing loop"]),
    ],
    meaning: "The message goes round in a circle between servers.",
    actor: Actor::Administrator,
    fix: "Look at its Received headers for the servers that repeat; correct the connector, forward or MX record that sends it back.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "554 5.4.14 Hop count exceeded - possible mail loop ATTR34 [AM5EUR02FT012.eop-EUR02.prod.protection.outlook.example]",
                "554 5.4.6 Too many hops",
                "550 5.4.6 mail for fabrikam.example loops back to myself",
            ],
        );
    }
}
