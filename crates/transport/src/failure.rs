//! Why a recipient is not reached: the cause as data with the reply that NDR and trace show. Texts as Exchange has them.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3463 §2.

use events::{Reason, Source};
use mail::codes;

/// The end of a recipient that was not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The cause.
    pub reason: Reason,
    /// Which part of the pipeline found it.
    pub source: Source,
    /// Enhanced status code, such as `5.1.10`.
    pub status: String,
    /// SMTP reply, such as `550 5.1.10 RESOLVER.ADR.RecipientNotFound; …`.
    pub reply: String,
    /// The host that refused, with its reply verbatim, when it was not this server.
    pub remote: Option<Remote>,
}

/// A remote host's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Name of the host, with its address where known.
    pub host: String,
    /// Its reply, verbatim.
    pub reply: String,
}

impl Failure {
    fn local(reason: Reason, source: Source, status: &str, text: &str) -> Self {
        Self {
            reason,
            source,
            status: status.to_owned(),
            reply: format!("550 {status} {text}"),
            remote: None,
        }
    }

    /// A failure with an own status and text, `550` in front.
    #[must_use]
    pub fn new(reason: Reason, source: Source, status: &str, text: &str) -> Self {
        Self::local(reason, source, status, text)
    }

    /// No such recipient in an authoritative domain.
    #[must_use]
    pub fn recipient_not_found() -> Self {
        Self::local(
            Reason::RecipientNotFound,
            Source::Routing,
            "5.1.10",
            "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        )
    }

    /// The group, or other recipient, takes mail from inside senders only.
    #[must_use]
    pub fn authentication_required(reason: Reason) -> Self {
        let code = match reason {
            Reason::AuthRequiredGroup => codes::AUTH_REQUIRED_GROUP,
            _ => codes::AUTH_REQUIRED_MAILBOX,
        };
        Self::local(reason, Source::Routing, code.enhanced, code.text)
    }

    /// Not on the accept list, or on the reject list.
    #[must_use]
    pub fn sender_not_allowed() -> Self {
        Self::local(
            Reason::SenderNotAllowed,
            Source::Routing,
            "5.7.124",
            "RESOLVER.RST.NotAuthorized; not authorized; Sender not in allowed-senders list",
        )
    }

    /// Over the recipient's own size limit.
    #[must_use]
    pub fn size_recipient() -> Self {
        Self::local(
            Reason::SizeRecipient,
            Source::Routing,
            "5.2.3",
            "RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
        )
    }

    /// Over the sender's own size limit.
    #[must_use]
    pub fn size_sender() -> Self {
        Self::local(
            Reason::SizeSender,
            Source::Routing,
            "5.2.3",
            "RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender",
        )
    }

    /// Over the organization's size limit.
    #[must_use]
    pub fn size_organization() -> Self {
        Self::local(
            Reason::SizeOrganization,
            Source::Routing,
            "5.3.4",
            "RESOLVER.RST.SizeLimit.Org; Message size exceeds fixed maximum message size of the organization",
        )
    }

    /// Over the limit of every Send connector that leads there.
    #[must_use]
    pub fn size_connector() -> Self {
        Self::local(
            Reason::SizeConnector,
            Source::Routing,
            "5.3.4",
            "ROUTING.SizeLimit; message size exceeds fixed maximum size for route",
        )
    }

    /// More recipients than the sender or the organization allows.
    #[must_use]
    pub fn recipient_limit() -> Self {
        Self::local(
            Reason::RecipientLimit,
            Source::Routing,
            "5.5.3",
            "RESOLVER.ADR.RecipLimit; too many recipients",
        )
    }

    /// A forwarding chain that returns to itself without a mailbox.
    #[must_use]
    pub fn forwarding_loop() -> Self {
        Self::local(
            Reason::ForwardingLoop,
            Source::Routing,
            "5.4.6",
            "RESOLVER.FWD.Loop; there is a forwarding loop configured in the directory",
        )
    }

    /// Waited in a queue until it expired; `last_error` is that of its last attempt.
    #[must_use]
    pub fn expired(last_error: Option<&str>) -> Self {
        let last = last_error.map(|error| format!("; last error: {error}")).unwrap_or_default();
        let text = format!("QUEUE.Expired; message expired{last}");
        Self::local(Reason::QueueExpired, Source::Queue, "4.4.7", &text)
    }

    /// The mailbox takes no more.
    #[must_use]
    pub fn mailbox_full() -> Self {
        Self {
            reply: "552 5.2.2 STOREDRV.Deliver; mailbox full. The recipient's mailbox has exceeded its storage limit"
                .to_owned(),
            ..Self::local(Reason::MailboxFull, Source::StoreDriver, "5.2.2", "")
        }
    }

    /// Taken out of the queue by an administrator.
    #[must_use]
    pub fn removed_by_administrator() -> Self {
        Self::local(
            Reason::RemovedByAdministrator,
            Source::Admin,
            "5.7.0",
            "QUEUE.Removed; the message was removed from the queue by an administrator",
        )
    }

    /// What a report tells people of a cause this server found: chosen by the reason, since one status code has
    /// several causes. `None` for another host's refusal, whose reply is all that is known, and for what an agent
    /// refuses in its own words.
    #[must_use]
    pub fn code(&self) -> Option<codes::Code> {
        if self.remote.is_some() || self.source == Source::Agent {
            return None;
        }
        Some(match self.reason {
            Reason::RemovedByAdministrator => codes::REMOVED_BY_ADMINISTRATOR,
            Reason::RecipientNotFound => codes::RECIPIENT_NOT_FOUND,
            Reason::AuthRequiredGroup => codes::AUTH_REQUIRED_GROUP,
            Reason::AuthRequiredRecipient => codes::AUTH_REQUIRED_MAILBOX,
            Reason::SizeRecipient => codes::RECIPIENT_SIZE_LIMIT,
            Reason::SizeSender => codes::SENDER_SIZE_LIMIT,
            Reason::SizeOrganization => codes::ORGANIZATION_SIZE_LIMIT,
            Reason::RecipientLimit => codes::RECIPIENT_LIMIT,
            Reason::ForwardingLoop => codes::FORWARDING_LOOP,
            Reason::MailboxFull => codes::MAILBOX_FULL,
            Reason::DnsNxDomain => codes::DOMAIN_NOT_FOUND,
            Reason::DnsNoRecords => codes::NO_MAIL_SERVER,
            Reason::NullMx => codes::NULL_MX,
            Reason::NeedsBinaryMime => codes::NEEDS_BINARYMIME,
            Reason::NeedsSmtpUtf8 => codes::NEEDS_SMTPUTF8,
            _ => return None,
        })
    }

    /// The recipient domain does not exist.
    #[must_use]
    pub fn nx_domain() -> Self {
        Self::local(
            Reason::DnsNxDomain,
            Source::Dns,
            "5.4.4",
            "SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
        )
    }

    /// The recipient domain has neither MX nor address records.
    #[must_use]
    pub fn no_mail_host() -> Self {
        let code = codes::NO_MAIL_SERVER;
        Self::local(Reason::DnsNoRecords, Source::Dns, code.enhanced, code.text)
    }

    /// RFC 7505: the domain says that it takes no mail.
    #[must_use]
    pub fn null_mx() -> Self {
        Self {
            reply: "556 5.1.10 SMTPSEND.DNS.NullMx; the recipient domain does not accept mail (null MX)"
                .to_owned(),
            ..Self::local(Reason::NullMx, Source::Dns, "5.1.10", "")
        }
    }

    /// BINARYMIME to a hop that does not take it: there is no down-conversion.
    #[must_use]
    pub fn needs_binary_mime(host: &str) -> Self {
        Self::local(
            Reason::NeedsBinaryMime,
            Source::Smtp,
            "5.6.1",
            &format!(
                "SMTPSEND.BinaryMime; {host} does not accept BINARYMIME and the message is not converted"
            ),
        )
    }

    /// An internationalized message to a hop that does not take it.
    #[must_use]
    pub fn needs_smtp_utf8(host: &str) -> Self {
        Self::local(
            Reason::NeedsSmtpUtf8,
            Source::Smtp,
            "5.6.7",
            &format!("SMTPSEND.Utf8; {host} does not accept internationalized addresses (SMTPUTF8)"),
        )
    }

    /// Refused for good by another host.
    #[must_use]
    pub fn remote(status: String, host: String, reply: String) -> Self {
        Self {
            reason: Reason::RemotePermanent,
            source: Source::Smtp,
            status,
            reply: reply.clone(),
            remote: Some(Remote { host, reply }),
        }
    }
}
