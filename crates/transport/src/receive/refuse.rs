//! Records refusals: every connection, sender, recipient and message that was not taken.
//!
//! May touch: the refusal log (bounded, apart from the spool), clock.

use std::net::IpAddr;

use events::{MessageFacts, Reason, RefusedStep};
use mail::{NetworkMessageId, ReversePath};
use smtp::Reply;

use super::accept::{Told, direction};
use super::policy::Peer;
use crate::Shared;

/// What is known of a refusal.
pub(crate) struct Refusal<'a> {
    pub(crate) id: NetworkMessageId,
    pub(crate) step: RefusedStep,
    pub(crate) reply: &'a Reply,
    pub(crate) reason: Option<Reason>,
    pub(crate) from: Option<&'a ReversePath>,
    pub(crate) recipients: Vec<String>,
    /// What the message says of itself, where it was read.
    pub(crate) told: Told,
    pub(crate) helo: Option<&'a str>,
}

impl Shared {
    /// Records a refusal. Never waits and never fails: what the log cannot take is counted as a gap.
    pub(crate) fn refused(&self, peer: &Peer, refusal: Refusal<'_>) {
        let return_path = refusal.from.map(|from| from.as_trace().to_owned());
        let told = refusal.told;
        let sender_address = told.sender.or_else(|| told.from.clone()).or_else(|| return_path.clone());
        let facts = MessageFacts {
            subject: told.subject,
            sender_address: sender_address.unwrap_or_default(),
            from_address: told.from,
            return_path: return_path.clone().unwrap_or_default(),
            total_bytes: told.size,
            directionality: direction(peer),
            original_client_ip: Some(peer.ip),
            authenticated_as: peer.user.as_ref().map(|user| user.primary_smtp_address.as_str().to_owned()),
            ..MessageFacts::default()
        };
        self.refusals.record(trace::Refusal {
            network_message_id: refusal.id,
            step: refusal.step,
            reason: refusal.reason,
            reply: reply_text(refusal.reply),
            recipients: refusal.recipients,
            return_path,
            message: Some(facts),
            message_id: told.message_id,
            client_ip: Some(peer.ip),
            client_hostname: refusal.helo.filter(|helo| !helo.is_empty()).map(str::to_owned),
            server_ip: None,
            connector_id: Some(peer.connector.name.clone()),
            source_context: None,
        });
    }
}

impl Shared {
    /// The same for a connection that got no further than that, by the connector that would have taken it, if any.
    pub(crate) fn refused_connection(
        &self,
        ip: IpAddr,
        connector: Option<&str>,
        reply: String,
        reason: Option<Reason>,
    ) {
        self.refusals.record(trace::Refusal {
            network_message_id: NetworkMessageId(self.world.chance.uuid_v7(&self.world.clock)),
            step: RefusedStep::Connect,
            reason,
            reply,
            recipients: Vec::new(),
            return_path: None,
            message: Some(MessageFacts { original_client_ip: Some(ip), ..MessageFacts::default() }),
            message_id: None,
            client_ip: Some(ip),
            client_hostname: None,
            server_ip: None,
            connector_id: connector.map(str::to_owned),
            source_context: None,
        });
    }
}

/// A reply as one line.
pub(crate) fn reply_text(reply: &Reply) -> String {
    let enhanced = reply.enhanced().map(|code| format!("{code} ")).unwrap_or_default();
    format!("{} {enhanced}{}", reply.code(), reply.text().replace(['\r', '\n'], " "))
}
