//! Why, in words: for each cause the sentence, who must act, and the fix.
//!
//! May touch: nothing (pure).

use events::Reason;
use serde::Serialize;

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Actor {
    /// The administrator of this organization.
    Administrator,
    /// The sender, or the sender's administrator.
    Sender,
    /// The administrator of the recipient's system.
    Remote,
    /// The recipient.
    Recipient,
    /// Nobody.
    Nobody,
}

impl Actor {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Administrator => "you, as administrator of this organization",
            Actor::Sender => "the sender",
            Actor::Remote => "the administrator of the recipient's mail system",
            Actor::Recipient => "the recipient",
            Actor::Nobody => "nobody",
        }
    }
}

/// What is said of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What happened, as a sentence.
    pub cause: &'static str,
    /// Who must act.
    pub actor: Actor,
    /// What to do, as a sentence.
    pub fix: &'static str,
}

const fn say(cause: &'static str, actor: Actor, fix: &'static str) -> Explanation {
    Explanation { cause, actor, fix }
}

/// The words for a cause. Every cause has its own.
pub fn explain(reason: Reason) -> Explanation {
    recipients(reason)
        .or_else(|| limits(reason))
        .or_else(|| remote(reason))
        .or_else(|| session(reason))
        .unwrap_or_else(|| inside(reason))
}

#[rustfmt::skip]
fn recipients(reason: Reason) -> Option<Explanation> {
    use Actor::{Administrator, Recipient, Sender};
    Some(match reason {
        Reason::RecipientNotFound => say("No recipient has this address, and the domain is authoritative: all its addresses are known here.", Sender,
            "Check the address for typing errors. If it should exist, give it to a recipient as a proxy address (Set-Mailbox -EmailAddresses) or change the domain to internal relay (Set-AcceptedDomain -DomainType InternalRelay)."),
        Reason::AuthRequiredGroup => say("The group takes mail from senders inside the organization only, and this sender was not signed in.", Administrator,
            "To let outside senders write to it: Set-DistributionGroup <group> -RequireSenderAuthenticationEnabled $false."),
        Reason::AuthRequiredRecipient => say("The recipient takes mail from senders inside the organization only, and this sender was not signed in.", Administrator,
            "To let outside senders write to it: Set-Mailbox <recipient> -RequireSenderAuthenticationEnabled $false."),
        Reason::SenderNotAllowed => say("The recipient's accept or reject list keeps this sender out.", Administrator,
            "Add the sender with -AcceptMessagesOnlyFromSendersOrMembers, or take it off -RejectMessagesFromSendersOrMembers, of the recipient."),
        Reason::MailboxFull => say("The mailbox is over its quota for receiving.", Recipient,
            "The recipient deletes items; or raise the quota with Set-Mailbox -ProhibitSendReceiveQuota. The sender then sends again."),
        Reason::MailboxUnavailable => say("The mailbox could not be written: it is being moved, locked, or its file cannot be written.", Administrator,
            "Look at Test-ServiceHealth and the service log for the mailbox's file; delivery is tried again by itself."),
        Reason::ForwardingLoop => say("Forwarding leads back to where it began, and no mailbox on the way keeps a copy.", Administrator,
            "Remove one of the forwards of the loop, or let one of them keep a copy with -DeliverToMailboxAndForward $true."),
        Reason::EmptyGroup => say("The group has no members, or takes no mail.", Administrator,
            "Add members with Add-DistributionGroupMember."),
        Reason::AutoForwardBlocked => say("Automatic forwarding to the target's domain is turned off.", Administrator,
            "If it is wanted: Set-RemoteDomain <domain> -AutoForwardEnabled $true."),
        Reason::SendAsDenied => say("The signed-in user may not send as this address.", Administrator,
            "Grant it with Add-RecipientPermission -AccessRights SendAs, or Set-Mailbox -GrantSendOnBehalfTo; or the user sends from an own address."),
        Reason::ReportToGroup => say("A delivery report was addressed to a group that takes none.", Actor::Nobody,
            "Nothing has to be done. To receive reports, set -ReportToManagerEnabled or -ReportToOriginatorEnabled of the group."),
        Reason::InvalidAddress => say("What was given is not an address, or not one that is taken.", Sender,
            "Correct the address."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn limits(reason: Reason) -> Option<Explanation> {
    use Actor::{Administrator, Sender};
    Some(match reason {
        Reason::SizeOrganization => say("The message is larger than the organization allows.", Sender,
            "Send it smaller, or share the attachment as a link; or raise Set-TransportConfig -MaxReceiveSize and -MaxSendSize."),
        Reason::SizeConnector => say("The message is larger than the connector allows.", Sender,
            "Send it smaller; or raise -MaxMessageSize of the connector."),
        Reason::SizeRecipient => say("The message is larger than the recipient may receive.", Sender,
            "Send it smaller; or raise the recipient's -MaxReceiveSize."),
        Reason::SizeSender => say("The message is larger than this sender may send.", Sender,
            "Send it smaller; or raise the sender's -MaxSendSize."),
        Reason::RecipientLimit => say("The message has more recipients than the sender, or the organization, may address at once.", Sender,
            "Send it in several messages or to a group; or raise -RecipientLimits of the mailbox or Set-TransportConfig -MaxRecipientEnvelopeLimit."),
        Reason::TooManyRecipients => say("The session named more recipients for one message than the Receive connector takes; the rest was asked to come again.", Sender,
            "Mail servers send the rest by themselves. A program that does not: fewer recipients per message, or raise -MaxRecipientsPerMessage."),
        Reason::HopCount => say("The message has passed too many servers: it most likely runs in a circle.", Administrator,
            "Look at its Received headers for the servers that repeat, and correct the connector or MX record that sends it back."),
        Reason::HeaderTooLarge => say("The header is larger than the connector takes.", Sender,
            "Send with a smaller header; or raise -MaxHeaderSize of the Receive connector."),
        Reason::LineTooLong => say("A line is longer than the connector takes.", Sender,
            "The sending program must break lines at 998 octets (RFC 5322 §2.1.1)."),
        Reason::RateLimit => say("The client went over a limit of connections, messages or attempts in a time.", Sender,
            "It may try again later; for a system of your own raise the limits of its Receive connector."),
        Reason::BackPressure => say("The server is short of a resource and takes no more mail for now.", Administrator,
            "Free space on the volume that the alert names; senders try again by themselves."),
        Reason::Suspended => say("An administrator has suspended the queue or the message.", Administrator,
            "Resume it: Resume-Queue or Resume-Message."),
        Reason::QueueExpired => say("The message could not be handed on for as long as a message may wait, and was returned.", Administrator,
            "The reply of the last attempt says why the next hop did not take it. When that is mended the sender sends again."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn remote(reason: Reason) -> Option<Explanation> {
    use Actor::{Administrator, Remote, Sender};
    Some(match reason {
        Reason::RemotePermanent => say("The remote server refused it for good.", Remote,
            "Its reply, word for word, says why; the administrator there can explain it."),
        Reason::RemoteTransient => say("The remote server refused it for now.", Remote,
            "It is tried again by itself; if it goes on, ask the administrator there with the reply."),
        Reason::ConnectionRefused => say("The remote server does not listen.", Remote,
            "It is tried again by itself. For a smart host of your own check its address, port and service."),
        Reason::ConnectionTimedOut => say("The remote server did not answer in time.", Remote,
            "It is tried again by itself. If no server outside can be reached, your provider may block port 25."),
        Reason::ConnectionDropped => say("The connection broke before the remote server had answered for the message.", Remote,
            "It is tried again by itself; if it happens with one message only, a filter on the way may object to its content."),
        Reason::DnsNxDomain => say("The recipient's domain does not exist.", Sender,
            "Check the domain for typing errors."),
        Reason::DnsNoRecords => say("The recipient's domain names no mail server.", Remote,
            "The domain must publish an MX, A or AAAA record; check the domain for typing errors."),
        Reason::DnsTemporary => say("DNS gave no answer for the recipient's domain.", Administrator,
            "It is tried again by itself. If it concerns all domains, check the servers under [dns] in the configuration."),
        Reason::NullMx => say("The recipient's domain says that it takes no mail (RFC 7505).", Sender,
            "Check the domain for typing errors; nobody can receive mail there."),
        Reason::TlsFailed => say("TLS is demanded for this hop and could not be made.", Remote,
            "Check the certificate and the TLS versions of the next hop, or the TLS settings of the Send connector."),
        Reason::AuthFailed => say("The credentials were not accepted.", Administrator,
            "For a smart host: Set-SendConnector -AuthenticationCredential. For a client: check user name and password."),
        Reason::NeedsBinaryMime => say("The message is in BINARYMIME, and the next hop does not take that (RFC 3030).", Sender,
            "Send it without BODY=BINARYMIME; it is never converted on the way."),
        Reason::NeedsSmtpUtf8 => say("The message has an address or header in UTF-8, and the next hop does not take that (RFC 6531).", Sender,
            "Use addresses in ASCII for recipients on that system."),
        Reason::NoConnector => say("No Send connector leads to the recipient's domain.", Administrator,
            "Make one: New-SendConnector -AddressSpaces. What waits in the Unreachable queue then leaves by itself."),
        Reason::RoutesToSelf => say("The next hop is this server itself.", Administrator,
            "If the domain is yours, make it an accepted domain; else correct its MX record or the connector's smart host."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn session(reason: Reason) -> Option<Explanation> {
    use Actor::{Administrator, Nobody, Sender};
    Some(match reason {
        Reason::BareLineFeed => say("The data held a bare CR or LF, or a NUL: a way to smuggle a second message.", Sender,
            "The sending program must end lines with CRLF (RFC 5321 §2.3.8)."),
        Reason::RelayDenied => say("The client was not signed in and wanted to send to a domain that is not ours.", Sender,
            "The client must sign in. For a printer or application of your own make a Receive connector for its address with anonymous relay."),
        Reason::NotAuthenticated => say("The connector takes mail only from clients that have signed in.", Sender,
            "Set up user name and password in the client; without TLS they are taken on loopback only."),
        Reason::SourceBlocked => say("The source address is blocked, or no Receive connector takes it.", Administrator,
            "Check -RemoteIPRanges and -PermissionGroups of the Receive connectors if it should be let in."),
        Reason::ProtocolError => say("The client sent a command that is unknown, malformed or out of order.", Sender,
            "The protocol log of the session shows the command; the client's program must be mended."),
        Reason::ServiceUnavailable => say("The service was stopping, or is not active.", Sender,
            "Senders try again by themselves."),
        Reason::SessionAborted => say("The client broke the session off before the end of the data; nothing was accepted.", Sender,
            "Mail servers try again by themselves; if it repeats, look for a firewall or a limit of time on the way."),
        Reason::SessionTimedOut => say("The client was silent for longer than the connector waits.", Sender,
            "If it repeats, look at the network on the way, or raise -ConnectionInactivityTimeout."),
        Reason::DuplicateResend => say("The sender sent the same message again because our reply got lost; one copy was kept.", Nobody,
            "Nothing has to be done."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn inside(reason: Reason) -> Explanation {
    use Actor::{Administrator, Nobody, Sender};
    match reason {
        Reason::Poison => say("The message is suspected of having crashed the service and is held in the poison queue.", Administrator,
            "Export it (Export-Message), then Resume-Message or Remove-Message; report the crash with the service log."),
        Reason::RemovedByAdministrator => say("An administrator removed it from the queue.", Nobody,
            "The event names who and when. The sender may send again."),
        Reason::NdrSuppressedNullSender => say("It could not be delivered, and no report was made because it has no sender (MAIL FROM:<>).", Nobody,
            "Nothing has to be done: reports cause no reports."),
        Reason::NdrSuppressedRate => say("It could not be delivered, and no report was made: this unauthenticated return path had too many in the last hour.", Administrator,
            "Look whether the address is forged; the failed rows of the sender are all in the trace."),
        Reason::NdrSuppressedByRequest => say("It could not be delivered, and no report was made: reports are turned off for this recipient or request.", Nobody,
            "Nothing has to be done; for a group see -ReportToOriginatorEnabled."),
        Reason::Spam => say("A filter held it to be spam.", Administrator,
            "If it was not, report it as not junk, or allow the sender."),
        Reason::Malware => say("A filter found malware in it.", Sender,
            "The sender cleans the attachment and sends again."),
        Reason::TransportRule => say("A mail flow rule rejected or deleted it.", Administrator,
            "The event names the rule; change its conditions or exceptions if it should not have acted."),
        Reason::Moderation => say("A moderator rejected it, or none answered in time.", Sender,
            "Ask the moderators of the recipient."),
        Reason::DirectoryTemporary => say("The directory gave no answer for now.", Administrator,
            "It is tried again by itself; look at Test-ServiceHealth."),
        _ => say("An error inside the server.", Administrator,
            "Look at the service log at the time of the event, and report it."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_words_of_its_own() {
        let general = explain(Reason::Internal);
        let mut seen = std::collections::HashMap::new();
        for reason in Reason::ALL {
            let words = explain(*reason);
            assert!(*reason == Reason::Internal || words.cause != general.cause, "{reason} has no words");
            assert!(words.cause.ends_with('.') && words.fix.ends_with('.'), "{reason}");
            assert_eq!(seen.insert(words.cause, reason), None, "{reason} says what another says");
        }
    }
}
