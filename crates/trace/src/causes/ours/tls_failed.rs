//! The cause TlsFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "TlsFailed",
    side: Side::Ours,
    reasons: &[Reason::TlsFailed],
    clues: &[Clue::code("4.7.5"), Clue::words(&["must issue a starttls command first"])],
    meaning: "TLS is demanded for this hop and could not be made.",
    actor: Actor::Remote,
    fix: "Check the certificate and the TLS versions of the next hop, or the TLS settings of the Send connector.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["451 4.7.5 TLS negotiation failed", "530 5.7.0 Must issue a STARTTLS command first"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
