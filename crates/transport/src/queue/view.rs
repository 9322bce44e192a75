//! What `Get-Queue` and `Get-Message` show: copies of the queues' state, made under the lock and read without it.
//!
//! May touch: queues, clock.

use events::Reason;
use jiff::Timestamp;
use mail::NetworkMessageId;
use spool::MessageNo;

use super::key::DeliveryType;
use super::set::{ItemState, Pending, Queue, Slot};
use crate::Transport;
use crate::envelope::{Entry, Hold, OriginKind, Trust};
use crate::item::Item;

/// One queue (the properties of `Get-Queue`).
#[derive(Debug, Clone, PartialEq)]
pub struct QueueView {
    /// `Server\<n>`, `Server\Submission`, `Server\Unreachable` or `Server\Poison`.
    pub identity: String,
    /// DeliveryType.
    pub delivery_type: &'static str,
    /// NextHopDomain.
    pub next_hop_domain: String,
    /// NextHopCategory.
    pub next_hop_category: &'static str,
    /// NextHopConnector.
    pub next_hop_connector: uuid::Uuid,
    /// Active, Connecting, Ready, Retry or Suspended.
    pub status: &'static str,
    /// Messages.
    pub message_count: usize,
    /// Messages that wait for their own retry.
    pub deferred_message_count: usize,
    /// The last error.
    pub last_error: Option<String>,
    /// Its reason, while the queue is in Retry.
    pub last_reason: Option<Reason>,
    /// When the last attempt ended.
    pub last_retry_time: Option<Timestamp>,
    /// When the next begins.
    pub next_retry_time: Option<Timestamp>,
    /// When the first of this series ended.
    pub first_retry_time: Option<Timestamp>,
    /// Failed attempts in a row.
    pub retry_count: u32,
    /// Messages a second that came in over the last minute.
    pub incoming_rate: f64,
    /// Messages a second that went out over the last minute.
    pub outgoing_rate: f64,
}

/// One message in one queue.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    /// `<queue identity>\<n>`.
    pub identity: String,
    /// The queue's identity.
    pub queue: String,
    /// MAIL FROM.
    pub from_address: String,
    /// Subject.
    pub subject: String,
    /// Message-ID header.
    pub internet_message_id: Option<String>,
    /// The message's identity everywhere.
    pub network_message_id: String,
    /// Ready, Active, Retry, Suspended, PendingRemove or PendingSuspend.
    pub status: &'static str,
    /// Octets.
    pub size: u64,
    /// The client's address.
    pub source_ip: Option<std::net::IpAddr>,
    /// `SMTP:<connector>`, `DSN`, `Agent`.
    pub message_source_name: String,
    /// When it was accepted.
    pub date_received: Timestamp,
    /// When it is given up.
    pub expiration_time: Timestamp,
    /// Error of the last attempt.
    pub last_error: Option<String>,
    /// Attempts.
    pub retry_count: u32,
    /// Incoming or Originating.
    pub directionality: &'static str,
    /// The recipients it has in this queue: address, status, last error.
    pub recipients: Vec<RecipientView>,
}

/// A recipient of a queued message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientView {
    /// The address.
    pub address: String,
    /// The reply of the last attempt.
    pub last_error: Option<String>,
    /// When the next attempt is due.
    pub next_retry: Option<Timestamp>,
}

/// What holds a recipient back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// Suspend-Queue.
    Queue,
    /// Suspend-Message.
    Message,
}

/// One recipient of a message as it waits now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingView {
    /// The queue's identity.
    pub queue: String,
    /// What an administrator has suspended.
    pub held: Option<HeldBy>,
    /// When the next attempt is due; none where it may go at once, or nothing is tried.
    pub next_retry: Option<Timestamp>,
    /// Attempts made for this recipient.
    pub attempts: u32,
    /// Why it waits: the queue's error while that is in Retry, else that of the recipient's last attempt.
    pub last_error: Option<String>,
}

impl Transport {
    /// How one recipient of a message waits now; `None` where it is in no queue. `message` is the number of its copy.
    #[must_use]
    pub fn waiting(&self, message: u64, id: NetworkMessageId, recipient: &str) -> Option<WaitingView> {
        let (server, no) = (self.server(), MessageNo(message));
        let now = self.shared.world.clock.now();
        let meant = |item: &Item| -> Option<Entry> {
            let found = item
                .entries
                .iter()
                .find(|(_, entry)| entry.recipient.as_str().eq_ignore_ascii_case(recipient));
            found.filter(|_| item.envelope.network_message_id == id).map(|(_, entry)| entry.clone())
        };
        {
            let queues = self.shared.queues.lock();
            for queue in queues.iter() {
                let Some(slot) = queue.slot(no) else { continue };
                if let Some(entry) = slot.item().and_then(|item| meant(&item)) {
                    return Some(waiting_view(queue, slot, &entry, &server, now));
                }
            }
        }
        // Looked through only where it matters: what is on its way to the categorizer is there for moments.
        let submission = &self.shared.submission;
        let found = submission.hold() == Hold::Suspended
            && submission.waiting().iter().any(|item| item.no == no && meant(item).is_some());
        found.then(|| WaitingView {
            queue: format!("{server}\\Submission"),
            held: Some(HeldBy::Queue),
            next_retry: None,
            attempts: 0,
            last_error: None,
        })
    }

    /// All queues with something in them, and the delivery queues that exist.
    #[must_use]
    pub fn queues(&self) -> Vec<QueueView> {
        let server = self.server();
        let now = self.shared.world.clock.now();
        let mut views = vec![self.submission_view(&server)];
        let queues = self.shared.queues.lock();
        views.extend(queues.iter().map(|queue| view(queue, &server, now)));
        let poison = queues.poison().count();
        if poison > 0 {
            views.push(QueueView {
                identity: format!("{server}\\Poison"),
                next_hop_domain: "Poison Message".to_owned(),
                status: "Ready",
                message_count: poison,
                ..self.submission_view(&server)
            });
        }
        views
    }

    /// All messages in all queues, or in the one with this identity.
    #[must_use]
    pub fn queued_messages(&self, queue: Option<&str>) -> Vec<MessageView> {
        let server = self.server();
        let wanted = |identity: &str| queue.is_none_or(|queue| queue.eq_ignore_ascii_case(identity));
        let mut views = Vec::new();
        let submission = format!("{server}\\Submission");
        if wanted(&submission) {
            for item in self.shared.submission.waiting() {
                let held = self.shared.submission.hold() == Hold::Suspended;
                let status = if held { "Suspended" } else { "Ready" };
                views.push(self.message_view(&submission, &item, status));
            }
        }
        let (slots, poison) = {
            let queues = self.shared.queues.lock();
            let slots: Vec<(String, bool, Vec<Slot>)> = queues
                .iter()
                .map(|queue| (identity(queue, &server), queue))
                .filter(|(identity, _)| wanted(identity))
                .map(|(identity, queue)| (identity, is_in_retry(queue) && queue.workers == 0, queue.slots()))
                .collect();
            let poison: Vec<_> = queues.poison().cloned().collect();
            (slots, poison)
        };
        for (identity, is_in_retry, slots) in slots {
            for slot in slots {
                let status = message_status(&slot, is_in_retry);
                views.extend(slot.item().map(|item| self.message_view(&identity, &item, status)));
            }
        }
        let identity = format!("{server}\\Poison");
        if wanted(&identity) {
            views.extend(poison.iter().map(|item| self.message_view(&identity, item, "Suspended")));
        }
        views
    }

    pub(crate) fn server(&self) -> String {
        self.shared.directory.snapshot().organization().server_name.clone()
    }

    fn submission_view(&self, server: &str) -> QueueView {
        let submission = &self.shared.submission;
        let status = match (submission.hold(), submission.is_empty()) {
            (Hold::Suspended, _) => "Suspended",
            (Hold::Free, true) => "Ready",
            (Hold::Free, false) => "Active",
        };
        QueueView {
            identity: format!("{server}\\Submission"),
            delivery_type: "Undefined",
            next_hop_domain: "Submission".to_owned(),
            next_hop_category: "Internal",
            next_hop_connector: uuid::Uuid::nil(),
            status,
            message_count: submission.len(),
            deferred_message_count: 0,
            last_error: None,
            last_reason: None,
            last_retry_time: None,
            next_retry_time: None,
            first_retry_time: None,
            retry_count: 0,
            incoming_rate: 0.0,
            outgoing_rate: 0.0,
        }
    }

    fn message_view(&self, queue: &str, item: &Item, status: &'static str) -> MessageView {
        let envelope = &item.envelope;
        let connector = envelope.origin.connector.as_deref().unwrap_or_default();
        let last = item.entries.iter().map(|(_, entry)| entry).max_by_key(|entry| entry.last_attempt);
        MessageView {
            identity: format!("{queue}\\{}", item.no.0),
            queue: queue.to_owned(),
            from_address: envelope.return_path.as_trace().to_owned(),
            subject: envelope.facts.subject.clone(),
            internet_message_id: envelope.facts.message_id.clone(),
            network_message_id: envelope.network_message_id.to_string(),
            status,
            size: envelope.size,
            source_ip: envelope.origin.client_ip,
            message_source_name: match envelope.origin.kind {
                OriginKind::Smtp => format!("SMTP:{connector}"),
                OriginKind::Dsn => "DSN".to_owned(),
                OriginKind::Agent => "Agent".to_owned(),
            },
            date_received: envelope.received,
            expiration_time: self.shared.expires(envelope),
            last_error: last.and_then(|entry| entry.last_error.clone()),
            retry_count: last.map_or(0, |entry| entry.attempts),
            directionality: match envelope.origin.trust {
                Trust::Anonymous => "Incoming",
                Trust::Internal => "Originating",
            },
            recipients: item.entries.iter().map(|(_, entry)| recipient_view(entry)).collect(),
        }
    }
}

fn recipient_view(entry: &Entry) -> RecipientView {
    RecipientView {
        address: entry.recipient.as_str().to_owned(),
        last_error: entry.last_error.clone(),
        next_retry: entry.next_retry,
    }
}

/// The identity of a delivery queue.
pub(crate) fn identity(queue: &Queue, server: &str) -> String {
    match queue.key.delivery_type {
        DeliveryType::Unreachable => format!("{server}\\Unreachable"),
        _ => format!("{server}\\{}", queue.id.0),
    }
}

fn waiting_view(queue: &Queue, slot: &Slot, entry: &Entry, server: &str, now: Timestamp) -> WaitingView {
    let held = if queue.hold == Hold::Suspended {
        Some(HeldBy::Queue)
    } else if slot.state == ItemState::Suspended || slot.pending == Some(Pending::Suspend) {
        Some(HeldBy::Message)
    } else {
        None
    };
    let own = match slot.state {
        ItemState::Retry(at) => Some(at),
        _ => None,
    };
    // The queue in Retry tries one message; the others go when that has found the way open.
    let queued = queue.next_retry.filter(|_| queue.failures > 0);
    let in_retry = queue.last_error.clone().filter(|_| queue.failures > 0);
    WaitingView {
        queue: identity(queue, server),
        held,
        next_retry: own.max(queued).filter(|at| *at > now && held.is_none()),
        attempts: entry.attempts,
        last_error: in_retry.or_else(|| entry.last_error.clone()),
    }
}

/// Whether the last attempt for a queue failed, so that all in it wait for the next.
fn is_in_retry(queue: &Queue) -> bool {
    queue.hold != Hold::Suspended && queue.failures > 0
}

/// The status of a message. `is_in_retry`: its queue waits after a failed attempt ([`is_in_retry`]). A message that has no
/// time of its own for the next attempt then waits for that of its queue: Retry, as in Exchange.
fn message_status(slot: &Slot, is_in_retry: bool) -> &'static str {
    match (slot.state, &slot.pending) {
        (_, Some(Pending::Remove(..))) => "PendingRemove",
        (_, Some(Pending::Suspend)) => "PendingSuspend",
        (ItemState::Ready, None) if is_in_retry => "Retry",
        (ItemState::Ready, None) => "Ready",
        (ItemState::Active, None) => "Active",
        (ItemState::Retry(_), None) => "Retry",
        (ItemState::Suspended, None) => "Suspended",
    }
}

fn view(queue: &Queue, server: &str, now: Timestamp) -> QueueView {
    let unreachable = queue.key.delivery_type == DeliveryType::Unreachable;
    let status = if queue.hold == Hold::Suspended {
        "Suspended"
    } else if is_in_retry(queue) {
        "Retry"
    } else if queue.workers > 0 {
        "Active"
    } else {
        "Ready"
    };
    let none = "A matching connector cannot be found to route the external recipient".to_owned();
    QueueView {
        identity: identity(queue, server),
        delivery_type: queue.key.delivery_type.name(),
        next_hop_domain: queue.key.next_hop_domain.clone(),
        next_hop_category: queue.key.delivery_type.category(),
        next_hop_connector: queue.key.connector,
        status,
        message_count: queue.len(),
        deferred_message_count: queue.deferred(),
        last_error: queue.last_error.clone().or_else(|| (unreachable && !queue.is_empty()).then_some(none)),
        last_reason: queue.last_cause.as_ref().and_then(|cause| cause.reason),
        last_retry_time: queue.last_retry,
        next_retry_time: queue.next_retry,
        first_retry_time: queue.first_retry,
        retry_count: queue.failures,
        incoming_rate: queue.incoming.per_second(now),
        outgoing_rate: queue.outgoing.per_second(now),
    }
}
