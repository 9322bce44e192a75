//! The cause SpfFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSpfFailed",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.23"),
        Clue::code("5.7.27"),
        Clue::code("4.7.27"),
        Clue::words(&["spf"]),
        Clue::words(&["sender policy framework"]),
        Clue::words(&["not authorized to send"]),
        Clue::words(&["not allowed to send"]),
    ],
    meaning: "The sending server is not in the SPF record of the sender's domain.",
    actor: Actor::Administrator,
    fix: "Add the server's address to the SPF record of the sender's domain, or send through a server that stands in it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.23 192.0.2.10 is not allowed to send mail from contoso.example",
                "550-5.7.27 Your email has been blocked because the sender is unauthenticated.\n550 5.7.27 SPF [contoso.example] with ip: [192.0.2.10] = did not pass - gsmtp",
                "550 5.7.1 SPF check failed for contoso.example: 192.0.2.10 not authorized to send",
            ],
        );
    }
}
