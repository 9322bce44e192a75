//! Size and recipient limits in the categorizer: the most restrictive wins, except between two people inside.
//!
//! May touch: nothing (pure).
//! Rules: Exchange's message size limits; organization, connector, server and recipient scope.

use directory::{Recipient, TransportConfig};

use crate::envelope::{Envelope, Trust};
use crate::failure::Failure;

/// The two ends of a message as limits see them.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    /// The sender's recipient object, for an inside sender.
    pub sender: Option<&'a Recipient>,
    /// Whether the sender counts as inside.
    pub trust: Trust,
}

/// Whether `envelope` exceeds a limit on its way from the sender to a recipient of ours.
#[must_use]
pub fn to_recipient(
    envelope: &Envelope,
    parties: Parties<'_>,
    recipient: &Recipient,
    organization: &TransportConfig,
) -> Option<Failure> {
    if envelope.kind.is_report() {
        return None;
    }
    let size = envelope.size;
    let over = |limit: Option<u64>| limit.is_some_and(|limit| size > limit);
    if over(recipient.max_receive_size) {
        return Some(Failure::size_recipient());
    }
    match parties.trust {
        Trust::Internal => {
            let own = parties.sender.and_then(|sender| sender.max_send_size);
            if over(own) {
                return Some(Failure::size_sender());
            }
            // Between two people inside, each own limit takes the place of the organization's.
            let send = own.is_none() && over(organization.max_send_size);
            let receive = recipient.max_receive_size.is_none() && over(organization.max_receive_size);
            (send || receive).then(Failure::size_organization)
        }
        // Inbound: the organization's MaxSendSize, the recipient's own limit above.
        Trust::Anonymous => over(organization.max_send_size).then(Failure::size_organization),
    }
}

/// Whether `envelope` exceeds a limit on its way out of the organization.
#[must_use]
pub fn to_outside(
    envelope: &Envelope,
    parties: Parties<'_>,
    organization: &TransportConfig,
) -> Option<Failure> {
    if envelope.kind.is_report() {
        return None;
    }
    let over = |limit: Option<u64>| limit.is_some_and(|limit| envelope.size > limit);
    if over(parties.sender.and_then(|sender| sender.max_send_size)) {
        return Some(Failure::size_sender());
    }
    over(organization.max_receive_size).then(Failure::size_organization)
}

/// Whether the sender named more recipients than it may. Groups count as one.
#[must_use]
pub fn recipient_count(
    count: usize,
    parties: Parties<'_>,
    organization: &TransportConfig,
) -> Option<Failure> {
    let own = parties.sender.and_then(|sender| sender.recipient_limits);
    let limit = own.or(organization.max_recipient_envelope_limit)?;
    (count as u64 > u64::from(limit)).then(Failure::recipient_limit)
}
