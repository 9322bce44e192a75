//! Chooses the next hop of an address outside this server: a Send connector's queue, or the Unreachable queue.
//!
//! May touch: nothing (pure; works on a directory snapshot).

use directory::{Selection, Snapshot};

use crate::envelope::Envelope;
use crate::queue::key::{DeliveryType, QueueKey};

/// Where mail for a domain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Into this queue.
    Queue(QueueKey),
    /// Connectors lead there, but none takes a message of this size.
    TooLarge,
}

/// The next hop for a recipient domain.
#[must_use]
pub fn to_domain(snapshot: &Snapshot, domain: &str, envelope: &Envelope) -> Route {
    // Reports are exempt from size limits (Exchange: system messages).
    let size = if envelope.kind.is_report() { 0 } else { envelope.size };
    let connector = match snapshot.select_send_connector(domain, size) {
        Selection::NoMatch => return Route::Queue(QueueKey::unreachable()),
        Selection::AllTooSmall { .. } => return Route::TooLarge,
        Selection::Connector { connector, .. } => connector,
    };
    if connector.smart_hosts.is_empty() {
        return Route::Queue(QueueKey {
            delivery_type: DeliveryType::DnsConnectorDelivery,
            next_hop_domain: domain.to_owned(),
            connector: connector.guid,
        });
    }
    let hosts: Vec<String> = connector.smart_hosts.iter().map(ToString::to_string).collect();
    Route::Queue(QueueKey {
        delivery_type: DeliveryType::SmartHostConnectorDelivery,
        next_hop_domain: hosts.join(","),
        connector: connector.guid,
    })
}

/// The name of this server's mailbox database, which its delivery queue carries.
#[must_use]
pub fn database(snapshot: &Snapshot) -> String {
    format!("Mailbox Database {}", snapshot.organization().server_name)
}
