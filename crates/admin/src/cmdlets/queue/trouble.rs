//! Why a queue in Retry does not get its mail off: the cause, who must act and the fix; and the Send connector behind it.
//! May touch: directory (read).

use std::sync::Arc;

use directory::{SendConnector, Snapshot};
use events::{EventId, Reason};
use mail::Address;
use trace::causes::{self, Actor, AtSmartHost};
use trace::{Detail, Status};
use transport::queue::view::QueueView;

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What happened, as a sentence.
    pub(crate) cause: String,
    /// Who must act.
    pub(crate) actor: Actor,
    /// What to do.
    pub(crate) fix: String,
}

/// The Send connector a queue leads over.
pub(crate) fn connector_of(snapshot: &Snapshot, queue: &QueueView) -> Option<Arc<SendConnector>> {
    snapshot.send_connectors().find(|connector| connector.guid == queue.next_hop_connector).cloned()
}

/// The trouble of a queue in Retry, as far as its last error is known.
pub(crate) fn of(queue: &QueueView, connector: Option<&SendConnector>) -> Option<Trouble> {
    if queue.status != "Retry" {
        return None;
    }
    let error = queue.last_error.as_deref()?;
    let own = queue.last_reason.zip(connector).and_then(|(reason, connector)| at(reason, connector, error));
    if let Some(AtSmartHost { cause, fix }) = own {
        let fix = format!("{fix} Retry-Queue '{}' then tries at once.", queue.identity);
        return Some(Trouble { cause, actor: Actor::Administrator, fix });
    }
    let known = causes::explain_reply(queue.last_reason, Some(error), None)?;
    Some(Trouble { cause: known.cause.to_owned(), actor: known.actor, fix: known.fix.to_owned() })
}

/// What is told of a smart host: it is ours to mend, whoever runs it.
fn at(reason: Reason, connector: &SendConnector, error: &str) -> Option<AtSmartHost> {
    if connector.smart_hosts.is_empty() {
        return None;
    }
    let hosts = connector.smart_hosts_string();
    let host = causes::endpoint(error).unwrap_or(&hosts);
    causes::at_smart_host(reason, &connector.name, Some(host))
}

/// The detail of a row, where the last attempt went to a smart host of ours: with the connector, the host and its port.
pub(crate) fn told_of(snapshot: &Snapshot, mut detail: Detail) -> Detail {
    let attempts = detail.events.iter().rev().map(|event| &event.data);
    let last = attempts.filter(|event| event.detail.place.is_none()).find(|event| {
        matches!(event.event_id, EventId::Defer | EventId::Fail) && event.connector_id.is_some()
    });
    let named = last.and_then(|event| {
        let name = event.connector_id.as_deref()?;
        let connector = snapshot.send_connectors().find(|one| one.name.eq_ignore_ascii_case(name))?;
        let said = event.recipients.first().map(|recipient| recipient.status.as_str()).unwrap_or_default();
        let reason = event.detail.reason?;
        Some((causes::explain(reason).cause, at(reason, connector, said)?))
    });
    if let (Some(cause), Some((general, told))) = (&mut detail.cause, named)
        && cause.cause.contains(general)
    {
        cause.cause = cause.cause.replace(general, &told.cause);
        cause.actor = Actor::Administrator;
        cause.fix = match detail.row.status {
            Status::Failed => format!("{} Then the sender sends again.", told.fix),
            _ => format!("{} It is tried again by itself.", told.fix),
        };
    }
    with_remote_domain(snapshot, detail)
}

/// Which remote domain forbids a forward, and which mailbox it was of, in place of what the general fix leaves open.
fn with_remote_domain(snapshot: &Snapshot, mut detail: Detail) -> Detail {
    let row = &detail.row;
    let is_forwarder = row.status == Status::Resolved;
    let to = if is_forwarder {
        row.final_recipient_address.as_deref()
    } else {
        Some(row.recipient_address.as_str())
    };
    let from = if is_forwarder { Some(&row.recipient_address) } else { row.row.parents.first() };
    let domain = to.and_then(|to| to.rsplit_once('@')).map(|(_, domain)| domain);
    let remote = domain.and_then(|domain| snapshot.remote_domain(domain));
    if let Some(cause) = detail.cause.as_mut().filter(|cause| cause.name == Some("AutoForwardBlocked")) {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        if let Some(remote) = remote {
            cause.fix = cause.fix.replace("<domain>", &quoted(&remote.name));
        }
        if let Some(from) = from {
            let mailbox = Address::parse(from).ok();
            let mailbox = mailbox.and_then(|address| snapshot.recipient_by_address(&address));
            cause.fix = match mailbox.is_some_and(|mailbox| mailbox.deliver_to_mailbox_and_forward) {
                // It is so already.
                true => without(&cause.fix, "-DeliverToMailboxAndForward"),
                false => cause.fix.replace("<mailbox>", &quoted(from)),
            };
        }
    }
    detail
}

/// The advice without the sentences that name a parameter.
fn without(fix: &str, parameter: &str) -> String {
    let sentences = fix.split_inclusive(". ").filter(|sentence| !sentence.contains(parameter));
    sentences.collect::<String>().trim_end().to_owned()
}
