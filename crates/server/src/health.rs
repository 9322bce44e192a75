//! Whether the server is well: what `/readyz` answers and `/metrics` measures.
//!
//! May touch: directory, spool, trace, transport (reading), certificates, `/proc/self`.

use std::sync::Arc;

use admin::services::HealthProbe;
use directory::Directory;
use futures::future::BoxFuture;
use spool::Spool;
use trace::{Feed, Lag, Trace};
use transport::queue::back_pressure::{Pressure, Resource};
use transport::{Stopping, Transport};
use world::World;

use crate::certificates::Certificates;
use crate::metrics::{Measured, QueueLength, exposition};
use crate::serve::Duty;

/// The parts that are asked. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Health(pub(crate) Arc<Parts>);

/// See [`Health`].
pub(crate) struct Parts {
    pub(crate) duty: Duty,
    pub(crate) world: World,
    pub(crate) directory: Directory,
    pub(crate) spool: Spool,
    pub(crate) trace: Trace,
    pub(crate) feed: Feed,
    pub(crate) transport: Transport,
    pub(crate) certificates: Certificates,
}

impl Health {
    /// Whether mail is taken now, or the trace answers where nothing else is done; otherwise the reason.
    pub(crate) async fn ready(&self) -> Result<(), String> {
        let parts = &self.0;
        let stopping = parts.transport.stopping().borrow().clone();
        match stopping {
            Stopping::No => {}
            Stopping::Asked => return Err("the server is stopping".to_owned()),
            Stopping::Failed(why) => return Err(format!("the server is stopping: {why}")),
        }
        if let Some(error) = parts.spool.failure() {
            return Err(format!("the spool has failed: {error}"));
        }
        if parts.duty == Duty::Everything && !parts.transport.ports().contains_key("smtp") {
            return Err("SMTP does not listen".to_owned());
        }
        let directory = parts.directory.clone();
        let probed = parts.world.exec.blocking(move || directory.probe()).await;
        if let Err(error) = probed {
            return Err(format!("the directory cannot be read: {error}"));
        }
        match parts.feed.lag().failure {
            Some(error) => Err(format!("the message trace cannot be written: {error}")),
            None => Ok(()),
        }
    }

    /// The figures, as Prometheus reads them.
    pub(crate) async fn metrics(&self) -> String {
        let ready = self.ready().await.is_ok();
        let own = self.clone();
        self.0.world.exec.blocking(move || exposition(&own.measure(ready))).await
    }

    fn measure(&self, ready: bool) -> Measured {
        let parts = &self.0;
        let queues = parts.transport.queues();
        let length = |view: &transport::queue::view::QueueView| QueueLength {
            queue: view.identity.clone(),
            delivery_type: view.delivery_type,
            next_hop_domain: view.next_hop_domain.clone(),
            messages: view.message_count,
            deferred: view.deferred_message_count,
        };
        let submission = queues.iter().find(|view| view.identity.ends_with("\\Submission"));
        Measured {
            version: env!("CARGO_PKG_VERSION"),
            ready,
            uptime_secs: parts.world.clock.elapsed().as_secs(),
            submission: submission.map_or(0, |view| view.message_count),
            queues: queues.iter().map(length).collect(),
            sessions: parts.transport.sessions(),
            pressure: parts
                .transport
                .pressure()
                .iter()
                .map(|(resource, level)| (resource.name(), rank(*level)))
                .collect(),
            spool: parts.spool.stats(),
            last_event: parts.spool.last_event().0,
            lag: parts.feed.lag(),
            totals: parts.feed.totals(),
            refused: parts.trace.refusals().seen(),
            refusals_dropped: parts.trace.refusals().dropped(),
            certificates: parts.certificates.validities(),
            resident_bytes: resident_bytes(),
        }
    }
}

impl HealthProbe for Health {
    fn commit(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            if let Some(error) = self.0.spool.failure() {
                return Err(error.to_string());
            }
            self.0.spool.flush_marks().await.map_err(|error| error.to_string())
        })
    }

    fn feed_lag(&self) -> Lag {
        self.0.feed.lag()
    }

    fn pressure(&self) -> Vec<(Resource, Pressure)> {
        self.0.transport.pressure().to_vec()
    }
}

fn rank(level: Pressure) -> u8 {
    match level {
        Pressure::Low => 0,
        Pressure::Medium => 1,
        Pressure::High => 2,
    }
}

/// Resident memory of this process in bytes.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_has_memory() {
        assert!(super::resident_bytes().is_some_and(|bytes| bytes > 1 << 16));
    }
}
