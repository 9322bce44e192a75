//! The cause SenderDomainUnknown: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteSenderDomainUnknown",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::code("4.1.8"),
        Clue::both("5.1.8", &["domain of sender"]),
        Clue::words(&["domain of sender address"]),
        Clue::words(&["sender address rejected: domain not found"]),
        Clue::words(&["sender domain must resolve"]),
        Clue::words(&["domain must resolve"]),
        Clue::words(&["sender domain does not"]),
    ],
    meaning: "DNS gives no mail server for the domain of the sender's address.",
    actor: Actor::Administrator,
    fix: "Publish MX or address records for the sender's domain, or send with an address whose domain exists.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "450 4.1.8 <app@server.contoso.example>: Sender address rejected: Domain not found",
                "553 5.1.8 <app@srv1>... Domain of sender address app@srv1 does not exist",
            ],
        );
    }
}
