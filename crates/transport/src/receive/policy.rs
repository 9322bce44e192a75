//! What a session may do: decisions on MAIL, RCPT and DATA, by the connector's permissions and the directory.
//!
//! May touch: nothing (pure; works on a directory snapshot).
//! Standards: RFC 5321 §3.3, RFC 1870 §6.1, RFC 4954 §6.

use std::net::IpAddr;
use std::sync::Arc;

use directory::{
    AuthMechanism, Permission, PermissionSet, ReceiveConnector, Recipient, RecipientClass, SessionIdentity,
    Snapshot,
};
use events::Reason;
use mail::{Address, ReversePath};
use smtp::{EnhancedCode, Reply, replies};

use crate::domain::{self, DomainClass};
use crate::envelope::Trust;
use crate::submit;

/// Replies of policy, beside the standard ones of `smtp`; texts as Exchange has them.
const ENVELOPE_LIMIT: Reply =
    Reply::fixed(550, Some(EnhancedCode::new(5, 5, 3)), "RESOLVER.ADR.RecipLimit; too many recipients");
const SENDER_MAILBOX_FULL: Reply = Reply::fixed(
    552,
    Some(EnhancedCode::new(5, 2, 2)),
    "STOREDRV.Submit; mailbox full. The sender's mailbox has exceeded its storage limit",
);

/// Who is at the other end of a session.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) ip: IpAddr,
    pub(crate) connector: Arc<ReceiveConnector>,
    pub(crate) user: Option<Arc<Recipient>>,
    pub(crate) tls: Option<String>,
}

/// A refusal with its cause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    pub(crate) reply: Reply,
    pub(crate) reason: Reason,
}

impl Refused {
    pub(crate) fn new(reason: Reason, reply: Reply) -> Self {
        Self { reply, reason }
    }
}

impl Peer {
    /// What the connector lets this peer do.
    pub(crate) fn permissions(&self) -> PermissionSet {
        let identity = match &self.user {
            Some(_) => SessionIdentity::User,
            None => SessionIdentity::Anonymous,
        };
        self.connector.permissions(identity)
    }

    /// Whether what it sends counts as internal.
    pub(crate) fn trust(&self) -> Trust {
        let secured = self.permissions().has(Permission::AcceptAuthenticationFlag);
        if self.user.is_some() || secured { Trust::Internal } else { Trust::Anonymous }
    }

    /// Whether what it sends counts as coming from outside.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.trust() == Trust::Anonymous
    }

    /// Whether error replies are held back.
    pub(crate) fn is_tarpitted(&self) -> bool {
        self.user.is_none() && self.is_anonymous()
    }
}

/// Decides on MAIL.
pub(crate) fn mail(
    snapshot: &Snapshot,
    peer: &Peer,
    from: &ReversePath,
    declared_size: Option<u64>,
    used: Option<u64>,
) -> Result<(), Refused> {
    let limits = &peer.connector.limits;
    let permissions = peer.permissions();
    if limits.require_tls && peer.tls.is_none() {
        return Err(Refused::new(Reason::TlsFailed, replies::STARTTLS_REQUIRED));
    }
    if !permissions.has(Permission::Submit) {
        return Err(Refused::new(Reason::NotAuthenticated, replies::NOT_AUTHENTICATED));
    }
    let over = declared_size.is_some_and(|size| size > limits.max_message_size);
    if over && !permissions.has(Permission::BypassMessageSizeLimit) {
        return Err(Refused::new(Reason::SizeConnector, replies::MESSAGE_TOO_LARGE));
    }
    if let Some(user) = &peer.user {
        submit::check_return_path(snapshot, user, from).map_err(|denied| send_as_denied(&denied))?;
        let quota = user.quotas.in_force().prohibit_send_quota;
        if quota.is_some_and(|quota| used.is_some_and(|used| used >= quota)) {
            return Err(Refused::new(Reason::MailboxFull, SENDER_MAILBOX_FULL));
        }
    } else if let ReversePath::Address(address) = from {
        let ours = domain::class_of(snapshot, address.domain_key()) != DomainClass::Outside;
        let may = if ours {
            permissions.has(Permission::AcceptAuthoritativeDomainSender)
        } else {
            permissions.has(Permission::AcceptAnySender)
        };
        if !may && !permissions.has(Permission::AcceptAnySender) {
            return Err(Refused::new(Reason::SendAsDenied, replies::NOT_AUTHENTICATED));
        }
    }
    Ok(())
}

/// `550 5.7.60`: on a signed-in session, not in Microsoft's lists of codes but what its servers say.
pub(crate) fn send_as_denied(denied: &submit::SendAsDenied) -> Refused {
    let text = format!("Client does not have permissions to send as this sender ({})", denied.address);
    Refused::new(Reason::SendAsDenied, Reply::new(550, Some(EnhancedCode::new(5, 7, 60)), text))
}

/// Decides on RCPT: relaying for everybody; for anonymous senders also size and quota, which would otherwise come back as a
/// report.
pub(crate) fn recipient(
    snapshot: &Snapshot,
    peer: &Peer,
    to: &Address,
    declared_size: Option<u64>,
    used: Option<u64>,
) -> Result<(), Refused> {
    let class = relay(snapshot, peer, to)?;
    if !peer.is_anonymous() {
        return Ok(());
    }
    let organization = snapshot.transport_config().max_send_size;
    let over = declared_size.is_some_and(|size| organization.is_some_and(|max| size > max));
    if over && class != DomainClass::Outside {
        return Err(Refused::new(Reason::SizeOrganization, replies::MESSAGE_TOO_LARGE));
    }
    // Who exists and who may write to whom is the Recipient Filter Agent's to say.
    let Some(recipient) = snapshot.recipient_by_address(to) else { return Ok(()) };
    if declared_size.is_some_and(|size| recipient.max_receive_size.is_some_and(|max| size > max)) {
        return Err(Refused::new(Reason::SizeRecipient, replies::MESSAGE_TOO_LARGE_FOR_RECIPIENT));
    }
    let used = used.unwrap_or_default();
    let with_it = used.saturating_add(declared_size.unwrap_or_default());
    if quota(recipient).is_some_and(|quota| used >= quota || with_it > quota) {
        return Err(Refused::new(Reason::MailboxFull, replies::MAILBOX_FULL));
    }
    Ok(())
}

/// Decides whether mail for a domain that is not ours is taken at all.
pub(crate) fn relay(snapshot: &Snapshot, peer: &Peer, to: &Address) -> Result<DomainClass, Refused> {
    let class = domain::class_of(snapshot, to.domain_key());
    if class == DomainClass::Outside && !peer.permissions().has(Permission::AcceptAnyRecipient) {
        return Err(Refused::new(Reason::RelayDenied, replies::UNABLE_TO_RELAY));
    }
    Ok(class)
}

/// The octets a recipient's mailbox may hold; none where it has no such quota, or its mail does not stay here.
pub(crate) fn quota(recipient: &Recipient) -> Option<u64> {
    let stays = recipient.kind.class() == RecipientClass::Mailbox && recipient.delivers_here();
    recipient.quotas.in_force().prohibit_send_receive_quota.filter(|_| stays)
}

/// Decides on DATA for anonymous senders: the envelope limit is known before the message is.
pub(crate) fn data(snapshot: &Snapshot, peer: &Peer, recipients: usize) -> Result<(), Refused> {
    let limit = snapshot.transport_config().max_recipient_envelope_limit;
    let over = limit.is_some_and(|limit| recipients as u64 > u64::from(limit));
    if over && peer.is_anonymous() {
        return Err(Refused::new(Reason::RecipientLimit, ENVELOPE_LIMIT));
    }
    Ok(())
}

/// Decides on a message whose size is known now, for anonymous senders: the organization's limit, and the recipients'
/// own where every one of them stands in the way.
pub(crate) fn size(
    snapshot: &Snapshot,
    peer: &Peer,
    size: u64,
    recipients: &[Address],
) -> Result<(), Refused> {
    if !peer.is_anonymous() {
        return Ok(());
    }
    let organization = snapshot.transport_config();
    let inbound =
        recipients.iter().any(|to| domain::class_of(snapshot, to.domain_key()) != DomainClass::Outside);
    if inbound && organization.max_send_size.is_some_and(|max| size > max) {
        return Err(Refused::new(Reason::SizeOrganization, replies::MESSAGE_TOO_LARGE));
    }
    let too_large = |to: &Address| {
        snapshot.recipient_by_address(to).is_some_and(|to| to.max_receive_size.is_some_and(|max| size > max))
    };
    if !recipients.is_empty() && recipients.iter().all(too_large) {
        return Err(Refused::new(Reason::SizeRecipient, replies::MESSAGE_TOO_LARGE_FOR_RECIPIENT));
    }
    Ok(())
}

/// Whether AUTH is offered and may be used now.
pub(crate) fn offers_auth(connector: &ReceiveConnector, under_tls: bool, ip: IpAddr) -> bool {
    connector.offers_basic_auth(under_tls, ip)
}

/// Whether STARTTLS is offered.
pub(crate) fn offers_tls(connector: &ReceiveConnector) -> bool {
    connector.has(AuthMechanism::Tls)
}
