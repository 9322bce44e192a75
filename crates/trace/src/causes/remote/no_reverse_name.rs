//! The cause NoReverseName: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteNoReverseName",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.25"),
        Clue::code("4.7.25"),
        Clue::code("4.7.23"),
        Clue::words(&["ptr record"]),
        Clue::words(&["reverse dns"]),
        Clue::words(&["reverse hostname"]),
        Clue::words(&["cannot find your hostname"]),
        Clue::words(&["cannot find your reverse"]),
        Clue::words(&["no ptr"]),
        Clue::words(&["rdns"]),
    ],
    meaning: "The address of the sending server has no reverse name, or one that does not lead back to it.",
    actor: Actor::Administrator,
    fix: "Have the owner of the address range set a PTR record, and an address record of that name with the same address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.25 The IP address sending this message does not have a PTR record setup,\n550-5.7.25 or the corresponding forward DNS entry does not match the sending IP. - gsmtp",
                "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]",
                "554 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]",
            ],
        );
    }
}
