//! The cause RelayDenied: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteRelayDenied",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::both("5.7.1", &["relaying denied"]),
        Clue::words(&["relaying denied"]),
        Clue::words(&["relay access denied"]),
        Clue::words(&["unable to relay"]),
        Clue::words(&["not permitted to relay"]),
        Clue::words(&["relay not permitted"]),
        Clue::words(&["relaying not allowed"]),
        Clue::words(&["we do not relay"]),
        Clue::words(&["relay denied"]),
    ],
    meaning: "The next hop does not serve the recipient's domain for this sender: it would have to relay.",
    actor: Actor::Remote,
    fix: "Look whether the domain's MX record leads to the right system. For a smart host of your own allow your address there, or sign in.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "554 5.7.1 <kim@fabrikam.example>: Relay access denied",
                "550 5.7.1 Relaying denied. Proper authentication required.",
                "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
            ],
        );
    }
}
