//! The cause ReceivingTooFast: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteReceivingTooFast",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.2.1"),
        Clue::both("5.2.1", &["receiving mail at a rate"]),
        Clue::words(&["receiving mail at a rate"]),
        Clue::words(&["receiving mail too quickly"]),
        Clue::words(&["recipient thread limit exceeded"]),
    ],
    meaning: "The recipient gets more mail in a short time than their system allows.",
    actor: Actor::Nobody,
    fix: "It is tried again by itself. If one of your programs sends that much to one address, let it send less.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "450-4.2.1 The user you are trying to contact is receiving mail at a rate that\n450 4.2.1 prevents additional messages from being delivered. Please resend your message at a later time. - gsmtp",
                "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded",
            ],
        );
    }
}
