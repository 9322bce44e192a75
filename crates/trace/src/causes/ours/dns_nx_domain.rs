//! The cause DnsNxDomain: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DnsNxDomain",
    side: Side::Ours,
    reasons: &[Reason::DnsNxDomain],
    clues: &[Clue::words(&["smtpsend.dns.nonexistentdomain"])],
    meaning: "The recipient's domain does not exist.",
    actor: Actor::Sender,
    fix: "Check the domain for typing errors.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
