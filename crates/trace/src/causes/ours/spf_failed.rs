//! The cause SpfFailed: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SpfFailed",
    side: Side::Ours,
    reasons: &[],
    clues: &[Clue::code("5.7.23"), Clue::words(&["sender policy framework"])],
    meaning: "The sending server is not among those the sender's domain names in its SPF record, and the domain asks for such mail to be refused.",
    actor: Actor::Sender,
    fix: "The administrator of the sender's domain adds the server to the SPF record (RFC 7208), or sends through a server that stands there.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.23 The message was rejected because of Sender Policy Framework violation"],
        );
    }
}
