//! The way of a message through the server: receive, categorize, route, queue, send or deliver, report.
//!
//! May touch: what [`Parts`] hands it; nothing ambient. `pipeline.rs` shows the stages on one screen.

mod agent_notes;
pub mod categorize;
mod commit;
pub mod deliver;
pub(crate) mod dispatch;
pub(crate) mod domain;
pub mod envelope;
pub mod failure;
pub mod format;
pub mod item;
pub mod notice;
pub mod pipeline;
pub mod protocol_log;
pub mod queue;
pub mod receive;
pub mod report;
mod reroute;
pub(crate) mod restriction;
pub mod route;
pub mod send;
pub mod submission;
pub mod submit;
mod task;

use events::EventRecipient;
use jiff::Timestamp;
use parking_lot::Mutex;
use spool::EntryNo;
use tokio::sync::{Notify, watch};
use trace::{About, Cause, Ended};

pub use pipeline::{Listen, ListenError, Parts, Prepared, StartReport, Stopping, Transport};
pub use submit::{NewMessage, SendAsDenied, SentAs, SubmitError};

use crate::envelope::{DelayNotice, Entry, Envelope};
use crate::failure::Failure;
use crate::item::{Item, later};
use crate::queue::set::QueueSet;

/// What all stages share.
pub(crate) struct Shared {
    pub(crate) world: world::World,
    pub(crate) directory: directory::Directory,
    pub(crate) credentials: directory::Credentials,
    pub(crate) spool: spool::Spool,
    pub(crate) mailboxes: mailbox::MailboxStore,
    pub(crate) recorder: trace::Recorder,
    pub(crate) refusals: trace::Refusals,
    pub(crate) certificates: world::CertStore,
    pub(crate) receive_log: protocol_log::ProtocolLog,
    pub(crate) send_log: protocol_log::ProtocolLog,
    pub(crate) submission: submission::Submission,
    pub(crate) in_progress: categorize::in_progress::InProgress,
    pub(crate) queues: Mutex<QueueSet>,
    /// Suspending and resuming queues: one at a time.
    pub(crate) hold_turn: tokio::sync::Mutex<()>,
    /// Wakes the dispatcher: something was queued, or an administrator changed something.
    pub(crate) wake: Notify,
    /// Wakes the task that resubmits the Unreachable queue: a change of the directory went by a message in the categorizer.
    pub(crate) outdated: Notify,
    pub(crate) pressure: Mutex<queue::back_pressure::BackPressure>,
    pub(crate) report_rate: report::rate::ReportRate,
    pub(crate) agents: agents::Registry,
    /// Places for trials of Send connectors.
    pub(crate) trials: tokio::sync::Semaphore,
    pub(crate) stop: watch::Sender<Stopping>,
    /// Octets of messages that are coming in, over all sessions.
    pub(crate) incoming_octets: std::sync::atomic::AtomicU64,
}

/// Why the transport cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The spool cannot be read.
    #[error("{0}")]
    Spool(#[from] SubmitError),
}

impl Shared {
    /// The message an event is about.
    pub(crate) fn about(&self, item: &Item) -> About {
        About {
            no: item.no,
            network_message_id: item.envelope.network_message_id,
            received: item.envelope.received,
        }
    }

    /// When a message is given up (MessageExpirationTimeout).
    pub(crate) fn expires(&self, envelope: &Envelope) -> Timestamp {
        let timeout = self.directory.snapshot().transport_service().message_expiration_timeout;
        later(envelope.received, timeout)
    }

    /// The next time at which a waiting message needs attention: its delay notice, or its expiry.
    pub(crate) fn deadline(&self, item: &Item) -> Timestamp {
        let expires = self.expires(&item.envelope);
        let open = item.entries.iter().any(|(_, entry)| entry.delay == DelayNotice::Open);
        if !open {
            return expires;
        }
        let delay = self.directory.snapshot().transport_service().delay_notification_timeout;
        expires.min(later(item.envelope.received, delay))
    }

    /// The server cannot keep its promises any more: stop, so that an operator and the next start can put it right.
    pub(crate) fn fail(&self, why: &str) {
        let why = why.to_owned();
        self.stop.send_modify(|stopping| {
            if !matches!(stopping, Stopping::Failed(_)) {
                *stopping = Stopping::Failed(why);
            }
        });
        self.wake.notify_one();
    }

    /// What could not be stored cannot be kept in memory either: the server stops, and the next start finds what is
    /// true.
    pub(crate) fn or_fail<T>(&self, stored: Result<T, SubmitError>) -> Result<T, SubmitError> {
        stored.inspect_err(|error| self.fail(&error.to_string()))
    }
}

/// Recipients as an event lists them.
pub(crate) fn event_recipients(entries: &[(EntryNo, Entry)], status: &str) -> Vec<EventRecipient> {
    entries
        .iter()
        .map(|(_, entry)| EventRecipient {
            address: entry.recipient.as_str().to_owned(),
            status: status.to_owned(),
        })
        .collect()
}

/// An entry at its end.
pub(crate) fn ended(no: EntryNo, entry: &Entry, status: &str) -> Ended {
    Ended { entry: no, recipient: entry.recipient.as_str().to_owned(), status: status.to_owned() }
}

/// A failure as the tracking log has it.
pub(crate) fn cause(failure: &Failure) -> Cause {
    let mut cause = Cause::new(failure.source, Some(failure.reason));
    if let Some(remote) = &failure.remote {
        cause.remote_host = Some(remote.host.clone());
        cause.remote_reply = Some(remote.reply.clone());
    }
    cause
}
