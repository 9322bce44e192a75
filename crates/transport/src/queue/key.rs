//! The identity of a queue: Exchange's NextHopSolutionKey.
//!
//! May touch: nothing (pure).

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// All messages with an equal key wait in one queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QueueKey {
    /// How the next hop is reached.
    pub delivery_type: DeliveryType,
    /// Recipient domain, smart host list, mailbox database or `Unreachable Domain`.
    pub next_hop_domain: String,
    /// Send connector, nil where none takes part.
    pub connector: Uuid,
}

/// The delivery types this server makes queues for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeliveryType {
    /// By the recipient domain's MX records.
    DnsConnectorDelivery,
    /// To the smart hosts of a Send connector.
    SmartHostConnectorDelivery,
    /// Into a mailbox of this server.
    SmtpDeliveryToMailbox,
    /// No connector matches.
    Unreachable,
}

impl DeliveryType {
    /// Exchange's NextHopCategory.
    #[must_use]
    pub fn category(self) -> &'static str {
        match self {
            Self::DnsConnectorDelivery | Self::SmartHostConnectorDelivery => "External",
            Self::SmtpDeliveryToMailbox | Self::Unreachable => "Internal",
        }
    }

    /// The name `Get-Queue` shows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DnsConnectorDelivery => "DnsConnectorDelivery",
            Self::SmartHostConnectorDelivery => "SmartHostConnectorDelivery",
            Self::SmtpDeliveryToMailbox => "SmtpDeliveryToMailbox",
            Self::Unreachable => "Unreachable",
        }
    }
}

impl QueueKey {
    /// The queue of a mailbox database.
    #[must_use]
    pub fn mailbox(database: &str) -> Self {
        Self {
            delivery_type: DeliveryType::SmtpDeliveryToMailbox,
            next_hop_domain: database.to_owned(),
            connector: Uuid::nil(),
        }
    }

    /// The Unreachable queue.
    #[must_use]
    pub fn unreachable() -> Self {
        Self {
            delivery_type: DeliveryType::Unreachable,
            next_hop_domain: "Unreachable Domain".to_owned(),
            connector: Uuid::nil(),
        }
    }
}

impl fmt::Display for QueueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.delivery_type {
            DeliveryType::Unreachable => f.write_str("Unreachable"),
            _ => f.write_str(&self.next_hop_domain),
        }
    }
}
