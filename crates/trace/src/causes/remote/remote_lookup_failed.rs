//! The cause RemoteLookupFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteLookupFailed",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.4.3"),
        Clue::code("4.7.24"),
        Clue::words(&["temporary lookup failure"]),
        Clue::words(&["temporary failure in name"]),
        Clue::words(&["dns lookup fail"]),
        Clue::words(&["ldap"]),
        Clue::words(&["directory lookup"]),
        Clue::words(&["could not resolve"]),
    ],
    meaning: "The recipient's system could not look something up just now.",
    actor: Actor::Remote,
    fix: "It is tried again by itself. If it goes on, the administrator there should look at name resolution and the directory.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "451 4.3.0 <kim@fabrikam.example>: Temporary lookup failure",
                "451 4.7.24 SPF validation for contoso.example: temporary DNS lookup failure",
                "451 4.4.3 Temporary name resolution failure",
            ],
        );
    }
}
