//! Saved searches of the message trace, and the alerts that watch them.
//!
//! May touch: nothing (pure).

use jiff::Timestamp;
use mail::Address;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::object::{Object, ObjectKind};
use crate::text_enum::text_enum;
use crate::{DirectoryError, name};

/// Most searches that administrators have saved.
pub const TRACE_QUERIES_MAX: usize = 1_000;
/// Searches kept by themselves for each administrator.
pub const TRACE_QUERIES_AUTOSAVED_MAX: usize = 10;
/// Most alerts.
pub const TRACE_ALERTS_MAX: usize = 200;
/// Longest parameters of one search, in octets of JSON.
const PARAMETERS_BYTES_MAX: usize = 64 * 1024;
/// Addresses one alert tells.
const NOTIFY_MAX: usize = 20;
/// Longest address of a webhook.
const URL_LENGTH_MAX: usize = 2_048;

text_enum! {
    /// How a search came to be saved.
    pub enum TraceQueryKind "Kind" {
        /// An administrator gave it a name; all administrators see it.
        Custom = "Custom",
        /// It was run; the administrator who ran it sees it.
        Autosaved = "Autosaved",
    }
}

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageTraceQuery {
    /// Identity for life.
    pub guid: Uuid,
    /// Its name, unique among its kind, at most 64 characters.
    pub name: String,
    /// How it came to be saved.
    pub kind: TraceQueryKind,
    /// Who saved or ran it.
    pub owner: String,
    /// The parameters of Get-MessageTrace as they are sent over HTTP.
    pub parameters: Map<String, Value>,
    /// When it was saved or run.
    pub when_created: Timestamp,
}

impl MessageTraceQuery {
    /// What it must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        let length = serde_json::to_string(&self.parameters).map_or(usize::MAX, |text| text.len());
        if length > PARAMETERS_BYTES_MAX {
            return Err(DirectoryError::invalid(
                "Parameters",
                format!("the conditions take {length} octets, at most {PARAMETERS_BYTES_MAX} can be saved."),
            ));
        }
        Ok(())
    }
}

impl Object for MessageTraceQuery {
    const KIND: ObjectKind = ObjectKind::MessageTraceQuery;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// A search that is watched: whoever is named is told once when it finds as many rows as the threshold, and
/// again only after it has found fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageTraceAlert {
    /// Identity for life.
    pub guid: Uuid,
    /// Its name, unique, at most 64 characters.
    pub name: String,
    /// The name of the search.
    pub query: String,
    /// The number of rows from which on it is told.
    pub threshold: u64,
    /// Who gets mail.
    pub notify: Vec<Address>,
    /// What is posted to.
    pub webhook_url: Option<String>,
    /// Whether it is watched.
    pub enabled: bool,
    /// Since when the search has found as many rows, whether or not everybody could be told.
    pub raised_since: Option<Timestamp>,
    /// When the addresses got mail of this crossing; none while it has found fewer.
    #[serde(default)]
    pub mailed: Option<Timestamp>,
    /// When it was posted to the webhook.
    #[serde(default)]
    pub posted: Option<Timestamp>,
}

impl MessageTraceAlert {
    /// What it must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        if self.threshold == 0 {
            return Err(DirectoryError::invalid("Threshold", "give a number of rows, at least 1."));
        }
        if self.notify.is_empty() && self.webhook_url.is_none() {
            return Err(DirectoryError::refused(
                "An alert must tell somebody: give -Notify with an address, or -WebhookUrl.",
            ));
        }
        if self.notify.len() > NOTIFY_MAX {
            return Err(DirectoryError::invalid(
                "Notify",
                format!("give at most {NOTIFY_MAX} addresses; use a group for more."),
            ));
        }
        if let Some(url) = &self.webhook_url
            && (!(url.starts_with("https://") || is_plain_to_this_machine(url))
                || url.len() > URL_LENGTH_MAX
                || url.chars().any(|letter| letter.is_control() || letter == ' '))
        {
            return Err(DirectoryError::invalid(
                "WebhookUrl",
                "give an https address such as https://hooks.contoso.example/mail.",
            ));
        }
        Ok(())
    }
}

/// What is told goes over the network with TLS only.
fn is_plain_to_this_machine(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_loopback = |host: &str| host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match authority.parse::<std::net::SocketAddr>() {
        Ok(address) => address.ip().is_loopback(),
        Err(_) => is_loopback(authority.trim_start_matches('[').trim_end_matches(']')),
    }
}

impl Object for MessageTraceAlert {
    const KIND: ObjectKind = ObjectKind::MessageTraceAlert;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
