//! The way to a running server: the Unix socket of its data directory, or another the caller brings.
//! May touch: network (`world::Net`).

use std::path::PathBuf;

use futures::future::BoxFuture;
use world::{BoxedIo, Net};

/// Opens connections to one server.
pub trait Connect: Send + Sync {
    /// A new connection.
    ///
    /// # Errors
    /// One sentence that says why there is none and what to do.
    fn connect(&self) -> BoxFuture<'_, Result<BoxedIo, String>>;

    /// The value of the `Host` header.
    fn host(&self) -> String {
        "localhost".into()
    }

    /// The value of the `Authorization` header, where one is needed.
    fn authorization(&self) -> Option<String> {
        None
    }
}

/// The Unix socket of a data directory.
#[derive(Debug, Clone)]
pub struct LocalSocket {
    /// The network.
    pub net: Net,
    /// The socket.
    pub path: PathBuf,
    /// What is said when no server listens there.
    pub when_down: String,
}

impl Connect for LocalSocket {
    fn connect(&self) -> BoxFuture<'_, Result<BoxedIo, String>> {
        Box::pin(async move {
            match self.net.connect_local(&self.path).await {
                Ok(connection) => Ok(connection.io),
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                    Err(format!("{} may only be opened by the user the server runs as", self.path.display()))
                }
                Err(_) => Err(self.when_down.clone()),
            }
        })
    }
}
