//! Receive connectors' sockets as cmdlets see them: opened before a change is committed, followed after it.
//!
//! May touch: the transport's listeners, directory snapshot, the file of ports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use admin::services::{Listeners, PreparedListeners};
use directory::Directory;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use transport::{ListenError, Prepared, Transport};
use world::Clock;

use crate::port_holder;
use crate::ports::Ports;

/// How long a cmdlet may keep prepared sockets between its commit and their use, before a second try is made.
const SECOND_TRY_AFTER: Duration = Duration::from_millis(500);

/// The sockets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ConnectorSockets(Arc<Inner>);

struct Inner {
    transport: Transport,
    directory: Directory,
    ports: Ports,
    /// Held while the transport compares what is open with the directory: two at once would open a socket twice.
    turn: Mutex<()>,
}

impl ConnectorSockets {
    /// Those of a transport that listens.
    pub(crate) fn new(transport: &Transport, directory: &Directory, ports: &Ports) -> Self {
        Self(Arc::new(Inner {
            transport: transport.clone(),
            directory: directory.clone(),
            ports: ports.clone(),
            turn: Mutex::new(()),
        }))
    }

    /// Opens and closes what the directory says now.
    fn apply(&self) -> Result<(), String> {
        let applied = {
            let _turn = self.0.turn.lock();
            // Binding a socket does not wait, so the one poll is the whole of it.
            self.0.transport.apply_connectors().now_or_never()
        };
        self.0.ports.update();
        match applied {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(sentence(&error)),
            None => Err("the sockets of the Receive connectors are not ready yet".to_owned()),
        }
    }

    /// Follows changes of the directory that no cmdlet prepared, such as a connector enabled again. Never returns.
    pub(crate) async fn follow(self, clock: Clock) {
        let mut changes = self.0.directory.changes();
        while changes.changed().await.is_ok() {
            if self.apply().is_err() {
                // The sockets a cmdlet has prepared are in the way until it hands them over.
                clock.sleep(SECOND_TRY_AFTER).await;
                if let Err(error) = self.apply() {
                    tracing::error!(error, "a Receive connector does not listen");
                }
            }
        }
    }
}

/// What an administrator is told of an address that cannot be listened on.
pub(crate) fn sentence(error: &ListenError) -> String {
    port_holder::explain(error.address, &error.error)
}

impl Listeners for ConnectorSockets {
    fn bound(&self, connector: &str) -> Vec<SocketAddr> {
        let snapshot = self.0.directory.snapshot();
        let found = snapshot.receive_connectors().find(|one| one.name.eq_ignore_ascii_case(connector));
        let addresses = found.and_then(|found| self.0.transport.bound().remove(&found.guid));
        let mut addresses = addresses.unwrap_or_default();
        addresses.sort_unstable();
        addresses
    }

    fn prepare<'a>(
        &'a self,
        _connector: &'a str,
        bindings: &'a [SocketAddr],
    ) -> BoxFuture<'a, Result<Box<dyn PreparedListeners>, String>> {
        Box::pin(async move {
            let prepared = self.0.transport.prepare_bindings(bindings).await;
            let prepared = prepared.map_err(|error| sentence(&error))?;
            let sockets: Box<dyn PreparedListeners> = Box::new(Ready { sockets: self.clone(), prepared });
            Ok(sockets)
        })
    }

    fn rename(&self, _from: &str, _to: &str) {
        // The transport knows connectors by their GUID; only the file of ports has names.
        self.0.ports.update();
    }

    fn close(&self, connector: &str) {
        if let Err(error) = self.apply() {
            tracing::error!(connector, error, "a Receive connector does not listen");
        }
    }
}

struct Ready {
    sockets: ConnectorSockets,
    prepared: Option<Prepared>,
}

impl PreparedListeners for Ready {
    fn activate(self: Box<Self>) {
        let Self { sockets, prepared } = *self;
        sockets.0.transport.keep_prepared(prepared);
        if let Err(error) = sockets.apply() {
            tracing::error!(error, "a Receive connector does not listen");
        }
    }
}
