//! What needs an administrator now: each with what is the matter, why, and what to do.
//! May touch: nothing (pure).

use directory::SendConnector;
use jiff::Timestamp;
use serde_json::{Value, json};
use trace::causes::Actor;
use transport::queue::view::QueueView;

use crate::cmdlets::queue::trouble;
use crate::output::grouped;

/// Failures in an hour from which on they may be said to be many.
const FAILURES_MIN: u64 = 10;
/// Of so many ends one is a failure, from which on they are said to be many.
const ENDS_PER_FAILURE_MAX: u64 = 10;
/// Entries at most; the first are the gravest.
pub(super) const ENTRIES_MAX: usize = 50;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Whether mail does not flow, or only may not.
    pub(super) is_error: bool,
    /// What kind of thing it is about: `Queue`, `Failures`, `Alert`, `TraceSource`, `Health`.
    pub(super) kind: &'static str,
    /// Which one: a queue's identity, a component's name.
    pub(super) identity: String,
    /// What is the matter, as a sentence.
    pub(super) what: String,
    /// Why.
    pub(super) cause: String,
    /// What to do.
    pub(super) remedy: String,
    /// Who must act, where that is known.
    pub(super) actor: Option<Actor>,
    /// The Send connector it is about, by its name.
    pub(super) connector: Option<String>,
    /// The cmdlet that shows more.
    pub(super) command: String,
}

impl Entry {
    /// As it is shown.
    pub(super) fn json(&self) -> Value {
        json!({
            "Severity": if self.is_error { "Error" } else { "Warning" },
            "Kind": self.kind,
            "Identity": self.identity,
            "What": self.what,
            "Cause": self.cause,
            "Remedy": self.remedy,
            "ActionNeededBy": self.actor.map(Actor::as_str),
            "Connector": self.connector,
            "Command": self.command,
        })
    }
}

/// A queue in which something waits that does not go on by itself, or not soon; `connector` is that which it leads over.
pub(super) fn queue(queue: &QueueView, connector: Option<&SendConnector>) -> Option<Entry> {
    if queue.message_count == 0 {
        return None;
    }
    let count = grouped(queue.message_count as u64);
    let noun = if queue.message_count == 1 { "message waits" } else { "messages wait" };
    let to = if queue.next_hop_domain.is_empty() { &queue.identity } else { &queue.next_hop_domain };
    let over = connector.map(|one| format!(" over the Send connector {}", one.name)).unwrap_or_default();
    let entry = |is_error, cause: String, remedy: String| {
        Some(Entry {
            is_error,
            kind: "Queue",
            identity: queue.identity.clone(),
            what: format!("{count} {noun} for {to}{over}."),
            cause,
            remedy,
            actor: None,
            connector: connector.map(|one| one.name.clone()),
            command: format!("Get-Queue '{}'", queue.identity),
        })
    };
    if queue.identity.ends_with("\\Poison") {
        return entry(
            true,
            "The server ended while it worked on them.".to_owned(),
            "Look at each with Export-Message, then Resume-Message or Remove-Message.".to_owned(),
        );
    }
    if queue.delivery_type == "Unreachable" {
        return entry(
            true,
            "No Send connector leads there.".to_owned(),
            "Make one with New-SendConnector, or remove the messages.".to_owned(),
        );
    }
    match queue.status {
        "Suspended" => entry(
            false,
            "An administrator has suspended the queue.".to_owned(),
            format!("Resume-Queue '{}' lets it go on.", queue.identity),
        ),
        "Retry" => {
            let error = queue.last_error.clone().unwrap_or_else(|| "The last attempt failed.".to_owned());
            match trouble::of(queue, connector) {
                Some(known) => {
                    let told = entry(true, format!("{} ({error})", known.cause), known.fix);
                    told.map(|told| Entry { actor: Some(known.actor), ..told })
                }
                None => entry(
                    true,
                    error,
                    format!(
                        "Mend what the error names; Retry-Queue '{}' then tries at once.",
                        queue.identity
                    ),
                ),
            }
        }
        _ => None,
    }
}

/// Many failures among the ends of the last hour; `own` is the name of the server whose mail alone was counted.
pub(super) fn failures(failed: u64, delivered: u64, own: Option<&str>) -> Option<Entry> {
    let ends = failed.saturating_add(delivered);
    (failed >= FAILURES_MIN && failed.saturating_mul(ENDS_PER_FAILURE_MAX) >= ends).then(|| Entry {
        is_error: false,
        kind: "Failures",
        identity: "Failed".to_owned(),
        what: format!("{} of {} recipients of the last hour failed.", grouped(failed), grouped(ends)),
        cause: "Get-MailTrafficReport -GroupBy FailureCode shows the codes.".to_owned(),
        remedy: "Open a failed row in the message trace: it says the cause and who must act.".to_owned(),
        actor: None,
        connector: None,
        // The rows that were counted, and no others.
        command: match own {
            Some(own) => format!("Get-MessageTrace -Status Failed -Place '{}'", own.replace('\'', "''")),
            None => "Get-MessageTrace -Status Failed".to_owned(),
        },
    })
}

/// An alert on a search of the trace that nobody hears, with the error of the last look at it.
pub(super) fn alert(name: &str, error: String) -> Entry {
    let quoted = name.replace('\'', "''");
    Entry {
        is_error: false,
        kind: "Alert",
        identity: name.to_owned(),
        what: format!("The alert {name} could not be looked at, or told."),
        cause: error,
        remedy: format!(
            "Mend what the error names, or change whom it tells with Set-MessageTraceAlert '{quoted}'; it is tried again every minute."
        ),
        actor: Some(Actor::Administrator),
        connector: None,
        command: format!("Get-MessageTraceAlert '{quoted}' -Format list"),
    }
}

/// An alert whose search finds too much now.
pub(super) fn raised(name: &str, query: &str, threshold: u64, since: Timestamp) -> Entry {
    let quoted = query.replace('\'', "''");
    let rows = if threshold == 1 { "row" } else { "rows" };
    Entry {
        is_error: false,
        kind: "Alert",
        identity: name.to_owned(),
        what: format!("The alert {name} is raised."),
        cause: format!(
            "The search \"{query}\" has found {} {rows} or more since {since:.0}.",
            grouped(threshold)
        ),
        remedy: format!(
            "Look at what it finds with Get-MessageTrace -Query '{quoted}'. The alert ends by itself when the search finds fewer."
        ),
        actor: Some(Actor::Administrator),
        connector: None,
        command: format!("Get-MessageTrace -Query '{quoted}'"),
    }
}

/// A source of the trace that is not read, with its error: searches may miss what it has.
pub(super) fn source(name: &str, place: &str, error: String) -> Entry {
    let quoted = name.replace('\'', "''");
    Entry {
        is_error: false,
        kind: "TraceSource",
        identity: name.to_owned(),
        what: format!(
            "The trace source {name} is not read: what {place} recorded may be missing in every search."
        ),
        cause: error,
        remedy: format!(
            "Mend what the error names, or change the source with Set-TraceSource '{quoted}'; it is tried again by itself. Remove-TraceSource '{quoted}' if it is not wanted any more."
        ),
        actor: Some(Actor::Administrator),
        connector: None,
        command: format!("Get-TraceSource '{quoted}' -Format list"),
    }
}

#[cfg(test)]
mod tests {
    use events::Reason;

    use super::*;

    fn view(status: &'static str, delivery_type: &'static str, error: Option<&str>) -> QueueView {
        QueueView {
            identity: "mx1\\3".into(),
            delivery_type,
            next_hop_domain: "fabrikam.example".into(),
            next_hop_category: "External",
            next_hop_connector: uuid::Uuid::nil(),
            status,
            message_count: 2,
            deferred_message_count: 0,
            last_error: error.map(str::to_owned),
            last_reason: None,
            last_retry_time: None,
            next_retry_time: None,
            first_retry_time: None,
            retry_count: 3,
            incoming_rate: 0.0,
            outgoing_rate: 0.0,
        }
    }

    #[test]
    fn a_queue_that_waits_says_why_and_what_to_do() {
        let refused = "451 4.4.0 connection refused by 192.0.2.1:25";
        let queue = |view: &QueueView| super::queue(view, None);
        let told = queue(&view("Retry", "DnsConnectorDelivery", Some(refused))).unwrap();
        assert_eq!((told.is_error, told.what.as_str()), (true, "2 messages wait for fabrikam.example."));
        assert!(told.cause.contains("connection refused") && !told.remedy.is_empty(), "{told:?}");
        // Our own words for a connection that was not taken are not what a server behind it says.
        let own = "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect\"";
        let view_of =
            |reason| QueueView { last_reason: reason, ..view("Retry", "DnsConnectorDelivery", Some(own)) };
        let told = queue(&view_of(Some(Reason::ConnectionRefused))).unwrap();
        assert!(told.cause.starts_with("The remote server does not listen. (441 4.4.1 "), "{told:?}");
        let told = queue(&view("Suspended", "DnsConnectorDelivery", None)).unwrap();
        assert_eq!((told.is_error, told.remedy.as_str()), (false, "Resume-Queue 'mx1\\3' lets it go on."));
        let told = queue(&view("Ready", "Unreachable", None)).unwrap();
        assert!(told.remedy.contains("New-SendConnector"));
        assert_eq!(queue(&view("Active", "DnsConnectorDelivery", None)), None);
        assert_eq!(queue(&QueueView { message_count: 0, ..view("Retry", "Unreachable", None) }), None);
    }

    /// A smart host of one's own is one's own to mend, and of two queues to one address the connectors tell which.
    #[test]
    fn a_smart_host_that_does_not_listen_is_ours_to_mend() {
        let own = "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect: connection refused\". Last endpoint attempted was 127.0.0.1:2526";
        let view = QueueView {
            last_reason: Some(Reason::ConnectionRefused),
            next_hop_domain: "[127.0.0.1]".into(),
            ..view("Retry", "SmartHostConnectorDelivery", Some(own))
        };
        let mut connector = SendConnector::new(uuid::Uuid::nil(), "To Fabrikam", Vec::new());
        connector.smart_hosts = vec!["127.0.0.1".parse().unwrap()];
        let told = super::queue(&view, Some(&connector)).unwrap();
        assert_eq!(told.what, "2 messages wait for [127.0.0.1] over the Send connector To Fabrikam.");
        let cause = "The smart host 127.0.0.1:2526 of the Send connector To Fabrikam does not listen. (441";
        assert!(told.cause.starts_with(cause), "{told:?}");
        assert_eq!(
            (told.actor, told.connector.as_deref()),
            (Some(Actor::Administrator), Some("To Fabrikam"))
        );
        assert!(told.remedy.contains("Get-SendConnector 'To Fabrikam'"), "{told:?}");
        // By DNS the host is the recipient's.
        connector.smart_hosts.clear();
        assert_eq!(super::queue(&view, Some(&connector)).unwrap().actor, Some(Actor::Remote));
    }

    #[test]
    fn failures_are_many_by_number_and_by_share() {
        assert_eq!(failures(9, 0, None), None);
        assert_eq!(failures(10, 91, None), None);
        let command = |own| failures(10, 90, own).unwrap().command;
        assert_eq!(command(Some("mx1")), "Get-MessageTrace -Status Failed -Place 'mx1'");
        assert_eq!(command(None), "Get-MessageTrace -Status Failed", "an observer counts all places");
        assert_eq!(failures(10, 90, None).unwrap().what, "10 of 100 recipients of the last hour failed.");
    }
}
