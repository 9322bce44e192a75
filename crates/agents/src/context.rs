//! What an agent gets to see at a point.
//!
//! May touch: nothing (pure).

use std::net::IpAddr;

use directory::{Permission, PermissionSet, Snapshot};
use mail::{Address, NetworkMessageId, ReversePath};
use uuid::Uuid;

/// The facts of an SMTP session, or of the session the message came by.
#[derive(Debug, Clone)]
pub struct Session {
    /// The client's address; `None` for a message made here.
    pub client_ip: Option<IpAddr>,
    /// What the client called itself in HELO or EHLO.
    pub client_hostname: Option<String>,
    /// The recipient signed in as, if any.
    pub principal: Option<Uuid>,
    /// What the connector allows this session.
    pub permissions: PermissionSet,
    /// The Receive connector's name.
    pub connector: String,
    /// Whether the session is encrypted.
    pub tls: bool,
}

impl Session {
    /// Whether the sender counts as inside: signed in, or taken for one of ours by the connector.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.principal.is_some() || self.permissions.has(Permission::AcceptAuthenticationFlag)
    }
}

/// The envelope as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// The message's identity; from MAIL FROM on.
    pub network_message_id: Option<NetworkMessageId>,
    /// MAIL FROM; from MAIL FROM on.
    pub reverse_path: Option<ReversePath>,
    /// Recipients accepted so far; after the categorizer those it made.
    pub recipients: Vec<Address>,
    /// SIZE= of MAIL FROM, or the size received.
    pub size: Option<u64>,
}

/// Everything an agent may look at. Absent parts are empty or `None` at points where they are not known yet.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The session.
    pub session: &'a Session,
    /// The envelope.
    pub envelope: &'a Envelope,
    /// The recipient asked about, at OnRcptToCommand.
    pub recipient: Option<&'a Address>,
    /// The header as received, without the empty line; from OnEndOfHeaders on.
    pub header: &'a [u8],
    /// The whole message; from OnEndOfData on.
    pub message: &'a [u8],
    /// The directory, one state for the whole decision.
    pub directory: &'a Snapshot,
}

impl<'a> Context<'a> {
    /// A context with neither recipient nor message.
    #[must_use]
    pub fn new(session: &'a Session, envelope: &'a Envelope, directory: &'a Snapshot) -> Context<'a> {
        Context { session, envelope, recipient: None, header: &[], message: &[], directory }
    }

    /// The same, asked about one recipient.
    #[must_use]
    pub fn with_recipient(self, recipient: &'a Address) -> Context<'a> {
        Context { recipient: Some(recipient), ..self }
    }

    /// The same with the header received.
    #[must_use]
    pub fn with_header(self, header: &'a [u8]) -> Context<'a> {
        Context { header, ..self }
    }

    /// The same with the whole message received.
    #[must_use]
    pub fn with_message(self, message: &'a [u8]) -> Context<'a> {
        Context { header: mail::HeaderBlock::scan(message).bytes(), message, ..self }
    }
}
