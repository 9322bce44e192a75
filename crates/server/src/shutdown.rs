//! The orderly end: idle sessions are told, running DATA is finished, everything is made durable, in that order.
//!
//! May touch: transport, mailboxes, trace, spool, clock, executor.

use std::time::Duration;

use mailbox::{MailboxStore, SpoolPosition};
use spool::{Mark, Position, Spool};
use trace::{Feed, Trace};
use transport::Transport;
use world::{Clock, Executor};

/// Time sessions have to finish running DATA.
pub(crate) const DATA_WAIT_MAX: Duration = Duration::from_secs(30);
/// Time deliveries have to end.
const WORK_WAIT_MAX: Duration = Duration::from_secs(10);
/// Time between two looks at what is left.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// Time each store has to come to its end; a disk that hangs must not hang the service manager.
const STORE_WAIT_MAX: Duration = Duration::from_secs(30);

/// What has to end.
pub(crate) struct Ending<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) transport: &'a Transport,
    pub(crate) mailboxes: &'a MailboxStore,
    pub(crate) trace: &'a Trace,
    pub(crate) exec: &'a Executor,
    pub(crate) feed: &'a Feed,
    pub(crate) spool: &'a Spool,
}

impl Ending<'_> {
    /// Ends everything. What cannot be made durable is logged: the next start does it again from the spool.
    pub(crate) async fn run(&self) {
        self.transport.stop();
        self.wait_for_sessions().await;
        self.wait_for_workers().await;
        if let Some(report) = self.within("the mailbox store", self.mailboxes.checkpoint()).await {
            for (mailbox, error) in &report.failed {
                tracing::error!(%mailbox, %error, "a mailbox could not be written at the end");
            }
        }
        // Everything delivered is in its file now, so the next start need not deliver it again.
        let durable = self.mailboxes.durable_position(SpoolPosition(self.spool.end().0));
        self.spool.set_mark(Mark::Mailbox, Position(durable.0));
        self.within("the trace feed", self.feed.stop()).await;
        if let Some(sources) = self.trace.sources().cloned() {
            self.within("the trace sources", self.exec.blocking(move || sources.keep_all())).await;
        }
        self.within("the refusals", self.trace.refusals().close()).await;
        // The spool before the mailboxes: a delivery that comes later is not recorded and so done again, while one
        // that a closed mailbox refused would be recorded as put off.
        if let Some(Err(error)) = self.within("the spool", self.spool.close()).await {
            tracing::error!(%error, "the spool could not be closed in order");
        }
        self.within("the mailbox store", self.mailboxes.close()).await;
    }

    /// Lets the categorizer, deliveries and transactions with other hosts end: what they took and we could not record would be sent twice.
    async fn wait_for_workers(&self) {
        let until = self.clock.elapsed().saturating_add(WORK_WAIT_MAX);
        while self.transport.in_work() > 0 {
            if self.clock.elapsed() >= until {
                tracing::warn!(
                    "deliveries still ran after 10 s and are cut off; the next start does them again"
                );
                return;
            }
            self.clock.sleep(LOOK_INTERVAL).await;
        }
    }

    async fn wait_for_sessions(&self) {
        let until = self.clock.elapsed().saturating_add(DATA_WAIT_MAX);
        while self.transport.sessions() > 0 {
            if self.clock.elapsed() >= until {
                let sessions = self.transport.sessions();
                tracing::warn!(
                    sessions,
                    "sessions still ran after 30 s and are cut off; what had no 250 is sent again"
                );
                return;
            }
            self.clock.sleep(LOOK_INTERVAL).await;
        }
    }

    async fn within<T>(&self, what: &'static str, end: impl Future<Output = T>) -> Option<T> {
        let ended = self.clock.timeout(STORE_WAIT_MAX, end).await.ok();
        if ended.is_none() {
            tracing::error!(what, "did not come to its end within 30 s; the next start recovers it");
        }
        ended
    }
}
