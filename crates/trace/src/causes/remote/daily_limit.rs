//! The cause DailyLimit: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDailyLimit",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.4.5"),
        Clue::words(&["daily user sending limit"]),
        Clue::words(&["daily sending quota"]),
        Clue::words(&["submission quota exceeded"]),
        Clue::words(&["hourly limit"]),
        Clue::words(&["max defers and failures per hour"]),
    ],
    meaning: "The account at the relaying system has sent as much as it may in a day.",
    actor: Actor::Sender,
    fix: "Wait until the next day, or send mass mail through a service made for it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.example/a/answer/166852 - gsmtp",
                "550 5.2.2 Submission quota exceeded; the message recipient limit was reached",
            ],
        );
    }
}
