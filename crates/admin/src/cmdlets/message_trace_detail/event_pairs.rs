//! An event as pairs of name and value: the EventData of the tracking log, and the Data of the detail as XML.
//! May touch: nothing (pure).
//! Standards: XML 1.0 §2.2, §2.4 (characters and escapes).

use events::{Event, NextHop};
use serde_json::Value;

/// What has no field of its own in the tracking log: custom-data pairs first, then ours, under the names that
/// custom-data has in a file.
pub(crate) fn event_data(event: &Event) -> Vec<(&str, String)> {
    let mut pairs: Vec<(&str, String)> =
        event.custom_data.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let detail = &event.detail;
    let facts = event.message.as_ref();
    let mut put = |name: &'static str, value: Option<String>| {
        pairs.extend(value.map(|value| (name, value)));
    };
    put("FromAddress", facts.and_then(|facts| facts.from_address.clone()));
    put("AuthenticatedAs", facts.and_then(|facts| facts.authenticated_as.clone()));
    put("NextHop", detail.next_hop.as_ref().map(next_hop));
    put("RcptDomain", detail.domain.map(|domain| domain.to_string()));
    put("Folder", detail.folder.clone());
    put("ItemId", detail.item_id.map(|id| id.to_string()));
    put("Queue", detail.queue.clone());
    put("Attempts", detail.attempts.map(|attempts| attempts.to_string()));
    put("NextRetry", detail.next_retry.map(|at| at.to_string()));
    put("Expires", detail.expires.map(|at| at.to_string()));
    put("Reason", detail.reason.map(|reason| reason.to_string()));
    put("RemoteReply", detail.remote_reply.clone());
    put("RemoteHost", detail.remote_host.clone());
    put("RemoteQueueId", detail.remote_queue_id.clone());
    put("Members", (!detail.members.is_empty()).then(|| detail.members.join(";")));
    put("Tls", detail.tls.clone());
    put("Step", detail.step.map(|step| step.to_string()));
    put("Count", (detail.count != 1).then(|| detail.count.to_string()));
    pairs
}

fn next_hop(hop: &NextHop) -> String {
    match hop {
        NextHop::Outside => "outside".to_owned(),
        NextHop::Internal => "internal".to_owned(),
        NextHop::Place(name) => format!("place:{name}"),
    }
}

/// The pairs as an object; a name that is there several times has an array.
pub(crate) fn object(pairs: Vec<(&str, String)>) -> Value {
    let mut object = serde_json::Map::new();
    for (name, value) in pairs {
        let value = Value::from(value);
        match object.get_mut(name) {
            None => {
                object.insert(name.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object)
}

/// `<root><MEP Name="ClientIP" String="192.0.2.10"/>…</root>`, numbers as `Integer`, custom data as `Blob`.
pub(crate) fn xml(event: &Event) -> String {
    let mut text = String::from("<root>");
    let mut put = |name: &str, kind: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!("<MEP Name=\"{}\" {kind}=\"{}\"/>", escaped(name), escaped(&value)));
        }
    };
    put("SourceContext", "String", event.source_context.clone());
    put("ConnectorId", "String", event.connector_id.clone());
    put("ClientIP", "String", event.client_ip.map(|ip| ip.to_string()));
    put("ClientName", "String", event.client_hostname.clone());
    put("ServerIP", "String", event.server_ip.map(|ip| ip.to_string()));
    put("ServerHostName", "String", event.server_hostname.clone());
    put("InternalMessageId", "Integer", event.internal_message_id.map(|id| id.to_string()));
    put("Source", "String", Some(event.source.to_string()));
    put("RelatedRecipientAddress", "String", event.related_recipient_address.clone());
    put("Reference", "String", (!event.reference.is_empty()).then(|| event.reference.join(";")));
    put("MessageInfo", "String", event.message_info.clone());
    if let Some(facts) = &event.message {
        put("ReturnPath", "String", Some(facts.return_path.clone()));
        put("TotalBytes", "Integer", Some(facts.total_bytes.to_string()));
        put("Directionality", "String", Some(facts.directionality.to_string()));
    }
    let own: Vec<(&str, String)> = event_data(event);
    let blob = own.iter().map(|(name, value)| format!("S:{name}={value}")).collect::<Vec<_>>().join(";");
    put("CustomData", "Blob", Some(blob));
    text.push_str("</root>");
    text
}

/// Text for an attribute. What XML cannot hold at all becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            '\t' => safe.push_str("&#9;"),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                safe.push('\u{fffd}')
            }
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use mail::NetworkMessageId;

    use super::*;

    #[test]
    fn an_event_is_shown_as_pairs_and_as_xml() {
        let at = "2026-11-20T09:03:11Z".parse().unwrap();
        let mut event = Event::new(at, EventId::SendExternal, Source::Smtp, NetworkMessageId::default());
        event.server_ip = Some("192.0.2.10".parse().unwrap());
        event.detail.next_hop = Some(NextHop::Outside);
        event.detail.remote_reply = Some("250 2.0.0 \"ok\" <1> & more\u{1b}\nqueued".to_owned());
        event.custom_data = vec![("SFA".into(), "SCL=1".into()), ("SFA".into(), "SCL=2".into())];
        let data = object(event_data(&event));
        assert_eq!(data["SFA"], serde_json::json!(["SCL=1", "SCL=2"]));
        assert_eq!(data["NextHop"], "outside");
        let xml = xml(&event);
        assert!(xml.starts_with("<root><MEP Name=\"ServerIP\" String=\"192.0.2.10\"/>"), "{xml}");
        assert!(xml.contains("&quot;ok&quot; &lt;1&gt; &amp; more\u{fffd}&#10;queued"), "{xml}");
        assert!(xml.ends_with("\"/></root>") && !xml.contains('\u{1b}'), "{xml}");
    }
}
