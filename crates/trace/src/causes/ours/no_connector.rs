//! The cause NoConnector: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "NoConnector",
    side: Side::Ours,
    reasons: &[Reason::NoConnector],
    clues: &[
        Clue::words(&["noconnectorforaddresstype"]),
        Clue::words(&["a matching connector cannot be found"]),
    ],
    meaning: "No Send connector leads to the recipient's domain.",
    actor: Actor::Administrator,
    fix: "Make one: New-SendConnector -AddressSpaces. What waits in the Unreachable queue then leaves by itself.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &["550 5.4.4 ROUTING.NoConnectorForAddressType; unable to route for address type"],
        );
    }

    #[test]
    fn its_reason_names_it() {
        crate::causes::tests::named_by_reason(&super::CAUSE);
    }
}
