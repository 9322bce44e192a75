//! Which hosts count as stored, so that they may be anywhere.

use super::*;

fn is_stored(connector: &SendConnector, given: serde_json::Value) -> bool {
    let arguments = Arguments::from_json(&CMDLET, given.as_object().unwrap()).unwrap();
    leads_as_stored(connector, &arguments)
}

#[test]
fn hosts_count_as_stored_only_where_nothing_of_the_way_is_given() {
    let mut connector = SendConnector::new(Uuid::nil(), "Relay", Vec::new());
    let to = "kj@fabrikam.example";
    assert!(!is_stored(&connector, json!({ "Identity": "Relay", "To": to })), "by DNS the recipient decides");
    connector.smart_hosts = vec!["127.0.0.1".parse().unwrap()];
    assert!(is_stored(&connector, json!({ "Identity": "Relay", "To": to })));
    assert!(is_stored(&connector, json!({ "Identity": "Relay", "To": to, "RequireTLS": true })));
    assert!(!is_stored(&connector, json!({ "To": to, "SmartHosts": ["127.0.0.1"] })), "not stored at all");
    assert!(!is_stored(&connector, json!({ "Identity": "Relay", "To": to, "SmartHosts": ["127.0.0.1"] })));
    assert!(!is_stored(&connector, json!({ "Identity": "Relay", "To": to, "Port": 6379 })));
}
