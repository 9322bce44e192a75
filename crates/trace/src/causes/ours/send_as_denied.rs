//! The cause SendAsDenied: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SendAsDenied",
    side: Side::Ours,
    reasons: &[Reason::SendAsDenied],
    clues: &[Clue::code("5.7.60")],
    meaning: "The signed-in user may not send as this address.",
    actor: Actor::Administrator,
    fix: "Grant it with Add-RecipientPermission -AccessRights SendAs, or Set-Mailbox -GrantSendOnBehalfTo; or the user sends from an own address.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.7.60 Client does not have permissions to send as this sender"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
