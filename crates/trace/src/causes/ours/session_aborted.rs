//! The cause SessionAborted: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SessionAborted",
    side: Side::Ours,
    reasons: &[Reason::SessionAborted],
    clues: &[],
    meaning: "The client broke the session off before the end of the data; nothing was accepted.",
    actor: Actor::Sender,
    fix: "Mail servers try again by themselves; if it repeats, look for a firewall or a limit of time on the way.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
