//! The cause SendAsRefused: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSendAsRefused",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.60"),
        Clue::code("5.2.252"),
        Clue::words(&["sendasdenied"]),
        Clue::words(&["does not have permissions to send as"]),
    ],
    meaning: "The account that the Send connector signs in with may not send with this From address.",
    actor: Actor::Administrator,
    fix: "Grant it Send As there, or send with the account's own address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
                "554 5.2.252 SendAsDenied; app@contoso.example not allowed to send as kim@contoso.example",
            ],
        );
    }
}
