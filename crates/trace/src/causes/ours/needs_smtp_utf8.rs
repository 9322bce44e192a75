//! The cause NeedsSmtpUtf8: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NeedsSmtpUtf8",
    side: Side::Ours,
    reasons: &[Reason::NeedsSmtpUtf8],
    clues: &[Clue::words(&["smtputf8"]), Clue::code("5.6.7")],
    meaning: "The message has an address or header in UTF-8, and the next hop does not take that (RFC 6531).",
    actor: Actor::Sender,
    fix: "Use addresses in ASCII for recipients on that system.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.6.7 SMTPSEND.Utf8; mx.fabrikam.example does not accept internationalized addresses (SMTPUTF8)",
                "550 5.6.7 Message needs SMTPUTF8 and the next server does not support it",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
