//! The kinds of object the directory keeps, and what they have in common.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use uuid::Uuid;

use crate::text_enum::text_enum;

text_enum! {
    /// What an object is: the `kind` column of the store and the noun of its cmdlets.
    pub enum ObjectKind "Kind" {
        /// Mailboxes, groups, contacts and users.
        Recipient = "Recipient",
        /// Domains mail is accepted for.
        AcceptedDomain = "AcceptedDomain",
        /// What may go to domains outside.
        RemoteDomain = "RemoteDomain",
        /// Where and how SMTP comes in.
        ReceiveConnector = "ReceiveConnector",
        /// Where and how SMTP goes out.
        SendConnector = "SendConnector",
        /// TLS certificates.
        Certificate = "ExchangeCertificate",
        /// People who may run cmdlets.
        Administrator = "Administrator",
        /// Searches of the message trace that were saved.
        MessageTraceQuery = "MessageTraceQuery",
        /// Searches that are watched.
        MessageTraceAlert = "MessageTraceAlert",
        /// Who may run which cmdlets.
        RoleGroup = "RoleGroup",
        /// Limits and report settings of the organization.
        TransportConfig = "TransportConfig",
        /// Timers and limits of this server's transport.
        TransportService = "TransportService",
        /// The organization and this server's name.
        Organization = "Organization",
    }
}

impl ObjectKind {
    /// The kind in words, for error messages.
    pub const fn words(self) -> &'static str {
        match self {
            ObjectKind::Recipient => "recipient",
            ObjectKind::AcceptedDomain => "accepted domain",
            ObjectKind::RemoteDomain => "remote domain",
            ObjectKind::ReceiveConnector => "Receive connector",
            ObjectKind::SendConnector => "Send connector",
            ObjectKind::Certificate => "certificate",
            ObjectKind::MessageTraceQuery => "saved search",
            ObjectKind::MessageTraceAlert => "alert",
            ObjectKind::Administrator => "user without a mailbox",
            ObjectKind::RoleGroup => "role group",
            ObjectKind::TransportConfig => "transport configuration",
            ObjectKind::TransportService => "transport service",
            ObjectKind::Organization => "organization",
        }
    }

    /// The noun of the kind's cmdlets.
    pub const fn noun(self) -> &'static str {
        match self {
            ObjectKind::Administrator => "User",
            other => other.as_str(),
        }
    }
}

/// What every stored object has. Implemented in the object's own file.
pub trait Object:
    Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned + Send + Sync
{
    /// The kind, one per type.
    const KIND: ObjectKind;
    /// The version of the stored document, raised when an older program could not read it.
    const VERSION: i64;
    /// The identity for life; nil for the objects of which there is exactly one.
    fn guid(&self) -> Uuid;
    /// The name an administrator knows it by.
    fn name(&self) -> String;
}

/// Objects of which there are few (connectors, domains, certificates): sorted by identity, copied whole on a change.
pub type Few<T> = Arc<std::collections::BTreeMap<Uuid, Arc<T>>>;
