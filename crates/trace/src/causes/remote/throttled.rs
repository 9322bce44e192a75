//! The cause Throttled: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteThrottled",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.7.28"),
        Clue::words(&["unusual rate"]),
        Clue::words(&["rate limited"]),
        Clue::words(&["rate limit"]),
        Clue::words(&["too many messages"]),
        Clue::words(&["deferred due to user complaints"]),
        Clue::words(&["tss04"]),
        Clue::code("4.7.5??"),
        Clue::code("4.7.6??"),
        Clue::words(&["exceeded the rate"]),
        Clue::words(&["sending rate"]),
    ],
    meaning: "The recipient's system slows the sending server down: too much came in too short a time.",
    actor: Actor::Administrator,
    fix: "It is tried again by itself. If it goes on, send less at a time and look whether an account or a form sends mass mail.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating\n421-4.7.28 from your IP address [192.0.2.10]. To protect our users from spam, mail sent\n421 4.7.28 from your IP address has been temporarily rate limited. - gsmtp",
                "451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (S77719)",
                "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to user complaints",
                "451 4.7.651 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation.",
            ],
        );
    }
}
