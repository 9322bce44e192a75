//! The cause NotRedundant: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NotRedundant",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::words(&["failed to be made redundant"]), Clue::words(&["no suitable shadow servers"])],
    meaning: "No second copy of the message could be made on another server, and the organization demands one before it accepts.",
    actor: Actor::Administrator,
    fix: "Start the second server, or Set-TransportConfig -RejectMessageOnShadowFailure $false; senders try again by themselves.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(&super::CAUSE, &["451 4.4.0 Message failed to be made redundant"]);
    }
}
