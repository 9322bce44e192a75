//! The cause BannedSendingIp: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteBannedSendingIp",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.606"),
        Clue::code("5.7.60?"),
        Clue::code("5.7.61?"),
        Clue::code("5.7.62?"),
        Clue::code("5.7.63?"),
        Clue::code("5.7.64?"),
        Clue::code("5.7.511"),
        Clue::words(&["banned sending ip"]),
    ],
    meaning: "Exchange Online has banned the address of the sending server.",
    actor: Actor::Administrator,
    fix: "Find and stop what sent spam, then ask for removal at the address that the reply names.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.example/ and follow the directions.",
                "550 5.7.511 Access denied, banned sender[192.0.2.10]. To request removal from this list please forward this message to delist@messaging.example",
            ],
        );
    }
}
