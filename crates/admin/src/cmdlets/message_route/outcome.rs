//! What the categorizer's plan means for each recipient, as rows.
//! May touch: nothing (pure); [`resolve_hosts`] asks DNS.

use std::collections::{HashMap, HashSet};

use directory::Snapshot;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use trace::causes::{self, Explanation};
use transport::categorize::plan::{Candidate, DuplicateBy, Plan, Step};
use transport::queue::key::{DeliveryType, QueueKey};
use transport::queue::view::QueueView;
use transport::receive::foresee::Foreseen;
use world::Dns;

use crate::cmdlets::message_trace::interval::local;
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};

/// Next hops looked up in DNS for one test.
const NEXT_HOPS_MAX: usize = 50;
/// Servers of one next hop shown.
const HOSTS_MAX: usize = 20;

const OUTCOMES: &[(&str, &str)] = &[
    ("Deliver", "Would be delivered"),
    ("Send", "Would be sent on"),
    ("Wait", "Would wait: no way out"),
    ("Fail", "Would fail"),
    ("Drop", "Would be dropped"),
    ("Expand", "Would be expanded"),
    ("Duplicate", "Is a recipient already"),
    ("Resolve", "Stands for another address"),
    ("Forward", "Would be forwarded"),
    ("Refuse", "Would be refused"),
];

/// What `Test-MessageRoute` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageRoute",
    properties: &[
        Property::text("RecipientAddress"),
        Property::words("Outcome", OUTCOMES),
        Property::text("Path"),
        Property::text("Detail"),
        Property::text("DeliveryType"),
        Property::text("NextHop"),
        Property::text("NextHopServers"),
        Property::text("Connector"),
        Property::text("ConnectorMaxMessageSize"),
        Property::text("Queue"),
        Property::text("QueueStatus"),
        Property::text("QueueLastError"),
        Property::time("QueueNextRetryTime"),
        Property::text("Reply"),
        Property::text("Cause"),
        Property::text("ActionNeededBy"),
        Property::text("Fix"),
    ],
    settings: None,
    table: &["RecipientAddress", "Outcome", "NextHop", "Connector", "Detail"],
};

/// One recipient's fate.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    recipient: String,
    outcome: &'static str,
    path: Vec<String>,
    detail: String,
    key: Option<QueueKey>,
    connector: Option<String>,
    connector_limit: Option<String>,
    servers: Vec<String>,
    queue: Option<QueueView>,
    reply: Option<String>,
    words: Option<Explanation>,
}

impl Outcome {
    /// Whether the session would not take the recipient.
    pub(super) fn is_refused(&self) -> bool {
        self.outcome == "Refuse"
    }
}

/// The fates in the order of the plan, an address that gives way to another as a row of its own.
pub(super) fn of(snapshot: &Snapshot, plan: &Plan) -> Vec<Outcome> {
    let mut forwards: HashMap<String, String> = HashMap::new();
    let mut outcomes = Vec::new();
    for step in &plan.steps {
        match step {
            Step::Resolve { from, to } => outcomes.push(Outcome {
                recipient: from.as_str().to_owned(),
                outcome: "Resolve",
                detail: format!("Stands for {to}"),
                ..Outcome::default()
            }),
            Step::Redirect { from, to } => {
                forwards.insert(from.key().to_owned(), to.as_str().to_owned());
                outcomes.push(Outcome {
                    recipient: from.as_str().to_owned(),
                    outcome: "Forward",
                    detail: format!("Forwarded to {to}; nothing stays in the mailbox"),
                    ..Outcome::default()
                });
            }
            Step::Expand { group, members, .. } => outcomes.push(expanded(group.as_str(), members.len())),
            Step::Duplicate { recipient, from, by } => {
                let by = match by {
                    DuplicateBy::Expansion => "group",
                    DuplicateBy::Redirection => "forward of",
                };
                outcomes.push(Outcome {
                    recipient: recipient.as_str().to_owned(),
                    outcome: "Duplicate",
                    path: Vec::from([from.as_str().to_owned()]),
                    detail: format!("Reached again by the {by} {from}; one copy is enough"),
                    ..Outcome::default()
                });
            }
            Step::Fail { candidate, failure, .. } => outcomes.push(Outcome {
                outcome: "Fail",
                detail: failure.reply.clone(),
                reply: Some(failure.reply.clone()),
                words: Some(causes::explain(failure.reason)),
                ..begin(candidate)
            }),
            Step::Drop { candidate, reason } => {
                let words = causes::explain(*reason);
                outcomes.push(Outcome {
                    outcome: "Drop",
                    detail: words.cause.to_owned(),
                    words: Some(words),
                    ..begin(candidate)
                });
            }
            Step::Queue { candidate, key, .. } => outcomes.push(queued(snapshot, candidate, key)),
        }
    }
    let mut kept = HashSet::new();
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.outcome == "Deliver") {
        let key = outcome.recipient.to_lowercase();
        if let Some(to) = forwards.get(&key) {
            outcome.detail = format!("{}, and forwarded to {to}", outcome.detail);
            kept.insert(key);
        }
    }
    // Where a copy stays, its row says that there is a forward.
    outcomes
        .retain(|outcome| outcome.outcome != "Forward" || !kept.contains(&outcome.recipient.to_lowercase()));
    outcomes
}

/// A recipient whose RCPT, or whose MAIL already, would be refused.
pub(super) fn refused(recipient: &str, foreseen: &Foreseen) -> Outcome {
    Outcome {
        recipient: recipient.to_owned(),
        outcome: "Refuse",
        detail: foreseen.reply.clone(),
        reply: Some(foreseen.reply.clone()),
        words: Some(causes::explain(foreseen.reason)),
        ..Outcome::default()
    }
}

/// Says of each next hop how its queue is now: one in Retry or suspended would hold the message up.
pub(super) fn look_at_queues(queues: &[QueueView], outcomes: &mut [Outcome], zone: &TimeZone) {
    for outcome in outcomes.iter_mut() {
        let Some(key) = &outcome.key else { continue };
        let found = queues.iter().find(|queue| {
            queue.delivery_type == key.delivery_type.name()
                && queue.next_hop_domain.eq_ignore_ascii_case(&key.next_hop_domain)
                && queue.next_hop_connector == key.connector
        });
        let Some(queue) = found else { continue };
        let hindrance = match queue.status {
            "Retry" => {
                let error = queue.last_error.as_deref().unwrap_or("no reply is known");
                let next = queue.next_retry_time.map(|at| local(at, zone));
                let next = next.map_or_else(String::new, |at| format!("; next attempt {at}"));
                Some(format!("its queue {} is in Retry: {error}{next}", queue.identity))
            }
            "Suspended" => Some(format!(
                "its queue {} is suspended; Resume-Queue '{}' lets it go on",
                queue.identity, queue.identity
            )),
            _ => None,
        };
        if let Some(hindrance) = hindrance {
            outcome.detail = format!("{}, but {hindrance}", outcome.detail);
        }
        outcome.queue = Some(queue.clone());
    }
}

fn begin(candidate: &Candidate) -> Outcome {
    Outcome {
        recipient: candidate.entry.recipient.as_str().to_owned(),
        path: candidate.entry.path.clone(),
        ..Outcome::default()
    }
}

fn expanded(group: &str, members: usize) -> Outcome {
    let words = (members == 0).then(|| causes::explain(events::Reason::EmptyGroup));
    let detail = match members {
        0 => "A group without members: nobody would get it".to_owned(),
        1 => "A group of 1 member".to_owned(),
        members => format!("A group of {members} members"),
    };
    Outcome { recipient: group.to_owned(), outcome: "Expand", detail, words, ..Outcome::default() }
}

fn queued(snapshot: &Snapshot, candidate: &Candidate, key: &QueueKey) -> Outcome {
    let connector = snapshot.send_connectors().find(|connector| connector.guid == key.connector);
    let limit = connector.map(|connector| match connector.limits.max_message_size {
        Some(octets) => directory::settings::show_bytes(octets),
        None => "Unlimited".to_owned(),
    });
    let (outcome, detail, words) = match key.delivery_type {
        DeliveryType::SmtpDeliveryToMailbox => ("Deliver", "Into the mailbox".to_owned(), None),
        DeliveryType::Unreachable => {
            let words = causes::explain(events::Reason::NoConnector);
            ("Wait", words.cause.to_owned(), Some(words))
        }
        DeliveryType::DnsConnectorDelivery => {
            ("Send", format!("To the mail servers of {}", key.next_hop_domain), None)
        }
        DeliveryType::SmartHostConnectorDelivery => {
            ("Send", format!("To the smart host {}", key.next_hop_domain), None)
        }
    };
    Outcome {
        outcome,
        detail,
        words,
        connector: connector.map(|connector| connector.name.clone()),
        connector_limit: limit,
        key: Some(key.clone()),
        ..begin(candidate)
    }
}

/// Asks DNS for the servers of the next hops, each once.
pub(super) async fn resolve_hosts(dns: &Dns, outcomes: &mut [Outcome]) {
    let mut known: HashMap<String, Result<Vec<String>, String>> = HashMap::new();
    for outcome in outcomes.iter_mut() {
        let Some(key) = &outcome.key else { continue };
        if key.delivery_type != DeliveryType::DnsConnectorDelivery {
            continue;
        }
        let domain = key.next_hop_domain.clone();
        if !known.contains_key(&domain) && known.len() < NEXT_HOPS_MAX {
            let answer = dns.mx(&domain).await;
            let servers = answer
                .map(|records| {
                    let mut sorted: Vec<(u16, String)> =
                        records.into_iter().map(|mx| (mx.preference, mx.host)).collect();
                    sorted.sort();
                    sorted.into_iter().map(|(_, host)| host).take(HOSTS_MAX).collect()
                })
                .map_err(|error| error.to_string());
            known.insert(domain.clone(), servers);
        }
        match known.get(&domain) {
            Some(Ok(servers)) => outcome.servers.clone_from(servers),
            Some(Err(error)) => outcome.detail = format!("{}; DNS: {error}", outcome.detail),
            None => {}
        }
    }
}

/// One fate as a row.
pub(super) fn row(outcome: &Outcome) -> Row {
    let key = outcome.key.as_ref();
    let words = outcome.words.as_ref();
    let path: Value = outcome.path.iter().map(String::as_str).collect();
    rows::row_of(json!({
        "RecipientAddress": outcome.recipient,
        "Outcome": outcome.outcome,
        "Path": path,
        "Detail": outcome.detail,
        "DeliveryType": key.map(|key| key.delivery_type.name()),
        "NextHop": key.map(|key| key.next_hop_domain.as_str()),
        "NextHopServers": outcome.servers,
        "Connector": outcome.connector,
        "ConnectorMaxMessageSize": outcome.connector_limit,
        "Queue": outcome.queue.as_ref().map(|queue| &queue.identity),
        "QueueStatus": outcome.queue.as_ref().map(|queue| queue.status),
        "QueueLastError": outcome.queue.as_ref().and_then(|queue| queue.last_error.as_ref()),
        "QueueNextRetryTime": outcome.queue.as_ref().and_then(|queue| queue.next_retry_time).map(|at| at.to_string()),
        "Reply": outcome.reply,
        "Cause": words.map(|words| words.cause),
        "ActionNeededBy": words.map(|words| words.actor.as_str()),
        "Fix": words.map(|words| words.fix),
    }))
}
