//! The cause MalformedMessage: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteMalformedMessage",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.6.0"),
        Clue::code("5.6.2"),
        Clue::code("5.6.11"),
        Clue::words(&["not rfc 5322"]),
        Clue::words(&["rfc 5322"]),
        Clue::words(&["bare lf"]),
        Clue::words(&["bare <lf>"]),
        Clue::words(&["missing a valid messageid"]),
        Clue::words(&["multiple from"]),
        Clue::words(&["invalid header"]),
        Clue::words(&["malformed"]),
        Clue::words(&["line too long"]),
        Clue::words(&["duplicate header"]),
    ],
    meaning: "The recipient's system holds the message to be malformed: a header that is missing or repeated, or line ends that are not CRLF.",
    actor: Actor::Sender,
    fix: "The program that made the message must be mended; the reply says what it misses.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.1 This message is not RFC 5322 compliant, the issue is: duplicate From headers. To reduce the amount of spam sent to Gmail, this\n550 5.7.1 message has been blocked. - gsmtp",
                "550-5.7.1 [192.0.2.10] Messages missing a valid messageId header are not\n550 5.7.1 accepted. - gsmtp",
                "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds",
            ],
        );
    }
}
