//! The cause RemovedByAdministrator: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemovedByAdministrator",
    side: Side::Ours,
    reasons: &[Reason::RemovedByAdministrator],
    clues: &[
        Clue::words(&["queue.removed"]),
        Clue::words(&["removed by an administrator"]),
        Clue::words(&["deleted by admin"]),
    ],
    meaning: "An administrator removed it from the queue.",
    actor: Actor::Nobody,
    fix: "The FAIL event names the administrator and the time. The sender may send again.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.0 QUEUE.Removed; the message was removed from the queue by an administrator"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
