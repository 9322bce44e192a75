//! Whether a sender may write to a recipient: the directory's decision as the transport's cause.
//!
//! May touch: nothing (pure; works on a directory snapshot).

use directory::{Recipient, RecipientClass, Sender, SenderAction, SenderReason, Snapshot};
use events::Reason;

/// Why the sender may not, if so.
pub(crate) fn refusal(snapshot: &Snapshot, recipient: &Recipient, sender: Sender) -> Option<Reason> {
    let decision = snapshot.check_sender(recipient, sender);
    if decision.action == SenderAction::Accept {
        return None;
    }
    let group = matches!(recipient.kind.class(), RecipientClass::Group | RecipientClass::DynamicGroup);
    Some(match decision.reason {
        SenderReason::AuthenticationRequired if group => Reason::AuthRequiredGroup,
        SenderReason::AuthenticationRequired => Reason::AuthRequiredRecipient,
        _ => Reason::SenderNotAllowed,
    })
}
