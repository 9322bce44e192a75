//! The cause DomainNotServed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDomainNotServed",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.1.2"),
        Clue::code("5.4.4"),
        Clue::code("4.4.4"),
        Clue::words(&["host unknown"]),
        Clue::words(&["domain not found"]),
        Clue::words(&["unrouteable address"]),
        Clue::words(&["unrouteable mail domain"]),
        Clue::words(&["no such domain"]),
        Clue::words(&["domain does not exist"]),
        Clue::words(&["not a local domain"]),
        Clue::words(&["domain not hosted"]),
    ],
    meaning: "The next system does not know the recipient's domain, or finds no server for it.",
    actor: Actor::Remote,
    fix: "Check the domain for typing errors. If it is right, its MX record leads to a system that does not serve it; the administrator there mends one of the two.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.1.2 Host unknown (Name server: host not found)",
                "550 5.4.4 Invalid domain: fabrikam.example",
                "550 Unrouteable address",
            ],
        );
    }
}
