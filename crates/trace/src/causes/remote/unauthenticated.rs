//! The cause Unauthenticated: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteUnauthenticated",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.26"),
        Clue::code("4.7.26"),
        Clue::code("5.7.515"),
        Clue::code("4.7.32"),
        Clue::words(&["must pass either spf or dkim"]),
        Clue::words(&["sender is unauthenticated"]),
        Clue::words(&["unauthenticated email"]),
    ],
    meaning: "The recipient's system wants proof that the message comes from the sender's domain, and neither SPF nor DKIM gave it.",
    actor: Actor::Administrator,
    fix: "Publish SPF for the servers that send, sign with DKIM, and publish a DMARC record for the domain.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp",
                "550 5.7.26 Access denied, a message sent over IPv6 [2001:db8::10] must pass either SPF or DKIM validation, this message is not signed",
                "550 5.7.515 Access denied, sending domain contoso.example doesn't meet the required authentication level.",
            ],
        );
    }
}
