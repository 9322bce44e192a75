//! The cause SizeOrganization: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "SizeOrganization",
    side: Side::Ours,
    reasons: &[Reason::SizeOrganization],
    clues: &[
        Clue::both("5.3.4", &["resolver.rst.sizelimit.org"]),
        Clue::words(&["resolver.rst.sendsizelimit.org"]),
    ],
    meaning: "The message is larger than the organization allows.",
    actor: Actor::Sender,
    fix: "Send it smaller, or share the attachment as a link; or raise Set-TransportConfig -MaxReceiveSize and -MaxSendSize.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "550 5.3.4 RESOLVER.RST.SizeLimit.Org; Message size exceeds fixed maximum message size of the organization",
                "550 5.2.3 RESOLVER.RST.SendSizeLimit.Org; message too large for this organization",
            ],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
