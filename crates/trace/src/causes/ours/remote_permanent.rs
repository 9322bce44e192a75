//! The cause RemotePermanent: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemotePermanent",
    side: Side::Ours,
    reasons: &[Reason::RemotePermanent],
    clues: &[],
    meaning: "The remote server refused it for good.",
    actor: Actor::Remote,
    fix: "Its reply, word for word, says why; the administrator there can explain it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
