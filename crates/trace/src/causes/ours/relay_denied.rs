//! The cause RelayDenied: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RelayDenied",
    side: Side::Ours,
    reasons: &[Reason::RelayDenied],
    clues: &[Clue::words(&["unable to relay"]), Clue::both("5.4.1", &["relay access denied"])],
    meaning: "The client was not signed in and wanted to send to a domain that is not ours.",
    actor: Actor::Sender,
    fix: "The client must sign in. For a printer or application of your own make a Receive connector for its address with anonymous relay.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.1 Unable to relay", "550 5.4.1 Relay Access Denied"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
