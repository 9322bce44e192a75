//! The cause MailboxFull: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "MailboxFull",
    side: Side::Ours,
    reasons: &[Reason::MailboxFull],
    clues: &[Clue::code("5.2.2")],
    meaning: "The mailbox is over its quota for receiving.",
    actor: Actor::Recipient,
    fix: "The recipient deletes items; or raise the quota with Set-Mailbox -ProhibitSendReceiveQuota. The sender then sends again.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "552 5.2.2 STOREDRV.Deliver; mailbox full. The recipient's mailbox has exceeded its storage limit",
                "552 5.2.2 Mailbox full",
                "554 5.2.2 STOREDRV.Deliver; mailbox full. The mailbox has exceeded its storage quota",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
