//! The parts of the server beyond the directory that cmdlets call, as handles and traits.
//! May touch: nothing itself; it hands on what the server wired.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;

/// Handles of one server. A part that is `None` does not run; its cmdlets say so.
#[derive(Clone, Default)]
pub struct Services {
    /// The listening sockets of Receive connectors.
    pub listeners: Option<Arc<dyn Listeners>>,
}

/// The listening sockets of Receive connectors, opened and closed without a restart.
pub trait Listeners: Send + Sync {
    /// The addresses a connector is bound to now, with the ports that were picked for port 0.
    fn bound(&self, connector: &str) -> Vec<SocketAddr>;

    /// Opens what is not open yet for a connector; nothing is accepted, and the present sockets stay, until
    /// [`PreparedListeners::activate`]. Dropped instead, it closes what it opened.
    ///
    /// The error is one sentence that names the binding and, where it can be known, who holds it.
    fn prepare<'a>(
        &'a self,
        connector: &'a str,
        bindings: &'a [SocketAddr],
    ) -> BoxFuture<'a, Result<Box<dyn PreparedListeners>, String>>;

    /// Closes a connector's sockets; sessions that run go on to their end.
    fn close(&self, connector: &str);
}

/// Sockets that are open and not yet accepting.
pub trait PreparedListeners: Send {
    /// Begins to accept, and closes the connector's sockets that are no longer bound.
    fn activate(self: Box<Self>);
}
