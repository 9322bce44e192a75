//! The cause DnsNoRecords: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "DnsNoRecords",
    side: Side::Ours,
    reasons: &[Reason::DnsNoRecords],
    clues: &[Clue::words(&["smtpsend.dns.mxloopback"]), Clue::words(&["smtpsend.dns.norecords"])],
    meaning: "The recipient's domain names no mail server.",
    actor: Actor::Remote,
    fix: "The domain must publish an MX, A or AAAA record; check the domain for typing errors.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.4.4 SMTPSEND.DNS.MxLoopback; the domain has no mail exchanger and no address",
                "550 5.4.4 SMTPSEND.DNS.NoRecords; no mail server found for domain",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
