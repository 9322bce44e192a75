//! The MessageTrackingEvent object: one event of the tracking log, under Exchange's property names.
//! May touch: nothing (pure).

use events::Event;
use serde_json::{Value, json};

use crate::cmdlets::message_trace_detail::event_pairs;
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};

/// What `Get-MessageTrackingLog` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTrackingEvent",
    properties: &[
        Property::instant("Timestamp"),
        Property::text("ClientIp"),
        Property::text("ClientHostname"),
        Property::text("ServerIp"),
        Property::text("ServerHostname"),
        Property::text("SourceContext"),
        Property::text("ConnectorId"),
        Property::text("Source"),
        Property::text("EventId"),
        Property::text("InternalMessageId"),
        Property::text("MessageId"),
        Property::text("NetworkMessageId"),
        Property::text("Recipients"),
        Property::text("RecipientStatus"),
        Property::number("TotalBytes"),
        Property::number("RecipientCount"),
        Property::text("RelatedRecipientAddress"),
        Property::text("Reference"),
        Property::text("MessageSubject"),
        Property::text("Sender"),
        Property::text("ReturnPath"),
        Property::text("Directionality"),
        Property::text("TenantId"),
        Property::text("OriginalClientIp"),
        Property::text("OriginalServerIp"),
        Property::text("MessageInfo"),
        Property::text("EventData"),
        Property::text("TransportTrafficType"),
    ],
    settings: None,
    table: &["Timestamp", "EventId", "Source", "Sender", "Recipients", "MessageSubject"],
};

/// What an event without a traffic type is: mail of people and programs.
pub(super) const TRAFFIC_TYPE_DEFAULT: &str = "Email";

/// The traffic type of an event.
pub(super) fn traffic_type(event: &Event) -> &str {
    event.detail.traffic_type.as_deref().filter(|kind| !kind.is_empty()).unwrap_or(TRAFFIC_TYPE_DEFAULT)
}

/// One event as a row.
pub(super) fn row(event: &Event) -> Row {
    let facts = event.message.as_ref();
    let ip = |ip: Option<std::net::IpAddr>| ip.map(|ip| ip.to_string());
    // Parallel to the recipients; none at all where no recipient has one, as in the log itself.
    let statuses: Vec<&str> = event.recipients.iter().map(|recipient| recipient.status.as_str()).collect();
    let statuses = if statuses.iter().all(|status| status.is_empty()) { Vec::new() } else { statuses };
    rows::row_of(json!({
        "Timestamp": event.at.to_string(),
        "ClientIp": ip(event.client_ip),
        "ClientHostname": event.client_hostname,
        "ServerIp": ip(event.server_ip),
        "ServerHostname": event.server_hostname,
        "SourceContext": event.source_context,
        "ConnectorId": event.connector_id,
        "Source": event.source.as_str(),
        "EventId": event.event_id.as_str(),
        "InternalMessageId": event.internal_message_id.map(|id| id.0),
        "MessageId": event.message_id.as_ref().map(|id| id.as_str()),
        "NetworkMessageId": event.network_message_id.to_string(),
        "Recipients": event.recipients.iter().map(|recipient| recipient.address.as_str()).collect::<Value>(),
        "RecipientStatus": statuses,
        "TotalBytes": facts.map(|facts| facts.total_bytes),
        "RecipientCount": event.recipients.len(),
        "RelatedRecipientAddress": event.related_recipient_address,
        "Reference": event.reference,
        "MessageSubject": facts.and_then(|facts| given(&facts.subject)),
        "Sender": facts.and_then(|facts| given(&facts.sender_address)),
        "ReturnPath": facts.and_then(|facts| given(&facts.return_path)),
        "Directionality": facts.map(|facts| facts.directionality.as_str()),
        "TenantId": event.detail.tenant_id,
        "OriginalClientIp": facts.and_then(|facts| ip(facts.original_client_ip)),
        "OriginalServerIp": facts.and_then(|facts| ip(facts.original_server_ip)),
        "MessageInfo": event.message_info,
        "EventData": event_pairs::object(event_pairs::event_data(event)),
        "TransportTrafficType": traffic_type(event),
    }))
}

/// What a refused attempt never said is absent.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
