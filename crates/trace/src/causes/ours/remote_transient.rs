//! The cause RemoteTransient: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTransient",
    side: Side::Ours,
    reasons: &[Reason::RemoteTransient],
    clues: &[Clue::code("4.4.0"), Clue::words(&["primary target ip address responded"])],
    meaning: "The remote server refused it for now.",
    actor: Actor::Remote,
    fix: "It is tried again by itself; if it goes on, ask the administrator there with the reply.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        let replies = [
            "451 4.4.0 Primary target IP address responded with: \"421 4.3.2 Service not available\". Last endpoint attempted was 192.0.2.25:25",
        ];
        crate::causes::tests::recognised(&super::CAUSE, &replies);
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
