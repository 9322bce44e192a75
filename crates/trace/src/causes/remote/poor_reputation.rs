//! The cause PoorReputation: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemotePoorReputation",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["reputation"]),
        Clue::words(&["s3140"]),
        Clue::words(&["s3150"]),
        Clue::words(&["part of their network is on our block list"]),
        Clue::words(&["senderbase"]),
        Clue::words(&["senderscore"]),
    ],
    meaning: "The recipient's system holds the sending address or domain to be a source of spam.",
    actor: Actor::Administrator,
    fix: "Register with that provider's sender programme, look for what was sent in the last days, and send less until the reputation has recovered.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
                "421-4.7.0 This message is suspicious due to the very low reputation of the\n421 4.7.0 sending IP address. To protect our users from spam, mail sent from your IP address has been blocked. - gsmtp",
                "554-mx.fabrikam.example Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
            ],
        );
    }
}
