//! The cause TlsRequired: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteTlsRequired",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("5.7.10"),
        Clue::code("5.7.29"),
        Clue::code("4.7.29"),
        Clue::words(&["must issue a starttls"]),
        Clue::words(&["starttls is required"]),
        Clue::words(&["tls required"]),
        Clue::words(&["tls is required"]),
        Clue::words(&["encryption required"]),
        Clue::words(&["requires tls"]),
        Clue::words(&["encryption needed"]),
    ],
    meaning: "The recipient's system takes mail over TLS only.",
    actor: Actor::Administrator,
    fix: "Let the Send connector use TLS (-IgnoreSTARTTLS $false), and look why it was not used: the protocol log of the session shows it.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "530 5.7.0 Must issue a STARTTLS command first",
                "550 5.7.10 Encryption needed: TLS required by recipient domain",
                "421-4.7.29 This mail has been rate limited because this mail was not sent over a\n421 4.7.29 TLS connection. - gsmtp",
            ],
        );
    }
}
