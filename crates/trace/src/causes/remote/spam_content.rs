//! The cause SpamContent: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSpamContent",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["spam"]),
        Clue::words(&["unsolicited"]),
        Clue::words(&["junk mail"]),
        Clue::words(&["content rejected"]),
        Clue::words(&["message content rejected"]),
        Clue::words(&["rejected due to content"]),
        Clue::code("5.7.350"),
        Clue::words(&["looks like spam"]),
        Clue::words(&["message rejected under suspicion"]),
        Clue::words(&["bulk mail"]),
    ],
    meaning: "The recipient's system held the message to be spam.",
    actor: Actor::Sender,
    fix: "Send it again in plainer words, with fewer links and without tracking; ask the recipient by another way to allow the address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.7.1 [192.0.2.10      12] Our system has detected that this message is\n550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,\n550 5.7.1 this message has been blocked. - gsmtp",
                "554 5.7.1 Spam message rejected",
                "550 5.7.350 Remote server returned message detected as spam -> 554 5.7.1",
                "554 5.7.1 Message rejected under suspicion of SPAM",
            ],
        );
    }
}
