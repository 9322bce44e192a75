//! The cause AuthenticationRequired: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteAuthenticationRequired",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["authentication required"]),
        Clue::words(&["authentication is required"]),
        Clue::words(&["client was not authenticated"]),
        Clue::code("5.7.57"),
        Clue::words(&["please authenticate"]),
        Clue::words(&["must authenticate"]),
    ],
    meaning: "The next hop takes mail from clients only that have signed in.",
    actor: Actor::Administrator,
    fix: "Give the Send connector credentials (-SmartHostAuthMechanism, -AuthenticationCredential). If it is not a smart host, the MX record may name a submission server.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "530 5.7.1 Authentication required",
                "530 5.7.57 Client not authenticated to send mail. [AM0PR01CA0001.eurprd01.prod.exchangelabs.example]",
                "550 5.7.1 Client was not authenticated",
            ],
        );
    }
}
