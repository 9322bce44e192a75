//! A send worker: one connection to the next hop of a queue, and message after message over it.
//!
//! May touch: queues, spool (bodies, one commit per message), clock, directory snapshot; DNS and network through the
//! other files.
//! Standards: RFC 5321 §4.5.4.1 (sending strategy), §4.5.3.1.10 (too many recipients), §5.1.
//! Known gaps: what a message with more than 100 recipients came to is recorded after its last transaction, so that a
//! crash in between sends the earlier ones again.

use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use directory::{SendConnector, Snapshot};
use events::{Reason, Source};
use futures::FutureExt;
use smtp::client::{Connection as After, Outcome, OutcomeClass, SendStep};
use spool::{Batch, EntryNo, MessageNo};
use tokio::sync::Notify;

use super::connection::{self, Connection, Terms};
use super::hosts::{self, Host, Hosts, NoHost};
use super::outcome::{self, End, Hop, Later, Notices};
use super::settle::{self, Ended, Way};
use super::transaction;
use super::unreached::Unreached;
use crate::envelope::Entry;
use crate::failure::Failure;
use crate::item::Item;
use crate::queue::key::{DeliveryType, QueueKey};
use crate::queue::resubmit::Why;
use crate::queue::set::QueueId;
use crate::queue::settled::{Settled, broken_off};
use crate::{Shared, SubmitError};

/// How long a connection is kept for the next message of an empty queue.
const LINGER: Duration = Duration::from_secs(1);

/// Works until the queue has nothing more, or its next hop cannot be reached.
pub(crate) async fn run(shared: Arc<Shared>, queue: QueueId) {
    let mut worker = Worker::new(shared, queue);
    match AssertUnwindSafe(worker.work()).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(%error, "what was sent cannot be recorded");
            worker.shared.fail(&error.to_string());
        }
        Err(panic) => {
            worker.broke_off().await;
            std::panic::resume_unwind(panic);
        }
    }
    let connection = worker.let_go();
    drop(worker);
    // The place in the queue is free by now: QUIT holds nobody up.
    if let Some(connection) = connection {
        connection.quit().await;
    }
}

/// A worker's hold on its queue: dropped, it gives back its messages and its place, whatever happened.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: QueueId,
    key: QueueKey,
    held: BTreeMap<MessageNo, Arc<Item>>,
    /// The message it is at.
    current: Option<MessageNo>,
    connection: Option<Connection>,
    arrived: Arc<Notify>,
}

/// What looking for a connection led to.
enum Connected {
    /// There is one.
    Yes,
    /// There is no host, and never will be.
    Never(Failure),
    /// No host can be reached now.
    Not(Unreached),
}

/// A message on its way: who still has to be sent to, and what became of the others.
struct Attempt<'a> {
    item: &'a Item,
    open: VecDeque<&'a (EntryNo, Entry)>,
    ended: Vec<Ended>,
}

impl<'a> Attempt<'a> {
    fn end(&mut self, recipients: impl IntoIterator<Item = &'a (EntryNo, Entry)>, end: &End, hop: &Arc<Hop>) {
        let ended = |(no, entry): &(EntryNo, Entry)| Ended {
            no: *no,
            entry: entry.clone(),
            end: end.clone(),
            hop: Arc::clone(hop),
        };
        self.ended.extend(recipients.into_iter().map(ended));
    }

    fn end_all(&mut self, end: &End, hop: &Arc<Hop>) {
        let open = std::mem::take(&mut self.open);
        self.end(open, end, hop);
    }
}

impl Worker {
    fn new(shared: Arc<Shared>, queue: QueueId) -> Self {
        let (key, arrived) = {
            let queues = shared.queues.lock();
            let found = queues.get(queue).map(|queue| (queue.key.clone(), Arc::clone(&queue.arrived)));
            found.unwrap_or_else(|| (QueueKey::unreachable(), Arc::default()))
        };
        Self { shared, queue, key, held: BTreeMap::new(), current: None, connection: None, arrived }
    }

    async fn work(&mut self) -> Result<(), SubmitError> {
        while let Some(item) = self.next().await {
            self.current = Some(item.no);
            let snapshot = self.shared.directory.snapshot();
            let Some(connector) = hosts::connector_of(&snapshot, &self.key) else {
                self.give_back_all();
                self.shared.resubmit(self.queue, Why::NoConnector).await?;
                return Ok(());
            };
            let mut attempt = Attempt { item: &item, open: item.entries.iter().collect(), ended: Vec::new() };
            if let Some(unreached) = self.carry(&snapshot, &connector, &mut attempt).await {
                return self.postpone(&snapshot, Some(&connector.name), &item, unreached).await;
            }
            let ended = attempt.ended;
            self.settle(&snapshot, &connector, &item, ended).await?;
            self.current = None;
        }
        Ok(())
    }

    /// After a panic: counts it against the message the worker was at, and gives back the others.
    async fn broke_off(&mut self) {
        self.hang_up();
        let current = self.current.take().and_then(|no| self.held.remove(&no));
        if let Some(item) = current
            && let Err(error) = self.shared.broke_off_in(self.queue, vec![item]).await
        {
            self.shared.fail(&error.to_string());
        }
    }

    /// The next message. Waits a moment for one while a connection is open.
    async fn next(&mut self) -> Option<Arc<Item>> {
        let clock = self.shared.world.clock.clone();
        let arrived = Arc::clone(&self.arrived);
        let mut stop = self.shared.stop.subscribe();
        let until = clock.elapsed().saturating_add(LINGER);
        loop {
            let woken = arrived.notified();
            if stop.borrow_and_update().is_stopping() {
                return None;
            }
            let taken = self.shared.queues.lock().take(self.queue, 1, clock.now());
            if let Some(item) = taken.first() {
                self.hold(taken.clone());
                return Some(Arc::clone(item));
            }
            let left = until.saturating_sub(clock.elapsed());
            if self.connection.is_none() || left.is_zero() {
                return None;
            }
            tokio::select! {
                () = woken => {}
                () = clock.sleep(left) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Sends a message to all its recipients, over as many transactions and connections as it takes. Returns why the hop
    /// cannot be reached, where that is known before anybody was sent to.
    async fn carry(
        &mut self,
        snapshot: &Snapshot,
        connector: &Arc<SendConnector>,
        attempt: &mut Attempt<'_>,
    ) -> Option<Unreached> {
        let hop = Arc::new(Hop { connector: Some(connector.name.clone()), ..Hop::default() });
        let mut body = None;
        while !attempt.open.is_empty() {
            match self.connect(snapshot, connector).await {
                Connected::Yes => {}
                Connected::Never(failure) => {
                    attempt.end_all(&End::Failed(failure), &hop);
                    continue;
                }
                Connected::Not(unreached) if attempt.ended.is_empty() => return Some(unreached),
                Connected::Not(unreached) => {
                    attempt.end_all(&End::Later(unreached.into()), &hop);
                    continue;
                }
            }
            if body.is_none() {
                match self.shared.spool.body(attempt.item.no).await {
                    Ok(octets) => body = Some(octets),
                    Err(error) => {
                        attempt.end_all(&End::Later(unreadable(&error)), &hop);
                        continue;
                    }
                }
            }
            self.transact(connector, attempt, body.clone().unwrap_or_default()).await;
        }
        None
    }

    /// Makes sure of a connection that can carry a message.
    async fn connect(&mut self, snapshot: &Snapshot, connector: &Arc<SendConnector>) -> Connected {
        if self.reusable(connector) {
            return Connected::Yes;
        }
        self.hang_up();
        let domain = (self.key.delivery_type == DeliveryType::DnsConnectorDelivery)
            .then_some(self.key.next_hop_domain.as_str());
        let terms = Terms::new(snapshot, Arc::clone(connector), domain, &self.shared.world);
        let terms = Arc::new(terms);
        let mut hosts = Hosts::new(snapshot, connector, &self.key);
        let mut failed: Option<Unreached> = None;
        loop {
            let host = match hosts.next(&self.shared.world).await {
                Ok(Some(host)) => host,
                Ok(None) => return Connected::Not(failed.unwrap_or_else(nowhere)),
                Err(NoHost::Never(failure)) => {
                    terms.log_no_host(&self.shared.world, &self.shared.send_log, &failure.reply);
                    return Connected::Never(failure);
                }
                Err(NoHost::Later { reason, error }) => {
                    terms.log_no_host(&self.shared.world, &self.shared.send_log, &error);
                    return Connected::Not(Unreached { reason, error, host: None, reply: None });
                }
            };
            match connection::open(&self.shared.world, &self.shared.send_log, &terms, &host).await {
                Ok(connection) => {
                    let now = self.shared.world.clock.now();
                    self.shared.queues.lock().connected(self.queue, now);
                    self.connection = Some(connection);
                    return Connected::Yes;
                }
                Err(unreached) => {
                    failed = Some(match failed {
                        Some(before) => before.or(unreached),
                        None => unreached,
                    });
                }
            }
        }
    }

    fn reusable(&self, connector: &Arc<SendConnector>) -> bool {
        let most = connector.limits.smtp_max_messages_per_connection;
        self.connection.as_ref().is_some_and(|open| {
            let same = Arc::ptr_eq(&open.terms.connector, connector) || open.terms.connector == *connector;
            same && (most == 0 || open.carried < most)
        })
    }

    /// The connection, if there is one, no longer counted as this worker's.
    fn let_go(&mut self) -> Option<Connection> {
        let connection = self.connection.take()?;
        self.shared.queues.lock().disconnected(self.queue);
        Some(connection)
    }

    /// Ends the connection without waiting for it.
    fn hang_up(&mut self) {
        if let Some(connection) = self.let_go() {
            self.shared.world.exec.spawn("send-quit", connection.quit());
        }
    }

    /// One transaction. Recipients for whom it decided nothing stay open: the connection was closed before it began, or
    /// the host had too many.
    async fn transact(&mut self, connector: &SendConnector, attempt: &mut Attempt<'_>, body: Bytes) {
        let Some(connection) = self.connection.as_mut() else { return };
        let most = attempt.open.len().min(transaction::RECIPIENTS_MAX);
        let group: Vec<&(EntryNo, Entry)> = attempt.open.drain(..most).collect();
        let envelope = &attempt.item.envelope;
        let message_id = envelope.facts.message_id.as_deref().unwrap_or_default();
        let note =
            format!("sending message with RecordId {} and InternetMessageId {message_id}", attempt.item.no);
        let transaction = transaction::of(envelope, group.iter().map(|(_, entry)| entry), body);
        let outcome = connection.send(transaction, &note).await;
        let hop = Arc::new(Hop {
            host: Some(connection.host.clone()),
            session: Some(connection.id.to_string()),
            tls: connection.tls.clone(),
            connector: Some(connector.name.clone()),
        });
        let notices = if connection.features().dsn { Notices::Theirs } else { Notices::Ours };
        let host = connection.host.clone();
        let closed = outcome.as_ref().is_none_or(|outcome| outcome.connection == After::Closed);
        if closed {
            drop(self.let_go());
        }
        let Some(outcome) = outcome else {
            attempt.end(group, &End::Later(out_of_step(host)), &hop);
            return;
        };
        if outcome.stale {
            attempt.open.extend(group);
            return;
        }
        let another_accepted = one_accepted(&outcome);
        let remote_id = outcome.remote_id.as_ref().map(|remote| remote.id.as_str());
        for (recipient, one) in group.into_iter().zip(&outcome.recipients) {
            if another_accepted && one.is_surplus() {
                attempt.open.push_back(recipient);
                continue;
            }
            let end = outcome::decide(one, &host, &connector.error_policies, notices, remote_id);
            attempt.end([recipient], &end, &hop);
        }
    }

    async fn settle(
        &mut self,
        snapshot: &Snapshot,
        connector: &SendConnector,
        item: &Item,
        ended: Vec<Ended>,
    ) -> Result<(), SubmitError> {
        let mut batch = Batch::new();
        let way = Way { queue: &self.queue_name(), next_hop: outcome::next_hop(connector) };
        let settled = settle::settle(&self.shared, snapshot, &mut batch, item, &way, ended).await?;
        self.shared.spool.commit(batch).await?;
        self.close(settled).await
    }

    /// After the commit: the message leaves this worker's hands.
    pub(super) async fn close(&mut self, settled: Settled) -> Result<(), SubmitError> {
        self.held.remove(&settled.left.no);
        self.shared.close(self.queue, settled).await
    }

    pub(super) fn queue_name(&self) -> String {
        self.key.to_string()
    }

    pub(super) fn hold(&mut self, items: Vec<Arc<Item>>) {
        self.held.extend(items.into_iter().map(|item| (item.no, item)));
    }

    /// Gives back the messages nothing was done with, as they are.
    pub(super) fn give_back_all(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.shared.put_back(self.queue, held.into_values().map(Arc::unwrap_or_clone));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.let_go());
        let now = self.shared.world.clock.now();
        let held = std::mem::take(&mut self.held);
        self.shared.put_back(self.queue, held.values().map(|item| broken_off(item, now)));
        if let Some(queue) = self.shared.queues.lock().get_mut(self.queue) {
            queue.workers = queue.workers.saturating_sub(1);
        }
        self.shared.wake.notify_one();
    }
}

impl From<Unreached> for Later {
    fn from(unreached: Unreached) -> Self {
        let Unreached { reason, error, host, reply } = unreached;
        let source = if host.is_some() { Source::Smtp } else { Source::Dns };
        Self { source, reason, error, remote_reply: reply, host }
    }
}

/// Whether the server took a recipient: then those it had too many of belong in the next transaction.
fn one_accepted(outcome: &Outcome) -> bool {
    outcome.recipients.iter().any(|one| {
        one.class == OutcomeClass::Success || matches!(one.step, SendStep::Data | SendStep::EndOfData)
    })
}

fn nowhere() -> Unreached {
    let error = "451 4.4.0 no host of the next hop could be tried".to_owned();
    Unreached { reason: Reason::ConnectionRefused, error, host: None, reply: None }
}

/// The session did not carry the transaction to an end: an error of ours, kept from becoming a loop.
fn out_of_step(host: Host) -> Later {
    let error = "451 4.3.0 the session ended before the message was sent".to_owned();
    Later { source: Source::Smtp, reason: Reason::Internal, error, remote_reply: None, host: Some(host) }
}

/// The message cannot be read from the spool now; the others can go on.
fn unreadable(error: &spool::SpoolError) -> Later {
    tracing::error!(%error, "a message cannot be read from the spool");
    let error = "451 4.3.0 the message cannot be read from this server's spool".to_owned();
    Later { source: Source::Queue, reason: Reason::Internal, error, remote_reply: None, host: None }
}

#[cfg(test)]
pub(crate) mod tests;
