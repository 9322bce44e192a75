//! `Event`: one line of the tracking log in memory.
//!
//! May touch: nothing (pure).
//! Field meanings: Microsoft's message tracking documentation. Times are kept to the microsecond.

use std::net::IpAddr;

use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::vocabulary::{Directionality, DomainKind, EventId, Reason, RefusedStep, Source};

/// One event of one message, for one or more of its recipients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// date-time: when it happened.
    #[serde(with = "crate::format::micros")]
    pub at: Timestamp,
    /// When the message was received here: picks the day file. Equals `at` on RECEIVE.
    #[serde(with = "crate::format::micros")]
    pub received: Timestamp,
    /// event-id.
    pub event_id: EventId,
    /// source.
    pub source: Source,
    /// network-message-id: constant across forks, expansion and servers.
    pub network_message_id: NetworkMessageId,
    /// internal-message-id: this server's number for it; none before the `250`.
    pub internal_message_id: Option<InternalMessageId>,
    /// message-id: the header, with brackets.
    pub message_id: Option<MessageId>,
    /// recipient-address and recipient-status in parallel.
    pub recipients: Vec<EventRecipient>,
    /// related-recipient-address: the group, proxy or forwarding recipient the recipients came from.
    pub related_recipient_address: Option<String>,
    /// reference: the DSN's, the parent's or the forked message's id, as the event id says.
    pub reference: Vec<String>,
    /// What is known of the message itself; on RECEIVE and REFUSED.
    pub message: Option<MessageFacts>,
    /// client-ip: the peer that submitted.
    pub client_ip: Option<IpAddr>,
    /// client-hostname: its name, from HELO or our configuration.
    pub client_hostname: Option<String>,
    /// server-ip: the source or destination server.
    pub server_ip: Option<IpAddr>,
    /// server-hostname.
    pub server_hostname: Option<String>,
    /// source-context: `<session>;<time>;<n>` on RECEIVE, `<session>;<remote reply>;…` on SEND.
    pub source_context: Option<String>,
    /// connector-id.
    pub connector_id: Option<String>,
    /// message-info: origin time and latencies, or an authentication code.
    pub message_info: Option<String>,
    /// custom-data pairs beside the ones `detail` stands for.
    pub custom_data: Vec<(String, String)>,
    /// What the status and the answers to "why" are computed from.
    pub detail: Detail,
}

impl Event {
    /// An event with everything optional left out; `received` equals `at` until set.
    pub fn new(at: Timestamp, event_id: EventId, source: Source, id: NetworkMessageId) -> Event {
        Event {
            at,
            received: at,
            event_id,
            source,
            network_message_id: id,
            internal_message_id: None,
            message_id: None,
            recipients: Vec::new(),
            related_recipient_address: None,
            reference: Vec::new(),
            message: None,
            client_ip: None,
            client_hostname: None,
            server_ip: None,
            server_hostname: None,
            source_context: None,
            connector_id: None,
            message_info: None,
            custom_data: Vec::new(),
            detail: Detail::default(),
        }
    }

    /// Adds a recipient with its status.
    pub fn recipient(mut self, address: impl Into<String>, status: impl Into<String>) -> Event {
        self.recipients.push(EventRecipient { address: address.into(), status: status.into() });
        self
    }
}

/// One recipient of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct EventRecipient {
    /// The address as it then was; empty for a refused connection.
    pub address: String,
    /// `To`, `250 2.1.5 Recipient OK`, `550 5.1.10 …`; may be empty.
    pub status: String,
}

/// What RECEIVE and REFUSED know of the message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MessageFacts {
    /// message-subject, decoded.
    pub subject: String,
    /// sender-address: the Sender header, else From, else MAIL FROM.
    pub sender_address: String,
    /// The address in the From header.
    pub from_address: Option<String>,
    /// return-path: MAIL FROM, `<>` if null.
    pub return_path: String,
    /// total-bytes: the message's size in octets, headers included.
    pub total_bytes: u64,
    /// directionality.
    pub directionality: Directionality,
    /// original-client-ip: the first host outside.
    pub original_client_ip: Option<IpAddr>,
    /// original-server-ip.
    pub original_server_ip: Option<IpAddr>,
    /// The account that signed in, if any.
    pub authenticated_as: Option<String>,
}

/// Ours beside Microsoft's fields: kept as columns, written into custom-data as `S:Key=Value`.
///
/// `Default` leaves everything out and counts one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Where a SEND went: decides whether it is an end.
    pub next_hop: Option<NextHop>,
    /// Whose the recipient's domain is.
    pub domain: Option<DomainKind>,
    /// The folder a DELIVER put the item in.
    pub folder: Option<String>,
    /// The item it made.
    pub item_id: Option<i64>,
    /// The queue's identity, `<server>\<n>` or its next hop.
    pub queue: Option<String>,
    /// Delivery attempts so far.
    pub attempts: Option<u32>,
    /// When the next attempt is due.
    #[serde(with = "crate::format::micros_option")]
    pub next_retry: Option<Timestamp>,
    /// When the message expires.
    #[serde(with = "crate::format::micros_option")]
    pub expires: Option<Timestamp>,
    /// The cause.
    pub reason: Option<Reason>,
    /// The remote server's reply, verbatim, lines separated by LF.
    pub remote_reply: Option<String>,
    /// The remote server's name.
    pub remote_host: Option<String>,
    /// The remote server's own id of the message, read from its reply.
    pub remote_queue_id: Option<String>,
    /// The group's members as expanded (EXPAND).
    pub members: Vec<String>,
    /// TLS version and cipher of the hop.
    pub tls: Option<String>,
    /// Where in the session it was refused (REFUSED).
    pub step: Option<RefusedStep>,
    /// How many equal refusals this event stands for; 1 unless folded.
    pub count: u32,
    /// log-id of an imported line, for dropping doubles.
    pub log_id: Option<Uuid>,
    /// tenant-id of an imported line.
    pub tenant_id: Option<String>,
    /// transport-traffic-type of an imported line.
    pub traffic_type: Option<String>,
    /// The place whose record this is; `None` for our own.
    pub place: Option<String>,
}

impl Default for Detail {
    fn default() -> Self {
        Detail {
            next_hop: None,
            domain: None,
            folder: None,
            item_id: None,
            queue: None,
            attempts: None,
            next_retry: None,
            expires: None,
            reason: None,
            remote_reply: None,
            remote_host: None,
            remote_queue_id: None,
            members: Vec::new(),
            tls: None,
            step: None,
            count: 1,
            log_id: None,
            tenant_id: None,
            traffic_type: None,
            place: None,
        }
    }
}

/// Where a hand-on by SMTP went.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NextHop {
    /// Out of the organization.
    Outside,
    /// Another server of the organization.
    Internal,
    /// A place whose records we read, by its name.
    Place(String),
}
