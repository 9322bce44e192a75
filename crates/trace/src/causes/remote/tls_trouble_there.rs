//! The cause TlsTroubleThere: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTlsTroubleThere",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.7.5"),
        Clue::code("5.7.5"),
        Clue::code("4.4.8"),
        Clue::code("5.4.8"),
        Clue::code("4.7.321"),
        Clue::code("4.7.322"),
        Clue::code("4.7.323"),
        Clue::code("4.7.324"),
        Clue::code("4.7.325"),
        Clue::code("5.7.32?"),
        Clue::words(&["mta-sts"]),
        Clue::words(&["tlsa"]),
        Clue::words(&["dane"]),
        Clue::words(&["certificate"]),
    ],
    meaning: "The next system demands a certificate of the one behind it that it does not get (MTA-STS, DANE or a connector).",
    actor: Actor::Remote,
    fix: "The administrator of the recipient's domain renews the certificate, or corrects the MTA-STS policy or the TLSA records.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "451 4.7.323 tlsa-invalid: the domain failed DANE validation",
                "450 4.7.325 certificate-host-mismatch: remote certificate must have a common name or subject alternative name matching the hostname",
                "554 5.4.8 SMTPSEND.MTASTS: MX hosts of fabrikam.example failed MTA-STS validation",
            ],
        );
    }
}
